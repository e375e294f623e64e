package eko_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"testing"
	"time"

	"biobridge/eko"
	"biobridge/eko/ekosim"
)

// newRelay is a partner's relay in its shortest form: it knows the shop by its
// token, opens the sealed number, adds Eko's headers and passes the body on.
func newRelay(t *testing.T, sim http.Handler, open *eko.OpenKey) *httptest.Server {
	t.Helper()
	upstream := httptest.NewServer(sim)
	t.Cleanup(upstream.Close)
	target := mustURL(t, upstream.URL)
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer shop-token-17" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		raw, _ := io.ReadAll(r.Body)
		var body struct {
			Amount      string
			ClientRefID string `json:"client_ref_id"`
			UserCode    string `json:"user_code"`
		}
		_ = json.Unmarshal(raw, &body)
		var parts []string
		if sealed := r.Header.Get("X-Biobridge-Aadhaar"); sealed != "" {
			number, err := open.Open(sealed, body.ClientRefID)
			if err != nil {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			parts = []string{number.Plain(), body.Amount, body.UserCode}
		}
		s := eko.Sign(mustKey(t, ekosim.AccessKey), time.Now().UnixMilli(), parts...)
		for _, name := range []string{"Authorization", "Idempotency-Key", "X-Biobridge-Aadhaar"} {
			r.Header.Del(name)
		}
		for name, value := range map[string]string{"developer_key": ekosim.DeveloperKey, "secret-key": s.SecretKey, "secret-key-timestamp": s.Timestamp, "request_hash": s.RequestHash} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(relay.Close)
	return relay
}

// A shop without any key of Eko's: withdrawal, balance and inquiry through the
// partner's relay.
func TestRelay_story(t *testing.T) {
	private, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	open, err := eko.ParseOpenKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for token, known := range map[string]bool{"shop-token-17": true, "stolen": false} {
		relayed, err := eko.NewRelaySigner(mustToken(t, token), public)
		if err != nil {
			t.Fatal(err)
		}
		c := openCounter(t, "v2", ekosim.Options{}, func(cfg *eko.Config) { cfg.DeveloperKey, cfg.Signer = "", relayed })
		relay := newRelay(t, c.sim, open)
		c.Client = newClient(t, eko.Config{API: "v2", BaseURL: relay.URL + "/ekoapi", InitiatorID: ekosim.InitiatorID, PublicKey: c.sim.PublicKey(), Signer: relayed})
		r := customer(t, eko.CashWithdrawal, 500)
		o := c.Submit(t.Context(), r)
		if !known {
			if o.State != eko.Failed || o.Reason != "forbidden" || c.sim.Moved(r.ClientRefID) != 0 {
				t.Errorf("a stolen token: %s (%s)", o.State, o.Reason)
			}
			continue
		}
		wantState(t, o, eko.Succeeded)
		if c.sim.Moved(r.ClientRefID) != 1 {
			t.Error("nothing moved")
		}
		wantState(t, c.Submit(t.Context(), customer(t, eko.BalanceEnquiry, 0)), eko.Succeeded)
		wantState(t, c.Inquire(t.Context(), eko.Inquiry{ClientRefID: r.ClientRefID, UserCode: ekosim.UserCode, Amount: 500}), eko.Succeeded)
	}
}
