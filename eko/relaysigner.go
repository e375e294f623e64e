package eko

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// sealedAadhaarHeader carries the Aadhaar number to the relay, sealed.
const sealedAadhaarHeader = "x-biobridge-aadhaar"

// RelaySigner signs nothing: base_url is the partner's relay, which adds the
// developer key and the signature and passes the body on as it is. The relay is
// authenticated by the token or by the client's certificate ([Config].Certificate).
type RelaySigner struct {
	token BearerToken
	seal  *SealKey
}

// NewRelaySigner takes the relay's token, zero where the client's certificate
// does, and the relay's key for Aadhaar numbers, empty where no hash covers the
// number. Errors are [*ConfigError].
func NewRelaySigner(token BearerToken, sealKey string) (*RelaySigner, error) {
	s := &RelaySigner{token: token}
	if sealKey == "" {
		return s, nil
	}
	seal, err := ParseSealKey(sealKey)
	if err != nil {
		return nil, &ConfigError{"hook_public_key", err}
	}
	s.seal = seal
	return s, nil
}

// Sign returns the headers that the relay reads: the token, a key by which it
// knows a transaction again, and the sealed number where the hash needs it. A
// question has no key: it may be put again, and its answer is news each time.
func (s *RelaySigner) Sign(_ context.Context, r SignRequest) (Signature, Approval, error) {
	extra := map[string]string{}
	if !s.token.IsZero() {
		extra["Authorization"] = "Bearer " + s.token.reveal()
	}
	if r.ClientRefID != "" && !r.Service.onlyAsks() {
		extra["Idempotency-Key"] = string(r.Service) + " " + r.ClientRefID
	}
	if slices.Contains(r.HashParams, HashAadhaar) {
		if s.seal == nil {
			return Signature{}, Approval{}, errors.New("the relay's seal key is missing, and the hash needs the Aadhaar number")
		}
		sealed, err := s.seal.Seal(r.Aadhaar, r.ClientRefID)
		if err != nil {
			return Signature{}, Approval{}, fmt.Errorf("sign for the relay: %w", err)
		}
		extra[sealedAadhaarHeader] = sealed
	}
	return Signature{Extra: extra}, Approval{}, nil
}
