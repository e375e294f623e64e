package eko

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrPublicKey says that the key for Aadhaar numbers can't be used; the error
// around it says why.
var ErrPublicKey = errors.New("public key for Aadhaar numbers can't be used")

// PublicKey is Eko's RSA key for Aadhaar numbers.
type PublicKey struct{ rsa *rsa.PublicKey }

// ParsePublicKey takes the key as Eko publishes or mails it: X.509
// SubjectPublicKeyInfo, DER, in base64, on one line (eko-api.md section 3).
// Errors wrap [ErrPublicKey] and name what was found instead.
func ParsePublicKey(text string) (*PublicKey, error) {
	der, err := publicKeyDER(text)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPublicKey, wrongKeyKind(der))
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: it is not an RSA key", ErrPublicKey)
	}
	if bits := key.N.BitLen(); bits != ekoKeyBits {
		return nil, fmt.Errorf("%w: it has %d bits, Eko's keys have %d: this is another key", ErrPublicKey, bits, ekoKeyBits)
	}
	return &PublicKey{key}, nil
}

// ekoKeyBits is the size of both keys that Eko publishes (eko-api.md section 3).
const ekoKeyBits = 1024

func publicKeyDER(text string) ([]byte, error) {
	switch {
	case text == "":
		return nil, fmt.Errorf("%w: it is empty", ErrPublicKey)
	case strings.HasPrefix(text, "\ufeff"):
		return nil, fmt.Errorf("%w: it begins with a byte-order mark", ErrPublicKey)
	case strings.Contains(text, "PRIVATE KEY"):
		return nil, fmt.Errorf("%w: it is a private key", ErrPublicKey)
	case strings.Contains(text, "-----BEGIN"):
		return nil, fmt.Errorf("%w: it is PEM; leave out the BEGIN and END lines and put the rest on one line", ErrPublicKey)
	case strings.ContainsAny(text, " \t\r\n"):
		return nil, fmt.Errorf("%w: it contains blanks or line breaks; put it on one line", ErrPublicKey)
	}
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not base64, or not all of it was copied", ErrPublicKey)
	}
	return der, nil
}

// wrongKeyKind names what the bytes are, if they are one of the things that get
// pasted in its place.
func wrongKeyKind(der []byte) string {
	if _, err := x509.ParseCertificate(der); err == nil {
		return "it is a certificate, not a key"
	}
	if _, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return "it is a PKCS#1 key; Eko's is X.509 SubjectPublicKeyInfo"
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "it is a private key"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "it is a private key"
	}
	return "it is base64 of something that is not an X.509 public key, or not all of it was copied"
}

// Encrypt is the aadhar field: the twelve digits under RSA with PKCS#1 v1.5
// padding, in base64. The padding is random, so no two are alike.
func (k *PublicKey) Encrypt(random io.Reader, a Aadhaar) (string, error) {
	//lint:ignore SA1019 Eko prescribes PKCS#1 v1.5 (eko-api.md section 3)
	sealed, err := rsa.EncryptPKCS1v15(random, k.rsa, []byte(a.Plain()))
	if err != nil {
		return "", fmt.Errorf("encrypt the Aadhaar number: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}
