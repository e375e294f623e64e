package rdservice_test

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"biobridge/rdservice"
)

// nil2 returns a connection handler that reads the request's beginning, calls
// then, and leaves the connection open without an answer.
func nil2(then func()) func(net.Conn) {
	return func(c net.Conn) {
		c.Read(make([]byte, 1024))
		then()
		io.Copy(io.Discard, c)
	}
}

// silentToPlain passes TLS on to a server at addr, and answers plain HTTP with
// silence.
func silentToPlain(addr string) func(net.Conn) {
	return func(c net.Conn) {
		first := make([]byte, 1)
		if _, err := io.ReadFull(c, first); err != nil {
			return
		}
		if first[0] != 0x16 {
			io.Copy(io.Discard, c)
			return
		}
		up, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer up.Close()
		up.Write(first)
		go func() { io.Copy(up, c); up.Close() }()
		io.Copy(c, up)
		c.Close()
	}
}

// insecure is a client's TLS without checks.
func insecure() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

func newUnstarted(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quiet()
	return s
}

// answerRaw reads a request and writes text as it is, then closes.
func answerRaw(text string) func(net.Conn) {
	return func(c net.Conn) {
		c.Read(make([]byte, 4096))
		io.WriteString(c, text)
		c.Close()
	}
}

// reset closes a connection with an RST.
func reset(c net.Conn) {
	c.(interface{ SetLinger(int) error }).SetLinger(0)
	c.Close()
}

// patience is a probe timeout that a busy machine's good service keeps and a
// hanging one runs into. Tests that wait for it wait side by side.
const patience = 5 * time.Second

// hostile is a way to misbehave on a port.
type hostile struct {
	name  string
	serve func(net.Conn)
	// capture is what a capture ends with when the port turns to this after it
	// was found; a hanging one needs the time limit and is not tried.
	capture error
}

func hostiles() []hostile {
	ok := func(headers, body string) string { return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body }
	return []hostile{
		{name: "hang on accept", serve: func(c net.Conn) { io.Copy(io.Discard, c) }},
		{name: "hang after headers", serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<RDS")
			io.Copy(io.Discard, c)
		}},
		{name: "slow drip", serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, ok("", ""))
			for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
				if _, err := io.WriteString(c, " "); err != nil {
					tick.Stop()
					return
				}
			}
		}},
		{name: "slow drip of headers", serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
				if _, err := io.WriteString(c, "X-A: b\r\n"); err != nil {
					tick.Stop()
					return
				}
			}
		}},
		{name: "reset", capture: rdservice.ErrGone, serve: func(c net.Conn) {
			c.Read(make([]byte, 1))
			reset(c)
		}},
		{name: "close at once", capture: rdservice.ErrGone, serve: func(c net.Conn) { c.Close() }},
		{name: "close without a word", capture: rdservice.ErrGone, serve: answerRaw("")},
		{name: "reset within the body", capture: rdservice.ErrGone, serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n<PidData>")
			reset(c)
		}},
		{name: "404", capture: rdservice.ErrUnusable, serve: answerRaw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")},
		{name: "500", capture: rdservice.ErrUnusable, serve: answerRaw("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")},
		{name: "HTML", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Type: text/html\r\n", "<!DOCTYPE html><html><body>hello</body></html>"))},
		{name: "20 MB body", capture: rdservice.ErrUnusable, serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, ok("Content-Length: 20971520\r\n", ""))
			blanks := []byte(strings.Repeat(" ", 1<<16))
			for range 320 {
				if _, err := c.Write(blanks); err != nil {
					return
				}
			}
			c.Close()
		}},
		{name: "endless headers", capture: rdservice.ErrUnusable, serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			line := "X-A: " + strings.Repeat("b", 1000) + "\r\n"
			for range 1000 {
				if _, err := io.WriteString(c, line); err != nil {
					return
				}
			}
			c.Close()
		}},
		{name: "gzip", capture: rdservice.ErrUnusable, serve: func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, ok("Content-Encoding: gzip\r\n", ""))
			z := gzip.NewWriter(c)
			io.WriteString(z, mantraService)
			z.Close()
			c.Close()
		}},
		{name: "labelled gzip", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Encoding: gzip\r\n", mantraService))},
		{name: "content length too long", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Length: 5000\r\n", mantraService))},
		{name: "content length too short", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Length: 30\r\n", mantraService))},
		{name: "two content lengths", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Length: 5\r\nContent-Length: 6\r\n", mantraService))},
		{name: "bad chunks", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n"))},
		{name: "not HTTP", capture: rdservice.ErrUnusable, serve: answerRaw("SSH-2.0-OpenSSH_9.6\r\n")},
		{name: "binary", capture: rdservice.ErrUnusable, serve: answerRaw("\x00\x01\x02\xff\xfe")},
		{name: "document type", capture: rdservice.ErrUnusable, serve: answerRaw(ok("", `<!DOCTYPE a [<!ENTITY b "c">]><RDService status="READY"/>`))},
		{name: "deep XML", capture: rdservice.ErrUnusable, serve: answerRaw(ok("", strings.Repeat("<RDService status='READY'>", 10000)))},
		{name: "switching protocols", capture: rdservice.ErrUnusable, serve: answerRaw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")},
		{name: "empty answer", capture: rdservice.ErrUnusable, serve: answerRaw(ok("Content-Length: 0\r\n", ""))},
	}
}

// TestHostile runs discovery beside each misbehaving port: the good one is found
// and nothing is left behind.
func TestHostile(t *testing.T) {
	beside := func(t *testing.T, h hostile, limit time.Duration) {
		good, bad := startService(t, "dc-1"), startRaw(t, h.serve)
		cfg := at(bad, good.port())
		cfg.HTTPSPorts, cfg.ProbeTimeout = []int{bad}, limit
		if d := mustFindOne(t, cfg); d.Port() != good.port() {
			t.Errorf("found port %d, want %d", d.Port(), good.port())
		}
	}
	for _, h := range hostiles() {
		if h.capture != nil {
			t.Run(h.name, func(t *testing.T) {
				checkLeaks(t)
				beside(t, h, time.Minute)
			})
		}
	}
	t.Run("hanging", func(t *testing.T) {
		checkLeaks(t) // when all of them have ended
		for _, h := range hostiles() {
			if h.capture == nil {
				t.Run(h.name, func(t *testing.T) {
					t.Parallel()
					beside(t, h, patience)
				})
			}
		}
	})
}

// TestHostile_capture lets a service turn bad between discovery and capture.
func TestHostile_capture(t *testing.T) {
	for _, h := range hostiles() {
		if h.capture == nil {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			checkLeaks(t)
			var turned http.Handler
			s := newService("dc-1")
			s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, r *http.Request) { turned.ServeHTTP(w, r) })
			turned = hijack(h.serve)
			s.Server = newUnstarted(s)
			s.Start()
			t.Cleanup(s.stop)
			d := mustFindOne(t, at(s.port()))
			cfg := at(s.port())
			got, err := rdservice.NewClient(cfg).Capture(t.Context(), d, oneFinger())
			if got != nil || !errors.Is(err, h.capture) {
				t.Fatalf("got %v, %v, want %v", got, err, h.capture)
			}
			if strings.Contains(fmt.Sprintf("%+v", err), "PidData>") {
				t.Errorf("error repeats the answer: %v", err)
			}
		})
	}
}

// hijack gives the connection below a request to serve. The request was read
// already, so the first read is served from nothing.
func hijack(serve func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		serve(&readOnce{TCPConn: c.(*net.TCPConn)})
	}
}

// readOnce is a connection whose first read has happened already.
type readOnce struct {
	*net.TCPConn
	read bool
}

func (c *readOnce) Read(p []byte) (int, error) {
	if !c.read {
		c.read = true
		return 0, nil
	}
	return 0, io.EOF
}

func TestBadTLS(t *testing.T) {
	for _, c := range []struct {
		name  string
		hangs bool
		serve func(net.Conn)
	}{
		{"hang in the handshake", true, func(c net.Conn) { io.Copy(io.Discard, c) }},
		{"garbage", false, answerRaw("\x16\x03\x01\x00\x05hello")},
		{"plain HTTP", false, answerRaw("HTTP/1.1 400 Bad Request\r\n\r\n")},
		{"close", false, answerRaw("")},
		{"no cipher in common", false, func(c net.Conn) {
			tls.Server(c, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA},
				Certificates: []tls.Certificate{{}}}).Handshake()
			c.Close()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkLeaks(t)
			good, bad := startTLSService(t, "dc-1"), startRaw(t, c.serve)
			cfg := at()
			cfg.HTTPSPorts = []int{bad, good.port()}
			if c.hangs {
				cfg.ProbeTimeout = patience
			}
			if d := mustFindOne(t, cfg); d.Port() != good.port() {
				t.Errorf("found port %d, want %d", d.Port(), good.port())
			}
		})
	}
}

func TestRedirect(t *testing.T) {
	elsewhere := startService(t, "dc-evil")
	s := startService(t, "dc-1")
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	s.handle("CAPTURE /rd/capture", redirect)
	d := mustFindOne(t, at(s.port()))
	if _, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), d, oneFinger()); !errors.Is(err, rdservice.ErrUnusable) {
		t.Errorf("Capture: %v, want ErrUnusable", err)
	}
	s.handle("RDSERVICE /", redirect)
	if devices := mustFind(t, at(s.port())); len(devices) != 0 {
		t.Errorf("found %v by way of a redirect", devices)
	}
	if calls := elsewhere.calls(); len(calls) != 0 {
		t.Errorf("the redirect was followed: %v", calls)
	}
}
