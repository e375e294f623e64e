package browsertest_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"biobridge/agent/control"
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

// rebinds has a name that belongs to the attacker lead to this computer.
func rebinds(address string) chromedp.ExecAllocatorOption {
	return chromedp.Flag("host-resolver-rules", "MAP rebind.example "+address)
}

// refusesRebinding opens the attacker's page, which must get nothing out of the
// bridge.
func refusesRebinding(t *testing.T, s *shop, b *tab, address, wantRead string) {
	t.Helper()
	b.do("open the page", chromedp.Navigate(address))
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

// pages asks the bridge which pages are connected.
func (s *shop) pages() []control.Page {
	s.t.Helper()
	client, err := control.Dial(s.t.Context(), s.Doors.Control)
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	status, err := client.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status.Pages
}

// A page from another port of the rebound name.
func TestRebindingFromAnotherPort(t *testing.T) {
	s := openShop(t, demo.Options{})
	attacker := newSite(t)
	attacker.put("/", fmt.Sprintf(tries, s.Doors.Port))
	b := openBrowser(t, rebinds("127.0.0.1"))
	refusesRebinding(t, s, b, "http://rebind.example"+attacker.URL[strings.LastIndexByte(attacker.URL, ':'):], "nothing")
}

// A page from the bridge's own port of a name that was the attacker's when the
// page was fetched and leads to the bridge from then on: to the browser the
// bridge is the page's own server, and nothing but the bridge keeps it out.
func TestRebindingToTheSamePort(t *testing.T) {
	s := openShop(t, demo.Options{})
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", strconv.Itoa(s.Doors.Port)))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must not go without a second loopback address: %v", err)
		}
		t.Skipf("this computer has no second loopback address: %v", err)
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

	b := openBrowser(t, rebinds("127.0.0.2"))
	refusesRebinding(t, s, b, fmt.Sprintf("http://rebind.example:%d/", s.Doors.Port), "403")
	mu.Lock()
	defer mu.Unlock()
	for _, path := range []string{"/v1", "/v1/openrpc.json"} {
		if statuses[path] != http.StatusForbidden {
			t.Errorf("the bridge answers %s with %d, want 403", path, statuses[path])
		}
	}
}
