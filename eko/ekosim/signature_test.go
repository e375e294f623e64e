package ekosim_test

import (
	"encoding/json"
	"os"
	"testing"

	"biobridge/eko/ekosim"
)

// vector is an entry of testdata/signing-vectors.json, which were computed in
// four languages and reproduce every pair that Eko has published.
type vector struct {
	ID            string `json:"id"`
	Key           string `json:"key"`
	Timestamp     string `json:"timestamp"`
	Aadhaar       string `json:"aadhaar"`
	Amount        string `json:"amount"`
	UserCode      string `json:"user_code"`
	SecretKey     string `json:"secret_key"`
	HashedMessage string `json:"request_hash_message"`
	RequestHash   string `json:"request_hash"`
	Negative      bool   `json:"negative"`
}

func TestVerifySignature_acceptsThePublishedVectors(t *testing.T) {
	good, bad := 0, 0
	for _, v := range vectors(t) {
		if v.Negative {
			bad++
			if passes(v) {
				t.Errorf("%s: a deliberate mistake is accepted", v.ID)
			}
			continue
		}
		good++
		if !ekosim.VerifySignature(v.Key, v.SecretKey, v.Timestamp) {
			t.Errorf("%s: secret_key is refused", v.ID)
		}
		if v.HashedMessage != "" && !ekosim.VerifySignature(v.Key, v.RequestHash, v.HashedMessage) {
			t.Errorf("%s: request_hash is refused", v.ID)
		}
		if v.Aadhaar != "" && !passes(v) {
			t.Errorf("%s: the direct API's order is refused", v.ID)
		}
	}
	if good != 24 || bad != 4 {
		t.Errorf("%d good and %d bad vectors, want 24 and 4", good, bad)
	}
}

// passes reports whether both signatures are the direct API's, over a timestamp
// in milliseconds.
func passes(v vector) bool {
	return len(v.Timestamp) >= 13 &&
		ekosim.VerifySignature(v.Key, v.SecretKey, v.Timestamp) &&
		ekosim.VerifySignature(v.Key, v.RequestHash, v.Timestamp, v.Aadhaar, v.Amount, v.UserCode)
}

func vectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}
