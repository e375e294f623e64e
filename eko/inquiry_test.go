package eko_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/eko"
)

// signerFunc is a signer of somebody else's making.
type signerFunc func(context.Context, eko.SignRequest) (eko.Signature, eko.Approval, error)

func (f signerFunc) Sign(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
	return f(ctx, r)
}

// inquirySigner is one way to sign an inquiry, or not to.
type inquirySigner struct {
	name   string
	signs  bool
	signer func(t *testing.T, cancel func()) eko.Signer
}

func inquirySigners() []inquirySigner {
	hook := func(status int, body func(t *testing.T) string) func(*testing.T, func()) eko.Signer {
		return func(t *testing.T, _ func()) eko.Signer {
			answer := body(t)
			cfg, _ := hookConfig(t, newPartner(t, func(hookCall) (int, string) { return status, answer }))
			return newHook(t, cfg)
		}
	}
	text := func(s string) func(*testing.T) string { return func(*testing.T) string { return s } }
	fails := func(err error) func(*testing.T, func()) eko.Signer {
		return func(*testing.T, func()) eko.Signer {
			return signerFunc(func(context.Context, eko.SignRequest) (eko.Signature, eko.Approval, error) {
				return eko.Signature{}, eko.Approval{}, err
			})
		}
	}
	return []inquirySigner{
		{"key", true, func(t *testing.T, _ func()) eko.Signer { return eko.KeySigner{Key: mustKey(t, stagingKeyText)} }},
		{"relay without a seal key", true, func(t *testing.T, _ func()) eko.Signer {
			s, err := eko.NewRelaySigner(mustToken(t, "shop-token-17"), "")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}},
		{"hook", true, hook(200, func(t *testing.T) string { return goAhead(t, "REF1") })},
		{"hook names a reference of its own", true, hook(200, func(t *testing.T) string { return goAhead(t, "PARTNER1") })},
		{"hook names a reference that is none", true, hook(200, func(t *testing.T) string { return goAhead(t, "a b/c") })},
		{"signer names a reference of its own", true, func(t *testing.T, _ func()) eko.Signer {
			return signerFunc(func(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
				s, _, err := eko.KeySigner{Key: mustKey(t, stagingKeyText)}.Sign(ctx, r)
				return s, eko.Approval{ClientRefID: "PARTNER1"}, err
			})
		}},

		{"error", false, fails(errors.New("vault is closed"))},
		{"error of the hook", false, fails(fmt.Errorf("%w: junk", eko.ErrHook))},
		{"refusal", false, fails(&eko.HookRefusal{Message: "no"})},
		{"deadline", false, fails(context.DeadlineExceeded)},
		{"hook refuses", false, hook(200, text(`{"allow":false,"message":"not yours"}`))},
		{"hook knows nobody", false, hook(401, text(`{"allow":false,"message":"Sign in again."}`))},
		{"hook forbids", false, hook(403, text(``))},
		{"hook is ill", false, hook(500, text(``))},
		{"hook is away", false, hook(503, text(`<html>`))},
		{"hook says junk", false, hook(200, text(`[1]`))},
		{"hook says yes and signs nothing", false, hook(200, text(`{"allow":true}`))},
		{"hook is silent", false, func(t *testing.T, _ func()) eko.Signer {
			cfg, _ := hookConfig(t, newPartner(t, func(hookCall) (int, string) { return 200, "" }))
			cfg.Timeout = time.Nanosecond
			return newHook(t, cfg)
		}},
		{"hook is a stranger", false, func(t *testing.T, _ func()) eko.Signer {
			cfg, _ := hookConfig(t, newPartner(t, func(hookCall) (int, string) { return 200, "" }))
			_, cfg.Roots = authority(t)
			return newHook(t, cfg)
		}},
		{"context ends while signing", false, func(t *testing.T, cancel func()) eko.Signer {
			return signerFunc(func(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
				cancel()
				return eko.KeySigner{Key: mustKey(t, stagingKeyText)}.Sign(ctx, r)
			})
		}},
	}
}

// The ways in which an answer to an inquiry comes, or does not.
var inquiryTransports = []struct {
	name  string
	whole bool
	write func(c net.Conn, status int, body string) bool
}{
	{"whole", true, func(c net.Conn, status int, body string) bool { return respond(c, status, "application/json", body) }},
	{"nothing", false, func(net.Conn, int, string) bool { return false }},
	{"no HTTP", false, func(c net.Conn, _ int, body string) bool { _, _ = io.WriteString(c, body+"\r\n\r\n"); return false }},
	{"a bad header line", false, func(c net.Conn, status int, body string) bool {
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d\r\n%s\r\n\r\n", status, body)
		return false
	}},
	{"too short", false, func(c net.Conn, status int, body string) bool {
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d\r\nContent-Length: %d\r\n\r\n%s", status, len(body)+1, body)
		return false
	}},
	{"a last chunk that is missing", false, func(c net.Conn, status int, body string) bool {
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", status, len(body), body)
		return false
	}},
}

var inquiryStatuses = []int{200, 201, 202, 206, 300, 302, 307, 400, 401, 402, 403, 404, 405, 408, 409, 415, 422, 429, 500, 502, 503, 504, 599}

func inquiryBody(tx string) string {
	return strings.Replace(inquired, `"tx_status":"0"`, `"tx_status":`+tx, 1)
}

// what an inquiry may say at most, by the tx_status of a whole answer.
var inquiryStates = map[string]eko.State{`"0"`: eko.Succeeded, `"1"`: eko.Failed, `"2"`: eko.Pending, `"3"`: eko.RefundPending, `"4"`: eko.Refunded, `"5"`: eko.Pending}

// An inquiry says what a whole answer's tx_status says, and otherwise that it
// has no news: whoever signs or does not, whatever the network does, whatever
// HTTP status comes.
func TestInquire_settlesOnTxStatusAlone(t *testing.T) {
	for _, signer := range inquirySigners() {
		t.Run(signer.name, func(t *testing.T) {
			var answer atomic.Pointer[func(net.Conn) bool]
			s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool { return (*answer.Load())(c) })
			cancel := func() {}
			cfg := testConfig(t, s.url())
			cfg.Signer = signer.signer(t, func() { cancel() })
			c := newClient(t, cfg)
			for _, transport := range inquiryTransports {
				for _, status := range inquiryStatuses {
					for tx, says := range inquiryStates {
						if tx != `"1"` && (signer.name != "key" || !transport.whole) {
							continue // a failure is what must not come of nothing
						}
						write := func(c net.Conn) bool { return transport.write(c, status, inquiryBody(tx)) }
						answer.Store(&write)
						var ctx context.Context
						ctx, cancel = context.WithCancel(t.Context())
						before := len(s.seen())
						o := c.Inquire(ctx, eko.Inquiry{ClientRefID: "REF1", UserCode: userCode, Amount: 500})
						cancel()
						want := eko.Pending
						if signer.signs && transport.whole && status/100 == 2 {
							want = says
						}
						where := fmt.Sprintf("%s, HTTP %d, tx_status %s", transport.name, status, tx)
						if o.State != want || o.Sent != signer.signs {
							t.Fatalf("%s: %s (%s, sent %v), want %s: %v", where, o.State, o.Reason, o.Sent, want, o.Err)
						}
						if !signer.signs && (o.Reason != eko.ReasonInquiryNoAnswer || o.Err == nil || len(s.seen()) != before) {
							t.Fatalf("%s: %s, %d requests: %v", where, o.Reason, len(s.seen())-before, o.Err)
						}
					}
				}
			}
		})
	}
}

// Nobody answers at all: the inquiry has no news.
func TestInquire_cannotBeSent(t *testing.T) {
	nobody := "http://" + nobodysAddress(t) + "/ekoapi"
	c := newClient(t, testConfig(t, nobody))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ask := range map[string]func() eko.Outcome{
		"nobody listens":    func() eko.Outcome { return c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"}) },
		"the context ended": func() eko.Outcome { return c.Inquire(ended, eko.Inquiry{ClientRefID: "REF1"}) },
		"nothing to ask":    func() eko.Outcome { return c.Inquire(t.Context(), eko.Inquiry{}) },
		"a TID that is none": func() eko.Outcome {
			return c.Inquire(t.Context(), eko.Inquiry{TID: "../1", ClientRefID: "REF1"})
		},
		"the client is closed": func() eko.Outcome {
			closed := newClient(t, testConfig(t, nobody))
			_ = closed.Close()
			return closed.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"})
		},
	} {
		if o := ask(); o.State != eko.Pending || o.Sent || o.Err == nil || o.Message == "" || o.Remedy == "" {
			t.Errorf("%s: %s (%s, sent %v): %v", name, o.State, o.Reason, o.Sent, o.Err)
		}
	}
}

// Every HTTP status with every tx_status and every envelope around it: final
// states come from a tx_status under a 2xx and from nothing else.
func TestDecide_inquiryIsFinalOnTxStatusAlone(t *testing.T) {
	bodies := map[string]eko.State{
		"": eko.Pending, "<html>": eko.Pending, "{}": eko.Pending, notAllowed: eko.Pending, badBank: eko.Pending, otpSent: eko.Pending,
		balance: eko.Pending, statementFailed: eko.Pending, invalidAadhaar: eko.Pending, inquiryBody(`""`): eko.Pending, inquiryBody("null"): eko.Pending,
		inquiryBody(`"1"`) + "{}": eko.Pending, inquiryBody(`"1","tx_status":"1"`): eko.Pending,
		declined: eko.Failed,
	}
	for tx, state := range inquiryStates {
		bodies[inquiryBody(tx)] = state
	}
	for _, e := range eko.Explanations() {
		if e.Kind == "response_type" {
			bodies[fmt.Sprintf(`{"status":%s,"response_status_id":1,"response_type_id":%s,"message":"no","data":{}}`, e.Code, e.Code)] = eko.Pending
		}
	}
	for status := 100; status < 600; status++ {
		for body, state := range bodies {
			if status/100 != 2 {
				state = eko.Pending
			}
			o := eko.Decide(eko.Evidence{Inquiry: true, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: status, Body: []byte(body)})
			if o.State != state {
				t.Errorf("HTTP %d, %s: %s (%s), want %s", status, body, o.State, o.Reason, state)
			}
		}
	}
	for _, err := range []error{io.EOF, context.Canceled, errors.New("x")} {
		for _, sent := range []bool{false, true} {
			o := eko.Decide(eko.Evidence{Inquiry: true, ClientRefID: "REF1", Sent: sent, Err: err, HTTPStatus: 200, Body: []byte(declined)})
			if o.State != eko.Pending {
				t.Errorf("%v, sent %v: %s", err, sent, o.State)
			}
		}
	}
}

// A TID that Eko does not know, or answers about unclearly, is no end: the same
// inquiry without the TID asks by the reference.
func TestInquire_byReferenceAfterTheTID(t *testing.T) {
	for name, byTID := range map[string]struct{ body, reason string }{
		"unknown":          {edit(t, notAllowed, "346", "168", "346", "168"), eko.ReasonUnknownToEko},
		"another's answer": {edit(t, inquired, "REF1", "REF2"), eko.ReasonInquiryUnclear},
		"HTML":             {"<html>", eko.ReasonInquiryUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			s := newWireServer(t, nil, func(c net.Conn, r wireRequest) bool {
				if strings.Contains(r.Line, "/client_ref_id:REF1?") {
					return respond(c, http.StatusOK, "application/json", edit(t, inquired, "2170003001", "2170003777"))
				}
				return respond(c, http.StatusOK, "application/json", byTID.body)
			})
			c := newClient(t, testConfig(t, s.url()))
			i := eko.Inquiry{TID: "2170003001", ClientRefID: "REF1", UserCode: userCode, Amount: 500}
			if o := c.Inquire(t.Context(), i); o.State != eko.Pending || o.Reason != byTID.reason {
				t.Fatalf("by TID: %s (%s)", o.State, o.Reason)
			}
			i.TID = ""
			if o := c.Inquire(t.Context(), i); o.State != eko.Succeeded || o.TID != "2170003777" {
				t.Errorf("by reference: %s (%s), TID %q", o.State, o.Reason, o.TID)
			}
		})
	}
}
