package eko

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrAccessKey says that an access key can't be used; the error around it says
// why and never holds the key.
var ErrAccessKey = errors.New("access key can't be used")

// AccessKey is the partner's secret ("key", "authenticator password" in the
// seeds). It redacts itself everywhere.
type AccessKey struct{ secret }

// ParseAccessKey takes the key as Eko mails it. A byte-order mark, blanks, line
// breaks and anything that is not printable ASCII are refused rather than
// repaired: a key that was changed on its way signs nothing that Eko accepts.
// Errors wrap [ErrAccessKey].
func ParseAccessKey(text string) (AccessKey, error) {
	switch {
	case text == "":
		return AccessKey{}, fmt.Errorf("%w: it is empty", ErrAccessKey)
	case strings.HasPrefix(text, "\ufeff"):
		return AccessKey{}, fmt.Errorf("%w: it begins with a byte-order mark; save the file as plain ASCII", ErrAccessKey)
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return AccessKey{}, fmt.Errorf("%w: it is UTF-16 text; save the file as plain ASCII", ErrAccessKey)
	case strings.ContainsAny(text, "\r\n"):
		return AccessKey{}, fmt.Errorf("%w: it contains a line break; the key must be the only thing there", ErrAccessKey)
	case strings.TrimSpace(text) != text:
		return AccessKey{}, fmt.Errorf("%w: it begins or ends with a blank", ErrAccessKey)
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return AccessKey{}, fmt.Errorf("%w: byte %d is not printable ASCII", ErrAccessKey, i+1)
		}
	}
	if len(text) > 512 {
		return AccessKey{}, fmt.Errorf("%w: it is longer than 512 characters", ErrAccessKey)
	}
	return AccessKey{newSecret(text)}, nil
}

// Signature is what proves a request to Eko: three headers. RequestHash is empty
// where the operation has none. Extra holds headers that only a relay reads.
type Signature struct {
	SecretKey   string
	Timestamp   string
	RequestHash string
	Extra       map[string]string
}

// Sign makes a signature at a time in milliseconds since 1970. The parts, in
// their order, are what request_hash covers after the timestamp; without parts
// there is no hash. Parts follow each other without a separator (seed: AePS page,
// "Header parameter request_hash generation process"; eko-api.md section 2.2).
//
// The HMAC's key is the base64 text of the access key, not its bytes.
func Sign(key AccessKey, timestampMS int64, parts ...string) Signature {
	stamp := strconv.FormatInt(timestampMS, 10)
	encoded := []byte(base64.StdEncoding.EncodeToString([]byte(key.reveal())))
	s := Signature{SecretKey: mac(encoded, stamp), Timestamp: stamp}
	if len(parts) > 0 {
		s.RequestHash = mac(encoded, stamp+strings.Join(parts, ""))
	}
	return s
}

func mac(key []byte, message string) string {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// ErrSignature says that a signature can't be right; the error around it says why.
var ErrSignature = errors.New("signature can't be right")

// Verify reports whether a signature was made with the key over the parts: with
// nil for yes and [ErrSignature] for no. A hash is compared only where there are
// parts.
func Verify(key AccessKey, s Signature, parts ...string) error {
	ms, err := parseStamp(s.Timestamp)
	if err != nil {
		return err
	}
	want := Sign(key, ms, parts...)
	if !hmac.Equal([]byte(s.SecretKey), []byte(want.SecretKey)) {
		return fmt.Errorf("%w: secret-key does not fit the timestamp", ErrSignature)
	}
	if len(parts) > 0 && !hmac.Equal([]byte(s.RequestHash), []byte(want.RequestHash)) {
		return fmt.Errorf("%w: request_hash does not fit the values, or their order", ErrSignature)
	}
	return nil
}

// Check says whether a signature that somebody else made can be right at all:
// its timestamp in milliseconds and no further from now than [MaxSkew], its
// values of an HMAC's size. The error is [ErrSignature].
func (s Signature) Check(now time.Time) error {
	ms, err := parseStamp(s.Timestamp)
	if err != nil {
		return err
	}
	if d := time.UnixMilli(ms).Sub(now).Abs(); d > MaxSkew {
		if time.Unix(ms, 0).Sub(now).Abs() <= MaxSkew {
			return fmt.Errorf("%w: the timestamp is in seconds; Eko wants milliseconds", ErrSignature)
		}
		return fmt.Errorf("%w: the timestamp is %v away from the current time", ErrSignature, d.Round(time.Second))
	}
	if !macText(s.SecretKey) {
		return fmt.Errorf("%w: secret-key is not the base64 text of 32 bytes", ErrSignature)
	}
	if s.RequestHash != "" && !macText(s.RequestHash) {
		return fmt.Errorf("%w: request_hash is not the base64 text of 32 bytes", ErrSignature)
	}
	return nil
}

func parseStamp(text string) (int64, error) {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(ms, 10) != text {
		return 0, fmt.Errorf("%w: the timestamp is not a whole number", ErrSignature)
	}
	return ms, nil
}

func macText(text string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && len(raw) == sha256.Size
}
