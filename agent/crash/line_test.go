package crash_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// line is one shop's way to Eko. It knows which connections are open: what an
// agent sent before it died may still be on its way when the next one runs.
type line struct {
	server *httptest.Server

	mu    sync.Mutex
	open  map[net.Conn]bool
	fewer *sync.Cond
}

func openLine(t testing.TB, tw *town) *line {
	t.Helper()
	l := &line{open: make(map[net.Conn]bool)}
	l.fewer = sync.NewCond(&l.mu)
	routes := http.NewServeMux()
	routes.Handle("/", tw)
	routes.HandleFunc("GET /last", func(http.ResponseWriter, *http.Request) {})
	l.server = httptest.NewUnstartedServer(routes)
	l.server.Config.ConnState = l.note
	l.server.Start()
	t.Cleanup(func() { tw.sim.Close(); l.server.CloseClientConnections(); l.server.Close() })
	return l
}

func (l *line) note(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateNew:
		l.open[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(l.open, conn)
		l.fewer.Broadcast()
	}
}

// drained returns when Eko has dealt with everything that a dead agent had sent.
func (l *line) drained(t testing.TB) {
	t.Helper()
	// Connections are taken in the order in which they were made: once this one is
	// answered, none of the dead agent's is still to be taken.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.server.URL+"/last", nil)
	if err != nil {
		t.Error(err)
		return
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.open) > 0 {
		l.fewer.Wait()
	}
}
