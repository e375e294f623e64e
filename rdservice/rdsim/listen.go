package rdsim

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"
	loopback    = "127.0.0.1"
)

// Endpoint is one address a service listens on.
type Endpoint struct {
	Scheme string `json:"scheme"`
	Port   int    `json:"port"`
}

// URL returns the address without a path.
func (e Endpoint) URL() string {
	return e.Scheme + "://" + net.JoinHostPort(loopback, strconv.Itoa(e.Port))
}

// Endpoints returns where the service listens now; none when it is stopped.
func (s *Server) Endpoints() []Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Endpoint
	for _, e := range s.endpoints {
		all = append(all, Endpoint{Scheme: e.scheme, Port: e.port})
	}
	return all
}

// Port returns the first endpoint's port, or 0 when the service is stopped.
func (s *Server) Port() int {
	if all := s.Endpoints(); len(all) > 0 {
		return all[0].Port
	}
	return 0
}

// URL returns the first endpoint's address, or "" when the service is stopped.
func (s *Server) URL() string {
	if all := s.Endpoints(); len(all) > 0 {
		return all[0].URL()
	}
	return ""
}

// plan is an endpoint to open: the first of the ports that is free.
type plan struct {
	scheme string
	ports  []int // 0 stands for any
	avoid  int   // a port not to take, unless 0
}

// after returns the plan for a restart: the same port, or any other.
func (p plan) after(port int, move bool) plan {
	if !move {
		p.ports = []int{port}
		return p
	}
	p.avoid = port
	if len(p.ports) == 1 {
		p.ports = []int{0}
	}
	return p
}

// plan says which endpoints to open.
func (s *Server) plan() ([]plan, error) {
	vendor, err := parseListen(s.profile.Listen)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", s.profile.Name, err)
	}
	var plans []plan
	for _, p := range vendor {
		if s.opts.Scheme == "" || s.opts.Scheme == p.scheme {
			plans = append(plans, p)
		}
	}
	if len(plans) == 0 { // the vendor does not speak that scheme: let it, in its usual range
		plans = []plan{{scheme: s.opts.Scheme, ports: vendor[0].ports}}
	}
	for i := range plans {
		switch {
		case s.opts.VendorPorts:
		case i == 0 && s.opts.Port != 0:
			plans[i].ports = []int{s.opts.Port}
		default:
			plans[i].ports = []int{0}
		}
	}
	return plans, nil
}

// parseListen reads a profile's Listen.
func parseListen(text string) ([]plan, error) {
	var plans []plan
	for part := range strings.SplitSeq(text, ",") {
		var p plan
		var first, last int
		if _, err := fmt.Sscanf(strings.TrimSpace(part), "%s %d-%d", &p.scheme, &first, &last); err != nil {
			return nil, fmt.Errorf("read the listen ranges: %w", err)
		}
		for port := first; port <= last; port++ {
			p.ports = append(p.ports, port)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// endpoint is an open Endpoint.
type endpoint struct {
	scheme string
	port   int
	server *http.Server
	served sync.WaitGroup
}

func (e *endpoint) stop() error {
	err := e.server.Close()
	e.served.Wait()
	if err != nil {
		return fmt.Errorf("close port %d: %w", e.port, err)
	}
	return nil
}

func (s *Server) listen(p plan) (*endpoint, error) {
	tcp, err := p.listen()
	if err != nil {
		return nil, err
	}
	e := &endpoint{scheme: p.scheme, port: tcp.Addr().(*net.TCPAddr).Port}
	var ln net.Listener = &faultyListener{Listener: tcp, server: s}
	if p.scheme == schemeHTTPS {
		config, err := s.tlsConfig()
		if err != nil {
			tcp.Close()
			return nil, err
		}
		ln = tls.NewListener(ln, config)
	}
	e.server = &http.Server{
		Handler:           s.handler(e),
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
		ConnContext:       func(ctx context.Context, _ net.Conn) context.Context { return withConnection(ctx) },
	}
	e.served.Go(func() {
		if err := e.server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Log.Warn("simulated RD service stopped listening", "port", e.port, "error", err)
		}
	})
	return e, nil
}

// listen takes the first port that is free.
func (p plan) listen() (net.Listener, error) {
	err := errors.New("no port left to try")
	for _, port := range p.ports {
		if port != 0 && port == p.avoid {
			continue
		}
		var ln net.Listener
		ln, err = net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if ln.Addr().(*net.TCPAddr).Port != p.avoid {
			return ln, nil
		}
		defer ln.Close() // by chance the old one: hold it while taking another
		return net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	}
	return nil, fmt.Errorf("listen as an RD service: %w", err)
}

// tlsConfig is that of an old service: its own certificate, no HTTP/2.
func (s *Server) tlsConfig() (*tls.Config, error) {
	cert, err := selfSigned(s.opts.Clock())
	if err != nil {
		return nil, fmt.Errorf("make a TLS certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, NextProtos: []string{"http/1.1"}}
	switch {
	case s.profile.Has(TLS10):
		config.MaxVersion = tls.VersionTLS10
	case s.profile.Has(TLS12):
		config.MinVersion, config.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	}
	return config, nil
}

func selfSigned(now time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost", Organization: []string{"SIMULATED by biobridge, worthless"}},
		NotBefore:    now.AddDate(0, -1, 0),
		NotAfter:     now.AddDate(1, 0, 0),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.ParseIP(loopback)},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// faultyListener takes connections and, under the fault hang-accept, keeps some
// of them without ever answering.
type faultyListener struct {
	net.Listener
	server *Server

	mu     sync.Mutex
	held   map[net.Conn]bool
	closed bool
	wait   sync.WaitGroup
}

func (l *faultyListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.server.takeConnectionFault() {
			return c, nil
		}
		l.hold(c)
	}
}

// hold keeps a connection until its client leaves or the service stops.
func (l *faultyListener) hold(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		c.Close()
		return
	}
	if l.held == nil {
		l.held = make(map[net.Conn]bool)
	}
	l.held[c] = true
	l.wait.Go(func() {
		io.Copy(io.Discard, c)
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, c)
		c.Close()
	})
}

// Close lets go of held connections too.
func (l *faultyListener) Close() error {
	err := l.Listener.Close()
	l.mu.Lock()
	l.closed = true
	for c := range l.held {
		c.Close()
	}
	l.mu.Unlock()
	l.wait.Wait()
	return err
}

type connectionKey struct{}

// withConnection gives each connection a count of its requests.
func withConnection(ctx context.Context) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(atomic.Int32))
}

// countRequest returns which request of its connection this is, from 1.
func countRequest(ctx context.Context) int {
	n, ok := ctx.Value(connectionKey{}).(*atomic.Int32)
	if !ok {
		return 1
	}
	return int(n.Add(1))
}
