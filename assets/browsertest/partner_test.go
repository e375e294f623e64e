package browsertest_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/assets"
)

// site is a partner's own site with the SDK on it and other pages.
type site struct {
	*httptest.Server
	pages sync.Map // path to text
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := siteOf(t)
	s.Start()
	return s
}

func siteOf(t *testing.T) *site {
	t.Helper()
	source, err := fs.ReadFile(assets.SDK(), "src/biobridge.js")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{}
	s.put("/biobridge.js", string(source))
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := s.pages.Load(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		if policy := r.URL.Query().Get("csp"); policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		_, _ = w.Write([]byte(text.(string)))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) put(path, text string) { s.pages.Store(path, text) }

// allowing opens a shop whose bridge knows these sites too.
func allowing(t *testing.T, sites ...*site) *shop {
	t.Helper()
	return openShop(t, demo.Options{Change: func(c *daemon.Config) {
		for _, site := range sites {
			c.Origins = append(c.Origins, daemon.Origin{Origin: site.URL, Scopes: contract.Scopes()})
		}
	}})
}

// publicSites has Chromium take these sites for ones from the internet.
func publicSites(sites ...*site) chromedp.ExecAllocatorOption {
	var overrides []string
	for _, site := range sites {
		overrides = append(overrides, site.Listener.Addr().String()+"=public")
	}
	return chromedp.Flag("ip-address-space-overrides", strings.Join(overrides, ","))
}

// readmePage serves the readme's page as it stands there. Only the ports differ:
// the bridge of a test has one of its own.
func readmePage(t *testing.T) *site {
	t.Helper()
	readme, err := fs.ReadFile(assets.SDK(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile("(?s)```html\n(.*?)```").FindSubmatch(readme)
	if match == nil {
		t.Fatal("the readme has no page")
	}
	partner := newSite(t)
	s := allowing(t, partner)
	snippet := strings.Replace(string(match[1]), "{ locale: 'hi' }", fmt.Sprintf("{ locale: 'hi', ports: [%d] }", s.Doors.Port), 1)
	partner.put("/", "<!doctype html><meta charset=utf-8>"+snippet)
	return partner
}

// keepAlert has the page keep what it would show in a box.
const keepAlert = "(() => { window.alert = (words) => { window.said = words; }; return 'ready'; })()"

var readmeSays = regexp.MustCompile(`^Pay out\. RRN \d+$`)

// The page is opened in a profile in which nobody was anywhere before.
func TestReadmePage(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := readmePage(t)
		page := open(t)
		page.visit(partner.URL)
		if said := eval[string](page, keepAlert); said != "ready" {
			t.Fatalf("the page says %q", said)
		}
		page.click("#pay")
		page.await("the page's words", "window.said")
		if words := eval[string](page, "window.said"); !readmeSays.MatchString(words) {
			t.Errorf("the page says %q", words)
		}
	})
}

// putDiagnosis puts a page on a site that tells in window.diagnosis, and its
// outer page, what diagnose says of the shop's bridge.
func putDiagnosis(partner *site, s *shop) {
	partner.put("/", `<!doctype html><meta charset=utf-8><script type="module" src="diagnose.js"></script><p>page`)
	partner.put("/diagnose.js", fmt.Sprintf(`import { BioBridge } from './biobridge.js';
		const diagnosis = await new BioBridge({ ports: [%d], reconnect: false }).diagnose();
		globalThis.diagnosis = diagnosis.code;
		parent.postMessage(diagnosis.code, '*');`, s.Doors.Port))
}

func TestPagesOwnRules(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := newSite(t)
		s := allowing(t, partner)
		putDiagnosis(partner, s)
		for policy, want := range map[string]string{
			"script-src 'self'; connect-src 'self'":                                       "blocked_by_page",
			fmt.Sprintf("script-src 'self'; connect-src ws://127.0.0.1:%d", s.Doors.Port): "ok",
		} {
			b := open(t)
			b.visit(partner.URL + "/?csp=" + strings.NewReplacer(" ", "%20", ";", "%3B").Replace(policy))
			b.await("the diagnosis", "window.diagnosis")
			if code := eval[string](b, "window.diagnosis"); code != want {
				t.Errorf("under %q the diagnosis is %s, want %s", policy, code, want)
			}
		}
	})
}

func TestNobodyListens(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := newSite(t)
		// A port that was free a moment ago, and nobody's.
		gone := httptest.NewServer(http.NotFoundHandler())
		port := gone.Listener.Addr().String()[len("127.0.0.1:"):]
		gone.Close()
		partner.put("/", `<!doctype html><script type="module">
		import { BioBridge } from './biobridge.js';
		window.diagnosis = (await new BioBridge({ ports: [`+port+`] }).diagnose()).code;
	</script>`)
		b := open(t)
		b.visit(partner.URL)
		b.await("the diagnosis", "window.diagnosis")
		if code := eval[string](b, "window.diagnosis"); code != "not_installed" {
			t.Errorf("the diagnosis is %s", code)
		}
	})
}

func TestInAWorker(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := newSite(t)
		s := allowing(t, partner)
		partner.put("/", `<!doctype html><script>
		const worker = new Worker('worker.js', { type: 'module' });
		worker.onmessage = ({ data }) => { window.answer = data; };
	</script>`)
		partner.put("/worker.js", fmt.Sprintf(`import { BioBridge } from './biobridge.js';
		const bridge = new BioBridge({ ports: [%d] });
		bridge.connect().then(
			() => bridge.balanceEnquiry({ aadhaar: '999941057058', bank_code: 'SBIN', customer_id: '9999999999', consent: true }),
		).then((transaction) => postMessage(transaction.state), (error) => postMessage(error.code + ' ' + error.message));`, s.Doors.Port))
		b := open(t)
		b.visit(partner.URL)
		b.await("the worker's answer", "window.answer")
		if answer := eval[string](b, "window.answer"); answer != "succeeded" {
			t.Errorf("the worker says %s", answer)
		}
	})
}

// A page from the internet without https is kept out whatever its user says.
func TestPublicPageWithoutHTTPS(t *testing.T) {
	partner := newSite(t)
	putDiagnosis(partner, openShop(t, demo.Options{}))
	address := partner.Listener.Addr().String()
	b := openChromium(t, publicSites(partner),
		chromedp.Flag("host-resolver-rules", "MAP partner.example 127.0.0.1"))
	b.visit("http://partner.example" + address[strings.LastIndexByte(address, ':'):])
	b.await("the diagnosis", "window.diagnosis")
	if code := eval[string](b, "window.diagnosis"); code != "insecure_page" {
		t.Errorf("the diagnosis is %s", code)
	}
}
