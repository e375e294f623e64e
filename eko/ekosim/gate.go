package ekosim

import (
	"crypto/rsa"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The headers, spelled as Eko does: two with an underscore, two with hyphens
// (eko-api.md section 2.1).
const (
	headerDeveloperKey = "developer_key"
	headerSecretKey    = "secret-key"
	headerTimestamp    = "secret-key-timestamp"
	headerRequestHash  = "request_hash"
)

// forLoopback refuses a request that was meant for somewhere else. A simulator
// behind a name of Eko's would be believed.
func (x *exchange) forLoopback() bool {
	if loopbackHost(x.r.Host) {
		return true
	}
	x.refuse(http.StatusMisdirectedRequest, "the Host is not this computer: a simulator answers for nobody else")
	return false
}

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// authenticate checks the headers that every request needs.
func (x *exchange) authenticate() bool {
	developerKeys := x.r.Header.Values(headerDeveloperKey)
	switch {
	case len(developerKeys) == 0 || developerKeys[0] == "":
		x.refuse(http.StatusPaymentRequired, "developer_key is missing")
		return false
	case len(developerKeys) > 1 || developerKeys[0] != x.s.opts.Credentials.DeveloperKey:
		x.refuse(http.StatusForbidden, "developer_key is unknown")
		return false
	}
	if why := x.checkTimestamp(); why != "" {
		x.refuse(http.StatusForbidden, why)
		return false
	}
	secret := x.r.Header.Values(headerSecretKey)
	if len(secret) != 1 {
		x.refuse(http.StatusForbidden, "secret-key is missing, or there are two")
		return false
	}
	right := VerifySignature(x.s.opts.Credentials.AccessKey, secret[0], x.r.Header.Get(headerTimestamp))
	x.judge(headerSecretKey, right)
	if !right {
		x.refuse(http.StatusForbidden, "secret-key is not the signature of secret-key-timestamp under the access key")
	}
	return right
}

func (x *exchange) checkTimestamp() (why string) {
	stamps := x.r.Header.Values(headerTimestamp)
	if len(stamps) != 1 || !digits(stamps[0]) {
		return "secret-key-timestamp is missing, or is not decimal milliseconds"
	}
	ms, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil {
		return "secret-key-timestamp is not a time"
	}
	ahead := time.UnixMilli(ms).Sub(x.s.now())
	if ahead.Abs() > x.s.opts.Tolerance {
		return "secret-key-timestamp is off by " + ahead.Round(time.Second).String()
	}
	return ""
}

// checkInitiator refuses a partner who is unknown: v1 and v2 at the gateway (seed:
// 403), v3 with status 319.
func (x *exchange) checkInitiator() bool {
	if x.fields["initiator_id"] == x.s.opts.Credentials.InitiatorID {
		return true
	}
	if x.api == "v3" {
		x.seen.Refused = "initiator_id is unknown"
		x.answer(refusal(319, "Sender/Initiator not found"))
		return false
	}
	x.refuse(http.StatusForbidden, "initiator_id is unknown")
	return false
}

// openAadhaar decrypts the field aadhar where the operation has one.
func (x *exchange) openAadhaar() bool {
	cipherText, present := x.fields["aadhar"]
	if !present || x.route.plainAadhaar {
		return true
	}
	if number, ok := decryptAadhaar(x.s.key, cipherText); ok {
		x.aadhaar, x.seen.AadhaarLast4 = number, number[8:]
		return true
	}
	if x.api == "v3" {
		x.seen.Refused = "aadhar can't be decrypted, or is no Aadhaar number"
		x.answer(x.invalidParams([]complaint{{"aadhar", "Please provide the value of the field {2} {3}"}}))
		return false
	}
	x.refuse(http.StatusForbidden, "aadhar can't be decrypted, or is no Aadhaar number")
	return false
}

// decryptAadhaar undoes base64 and RSA with PKCS#1 v1.5 padding (eko-api.md
// section 3).
func decryptAadhaar(key *rsa.PrivateKey, text string) (string, bool) {
	cipherText, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return "", false
	}
	//lint:ignore SA1019 the padding that Eko's API prescribes
	plain, err := rsa.DecryptPKCS1v15(nil, key, cipherText)
	if err != nil || !validAadhaar(string(plain)) {
		return "", false
	}
	return string(plain), true
}

// checkHash verifies request_hash over what was sent: timestamp, Aadhaar number,
// amount text, user_code (eko-api.md section 2.2).
func (x *exchange) checkHash() bool {
	aadhaar := x.aadhaar
	switch {
	case x.route.hash:
	case x.api == "v3" && x.route.v3Hash && x.s.rulesNow().V3Hash == "plain":
	case x.api == "v3" && x.route.v3Hash && x.s.rulesNow().V3Hash == "encrypted":
		aadhaar = x.fields["aadhar"]
	default:
		return true
	}
	amount := x.fields["amount"]
	if amount == "" {
		amount = "0"
	}
	hashes := x.r.Header.Values(headerRequestHash)
	right := len(hashes) == 1 && VerifySignature(x.s.opts.Credentials.AccessKey, hashes[0],
		x.r.Header.Get(headerTimestamp), aadhaar, amount, x.fields["user_code"])
	x.judge(headerRequestHash, right)
	if !right {
		x.refuse(http.StatusForbidden, "request_hash is missing, or is not the signature of timestamp, Aadhaar number, amount and user_code")
	}
	return right
}
