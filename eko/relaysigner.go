package eko

import "context"

// RelaySigner signs nothing: base_url is the partner's relay, which adds the
// developer key and the signature and passes the body on as it is.
type RelaySigner struct {
	// Token is the bearer token for the relay.
	Token secret
}

// Sign returns the headers that the relay reads.
func (s *RelaySigner) Sign(_ context.Context, r SignRequest) (Signature, Approval, error) {
	return Signature{Extra: map[string]string{"Authorization": "Bearer " + s.Token.reveal()}}, Approval{}, nil
}

// sealedAadhaarHeader carries the Aadhaar number to the relay, sealed.
const sealedAadhaarHeader = "x-biobridge-aadhaar"
