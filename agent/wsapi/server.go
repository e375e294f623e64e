package wsapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Server is the browser's door. It is safe for concurrent use.
type Server struct {
	cfg      Config
	guard    guard
	step     *doorstep
	room     *room
	upgrader websocket.Upgrader
	notable  *rate.Limiter // of strangers at the log's info level
}

// New checks the configuration. Nothing runs before [Server.Serve].
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if cfg.Agent == nil {
		return nil, errors.New("a server needs an agent")
	}
	if err := CheckUsers(cfg.Users); err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, room: newRoom(cfg.Limits), upgrader: newUpgrader(),
		notable: rate.NewLimiter(rate.Every(time.Minute), 10),
	}
	s.step = &doorstep{limits: cfg.Limits, changed: s.askingChanged}
	if err := s.guard.set(cfg.Origins, cfg.Environment); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) askingChanged(count int) {
	s.cfg.Log.Debug("browsers that may be asking their user", "count", count)
	s.cfg.Asking(count)
}

// Asking returns how many connections have been silent for so long that a
// browser must be asking its user for permission (browser.md section 8).
func (s *Server) Asking() int { return s.step.asksNow() }

// Pages lists who is connected, sorted by origin and user.
func (s *Server) Pages() []Page { return s.room.pages() }

// SetOrigins replaces the list of pages that may connect, all of it or, upon an
// error, none. Pages that are no longer on it are disconnected; changed scopes
// count from the next call on.
func (s *Server) SetOrigins(list []Origin) error {
	if err := s.guard.set(list, s.cfg.Environment); err != nil {
		return err
	}
	for _, c := range s.room.all() {
		if !s.guard.admits(c.origin, c.user) {
			c.expel(refusedOrigin)
		}
	}
	return nil
}

// Serve answers on the listeners until ctx ends or one of them fails, and closes
// them. It may be called once. It returns when no connection, no call and no
// goroutine of it is left; ctx having ended is no error. Every listener must be on
// the loopback interface.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	if len(listeners) == 0 {
		return errors.New("there is nothing to listen on")
	}
	for _, l := range listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
			return errors.Join(fmt.Errorf("listen on %s: pages are served on the loopback interface only", l.Addr()), closeAll(listeners))
		}
	}
	server := s.httpServer()
	failed := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() { failed <- server.Serve(s.step.watch(l)) })
	}
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	// Close, not Shutdown: what is open here without being a WebSocket is a browser
	// that asks its user, and would be waited for until it is answered.
	_ = server.Close()
	serving.Wait()
	s.room.empty()
	if cause != nil && !errors.Is(cause, http.ErrServerClosed) {
		return fmt.Errorf("serve pages: %w", cause)
	}
	return nil
}

func closeAll(listeners []net.Listener) error {
	var failed []error
	for _, l := range listeners {
		failed = append(failed, l.Close())
	}
	return errors.Join(failed...)
}

// httpServer has limits for what a stranger may hold open. Keep-alive is off:
// the only thing to do here more than once is a WebSocket.
func (s *Server) httpServer() *http.Server {
	limits := s.cfg.Limits
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: limits.FirstByte,
		ReadTimeout:       limits.FirstByte + limits.Header,
		WriteTimeout:      limits.Write,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		// "OPTIONS *" must meet the guard too.
		DisableGeneralOptionsHandler: true,
	}
	server.SetKeepAlivesEnabled(false)
	return server
}

// Cookies of everything else on localhost come along, so this is not tiny.
const maxHeader = 32 << 10

// Handler is the guard with everything behind it. It must be served on a loopback
// address, by [Server.Serve]; it is here for tests of the guard alone.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.answer) }

// answer guards every route: Host, then Origin, then the rest.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("request crashed", "panic", fmt.Sprintf("%T", p))
			panic(http.ErrAbortHandler) // closes this connection without a word
		}
	}()
	if !ownHost(r) {
		refuseHTTP(w, http.StatusForbidden)
		return
	}
	if !endpoint(r.URL.Path) {
		refuseHTTP(w, http.StatusNotFound)
		return
	}
	if r.ContentLength != 0 {
		refuseHTTP(w, http.StatusBadRequest)
		return
	}
	origin, known := s.guard.find(originOf(r))
	switch {
	case upgrades(r):
		s.upgrade(w, r, origin, known)
	case !known:
		refuseHTTP(w, http.StatusForbidden)
	case r.Method == http.MethodGet && r.URL.Path == protocolPath:
		serveDocument(w, origin)
	default:
		w.Header().Set("Upgrade", "websocket")
		refuseHTTP(w, http.StatusUpgradeRequired)
	}
}

// upgrades reports whether the request is a WebSocket handshake that can only
// succeed. Everything less is answered as plain HTTP.
func upgrades(r *http.Request) bool {
	return r.Method == http.MethodGet && r.ProtoAtLeast(1, 1) &&
		hasToken(r.Header["Connection"], "upgrade") && hasToken(r.Header["Upgrade"], "websocket")
}

func hasToken(values []string, token string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// refuseHTTP answers with a bare status: no page can read it, and no stranger
// needs more.
func refuseHTTP(w http.ResponseWriter, status int) {
	// A body that nobody asked for isn't waited for.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now())
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close")
	w.WriteHeader(status)
}
