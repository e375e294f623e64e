package wsapi

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// guard knows which origins may come in. The list changes while it is in use,
// because the local user allows and denies.
type guard struct {
	mu      sync.RWMutex
	origins map[string]Origin
}

// set replaces the list, all of it or none.
func (g *guard) set(list []Origin, environment string) error {
	origins := make(map[string]Origin, len(list))
	for _, origin := range list {
		if err := CheckOrigin(origin, environment); err != nil {
			return err
		}
		if _, twice := origins[origin.Name]; twice {
			return fmt.Errorf("origin %q stands on the list twice", origin.Name)
		}
		origins[origin.Name] = origin
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.origins = origins
	return nil
}

// find returns the origin of that exact name.
func (g *guard) find(name string) (Origin, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	origin, ok := g.origins[name]
	return origin, ok
}

// admits reports whether a user's page of that origin may come in now.
func (g *guard) admits(name, user string) bool {
	origin, known := g.find(name)
	return known && origin.admits(user)
}

// ownHost reports whether the request was addressed to this very socket by one
// of the three names that a page may use. A page that has its own name resolve
// to 127.0.0.1 ("DNS rebinding") sends that name. The absolute form of a request
// line, which no browser sends to a server, would replace Host and is refused.
func ownHost(r *http.Request) bool {
	if !strings.HasPrefix(r.RequestURI, "/") {
		return false
	}
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return false
	}
	port := strconv.Itoa(tcp.Port)
	switch r.Host {
	case "127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port:
		return true
	}
	return false
}

// origin reads the request's Origin, which must stand there once and in the form
// a browser sends. The name is empty where it doesn't: no list can have that.
func originOf(r *http.Request) string {
	values := r.Header["Origin"]
	if len(values) != 1 {
		return ""
	}
	name, err := ParseOrigin(values[0])
	if err != nil || name != values[0] {
		return ""
	}
	return name
}

// endpoint reports whether the path is the API's. Any path below /v1/ is the
// same endpoint: a client puts a nonce there to dodge Firefox's back-off, which
// counts by path (browser.md section 6).
func endpoint(path string) bool {
	return path == "/v1" || strings.HasPrefix(path, "/v1/")
}
