package pidtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
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
