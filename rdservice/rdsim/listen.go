package rdsim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
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

// endpoint is an open Endpoint.
type endpoint struct {
	scheme   string
	port     int
	listener net.Listener
	server   *http.Server
	served   sync.WaitGroup
}

// listen opens an endpoint that is not served yet.
func (s *Server) listen(p plan) (*endpoint, error) {
	tcp, err := p.listen()
	if err != nil {
		return nil, err
	}
	e := &endpoint{scheme: p.scheme, port: tcp.Addr().(*net.TCPAddr).Port}
	e.listener = &holdingListener{Listener: tcp, hold: s.takeConnectionFault}
	if p.scheme == schemeHTTPS {
		config, err := s.tlsConfig()
		if err != nil {
			tcp.Close()
			return nil, err
		}
		e.listener = tls.NewListener(e.listener, config)
	}
	e.server = &http.Server{
		Handler:           s.handler(e),
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelDebug),
		ConnContext:       func(ctx context.Context, _ net.Conn) context.Context { return withConnection(ctx) },
	}
	return e, nil
}

// serve serves until stop.
func (e *endpoint) serve(log *slog.Logger) {
	e.served.Go(func() {
		if err := e.server.Serve(e.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn("simulated RD service stopped listening", "port", e.port, "error", err)
		}
	})
}

// stop closes the listener and every connection. Requests end by themselves then.
func (e *endpoint) stop() error {
	err := e.server.Close()
	e.served.Wait()
	if err != nil {
		return fmt.Errorf("close port %d: %w", e.port, err)
	}
	return nil
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
