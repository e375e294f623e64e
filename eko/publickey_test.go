package eko_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/eko"
)

// stagingPublicKey is the key of the seed's AePS page ("Public Key for UAT").
const stagingPublicKey = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCXa63O/UXt5S0Vi8DM/PWF4yugx2OcTVbcFPLfXmLm9ClEVJcRuBr7UDHjJ6gZgG/qcVez5r6AfsYl2PtKmYP3mQdbR/BjVOjnrRooXxwyio6DFk4hTTM8fqQGWWNm6XN5XsPK5+qD5Ic/L0vGrS5nMWDwjRt59gzgNMNMpjheBQIDAQAB"

// ekoPair is a key pair of the size of Eko's, made once for all tests.
var ekoPair = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 1024) })

func testPair(t testing.TB) (*rsa.PrivateKey, string) {
	t.Helper()
	pair, err := ekoPair()
	if err != nil {
		t.Fatal(err)
	}
	return pair, base64.StdEncoding.EncodeToString(mustDER(t)(x509.MarshalPKIXPublicKey(&pair.PublicKey)))
}

func mustDER(t testing.TB) func([]byte, error) []byte {
	return func(der []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
}

func TestPublicKey_roundTrip(t *testing.T) {
	pair, text := testPair(t)
	key, err := eko.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	a := mustAadhaar(t, "123412341234")
	seen := map[string]bool{}
	for range 3 {
		sealed, err := key.Encrypt(rand.Reader, a)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(sealed)
		if err != nil || len(sealed) != 172 {
			t.Fatalf("%d characters (%v), want 172 of base64", len(sealed), err)
		}
		//lint:ignore SA1019 the padding that Eko prescribes
		plain, err := rsa.DecryptPKCS1v15(nil, pair, raw)
		if err != nil || string(plain) != "123412341234" {
			t.Fatalf("opened as %d bytes, %v", len(plain), err)
		}
		if seen[sealed] {
			t.Error("two ciphertexts are alike: the padding is not random")
		}
		seen[sealed] = true
	}
}

func TestParsePublicKey(t *testing.T) {
	pair, text := testPair(t)
	der := mustDER(t)(base64.StdEncoding.DecodeString(text))
	big2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	b64 := base64.StdEncoding.EncodeToString
	tests := map[string]struct{ text, want string }{
		"the seed's staging key": {stagingPublicKey, ""},
		"our own":                {text, ""},
		"empty":                  {"", "empty"},
		"PEM":                    {string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "PEM"},
		"private PEM":            {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(pair)})), "private key"},
		"private DER":            {b64(x509.MarshalPKCS1PrivateKey(pair)), "private key"},
		"private PKCS#8":         {b64(mustDER(t)(x509.MarshalPKCS8PrivateKey(pair))), "private key"},
		"PKCS#1":                 {b64(x509.MarshalPKCS1PublicKey(&pair.PublicKey)), "PKCS#1"},
		"certificate":            {b64(mustDER(t)(x509.CreateCertificate(rand.Reader, template, template, &pair.PublicKey, pair))), "certificate"},
		"2048 bits":              {b64(mustDER(t)(x509.MarshalPKIXPublicKey(&big2048.PublicKey))), "2048 bits"},
		"elliptic curve":         {b64(mustDER(t)(x509.MarshalPKIXPublicKey(&curve.PublicKey))), "not an RSA key"},
		"line break":             {text[:64] + "\n" + text[64:], "line breaks"},
		"byte-order mark":        {"\ufeff" + text, "byte-order mark"},
		"cut":                    {text[:100], "not all of it was copied"},
		"half a group":           {text[:101], "not base64"},
		"URL alphabet":           {strings.NewReplacer("+", "-", "/", "_").Replace(stagingPublicKey), "not base64"},
		"junk":                   {"not a key", "blanks"},
		"a UUID":                 {"d2fe1d99-6298-4af2-8cc5-d97dcf46df30", "not base64"},
		"base64 twice":           {b64([]byte(text)), "not an X.509 public key"},
		"trailing bytes":         {b64(append(append([]byte{}, der...), 0)), "not an X.509 public key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			key, err := eko.ParsePublicKey(tt.text)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("ParsePublicKey = %v", err)
				}
				return
			}
			if !errors.Is(err, eko.ErrPublicKey) || key != nil {
				t.Fatalf("ParsePublicKey = %v, %v; want ErrPublicKey", key, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; want a word of %q", err, tt.want)
			}
		})
	}
}
