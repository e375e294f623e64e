package pidtest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"
)

// The organisation of both names in every certificate made here.
const certOrganisation = "SIMULATED by biobridge, worthless"

// Object identifiers, ready encoded.
var (
	oidCommonName       = []byte{0x55, 0x04, 0x03}
	oidCountry          = []byte{0x55, 0x04, 0x06}
	oidState            = []byte{0x55, 0x04, 0x08}
	oidOrganisation     = []byte{0x55, 0x04, 0x0a}
	oidUnit             = []byte{0x55, 0x04, 0x0b}
	oidBasicConstraints = []byte{0x55, 0x1d, 0x13}
	oidRSA              = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}
	oidSHA256WithRSA    = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}
)

// makeCertificate writes and signs a device certificate by hand: the quirks
// asked for are forms that crypto/x509 neither reads nor writes.
func makeCertificate(spec DeviceSpec, pub *rsa.PublicKey, provider *rsa.PrivateKey) ([]byte, error) {
	algorithm := derElement(tagSequence, derElement(tagOID, oidSHA256WithRSA), derElement(tagNull))
	tbs := [][]byte{
		derElement(tagVersion, derElement(tagInteger, []byte{2})),
		certSerial(spec.Quirk),
		algorithm,
		certName("DS "+spec.Provider, "Registered device provider"),
		derElement(tagSequence, derTime(spec.NotBefore), derTime(spec.NotAfter)),
		certName(spec.CN, "Biometric device"),
		certPublicKey(pub, spec.Quirk),
	}
	if spec.CA {
		constraints := derElement(tagSequence, derElement(tagBoolean, []byte{0xff}))
		extension := derElement(tagSequence, derElement(tagOID, oidBasicConstraints), derElement(tagOctetString, constraints))
		tbs = append(tbs, derElement(tagExtensions, derElement(tagSequence, extension)))
	}
	signed := derElement(tagSequence, tbs...)
	digest := sha256.Sum256(signed)
	signature, err := rsa.SignPKCS1v15(nil, provider, crypto.SHA256, digest[:])
	if err != nil {
		return nil, err
	}
	return derElement(tagSequence, signed, algorithm, derElement(tagBitString, []byte{0}, signature)), nil
}

func certSerial(quirk CertQuirk) []byte {
	var n [8]byte
	rand.Read(n[:]) // never fails: it ends the program instead
	n[0] = n[0]&0x3f | 0x40
	if quirk == CertSerialZero {
		return derElement(tagInteger, []byte{0}, n[:])
	}
	return derElement(tagInteger, n[:])
}

func certPublicKey(pub *rsa.PublicKey, quirk CertQuirk) []byte {
	// The top bit of a 2048-bit modulus is set, so the regular form needs a zero
	// byte in front to read as positive.
	modulus := derElement(tagInteger, []byte{0}, pub.N.Bytes())
	if quirk == CertModulusNegative {
		modulus = derElement(tagInteger, pub.N.Bytes())
	}
	exponent := derElement(tagInteger, big.NewInt(int64(pub.E)).Bytes())
	key := derElement(tagSequence, modulus, exponent)
	return derElement(tagSequence,
		derElement(tagSequence, derElement(tagOID, oidRSA), derElement(tagNull)),
		derElement(tagBitString, []byte{0}, key))
}

func certName(cn, unit string) []byte {
	part := func(oid []byte, tag byte, text string) []byte {
		return derElement(tagSet, derElement(tagSequence, derElement(tagOID, oid), derElement(tag, []byte(text))))
	}
	return derElement(tagSequence,
		part(oidCommonName, tagUTF8String, cn),
		part(oidUnit, tagUTF8String, unit),
		part(oidOrganisation, tagUTF8String, certOrganisation),
		part(oidState, tagUTF8String, "GUJARAT"),
		part(oidCountry, tagPrintableString, "IN"))
}

// Certificate is what a device certificate says, read leniently.
type Certificate struct {
	SubjectCN, IssuerCN, IssuerOrganisation string
	NotBefore, NotAfter                     time.Time

	key       *rsa.PublicKey
	signed    []byte
	signature []byte
}

// readCertificate reads a device certificate, with the quirks real ones have.
func readCertificate(mc []byte) (*Certificate, error) {
	outer := derReader{mc}
	body, _, err := outer.want(tagSequence)
	if err != nil {
		return nil, err
	}
	if len(outer.rest) > 0 {
		return nil, fmt.Errorf("bytes after the certificate: %w", errDER)
	}
	var c Certificate
	parts := derReader{body}
	var tbs []byte
	if tbs, c.signed, err = parts.want(tagSequence); err != nil {
		return nil, err
	}
	if _, _, err = parts.want(tagSequence); err != nil { // algorithm
		return nil, err
	}
	signature, _, err := parts.want(tagBitString)
	if err != nil {
		return nil, err
	}
	if len(signature) < 2 {
		return nil, errDER
	}
	c.signature = signature[1:]
	return &c, c.readBody(tbs)
}

func (c *Certificate) readBody(tbs []byte) error {
	r := derReader{tbs}
	for _, tag := range []byte{tagVersion, tagInteger, tagSequence} {
		if _, _, err := r.want(tag); err != nil {
			return err
		}
	}
	issuer, _, err := r.want(tagSequence)
	if err != nil {
		return err
	}
	c.IssuerCN, c.IssuerOrganisation = nameValue(issuer, oidCommonName), nameValue(issuer, oidOrganisation)
	validity, _, err := r.want(tagSequence)
	if err != nil {
		return err
	}
	dates := derReader{validity}
	if c.NotBefore, err = dates.time(); err != nil {
		return err
	}
	if c.NotAfter, err = dates.time(); err != nil {
		return err
	}
	subject, _, err := r.want(tagSequence)
	if err != nil {
		return err
	}
	c.SubjectCN = nameValue(subject, oidCommonName)
	spki, _, err := r.want(tagSequence)
	if err != nil {
		return err
	}
	c.key, err = readPublicKey(spki)
	return err
}

func readPublicKey(spki []byte) (*rsa.PublicKey, error) {
	r := derReader{spki}
	if _, _, err := r.want(tagSequence); err != nil { // algorithm
		return nil, err
	}
	bits, _, err := r.want(tagBitString)
	if err != nil {
		return nil, err
	}
	if len(bits) == 0 {
		return nil, errDER
	}
	outer := derReader{bits[1:]}
	pair, _, err := outer.want(tagSequence)
	if err != nil {
		return nil, err
	}
	numbers := derReader{pair}
	modulus, _, err := numbers.want(tagInteger)
	if err != nil {
		return nil, err
	}
	exponent, _, err := numbers.want(tagInteger)
	if err != nil {
		return nil, err
	}
	if len(exponent) == 0 || len(exponent) > 4 {
		return nil, errDER
	}
	var e [8]byte
	copy(e[8-len(exponent):], exponent)
	n := new(big.Int).SetBytes(modulus) // unsigned, so that a missing zero byte does no harm
	if n.BitLen() != keyBits {
		return nil, fmt.Errorf("a key of %d bits instead of %d", n.BitLen(), keyBits)
	}
	return &rsa.PublicKey{N: n, E: int(binary.BigEndian.Uint64(e[:]))}, nil
}

// nameValue returns the first value of the attribute in a name, or "".
func nameValue(name, oid []byte) string {
	sets := derReader{name}
	for len(sets.rest) > 0 {
		set, _, err := sets.want(tagSet)
		if err != nil {
			return ""
		}
		inSet := derReader{set}
		pair, _, err := inSet.want(tagSequence)
		if err != nil {
			return ""
		}
		inPair := derReader{pair}
		id, _, err := inPair.want(tagOID)
		if err != nil || !bytes.Equal(id, oid) {
			continue
		}
		_, value, _, err := inPair.next()
		if err != nil {
			return ""
		}
		return string(value)
	}
	return ""
}

// verify reports whether the device's key signed the message (SHA256withRSA).
func (c *Certificate) verify(message, signature []byte) bool {
	return verifySHA256(c.key, message, signature)
}

func verifySHA256(key *rsa.PublicKey, message, signature []byte) bool {
	digest := sha256.Sum256(message)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
}
