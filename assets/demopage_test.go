package assets_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"biobridge/assets"
)

func page(t *testing.T) *httptest.Server {
	t.Helper()
	handler, err := assets.DemoPage(assets.DemoConfig{
		Ports: []int{40001, 40002}, Environment: "simulated",
		Banks: []assets.DemoBank{{Code: "HDFC", Name: "HDFC Bank"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestDemoPageServesAllThatItNames(t *testing.T) {
	server := page(t)
	_, html := get(t, server.URL+"/")
	seen := map[string]bool{}
	queue := []string{"demo.json"}
	for _, match := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		queue = append(queue, match[1])
	}
	imports := regexp.MustCompile(`from '\./([^']+)'`)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		response, body := get(t, server.URL+"/"+name)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", name, response.Status)
		}
		for _, match := range imports.FindAllStringSubmatch(body, -1) {
			queue = append(queue, match[1])
		}
	}
	if !seen["biobridge.js"] || !seen["demo.css"] || !seen["icon.png"] {
		t.Errorf("the page names %v only", seen)
	}
}

func TestDemoPageTypesAndPolicy(t *testing.T) {
	server := page(t)
	for path, want := range map[string]string{
		"/":             "text/html; charset=utf-8",
		"/index.html":   "text/html; charset=utf-8",
		"/demo.js":      "text/javascript; charset=utf-8",
		"/biobridge.js": "text/javascript; charset=utf-8",
		"/demo.css":     "text/css; charset=utf-8",
		"/demo.json":    "application/json; charset=utf-8",
		"/icon.png":     "image/png",
	} {
		response, _ := get(t, server.URL+path)
		if got := response.Header.Get("Content-Type"); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
		policy := response.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "connect-src 'self' ws://127.0.0.1:40001 ws://127.0.0.1:40002;") {
			t.Errorf("%s: policy %q does not lead to the bridge", path, policy)
		}
		if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none';") {
			t.Errorf("%s: policy %q is too wide", path, policy)
		}
	}
}

func TestDemoPageRefusesTheRest(t *testing.T) {
	server := page(t)
	for _, path := range []string{"/sdk/package.json", "/..%2fdemo.js", "/demo", "/demo.js/"} {
		if response, _ := get(t, server.URL+path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	response, err := http.Post(server.URL+"/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", response.Status)
	}
}

// The page's part of demo.json: null where it expects a list would break it.
func TestDemoConfigHasNoNull(t *testing.T) {
	handler, err := assets.DemoPage(assets.DemoConfig{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	_, body := get(t, server.URL+"/demo.json")
	var config map[string]any
	if err := json.Unmarshal([]byte(body), &config); err != nil {
		t.Fatal(err)
	}
	for name, value := range config {
		if value == nil {
			t.Errorf("%s is null", name)
		}
	}
}

// A sentence that exists in one language only would show up as English in a
// Hindi page, or as a bare key.
func TestDemoTextsAreInBothLanguages(t *testing.T) {
	server := page(t)
	_, source := get(t, server.URL+"/texts.js")
	_, hindi, found := strings.Cut(source, "const hi = {")
	english, _, _ := strings.Cut(source, "const hi = {")
	if !found {
		t.Fatal("texts.js has no Hindi")
	}
	key := regexp.MustCompile(`(?m)^  (?:'([^']+)'|(\w+)): '`)
	keys := func(part string) map[string]bool {
		set := make(map[string]bool)
		for _, match := range key.FindAllStringSubmatch(part, -1) {
			set[match[1]+match[2]] = true
		}
		return set
	}
	en, hi := keys(english), keys(hindi)
	if len(en) < 50 {
		t.Fatalf("only %d English sentences were read", len(en))
	}
	for name := range en {
		if !hi[name] {
			t.Errorf("%s is missing in Hindi", name)
		}
	}
	for name := range hi {
		if !en[name] {
			t.Errorf("%s is missing in English", name)
		}
	}
	_, html := get(t, server.URL+"/")
	for _, match := range regexp.MustCompile(`data-(?:text|label)="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if !en[match[1]] {
			t.Errorf("the page asks for %q, which is no sentence", match[1])
		}
	}
}
