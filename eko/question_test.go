package eko_test

import (
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/eko"
)

// A relay that keeps its rule answers a key that it has seen with the answer it
// gave then. A question is news each time, so it carries no key.
func TestRelay_repeatedInquiry(t *testing.T) {
	s, err := eko.NewRelaySigner(mustToken(t, "shop-token-17"), "")
	if err != nil {
		t.Fatal(err)
	}
	states := []string{`"2"`, `"2"`, `"0"`}
	var mu sync.Mutex
	kept := map[string]string{}
	asked := 0
	relay := newWireServer(t, nil, func(c net.Conn, r wireRequest) bool {
		mu.Lock()
		defer mu.Unlock()
		key, keyed := r.header("Idempotency-Key")
		body, seen := kept[key]
		if !keyed || !seen {
			body = inquiryBody(states[min(asked, len(states)-1)])
			asked++
			kept[key] = body
		}
		return respond(c, 200, "application/json", body)
	})
	cfg := testConfig(t, relay.url())
	cfg.Signer = s
	c := newClient(t, cfg)
	i := eko.Inquiry{ClientRefID: "REF1", UserCode: userCode, Amount: 500}
	for n, want := range []eko.State{eko.Pending, eko.Pending, eko.Succeeded} {
		if o := c.Inquire(t.Context(), i); o.State != want {
			t.Errorf("inquiry %d: %s (%s), want %s", n+1, o.State, o.Reason, want)
		}
	}
	for _, r := range relay.seen() {
		if key, keyed := r.header("Idempotency-Key"); keyed {
			t.Errorf("an inquiry carries the key %q", key)
		}
	}
}

// A hook that answers a key that it has seen with the answer it gave then would
// give a question the signature of an hour ago.
func TestHook_repeatedQuestions(t *testing.T) {
	var mu sync.Mutex
	kept := map[string]string{}
	at := time.Now()
	p := newPartner(t, func(c hookCall) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		key := c.header.Get("Idempotency-Key")
		if answer, seen := kept[key]; seen && key != "" {
			return 200, answer
		}
		s := eko.Sign(mustKey(t, stagingKeyText), at.UnixMilli())
		kept[key] = `{"allow":true,"secret_key":"` + s.SecretKey + `","secret_key_timestamp":"` + s.Timestamp + `"}`
		return 200, kept[key]
	})
	cfg, _ := hookConfig(t, p)
	hook := newHook(t, cfg)
	for _, r := range []eko.SignRequest{
		{Service: eko.TransactionInquiry, ClientRefID: "REF1", UserCode: userCode},
		{Service: eko.Query},
	} {
		for range 3 {
			mu.Lock()
			at = at.Add(time.Hour)
			r.TimestampMS = at.UnixMilli()
			mu.Unlock()
			got, _, err := hook.Sign(t.Context(), r)
			if err != nil || got.Timestamp != strconv.FormatInt(r.TimestampMS, 10) {
				t.Errorf("%s: %s: %v", r.Service, got.Timestamp, err)
			}
		}
	}
	for _, c := range p.calls() {
		if _, keyed := c.header["Idempotency-Key"]; keyed || !strings.Contains(c.raw, `"phase":"sign"`) {
			t.Errorf("a question carries the key %q", c.header.Get("Idempotency-Key"))
		}
	}
	// A transaction keeps its key, so that it is approved once.
	if _, err := hook.Check(t.Context(), signRequest(t, at)); err != nil {
		t.Fatal(err)
	}
	calls := p.calls()
	if key := calls[len(calls)-1].header.Get("Idempotency-Key"); key != "check cash_withdrawal REF1" {
		t.Errorf("the transaction's key is %q", key)
	}
}
