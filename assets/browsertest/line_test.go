package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"biobridge/agent/daemon"
)

// line is the way to Eko. Eko gets what it is sent and does it, but its answers
// wait here until they are let go.
type line struct {
	letGo func()
	door  *httptest.Server
	eko   atomic.Pointer[url.URL]
}

func holdLine(t *testing.T) *line {
	t.Helper()
	free := make(chan struct{})
	l := &line{letGo: sync.OnceFunc(func() { close(free) })}
	l.door = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(l.eko.Load()) },
		ModifyResponse: func(r *http.Response) error {
			select {
			case <-free:
			case <-r.Request.Context().Done():
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {}, // who asked has gone
	})
	t.Cleanup(l.door.Close)
	t.Cleanup(l.letGo)
	return l
}

// between puts the line between an agent and its Eko.
func (l *line) between(c *daemon.Config) {
	eko, err := url.Parse(c.Eko.BaseURL)
	if err != nil {
		panic(err) // it is the test's own
	}
	l.eko.Store(&url.URL{Scheme: eko.Scheme, Host: eko.Host})
	c.Eko.BaseURL = l.door.URL + eko.Path
}
