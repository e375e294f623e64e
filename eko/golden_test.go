package eko_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"biobridge/eko"
)

var update = flag.Bool("update", false, "write the golden files anew")

var aadharMember = regexp.MustCompile(`"aadhar":"([A-Za-z0-9+/=]*)"`)

// show lays a request out for a golden file. The Aadhaar number's ciphertext
// differs each time: it is opened, compared and masked.
func show(t *testing.T, r wireRequest, aadhaar string) string {
	t.Helper()
	body := string(r.Body)
	if m := aadharMember.FindStringSubmatch(body); m != nil {
		pair, _ := testPair(t)
		raw, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatalf("aadhar is not base64: %v", err)
		}
		//lint:ignore SA1019 the padding that Eko prescribes
		if plain, err := rsa.DecryptPKCS1v15(nil, pair, raw); err != nil || string(plain) != aadhaar {
			t.Fatalf("aadhar opens as another number (%v)", err)
		}
		body = strings.Replace(body, m[1], "(172 characters)", 1)
	}
	header := slices.DeleteFunc(slices.Clone(r.Header), func(line string) bool {
		return strings.HasPrefix(line, "Host: ") || strings.HasPrefix(line, "Content-Length: ")
	})
	return r.Line + "\n" + strings.Join(header, "\n") + "\n\n" + body + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs.\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// fixedConfig is a client at the time of the signing vectors.
func fixedConfig(t *testing.T, base string) eko.Config {
	cfg := testConfig(t, base)
	cfg.Now = func() time.Time { return fixedTime }
	return cfg
}

func TestV2_bodiesAndHeaders(t *testing.T) {
	change := func(f func(*eko.Request)) eko.Request {
		r := withdrawal(t)
		f(&r)
		return r
	}
	enquiry := func(s eko.Service) eko.Request {
		return change(func(r *eko.Request) { r.Service, r.Amount, r.NotifyCustomer, r.SourceIP = s, 0, false, "" })
	}
	tests := map[string]struct {
		request   eko.Request
		reference string
		answer    string
		state     eko.State
	}{
		"v2-withdrawal":        {request: withdrawal(t), answer: withdrawn},
		"v2-withdrawal-bare":   {request: change(func(r *eko.Request) { r.LatLong, r.SourceIP, r.NotifyCustomer = "", "", false }), answer: withdrawn},
		"v2-withdrawal-10000":  {request: change(func(r *eko.Request) { r.Amount = 10000 }), answer: strings.Replace(withdrawn, "500.00", "10000.00", 1)},
		"v2-withdrawal-token":  {request: change(func(r *eko.Request) { r.MerchantReference = "EKY123" }), answer: withdrawn},
		"v2-withdrawal-token2": {request: change(func(r *eko.Request) { r.MerchantReference = "EKY123" }), reference: "reference_id", answer: withdrawn},
		"v2-balance":           {request: enquiry(eko.BalanceEnquiry), answer: balance},
		"v2-mini-statement":    {request: enquiry(eko.MiniStatement), answer: miniStatement},
		"v2-aadhaar-pay":       {request: change(func(r *eko.Request) { r.Service = eko.AadhaarPay }), answer: withdrawn},
		"v2-2fa-registration":  {request: enquiry(eko.TwoFactorRegistration), answer: strings.Replace(balance, "1466", "1", 1)},
		"v2-2fa-authentication": {request: change(func(r *eko.Request) {
			r.Service, r.Amount, r.BankCode = eko.TwoFactorAuthentication, 0, ""
		}), answer: strings.Replace(balance, "1466", "1", 1)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newWireServer(t, nil, always(tt.answer))
			cfg := fixedConfig(t, s.url())
			cfg.ReferenceField = tt.reference
			o := newClient(t, cfg).Submit(t.Context(), tt.request)
			if o.State != eko.Succeeded {
				t.Fatalf("outcome %s (%s): %v", o.State, o.Reason, o.Err)
			}
			seen := s.seen()
			if len(seen) != 1 {
				t.Fatalf("%d requests, want 1", len(seen))
			}
			golden(t, name, show(t, seen[0], "123412341234"))

			var body map[string]string
			if err := json.Unmarshal(seen[0].Body, &body); err != nil {
				t.Fatalf("not an object of texts: %v", err)
			}
			if body["piddata"] != pidData {
				t.Error("the PID block was changed on its way")
			}
			signature := eko.Signature{}
			signature.SecretKey, _ = seen[0].header("secret-key")
			signature.Timestamp, _ = seen[0].header("secret-key-timestamp")
			signature.RequestHash, _ = seen[0].header("request_hash")
			if err := eko.Verify(mustKey(t, stagingKeyText), signature, "123412341234", body["amount"], body["user_code"]); err != nil {
				t.Errorf("the hash does not cover what the body says: %v", err)
			}
		})
	}
}

func TestV2_inquiry(t *testing.T) {
	tests := map[string]eko.Inquiry{
		"v2-inquiry-tid":       {TID: "2170003001", ClientRefID: "REF1", UserCode: userCode, Amount: 500},
		"v2-inquiry-reference": {ClientRefID: "REF1", UserCode: userCode, Amount: 500},
		"v2-inquiry-bare":      {ClientRefID: "REF1"},
	}
	for name, inquiry := range tests {
		t.Run(name, func(t *testing.T) {
			s := newWireServer(t, nil, always(inquired))
			o := newClient(t, fixedConfig(t, s.url())).Inquire(t.Context(), inquiry)
			if o.State != eko.Succeeded || o.TID != "2170003001" || o.Details.Fee != "5.0" {
				t.Fatalf("outcome %s (%s): %v", o.State, o.Reason, o.Err)
			}
			if len(s.seen()) != 1 {
				t.Fatalf("%d requests, want 1", len(s.seen()))
			}
			golden(t, name, show(t, s.seen()[0], ""))
		})
	}
}
