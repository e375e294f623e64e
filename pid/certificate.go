package pid

import (
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Certificate is what a device certificate says about itself. Nothing of it is
// verified.
type Certificate struct {
	SubjectCN, IssuerCN string
	NotBefore, NotAfter time.Time // UTC
	Serial              string    // the serial number's bytes as they stand, in hex
}

var errCertificate = errors.New("pid: device certificate can't be read")

// ParseCertificate reads a device certificate as mc holds it, in a PID block or
// in the answer to DEVICEINFO: base64 of DER. An empty one is an error like any
// other, and no error quotes it.
func ParseCertificate(mc string) (Certificate, error) {
	if strings.TrimSpace(mc) == "" {
		return Certificate{}, errNoCertificate
	}
	der, err := decodeBase64(mc)
	if err != nil {
		return Certificate{}, errors.New("pid: device certificate is not base64")
	}
	return readCertificate(der)
}

// readCertificate walks the TBSCertificate no further than its names and dates.
// crypto/x509 refuses the real certificates of two vendors: Startek's serial
// number has a redundant leading zero, Morpho's RSA modulus lacks its leading
// zero and so is negative (rd-service.md section 5.3).
func readCertificate(der []byte) (Certificate, error) {
	certificate, err := enter(der, asn1.TagSequence)
	if err != nil {
		return Certificate{}, err
	}
	tbs, err := enter(certificate, asn1.TagSequence)
	if err != nil {
		return Certificate{}, err
	}
	r := derReader{rest: tbs}
	r.skipVersion()
	serial := r.next(asn1.TagInteger)
	r.next(asn1.TagSequence) // signature algorithm
	issuer := r.next(asn1.TagSequence)
	validity := r.next(asn1.TagSequence)
	subject := r.next(asn1.TagSequence)
	if r.err != nil {
		return Certificate{}, r.err
	}
	notBefore, notAfter, err := readValidity(validity)
	if err != nil {
		return Certificate{}, err
	}
	return Certificate{
		SubjectCN: commonName(subject), IssuerCN: commonName(issuer),
		NotBefore: notBefore, NotAfter: notAfter,
		Serial: hex.EncodeToString(serial[:min(len(serial), maxSerial)]),
	}, nil
}

// maxSerial caps what is shown of a serial number; RFC 5280 allows 20 bytes.
const maxSerial = 32

// derReader takes one value after the other. After an error it yields nothing.
type derReader struct {
	rest []byte
	err  error
}

// next returns the content of the next value, which must have the tag.
func (r *derReader) next(tag int) []byte {
	v := r.any()
	if r.err == nil && (v.Class != asn1.ClassUniversal || v.Tag != tag) {
		r.err = errCertificate
	}
	if r.err != nil {
		return nil
	}
	return v.Bytes
}

func (r *derReader) any() asn1.RawValue {
	var v asn1.RawValue
	if r.err != nil {
		return v
	}
	rest, err := asn1.Unmarshal(r.rest, &v)
	if err != nil {
		r.err = errCertificate // asn1's error may quote
		return v
	}
	r.rest = rest
	return v
}

// skipVersion passes over the optional [0] before the serial number.
func (r *derReader) skipVersion() {
	ahead := derReader{rest: r.rest}
	if v := ahead.any(); ahead.err == nil && v.Class == asn1.ClassContextSpecific && v.Tag == 0 {
		r.rest = ahead.rest
	}
}

func enter(der []byte, tag int) ([]byte, error) {
	r := derReader{rest: der}
	content := r.next(tag)
	return content, r.err
}

func readValidity(der []byte) (notBefore, notAfter time.Time, err error) {
	rest, err := asn1.Unmarshal(der, &notBefore)
	if err != nil {
		return time.Time{}, time.Time{}, errCertificate
	}
	if _, err := asn1.Unmarshal(rest, &notAfter); err != nil {
		return time.Time{}, time.Time{}, errCertificate
	}
	return notBefore.UTC(), notAfter.UTC(), nil
}

var oidCommonName = asn1.ObjectIdentifier{2, 5, 4, 3}

// commonName returns the first CN of a name, or "" where there is none that can
// be read: a name is for showing, so a broken one spoils nothing else. The
// string types' own rules are not held: "rd_device_…" stands in a
// PrintableString, which knows no underscore.
func commonName(name []byte) string {
	sets := derReader{rest: name}
	for len(sets.rest) > 0 && sets.err == nil {
		attributes := derReader{rest: sets.next(asn1.TagSet)}
		for len(attributes.rest) > 0 && attributes.err == nil {
			pair := derReader{rest: attributes.next(asn1.TagSequence)}
			var oid asn1.ObjectIdentifier
			rest, err := asn1.Unmarshal(pair.rest, &oid)
			if err != nil || !oid.Equal(oidCommonName) {
				continue
			}
			pair.rest = rest
			if v := pair.any(); pair.err == nil {
				return certificateText(v)
			}
		}
	}
	return ""
}

func certificateText(v asn1.RawValue) string {
	switch {
	case v.Tag == asn1.TagBMPString && len(v.Bytes)%2 == 0:
		units := make([]uint16, 0, len(v.Bytes)/2)
		for i := 0; i < len(v.Bytes); i += 2 {
			units = append(units, uint16(v.Bytes[i])<<8|uint16(v.Bytes[i+1]))
		}
		return printable(string(utf16.Decode(units)))
	case utf8.Valid(v.Bytes):
		return printable(string(v.Bytes))
	}
	return ""
}
