package eko

import "context"

// Names of what request_hash can cover after the timestamp: the fields' own
// names on the wire. HashEncryptedAadhaar is the ciphertext, which one revision
// of the v3 documents wanted (eko-api.md section 2.2).
const (
	HashAadhaar          = "aadhar"
	HashEncryptedAadhaar = "aadhar_encrypted"
	HashAmount           = "amount"
	HashUserCode         = "user_code"
)

// SignRequest is what a [Signer] is asked to sign.
type SignRequest struct {
	Service     Service
	ClientRefID string
	BankCode    string
	CustomerID  string
	UserCode    string
	Amount      Rupees
	Aadhaar     Aadhaar
	// EncryptedAadhaar is the aadhar field of this very request.
	EncryptedAadhaar string
	// TimestampMS is the time to sign with, corrected by Eko's clock.
	TimestampMS int64
	// HashParams names what request_hash covers, in order, by the Hash constants;
	// none means no hash.
	HashParams []string
}

// hashed returns the value of one of HashParams.
func (r SignRequest) hashed(name string) string {
	switch name {
	case HashAadhaar:
		return r.Aadhaar.Plain()
	case HashEncryptedAadhaar:
		return r.EncryptedAadhaar
	case HashAmount:
		return r.Amount.Text()
	case HashUserCode:
		return r.UserCode
	}
	return ""
}

// parts are the values of HashParams. They may hold the plain Aadhaar number.
func (r SignRequest) parts() []string {
	parts := make([]string, len(r.HashParams))
	for i, name := range r.HashParams {
		parts[i] = r.hashed(name)
	}
	return parts
}

// Signer makes the signature of a request. An error means that the request is
// not sent; [*HookRefusal] and [ErrHook] say why. Implementations are safe for
// concurrent use.
type Signer interface {
	Sign(ctx context.Context, r SignRequest) (Signature, Approval, error)
}

// Checker is a Signer that wants to be asked before the customer's finger is.
type Checker interface {
	Check(ctx context.Context, r SignRequest) (Approval, error)
}

// Approval is a partner's yes. ClientRefID is the partner's own reference, empty
// where it names none.
type Approval struct {
	ClientRefID string
}

// KeySigner signs with an access key on this computer.
type KeySigner struct {
	Key AccessKey
}

// Sign never fails.
func (k KeySigner) Sign(_ context.Context, r SignRequest) (Signature, Approval, error) {
	return Sign(k.Key, r.TimestampMS, r.parts()...), Approval{}, nil
}
