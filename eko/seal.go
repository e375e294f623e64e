package eko

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrSeal says that a partner's sealing key can't be used, or that a sealed
// Aadhaar number does not open; the error around it says which and why.
var ErrSeal = errors.New("sealed Aadhaar number")

// sealInfo binds a sealed number to its purpose; the reference that follows it
// binds it to one transaction.
const sealInfo = "biobridge aadhaar v1 "

// SealKey is a partner's public key, to which an Aadhaar number is sealed on its
// way to the partner's server: HPKE (RFC 9180) in base mode with
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
type SealKey struct{ key hpke.PublicKey }

// ParseSealKey takes the 32 bytes of an X25519 public key in base64.
func ParseSealKey(text string) (*SealKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%w: the key is not the base64 text of an X25519 public key (32 bytes)", ErrSeal)
	}
	key, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: the key can't be used", ErrSeal)
	}
	return &SealKey{key}, nil
}

// Seal returns the encapsulated key and the ciphertext, one after the other, in
// base64. It opens only for the holder of the private key and only together
// with the same client_ref_id.
func (k *SealKey) Seal(a Aadhaar, clientRefID string) (string, error) {
	sealed, err := hpke.Seal(k.key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealInfo+clientRefID), []byte(a.Plain()))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSeal, err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// OpenKey is the partner's private half of a [SealKey]. It shows itself to
// nobody.
type OpenKey struct {
	// open holds the key where package fmt can't follow.
	open func(info, sealed []byte) ([]byte, error)
}

// NewOpenKey makes a key pair for a partner's server. Keep text secret; give the
// public key to the shops' configuration.
func NewOpenKey() (text, public string, err error) {
	private, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrSeal, err)
	}
	raw, err := private.Bytes()
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrSeal, err)
	}
	b64 := base64.StdEncoding.EncodeToString
	return b64(raw), b64(private.PublicKey().Bytes()), nil
}

// ParseOpenKey takes the 32 bytes of an X25519 private key in base64.
func ParseOpenKey(text string) (*OpenKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%w: the key is not the base64 text of an X25519 private key (32 bytes)", ErrSeal)
	}
	private, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: the key can't be used", ErrSeal)
	}
	return &OpenKey{open: func(info, sealed []byte) ([]byte, error) {
		return hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
	}}, nil
}

// Open is what a partner's server does with a sealed number. It fails where the
// number was sealed to another key or for another client_ref_id.
func (k *OpenKey) Open(sealed, clientRefID string) (Aadhaar, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return Aadhaar{}, fmt.Errorf("%w: it is not base64", ErrSeal)
	}
	plain, err := k.open([]byte(sealInfo+clientRefID), raw)
	if err != nil {
		return Aadhaar{}, fmt.Errorf("%w: it was sealed to another key or for another client_ref_id", ErrSeal)
	}
	return ParseAadhaar(string(plain))
}
