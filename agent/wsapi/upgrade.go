package wsapi

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/locale"
)

// newUpgrader leaves the check of Origin to the guard, which has run before it.
// Buffers are small, and shared for writing, because most connections are idle
// most of the time.
func newUpgrader() websocket.Upgrader {
	return websocket.Upgrader{
		HandshakeTimeout: 5 * time.Second,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  4 << 10,
		WriteBufferPool:  &sync.Pool{},
		CheckOrigin:      func(*http.Request) bool { return true },
		Error:            func(w http.ResponseWriter, _ *http.Request, status int, _ error) { refuseHTTP(w, status) },
	}
}

// upgrade lets a page in or tells it why not. A page can't see an HTTP refusal,
// so a stranger gets its upgrade, one notification and a close code.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, origin Origin, known bool) {
	if !known {
		s.turnAway(w, r, s.stranger(r))
		return
	}
	user, allowed := s.userBehind(r)
	if !allowed {
		s.turnAway(w, r, refusedUser)
		return
	}
	if !origin.admits(user) {
		s.turnAway(w, r, s.stranger(r))
		return
	}
	place, ok := s.room.reserve(origin.Name)
	if !ok {
		s.turnAway(w, r, refusedMany)
		return
	}
	admitted := false
	defer func() {
		if !admitted {
			place.leave()
		}
	}()
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.cfg.Log.Debug("handshake failed", "origin", origin.Name, "error", err)
		return
	}
	c := s.newConn(ws, origin.Name, user, place.rate())
	admitted = true
	if !place.take(c) {
		c.end(stopping)
	}
	// The list may have changed since the guard looked; SetOrigins sees this
	// connection from here on.
	if !s.guard.admits(origin.Name, user) {
		c.expel(refusedOrigin)
	}
	// The HTTP server's goroutine ends here: its stack and buffers have grown with
	// the handshake, and a page may stay for days.
	go func() {
		defer place.leave()
		c.log.Debug("page connected")
		c.serve()
		c.log.Debug("page disconnected")
	}()
}

// stranger decides what a page that is not on the list is told. A well-formed
// origin may become a question to the local user.
func (s *Server) stranger(r *http.Request) refusal {
	name := originOf(r)
	if name == "" || CheckOrigin(Origin{Name: name}, s.cfg.Environment) != nil {
		return refusedNever
	}
	if s.cfg.Approvals == nil {
		return refusedOrigin
	}
	user, allowed := s.userBehind(r)
	if !allowed || !s.cfg.Approvals.ask(name, user) {
		return refusedOrigin
	}
	return refusedAsked
}

// userBehind finds the OS user at the other end and whether he may come in.
func (s *Server) userBehind(r *http.Request) (id string, allowed bool) {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	remote, err := net.ResolveTCPAddr("tcp", r.RemoteAddr)
	if err != nil {
		s.cfg.Log.Warn("peer's address can't be read", "error", err)
		return "", false
	}
	user, err := userOf(remote, local)
	if err != nil {
		s.cfg.Log.Debug("user behind a connection is not known", "error", err)
	}
	allowed, err = s.cfg.Users.Allows(r.Context(), user)
	if err != nil {
		s.cfg.Log.Warn("nobody may connect", "error", err)
	}
	return user.ID, allowed
}

// turnAway upgrades, says why, and closes. It tells nothing about the bridge.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, why refusal) {
	if !s.room.enterStranger() {
		refuseHTTP(w, http.StatusForbidden)
		return
	}
	defer s.room.leaveStranger()
	lang := locale.Accepted(r.Header.Get("Accept-Language"))
	frame, err := notificationFrame(refusedMethod, why.params(s.cfg.Catalogue, lang))
	if err != nil {
		refuseHTTP(w, http.StatusForbidden)
		return
	}
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	level := slog.LevelDebug // a page that knocks on and on doesn't fill the log
	if s.notable.Allow() {
		level = slog.LevelInfo
	}
	s.cfg.Log.Log(r.Context(), level, "page turned away", "origin", originOf(r), "code", why.rule, "close", why.code)
	deadline := time.Now().Add(s.cfg.Limits.Goodbye)
	_ = ws.SetWriteDeadline(deadline)
	if ws.WriteMessage(websocket.TextMessage, frame) != nil {
		return
	}
	_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(why.code, why.reason), deadline)
	awaitClose(ws, deadline)
}

// awaitClose reads until the other side has closed or the time is up; whatever it
// says meanwhile is thrown away.
func awaitClose(ws *websocket.Conn, deadline time.Time) {
	_ = ws.NetConn().SetReadDeadline(deadline)
	_, _ = io.CopyN(io.Discard, ws.NetConn(), maxLinger)
}
