package eko_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/eko"
	"biobridge/eko/ekosim"
)

// partner is a partner's server that answers by a function.
type partner struct {
	*httptest.Server
	mu   sync.Mutex
	seen []hookCall
}

type hookCall struct {
	header http.Header
	raw    string
	body   struct {
		Action, Phase string
		Detail        struct {
			ClientRefID       string   `json:"client_ref_id"`
			InteractionLabel  string   `json:"interaction_label"`
			RequestHashParams []string `json:"request_hash_params"`
			Data              map[string]string
		}
	}
}

func newPartner(t *testing.T, answer func(hookCall) (status int, body string)) *partner {
	t.Helper()
	p := &partner{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		c := hookCall{header: r.Header, raw: string(raw)}
		if err := json.Unmarshal(raw, &c.body); err != nil {
			t.Errorf("the question is not of the agreed shape: %v", err)
		}
		p.mu.Lock()
		p.seen = append(p.seen, c)
		p.mu.Unlock()
		status, body := answer(c)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func (p *partner) calls() []hookCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]hookCall(nil), p.seen...)
}

func (p *partner) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate())
	return pool
}

func mustToken(t testing.TB, text string) eko.BearerToken {
	t.Helper()
	token, err := eko.ParseBearerToken(text)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func hookConfig(t *testing.T, p *partner) (eko.HookConfig, *eko.OpenKey) {
	t.Helper()
	private, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	open, err := eko.ParseOpenKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return eko.HookConfig{URL: p.URL + "/hook", Token: mustToken(t, "shop-token-17"), SealKey: public, Roots: p.roots(), Timeout: time.Minute}, open
}

func newHook(t *testing.T, cfg eko.HookConfig) *eko.HookSigner {
	t.Helper()
	s, err := eko.NewHookSigner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func signRequest(t testing.TB, at time.Time) eko.SignRequest {
	return eko.SignRequest{
		Service: eko.CashWithdrawal, ClientRefID: "REF1", BankCode: "SBIN", CustomerID: "9999999999", UserCode: userCode, Amount: 500,
		Aadhaar: mustAadhaar(t, "123412341234"), TimestampMS: at.UnixMilli(), HashParams: []string{eko.HashAadhaar, eko.HashAmount, eko.HashUserCode},
	}
}

// The story of the seeds' debit-hook, for the bridge: asked before the finger,
// asked again right before sending, and Eko accepts what the partner signed.
func TestHookSigner_story(t *testing.T) {
	var open *eko.OpenKey
	p := newPartner(t, func(c hookCall) (int, string) {
		if c.body.Phase == "check" {
			return 200, `{"action":"go","allow":true}`
		}
		number, err := open.Open(c.body.Detail.Data["aadhaar_sealed"], c.body.Detail.ClientRefID)
		if err != nil {
			return 200, `{"allow":false,"message":"sealed number does not open"}`
		}
		d := c.body.Detail.Data
		s := eko.Sign(mustKey(t, ekosim.AccessKey), time.Now().UnixMilli(), number.Plain(), d["amount"], d["user_code"])
		return 200, fmt.Sprintf(`{"action":"go","allow":true,"secret_key":%q,"secret_key_timestamp":%s,"request_hash":%q}`, s.SecretKey, s.Timestamp, s.RequestHash)
	})
	var cfg eko.HookConfig
	cfg, open = hookConfig(t, p)
	c := openCounter(t, "v2", ekosim.Options{}, func(ec *eko.Config) { ec.Signer = newHook(t, cfg) })

	r := customer(t, eko.CashWithdrawal, 500)
	if approval, err := c.Check(t.Context(), r); err != nil || approval.ClientRefID != "" {
		t.Fatalf("Check = %+v, %v", approval, err)
	}
	wantState(t, c.Submit(t.Context(), r), eko.Succeeded)
	if c.sim.Moved(r.ClientRefID) != 1 {
		t.Error("nothing moved")
	}
	calls := p.calls()
	if len(calls) != 2 {
		t.Fatalf("%d questions, want 2", len(calls))
	}
	for i, phase := range []string{"check", "sign"} {
		q := calls[i]
		if q.body.Action != "debit-hook" || q.body.Phase != phase || q.body.Detail.ClientRefID != r.ClientRefID || q.body.Detail.InteractionLabel != "AePS Cash Withdrawal" {
			t.Errorf("%s: %s", phase, q.raw)
		}
		if q.header.Get("Authorization") != "Bearer shop-token-17" || q.header.Get("Idempotency-Key") != phase+" cash_withdrawal "+r.ClientRefID {
			t.Errorf("%s: header %v", phase, q.header)
		}
		if strings.Contains(q.raw, "999941057058") {
			t.Errorf("%s: the Aadhaar number travels in the open", phase)
		}
		if _, sealed := q.body.Detail.Data["aadhaar_sealed"]; sealed != (phase == "sign") {
			t.Errorf("%s: sealed number there: %v", phase, sealed)
		}
	}
	if d := calls[1].body.Detail.Data; d["amount"] != "500" || d["type"] != "2" || d["bank_code"] != "SBIN" || d["customer_id"] != "9876543210" || d["aadhaar_last4"] != "7058" {
		t.Errorf("data: %v", d)
	}
}

func TestHookSigner_question(t *testing.T) {
	p := newPartner(t, func(hookCall) (int, string) { return 200, `{"allow":false,"message":"no"}` })
	cfg, _ := hookConfig(t, p)
	if _, err := newHook(t, cfg).Check(t.Context(), signRequest(t, fixedTime)); err == nil {
		t.Fatal("a no was taken for a yes")
	}
	golden(t, "hook-check", p.calls()[0].raw+"\n")
}

// Every spelling of the seeds and of the gateway is understood.
func TestHookSigner_answers(t *testing.T) {
	s := eko.Sign(mustKey(t, stagingKeyText), fixedTime.UnixMilli(), "123412341234", "500", userCode)
	fill := func(text string) string {
		return strings.NewReplacer("KEY", s.SecretKey, "TS", s.Timestamp, "HASH", s.RequestHash).Replace(text)
	}
	type outcome int
	const (
		yes outcome = iota
		no
		junk
	)
	stale := eko.Sign(mustKey(t, stagingKeyText), fixedTime.Add(-time.Hour).UnixMilli(), "1")
	tests := map[string]struct {
		status int
		body   string
		want   outcome
	}{
		"gateway":                 {200, `{"action":"go","allow":true,"secret_key_timestamp":"TS","secret_key":"KEY","request_hash":"HASH"}`, yes},
		"widget of the seed":      {200, `{"continue":true,"secretKey":"KEY","secretKeyTimestamp":TS,"request_hash":"HASH"}`, yes},
		"camel case throughout":   {200, `{"continue":true,"secretKey":"KEY","secretKeyTimestamp":"TS","requestHash":"HASH"}`, yes},
		"both spellings, alike":   {200, `{"allow":true,"continue":true,"secret_key":"KEY","secretKey":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, yes},
		"a rounded PHP timestamp": {200, `{"continue":true,"secretKey":"KEY","secretKeyTimestamp":TS.0,"request_hash":"HASH"}`, yes},
		"unknown members":         {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH","wallet":{"left":7}}`, yes},
		"our own reference":       {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH","client_ref_id":"REF1"}`, yes},

		"a no":               {200, `{"action":"go","allow":false,"message":"Low\nbalance"}`, no},
		"a no of the widget": {200, `{"continue":false,"message":"Low balance"}`, no},
		"a no under 403":     {403, `{"allow":false,"message":"Low balance"}`, no},
		"a no without words": {200, `{"allow":false}`, no},

		"both, and they differ":      {200, `{"allow":true,"continue":false,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"yes as a text":              {200, `{"allow":"true","secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"yes as a number":            {200, `{"allow":1,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"neither":                    {200, `{"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"yes under 500":              {500, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"yes under 302":              {302, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"yes twice":                  {200, `{"allow":false,"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"two documents":              {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH"}{}`, junk},
		"two keys that differ":       {200, `{"allow":true,"secret_key":"KEY","secretKey":"HASH","secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"no key":                     {200, `{"allow":true,"secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"no hash":                    {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS"}`, junk},
		"no timestamp":               {200, `{"allow":true,"secret_key":"KEY","request_hash":"HASH"}`, junk},
		"a float":                    {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":1.7E12,"request_hash":"HASH"}`, junk},
		"a key that is a list":       {200, `{"allow":true,"secret_key":["KEY"],"secret_key_timestamp":"TS","request_hash":"HASH"}`, junk},
		"an old signature":           {200, `{"allow":true,"secret_key":"` + stale.SecretKey + `","secret_key_timestamp":"` + stale.Timestamp + `","request_hash":"HASH"}`, junk},
		"seconds":                    {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"1700000000","request_hash":"HASH"}`, junk},
		"a reference with a newline": {200, `{"allow":true,"secret_key":"KEY","secret_key_timestamp":"TS","request_hash":"HASH","client_ref_id":"a\nb"}`, junk},
		"HTML":                       {200, `<html>login</html>`, junk},
		"empty":                      {200, ``, junk},
		"a list":                     {200, `[true]`, junk},
		"true":                       {200, `true`, junk},
		"too long":                   {200, `{"allow":true,"x":"` + strings.Repeat("x", 70<<10) + `"}`, junk},
		"404":                        {404, `not found`, junk},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPartner(t, func(hookCall) (int, string) { return tt.status, fill(tt.body) })
			cfg, _ := hookConfig(t, p)
			got, _, err := newHook(t, cfg).Sign(t.Context(), signRequest(t, fixedTime))
			refused, isNo := errors.AsType[*eko.HookRefusal](err)
			switch tt.want {
			case yes:
				if err != nil || got.SecretKey != s.SecretKey || got.Timestamp != s.Timestamp || got.RequestHash != s.RequestHash {
					t.Errorf("Sign = %+v, %v", got, err)
				}
			case no:
				if !isNo || (strings.Contains(tt.body, "message") && refused.Message != "Low balance") {
					t.Errorf("Sign = %v, want the partner's no", err)
				}
			case junk:
				if !errors.Is(err, eko.ErrHook) || isNo || got.SecretKey != "" {
					t.Errorf("Sign = %+v, %v; want ErrHook", got, err)
				}
			}
			if err != nil && containsAny(err.Error(), s.SecretKey, s.RequestHash, "shop-token-17", "123412341234") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

// A no reaches the shopkeeper in the partner's words, and nothing is sent.
func TestSubmit_refusedByHook(t *testing.T) {
	tests := map[string]struct{ body, reason, message string }{
		"a no":   {`{"allow":false,"message":"Wallet is empty"}`, "refused_by_hook", "Wallet is empty"},
		"junk":   {`<html>`, "hook_unavailable", ""},
		"an own": {`OWN`, "not_adopted", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPartner(t, func(c hookCall) (int, string) {
				if tt.body != "OWN" {
					return 200, tt.body
				}
				return 200, goAhead(t, "PARTNER1")
			})
			cfg, _ := hookConfig(t, p)
			c := openCounter(t, "v2", ekosim.Options{}, func(ec *eko.Config) { ec.Signer = newHook(t, cfg) })
			o := c.Submit(t.Context(), customer(t, eko.CashWithdrawal, 500))
			if o.State != eko.Failed || o.Reason != tt.reason || o.Sent || o.EkoMessage != tt.message {
				t.Errorf("%s (%s, sent %v, %q)", o.State, o.Reason, o.Sent, o.EkoMessage)
			}
			if n := len(c.sim.Requests()); n != 0 {
				t.Errorf("Eko saw %d requests", n)
			}
		})
	}
}

// goAhead is a yes whose signature is of the right form.
func goAhead(t testing.TB, ref string) string {
	s := eko.Sign(mustKey(t, ekosim.AccessKey), time.Now().UnixMilli(), "999941057058", "500", ekosim.UserCode)
	return fmt.Sprintf(`{"allow":true,"secret_key":%q,"secret_key_timestamp":%q,"request_hash":%q,"client_ref_id":%q}`, s.SecretKey, s.Timestamp, s.RequestHash, ref)
}

// A partner's own reference is written down before anything leaves, and then
// used throughout.
func TestSubmit_adoptsThePartnersReference(t *testing.T) {
	p := newPartner(t, func(hookCall) (int, string) { return 200, goAhead(t, "PARTNER1") })
	cfg, _ := hookConfig(t, p)
	c := openCounter(t, "v2", ekosim.Options{}, func(ec *eko.Config) { ec.Signer = newHook(t, cfg) })
	if approval, err := c.Check(t.Context(), customer(t, eko.CashWithdrawal, 500)); err != nil || approval.ClientRefID != "PARTNER1" {
		t.Errorf("Check = %+v, %v", approval, err)
	}
	r := customer(t, eko.CashWithdrawal, 500)
	r.Adopt = func(_ context.Context, ref string) error {
		if ref != "PARTNER1" || len(c.sim.Requests()) != 0 {
			t.Errorf("asked to adopt %q with %d requests sent", ref, len(c.sim.Requests()))
		}
		return nil
	}
	wantState(t, c.Submit(t.Context(), r), eko.Succeeded)
	if c.sim.Moved("PARTNER1") != 1 || c.sim.Attempts(r.ClientRefID) != 0 {
		t.Error("the partner's reference was not the one that was sent")
	}
	r.PidData = scan(t, "", "")
	r.Adopt = func(context.Context, string) error { return errors.New("disk full") }
	if o := c.Submit(t.Context(), r); o.State != eko.Failed || o.Reason != "not_adopted" || o.Sent {
		t.Errorf("%s (%s, sent %v)", o.State, o.Reason, o.Sent)
	}
}

func TestHookSigner_timeoutMeansNo(t *testing.T) {
	release := make(chan struct{})
	p := newPartner(t, func(hookCall) (int, string) { <-release; return 200, `{"allow":true}` })
	defer close(release)
	cfg, _ := hookConfig(t, p)
	cfg.Timeout = 50 * time.Millisecond
	if _, err := newHook(t, cfg).Check(t.Context(), signRequest(t, time.Now())); !errors.Is(err, eko.ErrHook) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Check = %v", err)
	}
}

func TestHookSigner_skipCheck(t *testing.T) {
	p := newPartner(t, func(hookCall) (int, string) { return 500, "" })
	cfg, _ := hookConfig(t, p)
	cfg.SkipCheck = true
	if _, err := newHook(t, cfg).Check(t.Context(), signRequest(t, time.Now())); err != nil || len(p.calls()) != 0 {
		t.Errorf("Check = %v after %d questions", err, len(p.calls()))
	}
}

// The hook may want a client certificate instead of a token.
func TestHookSigner_mutualTLS(t *testing.T) {
	config, pool := authority(t)
	for name, shown := range map[string]*tls.Certificate{"with": &config.Certificates[0], "without": nil} {
		t.Run(name+" a certificate", func(t *testing.T) {
			p := &partner{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"allow":true}`)
			}))}
			p.TLS = config.Clone()
			p.TLS.ClientAuth, p.TLS.ClientCAs = tls.RequireAndVerifyClientCert, pool
			p.StartTLS()
			t.Cleanup(p.Close)
			s := newHook(t, eko.HookConfig{URL: p.URL, Token: mustToken(t, "t"), Certificate: shown, Roots: pool, Timeout: time.Minute})
			_, err := s.Check(t.Context(), signRequest(t, time.Now()))
			if (err == nil) != (shown != nil) {
				t.Errorf("Check = %v", err)
			}
		})
	}
}

func TestNewHookSigner_checksItsConfiguration(t *testing.T) {
	_, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	good := eko.HookConfig{URL: "https://partner.example/hook", Token: mustToken(t, "t"), SealKey: public}
	tests := map[string]struct {
		key    string
		change func(*eko.HookConfig)
	}{
		"good":               {"", func(*eko.HookConfig) {}},
		"this computer":      {"", func(c *eko.HookConfig) { c.URL = "http://127.0.0.1:9/hook" }},
		"no address":         {"hook_url", func(c *eko.HookConfig) { c.URL = "" }},
		"plain http":         {"hook_url", func(c *eko.HookConfig) { c.URL = "http://partner.example/hook" }},
		"user and password":  {"hook_url", func(c *eko.HookConfig) { c.URL = "https://a:b@partner.example/hook" }},
		"nobody asks":        {"hook_bearer", func(c *eko.HookConfig) { c.Token = eko.BearerToken{} }},
		"seal key is junk":   {"hook_public_key", func(c *eko.HookConfig) { c.SealKey = "AAAA" }},
		"seal key is zero":   {"", func(c *eko.HookConfig) { c.SealKey = "" }},
		"an hour of waiting": {"hook_timeout", func(c *eko.HookConfig) { c.Timeout = time.Hour }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := good
			tt.change(&cfg)
			s, err := eko.NewHookSigner(cfg)
			if tt.key == "" {
				if err != nil {
					t.Fatal(err)
				}
				_ = s.Close()
				return
			}
			if bad, ok := errors.AsType[*eko.ConfigError](err); s != nil || !ok || bad.Key != tt.key {
				t.Errorf("NewHookSigner = %v, want an error about %s", err, tt.key)
			}
		})
	}
	for _, text := range []string{"", "a b", "a\n", "\ufeffa"} {
		if _, err := eko.ParseBearerToken(text); err == nil {
			t.Errorf("token %q was accepted", text)
		}
	}
	// Without a seal key nothing that covers the Aadhaar number can be signed.
	good.SealKey = ""
	if _, _, err := newHook(t, good).Sign(t.Context(), signRequest(t, time.Now())); !errors.Is(err, eko.ErrHook) {
		t.Errorf("Sign = %v", err)
	}
}

func TestSealKey(t *testing.T) {
	private, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := eko.ParseSealKey(public)
	if err != nil {
		t.Fatal(err)
	}
	open, err := eko.ParseOpenKey(private)
	if err != nil {
		t.Fatal(err)
	}
	a := mustAadhaar(t, "123412341234")
	sealed, err := seal.Seal(a, "REF1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := open.Open(sealed, "REF1"); err != nil || !got.Equal(a) {
		t.Errorf("Open = %v, %v", got, err)
	}
	again, _ := seal.Seal(a, "REF1")
	if again == sealed {
		t.Error("two seals are alike")
	}
	otherText, _, _ := eko.NewOpenKey()
	other, _ := eko.ParseOpenKey(otherText)
	changed := "A"
	if sealed[0] == 'A' {
		changed = "B"
	}
	for name, open := range map[string]func() (eko.Aadhaar, error){
		"another reference": func() (eko.Aadhaar, error) { return open.Open(sealed, "REF2") },
		"another key":       func() (eko.Aadhaar, error) { return other.Open(sealed, "REF1") },
		"a changed byte":    func() (eko.Aadhaar, error) { return open.Open(changed+sealed[1:], "REF1") },
		"cut":               func() (eko.Aadhaar, error) { return open.Open(sealed[:40], "REF1") },
		"not base64":        func() (eko.Aadhaar, error) { return open.Open("%", "REF1") },
		"empty":             func() (eko.Aadhaar, error) { return open.Open("", "REF1") },
	} {
		if got, err := open(); !errors.Is(err, eko.ErrSeal) || !got.IsZero() {
			t.Errorf("%s: Open = %v, %v", name, got, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", open, open, open); containsAny(text, private[:20]) {
		t.Error("the private key shows")
	}
	for _, text := range []string{"", "AAAA", private + "A", "%%%"} {
		if _, err := eko.ParseOpenKey(text); !errors.Is(err, eko.ErrSeal) {
			t.Errorf("ParseOpenKey(%d characters) = %v", len(text), err)
		}
	}
}

// A relay gets the body as Eko would, its own credentials, and the number sealed.
func TestRelaySigner(t *testing.T) {
	private, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	open, err := eko.ParseOpenKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s := newWireServer(t, nil, always(withdrawn))
	cfg := testConfig(t, s.url())
	cfg.DeveloperKey = ""
	relay, err := eko.NewRelaySigner(mustToken(t, "shop-token-17"), public)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Signer = relay
	wantState(t, newClient(t, cfg).Submit(t.Context(), withdrawal(t)), eko.Succeeded)
	r := s.seen()[0]
	for _, name := range []string{"developer_key", "secret-key", "secret-key-timestamp", "request_hash"} {
		if _, there := r.header(name); there {
			t.Errorf("%s goes to the relay", name)
		}
	}
	if token, _ := r.header("Authorization"); token != "Bearer shop-token-17" {
		t.Errorf("Authorization %q", token)
	}
	if key, _ := r.header("Idempotency-Key"); key != "cash_withdrawal REF1" {
		t.Errorf("Idempotency-Key %q", key)
	}
	sealed, _ := r.header("x-biobridge-aadhaar")
	if number, err := open.Open(sealed, "REF1"); err != nil || number.Plain() != "123412341234" {
		t.Errorf("sealed number: %v", err)
	}
	if _, err := eko.NewRelaySigner(eko.BearerToken{}, "junk"); err == nil {
		t.Error("a junk seal key was accepted")
	}
	bare, err := eko.NewRelaySigner(mustToken(t, "t"), "")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Signer = bare
	if o := newClient(t, cfg).Submit(t.Context(), withdrawal(t)); o.Reason != "not_signed" || o.Sent {
		t.Errorf("without a seal key: %s (%s)", o.State, o.Reason)
	}
}
