package eko

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	// dialTimeout bounds each step of connecting: TCP, proxy, TLS.
	dialTimeout = 20 * time.Second
	// keepIdle is how long a connection may wait for its next call. Servers close
	// theirs after 20 to 75 seconds; a close that has arrived is noticed, one that
	// crosses a request on its way would leave a withdrawal open.
	keepIdle = 50 * time.Second
	// freshIdle is the age below which Reach is content with what is there.
	freshIdle = 15 * time.Second
	// keepWires bounds how many connections wait: one shop has one customer at a
	// time, and an inquiry beside him.
	keepWires = 2
)

// line holds the connections to one server, warm between calls. It speaks
// HTTP/1.1 over connections of its own instead of net/http's pool: the pool
// sends a request again when a connection breaks, and it writes what a server
// says out of turn to the standard log.
type line struct {
	base  *url.URL
	proxy *url.URL
	tls   *tls.Config

	mu     sync.Mutex
	idle   []*wire
	closed bool
}

var errClosed = errors.New("client is closed")

func newLine(base, proxy *url.URL, roots *x509.CertPool, certificate *tls.Certificate) *line {
	l := &line{base: base, proxy: proxy, tls: &tls.Config{
		MinVersion: tls.VersionTLS12,
		RootCAs:    roots,
		NextProtos: []string{"http/1.1"},
	}}
	if certificate != nil {
		l.tls.Certificates = []tls.Certificate{*certificate}
	}
	return l
}

// address is a URL's host with its port.
func address(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// open makes a new connection, proxy and TLS included.
func (l *line) open(ctx context.Context) (*wire, error) {
	if l.base.Scheme == "http" {
		conn, err := l.dialLoopback(ctx)
		if err != nil {
			return nil, err
		}
		return newWire(conn), nil
	}
	conn, err := l.dialThrough(ctx)
	if err != nil {
		return nil, err
	}
	secure, err := l.secure(ctx, conn, l.base.Hostname())
	if err != nil {
		return nil, err
	}
	return newWire(secure), nil
}

// dialLoopback refuses to speak plain HTTP to another computer, whatever the
// name resolves to.
func (l *line) dialLoopback(ctx context.Context) (net.Conn, error) {
	conn, err := dial(ctx, l.base)
	if err != nil {
		return nil, err
	}
	if !onThisComputer(conn.RemoteAddr()) {
		_ = conn.Close()
		return nil, fmt.Errorf("connect to %s: plain http is for this computer only", l.base.Host)
	}
	return conn, nil
}

func onThisComputer(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", address(u))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", u.Host, err)
	}
	return conn, nil
}

// secure does the TLS handshake and closes the connection if it fails.
func (l *line) secure(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	config := l.tls.Clone()
	config.ServerName = host
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("secure the connection to %s: %w", host, handshakeWords(err))
	}
	return secure, nil
}

// take gives a connection that is open as far as this computer knows. The caller
// gives it back or closes it.
func (l *line) take(ctx context.Context) (*wire, error) {
	for {
		w, err := l.pop()
		if err != nil {
			return nil, err
		}
		if w == nil {
			return l.open(ctx)
		}
		if time.Since(w.since) < keepIdle && w.alive() {
			return w, nil
		}
		w.close()
	}
}

// pop takes the connection that has waited least, nil if none does.
func (l *line) pop() (*wire, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	if len(l.idle) == 0 {
		return nil, nil
	}
	w := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	w.timer.Stop()
	return w, nil
}

// give puts a connection back for the next call, for a while.
func (l *line) give(w *wire) {
	w.since = time.Now()
	l.keep(w)
}

func (l *line) keep(w *wire) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.idle) >= keepWires {
		w.close()
		return
	}
	w.timer = time.AfterFunc(keepIdle, func() { l.drop(w) })
	l.idle = append(l.idle, w)
}

// drop closes a connection that nobody took in time.
func (l *line) drop(w *wire) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, other := range l.idle {
		if other == w {
			l.idle = append(l.idle[:i], l.idle[i+1:]...)
			w.close()
			return
		}
	}
}

// warm makes sure that a connection waits which the server won't close before
// the customer's finger has been taken.
func (l *line) warm(ctx context.Context) error {
	w, err := l.pop()
	if err != nil {
		return err
	}
	if w != nil {
		if time.Since(w.since) < freshIdle && w.alive() {
			l.keep(w)
			return nil
		}
		w.close()
	}
	if w, err = l.open(ctx); err != nil {
		return err
	}
	l.give(w)
	return nil
}

// close closes what waits and refuses everything after it.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.dropAll()
}

// dropIdle closes what waits.
func (l *line) dropIdle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropAll()
}

// dropAll closes what waits. The caller holds l.mu.
func (l *line) dropAll() {
	for _, w := range l.idle {
		w.timer.Stop()
		w.close()
	}
	l.idle = nil
}
