package eko_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"biobridge/eko"
)

// canary is what Eko's answer may hold and no error may: an Aadhaar number,
// split as it likes.
const canary = "999941057058"

// brokenAnswers break HTTP's rules at every place where text can stand.
func brokenAnswers() map[string]string {
	const ok = "HTTP/1.1 200 OK\r\n"
	say := `{"aadhar":"` + canary + `"}`
	return map[string]string{
		"protocol":              say + "\r\n\r\n",
		"status line":           "HTTP/1.1 " + say + "\r\n\r\n",
		"status code":           "HTTP/1.1 " + canary + " OK\r\n\r\n",
		"version":               "HTTP/" + canary + " 200 OK\r\n\r\n",
		"header line":           ok + say + "\r\n\r\n",
		"header name":           ok + "X " + canary + ": 1\r\n\r\n",
		"header value":          ok + "X: \x00" + canary + "\r\n\r\n",
		"continued header":      ok + " " + say + "\r\n\r\n",
		"content length":        ok + "Content-Length: " + canary + "x\r\n\r\n",
		"two content lengths":   ok + "Content-Length: 1\r\nContent-Length: " + canary + "\r\n\r\n{}",
		"transfer encoding":     ok + "Transfer-Encoding: " + canary + "\r\n\r\n",
		"two encodings":         ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: " + canary + "\r\n\r\n",
		"interim, then junk":    "HTTP/1.1 100 Continue\r\n\r\n" + say + "\r\n\r\n",
		"interim header":        "HTTP/1.1 103 Early\r\n" + say + "\r\n\r\n",
		"chunk size":            ok + "Transfer-Encoding: chunked\r\n\r\n" + say + "\r\n",
		"chunk size, too large": ok + "Transfer-Encoding: chunked\r\n\r\n" + canary + canary + "\r\n",
		"chunk's end":           ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}" + say + "\r\n",
		"chunk extension":       ok + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat(canary, 1000) + "\r\n{}\r\n0\r\n\r\n",
		"trailer":               ok + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\n" + say + "\r\n\r\n",
		"forbidden trailer":     ok + "Transfer-Encoding: chunked\r\nTrailer: Content-Length, " + canary + "\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"cut in the body":       ok + "Content-Length: 1000\r\n\r\n" + say,
	}
}

// whole prints an error and everything it wraps, in every way of package fmt.
func whole(err error) string {
	var b strings.Builder
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		_, _ = fmt.Fprintf(&b, "%v|%+v|%#v|%s|%q\n", err, err, err, err, err)
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				walk(e)
			}
		}
	}
	walk(err)
	return b.String()
}

// A certificate holds whatever its maker wrote into it.
func TestErrors_holdNoCertificatesText(t *testing.T) {
	config, own := authority(t, canary, canary+".example")
	_, other := authority(t, canary)
	for name, tt := range map[string]struct {
		roots *x509.CertPool
		host  string
		why   string
	}{
		"a stranger's": {other, "127.0.0.1", "not trusted"},
		"another name": {own, "localhost", "another name"},
	} {
		s := newWireServer(t, config, always(withdrawn))
		cfg := testConfig(t, strings.Replace(s.url(), "127.0.0.1", tt.host, 1))
		cfg.Roots = tt.roots
		o := newClient(t, cfg).Submit(t.Context(), withdrawal(t))
		if text := whole(o.Err); o.Sent || !errors.Is(o.Err, eko.ErrTLS) || !strings.Contains(text, tt.why) || strings.Contains(text, canary) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// What Eko, a relay, a proxy or the hook writes where HTTP wants something else
// reaches no error and no log: not the text, not a piece of it.
func TestErrors_holdNoForeignText(t *testing.T) {
	for name, answer := range brokenAnswers() {
		t.Run(name, func(t *testing.T) {
			write := func(c net.Conn, _ wireRequest) bool {
				_, _ = io.WriteString(c, answer)
				return false
			}
			s := newWireServer(t, nil, write)
			var logged bytes.Buffer
			cfg := testConfig(t, s.url())
			cfg.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c := newClient(t, cfg)
			errs := map[string]error{}
			o := c.Submit(t.Context(), withdrawal(t))
			if o.State != eko.Pending || !o.Sent {
				t.Errorf("withdrawal: %s (%s, sent %v)", o.State, o.Reason, o.Sent)
			}
			errs["withdrawal"] = o.Err
			o = c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"})
			if o.State != eko.Pending {
				t.Errorf("inquiry: %s (%s)", o.State, o.Reason)
			}
			errs["inquiry"] = o.Err
			_, errs["query"] = c.Services(t.Context(), userCode)

			plain := cfg
			plain.BaseURL = "https://eko.invalid/ekoapi"
			plain.Proxy = mustURL(t, strings.TrimSuffix(s.url(), "/ekoapi"))
			o = newClient(t, plain).Submit(t.Context(), withdrawal(t))
			if o.State != eko.Failed || o.Sent {
				t.Errorf("through a proxy: %s (%s, sent %v)", o.State, o.Reason, o.Sent)
			}
			errs["proxy"] = o.Err

			hook, err := eko.NewHookSigner(eko.HookConfig{URL: s.url(), Token: mustToken(t, "shop-token-17"), SkipCheck: false})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = hook.Close() })
			_, errs["hook"] = hook.Check(t.Context(), signRequest(t, fixedTime))
			if !errors.Is(errs["hook"], eko.ErrHook) {
				t.Errorf("hook: %v", errs["hook"])
			}
			for who, err := range errs {
				text := whole(err)
				if err == nil || containsAny(text, canary, "aadhar", "057058") {
					t.Errorf("%s: the error holds the answer's text: %s", who, text)
				}
			}
			if containsAny(logged.String(), canary, "057058") {
				t.Errorf("the log holds the answer's text: %s", logged.String())
			}
		})
	}
}
