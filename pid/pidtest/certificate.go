package pidtest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"
)

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
	if err := c.readBody(tbs); err != nil {
		return nil, err
	}
	return &c, nil
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
