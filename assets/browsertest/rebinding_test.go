package browsertest_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"biobridge/agent/demo"
)

// tries is a page that reaches for the bridge under its own host's name, and
// tells in window what came of it.
const tries = `<!doctype html><meta charset=utf-8><script>
	const bridge = location.hostname + ':%d';
	window.said = [];
	window.opened = false;
	const ws = new WebSocket('ws://' + bridge + '/v1');
	ws.onopen = () => { window.opened = true; };
	ws.onmessage = ({ data }) => { window.said.push(data); };
	ws.onclose = ({ code }) => { window.endCode = code; };
	fetch('http://' + bridge + '/v1/openrpc.json').then(
		async (answer) => { window.read = answer.status + ' ' + await answer.text(); },
		() => { window.read = 'nothing'; },
	);
</script>`

// rebound opens each browser with a name that belongs to the attacker leading to
// this computer.
var rebound = map[string]func(t *testing.T, address string) *tab{
	"chromium": func(t *testing.T, address string) *tab {
		return openChromium(t, chromedp.Flag("host-resolver-rules", "MAP rebind.example "+address))
	},
	"firefox": func(t *testing.T, address string) *tab {
		return openFirefox(t, map[string]string{"network.dns.forceResolve": fmt.Sprintf("%q", address)})
	},
}

// refusesRebinding opens the attacker's page, which must get nothing out of the
// bridge.
func refusesRebinding(t *testing.T, s *shop, b *tab, address, wantRead string) {
	t.Helper()
	b.visit(address)
	b.await("the end of both tries", "window.endCode && window.read !== undefined")
	if code := eval[int](b, "window.endCode"); code != 1006 || eval[bool](b, "window.opened") {
		t.Errorf("the WebSocket was opened or closed with %d, want no handshake", code)
	}
	if said := eval[[]string](b, "window.said"); len(said) != 0 {
		t.Errorf("the bridge said %q", said)
	}
	if read := strings.TrimSpace(eval[string](b, "window.read")); read != wantRead {
		t.Errorf("the page read %.200q, want %q", read, wantRead)
	}
	if pages := s.pages(); len(pages) != 0 {
		t.Errorf("the bridge has the pages %+v", pages)
	}
}

// A page from another port of the rebound name.
func TestRebindingFromAnotherPort(t *testing.T) {
	for name, open := range rebound {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, demo.Options{})
			attacker := newSite(t)
			attacker.put("/", fmt.Sprintf(tries, s.Doors.Port))
			refusesRebinding(t, s, open(t, "127.0.0.1"), "http://rebind.example"+attacker.URL[strings.LastIndexByte(attacker.URL, ':'):], "nothing")
		})
	}
}

// A page from the bridge's own port of a name that was the attacker's when the
// page was fetched and leads to the bridge from then on: to the browser the
// bridge is the page's own server, and nothing but the bridge keeps it out.
func TestRebindingToTheSamePort(t *testing.T) {
	for name, open := range rebound {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, demo.Options{})
			statuses := becomesTheBridge(t, s)
			refusesRebinding(t, s, open(t, "127.0.0.2"), fmt.Sprintf("http://rebind.example:%d/", s.Doors.Port), "403")
			for _, path := range []string{"/v1", "/v1/openrpc.json"} {
				if status := statuses(path); status != http.StatusForbidden {
					t.Errorf("the bridge answers %s with %d, want 403", path, status)
				}
			}
		})
	}
}

// becomesTheBridge serves the attacker's page on another address of this computer
// and the bridge's port, and passes everything else on to the bridge. It returns
// how the bridge answers a path.
func becomesTheBridge(t *testing.T, s *shop) (status func(path string) int) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", strconv.Itoa(s.Doors.Port)))
	if err != nil {
		lacking(t, fmt.Sprintf("second loopback address (%v)", err))
	}
	var (
		mu       sync.Mutex
		statuses = map[string]int{}
	)
	bridge := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: s.Doors.Pages[0]})
			r.Out.Host = r.In.Host // the name that the browser believes in
		},
		ModifyResponse: func(r *http.Response) error {
			mu.Lock()
			defer mu.Unlock()
			statuses[r.Request.URL.Path] = r.StatusCode
			return nil
		},
	}
	page := fmt.Sprintf(tries, s.Doors.Port)
	attacker := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(page))
			return
		}
		bridge.ServeHTTP(w, r)
	}))
	_ = attacker.Listener.Close()
	attacker.Listener = listener
	attacker.Start()
	t.Cleanup(attacker.Close)
	return func(path string) int {
		mu.Lock()
		defer mu.Unlock()
		return statuses[path]
	}
}
