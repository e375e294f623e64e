package ekosim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// sign is Eko's signature: HMAC-SHA256 in base64, keyed with the base64 text of
// the access key, neither with its bytes nor with what the base64 stands for
// (eko-api.md section 2.2).
func sign(accessKey, message string) string {
	mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(accessKey))))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// VerifySignature reports whether a signature is Eko's over the parts joined
// without separators. A secret-key has one part, the timestamp; the
// request_hash of a direct transaction has timestamp, Aadhaar number, amount
// and user_code.
func VerifySignature(accessKey, signature string, parts ...string) bool {
	return hmac.Equal([]byte(signature), []byte(sign(accessKey, strings.Join(parts, ""))))
}
