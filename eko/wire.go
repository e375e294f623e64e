package eko

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// maxBody bounds an answer; a mini statement has about 2 kB.
	maxBody   = 1 << 20
	maxHeader = 64 << 10
	// maxInterim bounds how many 1xx answers may precede the final one.
	maxInterim = 5
)

// wire is one HTTP/1.1 connection to Eko, TLS included, for one call at a time.
// It has no goroutine of its own and repeats nothing.
type wire struct {
	conn  net.Conn
	in    *bufio.Reader
	limit *io.LimitedReader
	// used says that bytes of the present call were handed to the network.
	used bool

	since time.Time
	timer *time.Timer
}

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn, limit: &io.LimitedReader{R: conn}}
	w.in = bufio.NewReader(w.limit)
	return w
}

// Write notes the attempt before it makes it: what was tried may have left.
func (w *wire) Write(p []byte) (int, error) {
	w.used = true
	return w.conn.Write(p)
}

// reply is what one call brought. sent is false only where nothing was handed to
// the network, which then can't happen any more.
type reply struct {
	sent   bool
	err    error
	status int
	header http.Header
	headAt time.Time // when the header had arrived
	body   []byte
	// reusable says that the connection stands at the end of a whole answer.
	reusable bool
}

// call writes a request and reads the answer to its end, which is what proves it
// whole. The context bounds both.
func (w *wire) call(ctx context.Context, req *http.Request) reply {
	w.used = false
	if err := context.Cause(ctx); err != nil {
		return reply{err: err}
	}
	stop := context.AfterFunc(ctx, func() { _ = w.conn.SetDeadline(time.Unix(1, 0)) })
	r := w.exchange(req)
	stopped := stop()
	r.sent = w.used
	r.reusable = r.reusable && stopped
	if r.err != nil && ctx.Err() != nil {
		r.err = fmt.Errorf("%w: %w", r.err, context.Cause(ctx))
	}
	return r
}

func (w *wire) exchange(req *http.Request) reply {
	if err := req.Write(w); err != nil {
		return reply{err: fmt.Errorf("send to %s: %w", req.Host, ownWords(err, "the request can't be written"))}
	}
	w.limit.N = maxHeader
	resp, err := w.head(req)
	if err != nil {
		return reply{err: fmt.Errorf("wait for %s: %w", req.Host, err)}
	}
	r := reply{status: resp.StatusCode, header: resp.Header, headAt: time.Now()}
	w.limit.N = maxBody + maxHeader // chunks have heads of their own
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		r.err = fmt.Errorf("read the answer of %s: %w", req.Host, ownWords(err, "its body is not HTTP's"))
	case len(r.body) > maxBody:
		r.body, r.err = nil, fmt.Errorf("read the answer of %s: %w: it is longer than 1 MiB", req.Host, ErrAnswer)
	default:
		r.reusable = !resp.Close && resp.StatusCode >= 200
	}
	return r
}

// head reads up to the final answer's header.
func (w *wire) head(req *http.Request) (*http.Response, error) {
	for range maxInterim {
		resp, err := http.ReadResponse(w.in, req)
		if err != nil {
			if w.limit.N <= 0 {
				return nil, fmt.Errorf("%w: its header is longer than 64 KiB", ErrAnswer)
			}
			return nil, ownWords(err, "it does not begin as HTTP does")
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, nil
		}
	}
	return nil, fmt.Errorf("%w: too many interim answers", ErrAnswer)
}

// probe is how long a waiting connection is listened to that has something to
// say. It lies in this computer already.
const probe = 5 * time.Millisecond

// probes bounds how often a connection may have something to say that is TLS's
// own, as its session tickets are. Beyond it a new one is the better choice.
const probes = 10

// alive reports whether a connection that waited can still be used: the other
// side has neither closed it nor said anything out of turn, as far as this
// computer has heard.
func (w *wire) alive() bool {
	// The first read is for what TLS has taken from the system already.
	until := time.Unix(1, 0)
	for range probes {
		if !w.silentUntil(until) {
			return false
		}
		nothing, err := quiet(w.conn)
		if err != nil {
			return false
		}
		if nothing {
			return w.conn.SetReadDeadline(time.Time{}) == nil
		}
		until = time.Now().Add(probe)
	}
	return false
}

// silentUntil reads up to a deadline and reports whether nothing came of it.
func (w *wire) silentUntil(until time.Time) bool {
	if w.in.Buffered() > 0 || w.conn.SetReadDeadline(until) != nil {
		return false
	}
	w.limit.N = 1
	_, err := w.in.Peek(1)
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func (w *wire) close() { _ = w.conn.Close() }
