package eko

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	dialTimeout = 20 * time.Second
	// keepIdle is how long a connection may wait for its next request. Servers
	// close theirs after 20 to 75 seconds; a close that arrives is noticed, one
	// that crosses a request on its way would leave a withdrawal open.
	keepIdle = 50 * time.Second
	// freshIdle is the age below which Reach is content with what is there.
	freshIdle = 15 * time.Second
	// keepConns bounds how many connections wait: one shop has one customer at a
	// time, and an inquiry beside him.
	keepConns      = 2
	maxHeaderBytes = 64 << 10
)

// line holds the connections to one server, warm between calls. It deals in
// single connections instead of net/http's pool, because the pool sends a
// request again when a connection breaks, and nothing here may be sent twice.
// HTTP/1.1 only: HTTP/2 has a replay of its own.
type line struct {
	transport *http.Transport
	scheme    string
	address   string

	mu     sync.Mutex
	idle   []*link
	closed bool
}

// link is one connection and the wire below it.
type link struct {
	conn  *http.ClientConn
	wire  *wire
	since time.Time
	timer *time.Timer
}

var errClosed = errors.New("client is closed")

func newLine(base *url.URL, proxy *url.URL, roots *x509.CertPool) *line {
	l := &line{scheme: base.Scheme, address: base.Host}
	if base.Port() == "" {
		l.address = net.JoinHostPort(base.Hostname(), map[string]string{"http": "80", "https": "443"}[base.Scheme])
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	l.transport = &http.Transport{
		Protocols:              protocols,
		DialContext:            l.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    dialTimeout,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	if proxy != nil && base.Scheme == "https" {
		l.transport.Proxy = http.ProxyURL(proxy)
	}
	return l
}

// wireKey carries a place for the wire through net/http's dialling.
type wireKey struct{}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); l.scheme == "http" && (!ok || !tcp.IP.IsLoopback()) {
		_ = c.Close()
		return nil, errors.New("plain http is for this computer only")
	}
	w := &wire{Conn: c}
	if place, ok := ctx.Value(wireKey{}).(**wire); ok {
		*place = w
	}
	return w, nil
}

// open makes a new connection, TLS included.
func (l *line) open(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*dialTimeout)
	defer cancel()
	var w *wire
	conn, err := l.transport.NewClientConn(context.WithValue(ctx, wireKey{}, &w), l.scheme, l.address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", l.address, err)
	}
	return &link{conn: conn, wire: w}, nil
}

// take gives a connection that is open as far as this computer knows, and
// whether it was used before. The caller gives it back or closes it.
func (l *line) take(ctx context.Context) (k *link, reused bool, err error) {
	for {
		k, err := l.pop()
		if err != nil {
			return nil, false, err
		}
		if k == nil {
			k, err = l.open(ctx)
			return k, false, err
		}
		if k.usable() {
			return k, true, nil
		}
		k.close()
	}
}

func (l *line) pop() (*link, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	if len(l.idle) == 0 {
		return nil, nil
	}
	k := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	k.timer.Stop()
	return k, nil
}

func (k *link) usable() bool {
	return k.conn.Err() == nil && time.Since(k.since) < keepIdle
}

func (k *link) close() { _ = k.conn.Close() }

// give puts a connection back for the next call, for a while.
func (l *line) give(k *link) {
	k.since = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.idle) >= keepConns {
		k.close()
		return
	}
	k.timer = time.AfterFunc(keepIdle, func() { l.drop(k) })
	l.idle = append(l.idle, k)
}

// drop closes a connection that nobody took in time.
func (l *line) drop(k *link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.idle {
		if other == k {
			l.idle = append(l.idle[:i], l.idle[i+1:]...)
			k.close()
			return
		}
	}
}

// warm makes sure that a connection waits which the server won't close before
// the customer's finger has been taken.
func (l *line) warm(ctx context.Context) error {
	k, err := l.pop()
	if err != nil {
		return err
	}
	if k != nil {
		if k.usable() && time.Since(k.since) < freshIdle {
			l.keep(k)
			return nil
		}
		k.close()
	}
	if k, err = l.open(ctx); err != nil {
		return err
	}
	l.give(k)
	return nil
}

// keep puts a connection back without making it look younger.
func (l *line) keep(k *link) {
	since := k.since
	l.give(k)
	l.mu.Lock()
	defer l.mu.Unlock()
	k.since = since
}

// close closes what waits and refuses everything after it.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, k := range l.idle {
		k.timer.Stop()
		k.close()
	}
	l.idle = nil
}
