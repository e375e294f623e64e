package eko_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"biobridge/eko"
)

// Every way in which an answer can fail to come. The request is seen at most
// once, and the outcome never claims more than is known.
func TestSubmit_faults(t *testing.T) {
	breakOff := func(net.Conn, wireRequest) bool { return false }
	write := func(text string) func(net.Conn, wireRequest) bool {
		return func(c net.Conn, _ wireRequest) bool {
			_, _ = io.WriteString(c, text)
			return false
		}
	}
	status := func(code int, body string, header ...string) func(net.Conn, wireRequest) bool {
		return func(c net.Conn, _ wireRequest) bool { return respond(c, code, "text/html", body, header...) }
	}
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	tests := map[string]struct {
		answer func(net.Conn, wireRequest) bool
		state  eko.State
		reason string
	}{
		"connection closed":            {breakOff, eko.Pending, "no_answer"},
		"no HTTP":                      {write("SSH-2.0-x\r\n"), eko.Pending, "no_answer"},
		"head cut":                     {write("HTTP/1.1 200"), eko.Pending, "no_answer"},
		"body cut by the connection":   {write(head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(withdrawn)) + withdrawn[:50]), eko.Pending, "no_answer"},
		"length too small":             {write(head + "Content-Length: 50\r\n\r\n" + withdrawn), eko.Pending, "unreadable"},
		"length too large":             {write(head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(withdrawn)+1) + withdrawn), eko.Pending, "no_answer"},
		"two lengths":                  {write(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"), eko.Pending, "no_answer"},
		"chunks cut":                   {write(head + "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"status\":0,"), eko.Pending, "no_answer"},
		"whole, and closed":            {write(head + fmt.Sprintf("Connection: close\r\nContent-Length: %d\r\n\r\n", len(withdrawn)) + withdrawn), eko.Succeeded, "succeeded"},
		"until the connection closes":  {write(head + "Connection: close\r\n\r\n" + withdrawn), eko.Succeeded, "succeeded"},
		"ten megabytes":                {write(head + "Content-Length: 10000000\r\n\r\n" + strings.Repeat(" ", 10_000_000)), eko.Pending, "no_answer"},
		"a head of a megabyte":         {write(head + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}"), eko.Pending, "no_answer"},
		"500":                          {status(500, "<html>oops</html>"), eko.Pending, "server_error"},
		"503":                          {status(503, ""), eko.Pending, "server_error"},
		"HTML":                         {status(200, "<html>login</html>"), eko.Pending, "unreadable"},
		"nothing":                      {status(200, ""), eko.Pending, "unreadable"},
		"403":                          {status(403, ""), eko.Failed, "forbidden"},
		"402":                          {status(402, ""), eko.Failed, "developer_key_missing"},
		"a redirect, kept":             {status(307, "", "Location: /ekoapi/v2/aeps"), eko.Pending, "redirected"},
		"a redirect to somebody else":  {status(302, "", "Location: https://example.invalid/"), eko.Pending, "redirected"},
		"an interim answer, then none": {write("HTTP/1.1 102 Processing\r\n\r\n"), eko.Pending, "no_answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newWireServer(t, nil, tt.answer)
			o := newClient(t, testConfig(t, s.url())).Submit(t.Context(), withdrawal(t))
			if o.State != tt.state || o.Reason != tt.reason || !o.Sent {
				t.Errorf("outcome %s (%s, sent %v), want %s (%s, sent): %v", o.State, o.Reason, o.Sent, tt.state, tt.reason, o.Err)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("the server saw %d requests, want 1", n)
			}
		})
	}
}

// A server that never finishes is given up at the deadline, answered in part or
// not at all.
func TestSubmit_neverEnds(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, begin := range map[string]string{"silence": "", "a head": head, "chunk after chunk": head + "1\r\n{\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := make(chan struct{})
			s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool {
				_, _ = io.WriteString(c, begin)
				<-done
				return false
			})
			defer close(done)
			cfg := testConfig(t, s.url())
			cfg.Timeout = 3 * time.Second // a busy machine has sent the request by then
			o := newClient(t, cfg).Submit(t.Context(), withdrawal(t))
			if o.State != eko.Pending || o.Reason != "no_answer" || !errors.Is(o.Err, context.DeadlineExceeded) {
				t.Errorf("outcome %s (%s): %v", o.State, o.Reason, o.Err)
			}
		})
	}
}

// What ends before the first byte has failed, and says that nothing was sent.
func TestSubmit_notSent(t *testing.T) {
	config, pool := authority(t)
	other, _ := authority(t)
	closed := nobodysAddress(t)
	tests := map[string]func(t *testing.T) (eko.Config, *wireServer){
		"nobody listens": func(t *testing.T) (eko.Config, *wireServer) {
			return testConfig(t, "http://"+closed+"/ekoapi"), nil
		},
		"no such name": func(t *testing.T) (eko.Config, *wireServer) {
			return testConfig(t, "https://eko.invalid/ekoapi"), nil
		},
		"certificate of a stranger": func(t *testing.T) (eko.Config, *wireServer) {
			s := newWireServer(t, other, always(withdrawn))
			cfg := testConfig(t, s.url())
			cfg.Roots = pool
			return cfg, s
		},
		"certificate for another name": func(t *testing.T) (eko.Config, *wireServer) {
			named, pool := authority(t, "eko.example")
			s := newWireServer(t, named, always(withdrawn))
			cfg := testConfig(t, strings.Replace(s.url(), "127.0.0.1", "localhost", 1))
			cfg.Roots = pool
			return cfg, s
		},
		"an old TLS version": func(t *testing.T) (eko.Config, *wireServer) {
			old := config.Clone()
			old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			s := newWireServer(t, old, always(withdrawn))
			cfg := testConfig(t, s.url())
			cfg.Roots = pool
			return cfg, s
		},
		"https to a plain port": func(t *testing.T) (eko.Config, *wireServer) {
			s := newWireServer(t, nil, always(withdrawn))
			return testConfig(t, strings.Replace(s.url(), "http://", "https://", 1)), s
		},
		"the proxy refuses": func(t *testing.T) (eko.Config, *wireServer) {
			s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool { return respond(c, 407, "text/html", "") })
			cfg := testConfig(t, "https://eko.invalid/ekoapi")
			cfg.Proxy = mustURL(t, strings.TrimSuffix(s.url(), "/ekoapi"))
			return cfg, nil
		},
		"the proxy can't connect": func(t *testing.T) (eko.Config, *wireServer) {
			s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool { return respond(c, 502, "text/html", "") })
			cfg := testConfig(t, "https://eko.invalid/ekoapi")
			cfg.Proxy = mustURL(t, strings.TrimSuffix(s.url(), "/ekoapi"))
			return cfg, nil
		},
		"the proxy is gone": func(t *testing.T) (eko.Config, *wireServer) {
			cfg := testConfig(t, "https://eko.invalid/ekoapi")
			cfg.Proxy = mustURL(t, "http://"+closed)
			return cfg, nil
		},
		"the signer can't": func(t *testing.T) (eko.Config, *wireServer) {
			s := newWireServer(t, nil, always(withdrawn))
			cfg := testConfig(t, s.url())
			cfg.Signer = failingSigner{errors.New("vault is closed")}
			return cfg, s
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, s := prepare(t)
			o := newClient(t, cfg).Submit(t.Context(), withdrawal(t))
			want := "not_sent"
			if name == "the signer can't" {
				want = "not_signed"
			}
			if o.State != eko.Failed || o.Reason != want || o.Sent || o.Err == nil {
				t.Errorf("outcome %s (%s, sent %v), want failed (%s, not sent): %v", o.State, o.Reason, o.Sent, want, o.Err)
			}
			if why := map[string]string{"the proxy refuses": "user name and password", "the proxy can't connect": "HTTP 502", "the signer can't": "vault is closed",
				"certificate of a stranger": "not trusted", "certificate for another name": "another name", "an old TLS version": "protocol version"}[name]; !strings.Contains(fmt.Sprint(o.Err), why) {
				t.Errorf("%v; want a word of %q", o.Err, why)
			}
			if s != nil && len(s.seen()) != 0 {
				t.Errorf("the server saw %d requests", len(s.seen()))
			}
		})
	}
}

func TestOnThisComputer(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true,
		"192.168.1.7:1": false, "0.0.0.0:1": false, "[::]:1": false, "[fe80::1]:1": false, "203.0.113.7:1": false,
	} {
		if got := eko.OnThisComputer(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(text))); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if eko.OnThisComputer(&net.UnixAddr{Name: "x"}) {
		t.Error("a Unix socket is no address of plain HTTP")
	}
}

type failingSigner struct{ err error }

func (f failingSigner) Sign(context.Context, eko.SignRequest) (eko.Signature, eko.Approval, error) {
	return eko.Signature{}, eko.Approval{}, f.err
}

// ownReference is a signer that names another reference.
type ownReference struct{ ref string }

func (o ownReference) Sign(context.Context, eko.SignRequest) (eko.Signature, eko.Approval, error) {
	return eko.Signature{SecretKey: "a", Timestamp: "1"}, eko.Approval{ClientRefID: o.ref}, nil
}

func TestSubmit_adoptsUsableReferencesOnly(t *testing.T) {
	s := newWireServer(t, nil, always(withdrawn))
	for _, ref := range []string{"a/b", "a b", strings.Repeat("1", 21)} {
		cfg := testConfig(t, s.url())
		cfg.Signer = ownReference{ref}
		r := withdrawal(t)
		r.Adopt = func(context.Context, string) error { return nil }
		if o := newClient(t, cfg).Submit(t.Context(), r); o.Reason != "not_adopted" || o.Sent {
			t.Errorf("%q: %s (%s, sent %v)", ref, o.State, o.Reason, o.Sent)
		}
	}
}

func TestSubmit_cancelledBefore(t *testing.T) {
	s := newWireServer(t, nil, always(withdrawn))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(t, testConfig(t, s.url()))
	for range 20 { // also on a connection that is already there
		if o := c.Submit(ctx, withdrawal(t)); o.State == eko.Failed && o.Sent {
			t.Fatalf("failed and sent: %+v", o)
		} else if o.State == eko.Succeeded {
			t.Fatal("a cancelled request succeeded")
		}
		if err := c.Reach(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSubmit_refusesUnusableRequests(t *testing.T) {
	s := newWireServer(t, nil, always(withdrawn))
	c := newClient(t, testConfig(t, s.url()))
	tests := map[string]func(*eko.Request){
		"client_ref_id missing": func(r *eko.Request) { r.ClientRefID = "" },
		"client_ref_id long":    func(r *eko.Request) { r.ClientRefID = strings.Repeat("1", 21) },
		"client_ref_id slash":   func(r *eko.Request) { r.ClientRefID = "a/b" },
		"aadhaar missing":       func(r *eko.Request) { r.Aadhaar = eko.Aadhaar{} },
		"user_code missing":     func(r *eko.Request) { r.UserCode = "" },
		"user_code odd":         func(r *eko.Request) { r.UserCode = "2081 0200" },
		"customer_id missing":   func(r *eko.Request) { r.CustomerID = "" },
		"customer_id path":      func(r *eko.Request) { r.CustomerID = "../1" },
		"bank_code missing":     func(r *eko.Request) { r.BankCode = "" },
		"amount zero":           func(r *eko.Request) { r.Amount = 0 },
		"amount negative":       func(r *eko.Request) { r.Amount = -500 },
		"balance with amount":   func(r *eko.Request) { r.Service = eko.BalanceEnquiry },
		"no PID block":          func(r *eko.Request) { r.PidData = nil },
		"PID block not UTF-8":   func(r *eko.Request) { r.PidData = []byte("<a>\xff</a>") },
		"PID block too large":   func(r *eko.Request) { r.PidData = make([]byte, eko.MaxPidData+1) },
		"latlong":               func(r *eko.Request) { r.LatLong = "here" },
		"source_ip":             func(r *eko.Request) { r.SourceIP = "999.1.1.1" },
		"reference":             func(r *eko.Request) { r.MerchantReference = "a b" },
		"otp request on v2":     func(r *eko.Request) { r.OTPRequestID = "FP1" },
		"service":               func(r *eko.Request) { r.Service = "cash_deposit" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			r := withdrawal(t)
			change(&r)
			o := c.Submit(t.Context(), r)
			if o.State != eko.Failed || o.Reason != "bad_request" || o.Sent || o.Err == nil {
				t.Errorf("outcome %s (%s, sent %v): %v", o.State, o.Reason, o.Sent, o.Err)
			}
		})
	}
	for name, i := range map[string]eko.Inquiry{
		"nothing": {}, "tid": {TID: "1/2"}, "reference": {ClientRefID: "a?b"}, "user_code": {ClientRefID: "a", UserCode: "&"},
	} {
		if o := c.Inquire(t.Context(), i); o.State != eko.Pending || o.Err == nil {
			t.Errorf("inquiry without a usable %s: %s (%s)", name, o.State, o.Reason)
		}
	}
	if len(s.seen()) != 0 {
		t.Errorf("the server saw %d requests, want none", len(s.seen()))
	}
}

// Connections are kept between calls, for POST and GET alike.
func TestClient_keepsConnectionsWarm(t *testing.T) {
	config, pool := authority(t)
	s := newWireServer(t, config, func(c net.Conn, r wireRequest) bool {
		if strings.HasPrefix(r.Line, "GET") {
			return respond(c, 200, "application/json", inquired)
		}
		return respond(c, 200, "application/json", withdrawn)
	})
	cfg := testConfig(t, s.url())
	cfg.Roots = pool
	c := newClient(t, cfg)
	if err := c.Reach(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Reach(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.seen()) != 0 {
		t.Fatal("Reach sent a request")
	}
	for range 3 {
		if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
			t.Fatalf("outcome %s (%s): %v", o.State, o.Reason, o.Err)
		}
		if o := c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"}); o.State != eko.Succeeded {
			t.Fatalf("outcome %s (%s): %v", o.State, o.Reason, o.Err)
		}
	}
	if s.connections() != 1 {
		t.Errorf("%d connections for six calls, want 1", s.connections())
	}
	c.DropIdle()
	if o := c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"}); o.State != eko.Succeeded || s.connections() != 2 {
		t.Errorf("after the network has changed: %s (%s), %d connections, want 2", o.State, o.Reason, s.connections())
	}
}

// net/http sends a request again when a kept connection turns out to be closed.
// Here nothing is sent twice: not when the server takes the request and breaks
// off, and not when it had closed before.
func TestSubmit_neverReplays(t *testing.T) {
	t.Run("broken off after the request", func(t *testing.T) {
		calls := 0
		s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool {
			calls++
			return calls == 1 && respond(c, 200, "application/json", withdrawn)
		})
		c := newClient(t, testConfig(t, s.url()))
		if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
			t.Fatalf("first: %s (%s)", o.State, o.Reason)
		}
		if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Pending || !o.Sent {
			t.Errorf("second: %s (%s, sent %v)", o.State, o.Reason, o.Sent)
		}
		if n := len(s.seen()); n != 2 {
			t.Errorf("the server saw %d requests for two calls", n)
		}
	})
	t.Run("an inquiry neither", func(t *testing.T) {
		calls := 0
		s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool {
			calls++
			return calls == 1 && respond(c, 200, "application/json", inquired)
		})
		c := newClient(t, testConfig(t, s.url()))
		for range 2 {
			c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"})
		}
		if n := len(s.seen()); n != 2 {
			t.Errorf("the server saw %d requests for two inquiries", n)
		}
	})
	t.Run("closed before the request", func(t *testing.T) {
		// A close that has arrived is noticed before anything is written, and a new
		// connection takes the request.
		for range 50 {
			s := newWireServer(t, nil, always(withdrawn))
			c := newClient(t, testConfig(t, s.url()))
			if err := c.Reach(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.closeHeard(1)
			o := c.Submit(t.Context(), withdrawal(t))
			if n := len(s.seen()); n != 1 || o.State != eko.Succeeded {
				t.Fatalf("%s (%s, sent %v), seen %d: %v", o.State, o.Reason, o.Sent, n, o.Err)
			}
		}
	})
}

func TestClient_closes(t *testing.T) {
	before := runtime.NumGoroutine()
	s := newWireServer(t, nil, always(withdrawn))
	c := newClient(t, testConfig(t, s.url()))
	if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
		t.Fatalf("%s (%s)", o.State, o.Reason)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Failed || o.Sent {
		t.Errorf("after Close: %s (%s, sent %v)", o.State, o.Reason, o.Sent)
	}
	if err := c.Reach(t.Context()); err == nil {
		t.Error("Reach works after Close")
	}
	_ = s.ln.Close()
	s.closeConns()
	s.wg.Wait()
	for limit := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}

// An HTTPS request goes through the forward proxy, with the proxy's credentials
// and without Eko's.
func TestSubmit_throughAProxy(t *testing.T) {
	config, pool := authority(t)
	s := newWireServer(t, config, always(withdrawn))
	var heads []*http.Request
	proxy := newProxy(t, func(r *http.Request) bool {
		heads = append(heads, r)
		return r.Header.Get("Proxy-Authorization") == "Basic c2hvcDpzM2NyZXQ="
	})
	cfg := testConfig(t, s.url())
	cfg.Roots = pool
	cfg.Proxy = mustURL(t, "http://shop:s3cret@"+proxy)
	c := newClient(t, cfg)
	for range 2 {
		if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
			t.Fatalf("%s (%s): %v", o.State, o.Reason, o.Err)
		}
	}
	if len(heads) != 1 || heads[0].Method != http.MethodConnect || heads[0].Header.Get("developer_key") != "" {
		t.Errorf("the proxy saw %d requests", len(heads))
	}
	cfg.Proxy = mustURL(t, "http://shop:wrongwrong@"+proxy)
	o := newClient(t, cfg).Submit(t.Context(), withdrawal(t))
	if o.State != eko.Failed || o.Reason != "not_sent" || o.Sent || containsAny(fmt.Sprint(o.Err), "wrongwrong") {
		t.Errorf("wrong proxy password: %s (%s, sent %v): %v", o.State, o.Reason, o.Sent, o.Err)
	}
}

// newProxy is a forward proxy that asks before it connects.
func newProxy(t *testing.T, allow func(*http.Request) bool) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = in.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(in))
				if err != nil || !allow(r) {
					_, _ = io.WriteString(in, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
					return
				}
				out, err := net.Dial("tcp", r.Host)
				if err != nil {
					return
				}
				defer func() { _ = out.Close() }()
				_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
				go func() { _, _ = io.Copy(out, in) }()
				_, _ = io.Copy(in, out)
			}()
		}
	}()
	return ln.Addr().String()
}

func TestSubmit_retryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "99999999": 24 * time.Hour, "-5": 0, "soon": 0,
		fixedTime.Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
	} {
		s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool {
			return respond(c, 503, "text/html", "", "Retry-After: "+header)
		})
		if o := newClient(t, fixedConfig(t, s.url())).Submit(t.Context(), withdrawal(t)); o.RetryAfter != want {
			t.Errorf("Retry-After %q: %v, want %v", header, o.RetryAfter, want)
		}
	}
}

// The exchange shows what was said, without anything personal and without keys.
func TestSubmit_exchangeIsMasked(t *testing.T) {
	echo := edit(t, withdrawn, "Request Completed", "for 123412341234 and 1234 1234 1234", "XXXX XXXX 1234", "123412341234")
	s := newWireServer(t, nil, always(echo, "X-Request-Id: 17", "Set-Cookie: a=b"))
	o := newClient(t, fixedConfig(t, s.url())).Submit(t.Context(), withdrawal(t))
	raw, err := json.MarshalIndent(o.Exchange, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), s.url(), "http://eko/ekoapi", 1)
	golden(t, "exchange", text+"\n")
	whole := fmt.Sprintf("%s %+v", text, o)
	for _, secret := range []string{"123412341234", "1234 1234 1234", "AAAA+/8=", "9999999999", "Asha\\", "EjiiXK0SSH", "qIir8tILH", "becbbce45f", stagingKeyText} {
		if strings.Contains(whole, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
}
