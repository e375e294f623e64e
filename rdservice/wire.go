package rdservice

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// The caps on what a port may answer. The largest honest answer is a PidData of
// about 35 kB (rd-service.md section 5.2).
const (
	maxBody   = 1 << 20
	maxHeader = 64 << 10
)

// The HTTP methods of an RD service.
const (
	methodService = "RDSERVICE"
	methodInfo    = "DEVICEINFO"
	methodCapture = "CAPTURE"
)

var (
	// errRefused: nothing listens there.
	errRefused = fmt.Errorf("connection refused: %w", ErrGone)
	// errNotHTTP: something listens that does not speak HTTP, or not under
	// this scheme. Asking it again on another path is of no use.
	errNotHTTP = fmt.Errorf("not an HTTP service: %w", ErrUnusable)
)

// wire exchanges single requests with services on one loopback address.
type wire struct {
	addr      netip.Addr
	transport *http.Transport
}

func newWire(cfg Config) (*wire, error) {
	addr, err := cfg.address()
	if err != nil {
		return nil, err
	}
	return &wire{
		addr: addr,
		// Every field left out is left out on purpose: no Proxy, no HTTP/2.
		transport: &http.Transport{
			// Reused connections were cut by a driver (rd-service.md section 8).
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig:        loopbackTLS(cfg.MinTLS),
		},
	}, nil
}

// loopbackTLS accepts what old drivers speak. Verifying would add nothing: their
// certificates are self-signed, and whoever could take the port could take the
// plain one as well (rd-service.md section 2.2).
//
// What Go does not do whatever it is told: SSL 3, a certificate that crypto/x509
// can't parse (a malformed serial number, an RSA key below 1024 bits), and TLS
// 1.2 signed with SHA-1 only. Such a service is found by its plain door or not
// at all.
func loopbackTLS(minVersion uint16) *tls.Config {
	var suites []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		// Named one by one, as Go leaves RSA key exchange and 3DES out of its
		// own choice; RC4 nobody needs.
		if !strings.Contains(s.Name, "RC4") {
			suites = append(suites, s.ID)
		}
	}
	return &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // loopback only, see above
		MinVersion:         minVersion,
		CipherSuites:       suites,
		// Without the post-quantum shares the first message stays in one small
		// record, which is all that some old stacks read.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
	}
}

// answer is what came back over HTTP, whatever its status.
type answer struct {
	status int
	body   []byte
}

// exchange sends one request over a connection of its own and closes it. A
// context that ends closes it at once, with the context's cause as the error.
//
// Errors are [ErrGone], [ErrUnusable] or the context's cause. They hold nothing
// that came after the request was sent, as that may be a PID block.
func (w *wire) exchange(ctx context.Context, at endpoint, method, path string, body []byte) (answer, error) {
	host := net.JoinHostPort(w.addr.String(), strconv.Itoa(at.port))
	target, err := url.Parse(at.scheme + "://" + host + path)
	if err != nil {
		return answer{}, fmt.Errorf("%s: path: %w", method, ErrUnusable)
	}
	var answered atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotFirstResponseByte: func() { answered.Store(true) }})
	req, err := http.NewRequestWithContext(traced, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("%s: path: %w", method, ErrUnusable)
	}
	req.Close = true
	req.Header.Set("User-Agent", "biobridge")
	if body != nil {
		req.Header.Set("Content-Type", "text/xml")
	}

	conn, err := w.transport.NewClientConn(ctx, at.scheme, host)
	if err != nil {
		return answer{}, fmt.Errorf("connect to port %d: %w", at.port, dialError(ctx, err))
	}
	defer conn.Close()
	resp, err := conn.RoundTrip(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s on port %d: %w", method, at.port, headError(ctx, err, answered.Load()))
	}
	defer resp.Body.Close()
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return answer{}, fmt.Errorf("%s on port %d: compressed though not asked to: %w", method, at.port, ErrUnusable)
	}
	raw, err := readCapped(resp.Body, maxBody)
	if err != nil {
		clear(raw)
		return answer{}, fmt.Errorf("%s on port %d: %w", method, at.port, bodyError(ctx, err))
	}
	return answer{status: resp.StatusCode, body: raw}, nil
}

// dialError explains why there is no connection.
func dialError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return errRefused
	}
	return fmt.Errorf("TLS: %w", errNotHTTP)
}

// headError explains why there are no headers.
func headError(ctx context.Context, err error, answered bool) error {
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return cause
	case !answered, cutOff(err):
		return fmt.Errorf("cut off without an answer: %w", ErrGone)
	}
	return errNotHTTP
}

// errTooLarge is [readCapped]'s own.
var errTooLarge = errors.New("larger than the cap")

// bodyError explains why an answer that began did not end.
func bodyError(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return cause
	case errors.Is(err, errTooLarge):
		return fmt.Errorf("larger than %d bytes: %w", maxBody, ErrUnusable)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("shorter than announced: %w", ErrUnusable)
	case cutOff(err):
		return fmt.Errorf("cut off within the answer: %w", ErrGone)
	}
	return fmt.Errorf("not HTTP all through: %w", ErrUnusable)
}

// cutOff reports whether the other side closed or reset the connection.
func cutOff(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return true
	}
	// Windows has its own numbers for a reset and an abort; all are socket errors.
	_, isSocket := errors.AsType[*net.OpError](err)
	return isSocket
}

// readCapped reads all of r, at most limit bytes of it. It wipes the buffers
// that it outgrows, and returns what it read even beside an error, so that the
// caller can wipe that too.
func readCapped(r io.Reader, limit int) ([]byte, error) {
	buf := make([]byte, 0, 32<<10)
	for {
		if len(buf) == cap(buf) {
			larger := make([]byte, len(buf), min(2*cap(buf), limit+1))
			copy(larger, buf)
			clear(buf)
			buf = larger
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > limit:
			return buf, errTooLarge
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return buf, err
		}
	}
}
