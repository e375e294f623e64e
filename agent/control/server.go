package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Config is what a [Server] is made of. Backend must be there; everything else
// has a working zero value.
type Config struct {
	Backend Backend
	// Allow says which users of this computer are let in at all; nil: everybody
	// whom the socket's or pipe's own rights let in. An administrator always is.
	Allow func(Peer) bool
	// Explain turns an error of the backend into what the client sees; nil, or a
	// nil answer, leaves it to the door: an [*Error] goes through, all else becomes
	// an incident.
	Explain func(error) *Error
	// Connections is how many may be open at once (64), PerUser how many of them
	// one user may have who is no administrator (16).
	Connections, PerUser int
	Log                  *slog.Logger
}

// Server is the local user's door. It is safe for concurrent use.
type Server struct {
	cfg  Config
	room chan struct{}

	mu       sync.Mutex
	sessions map[*session]struct{}
}

// NewServer checks the configuration. Nothing runs before [Server.Serve].
func NewServer(cfg Config) (*Server, error) {
	if cfg.Backend == nil {
		return nil, errors.New("a control door needs a backend")
	}
	if cfg.Connections <= 0 {
		cfg.Connections = 64
	}
	if cfg.PerUser <= 0 {
		cfg.PerUser = 16
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{
		cfg:      cfg,
		room:     make(chan struct{}, cfg.Connections),
		sessions: make(map[*session]struct{}),
	}, nil
}

// Serve answers on l until ctx ends or l fails, and closes it. It returns when no
// connection, no call and no goroutine of it is left; ctx having ended is no
// error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	inner, finish := context.WithCancel(context.WithoutCancel(ctx))
	defer finish()
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { _ = l.Close(); close(closed) })
	var open sync.WaitGroup
	var cause error
	for {
		conn, err := s.accept(ctx, l)
		if err != nil {
			if ctx.Err() == nil {
				cause = fmt.Errorf("serve local users: %w", err)
			}
			break
		}
		select {
		case s.room <- struct{}{}:
			open.Go(func() {
				defer func() { <-s.room }()
				s.serve(inner, conn)
			})
		default:
			_ = conn.Close()
		}
	}
	// A second Close returns before the first has let go of the socket.
	if stop() {
		_ = l.Close()
	} else {
		<-closed
	}
	finish()
	s.closeAll()
	open.Wait()
	return cause
}

// accept waits for the next caller. A failure that isn't the listener's end, such
// as no free file descriptor, passes: the door stays open.
func (s *Server) accept(ctx context.Context, l net.Listener) (net.Conn, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		conn, err := l.Accept()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		s.cfg.Log.Warn("a local caller could not be let in", "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// serve runs one connection from who it is to its end.
func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	peer, err := peerOf(conn)
	if err != nil {
		s.cfg.Log.Warn("somebody unknown at the control door", "error", err)
		return
	}
	c := newSession(ctx, s, conn, peer)
	if !s.enter(c) {
		return
	}
	defer s.leave(c)
	c.serve()
}

func (s *Server) enter(c *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ctx.Err() != nil {
		return false
	}
	own := 0
	for other := range s.sessions {
		if other.peer.ID == c.peer.ID {
			own++
		}
	}
	if own >= s.cfg.PerUser && !c.peer.Admin {
		return false
	}
	s.sessions[c] = struct{}{}
	return true
}

func (s *Server) leave(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c)
}

// closeAll cuts every connection; those that come in later see that the context
// has ended.
func (s *Server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		c.hangUp()
	}
}
