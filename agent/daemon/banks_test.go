package daemon

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

const goodTable = "bank_code,name,ftype,services\nSIMA,Simulated A,0,\n"

func TestBankFetch(t *testing.T) {
	var answer func(http.ResponseWriter, *http.Request)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "banks.csv")
	fetch := bankFetch{url: server.URL, path: path, client: &http.Client{CheckRedirect: noRedirect}}

	for _, step := range []struct {
		name    string
		answer  func(http.ResponseWriter, *http.Request)
		changed bool
		fails   bool
	}{
		{"a first table", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			_, _ = w.Write([]byte(goodTable))
		}, true, false},
		{"an unchanged one", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") != `"1"` {
				t.Errorf("If-None-Match is %q", r.Header.Get("If-None-Match"))
			}
			w.WriteHeader(http.StatusNotModified)
		}, false, false},
		{"an error page", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", 500) }, false, true},
		{"a login page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>log in</html>")) }, false, true},
		{"a wrong row", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("bank_code,name,ftype,services\nSIMA,A,7,\n"))
		}, false, true},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, false, true},
		{"a table without end", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBanks+2)) }, false, true},
	} {
		answer = step.answer
		changed, err := fetch.once(t.Context())
		if changed != step.changed || (err != nil) != step.fails {
			t.Errorf("%s: changed %v, error %v", step.name, changed, err)
		}
		content, err := os.ReadFile(path)
		if err != nil || string(content) != goodTable {
			t.Errorf("after %s the last good table is gone: %q, %v", step.name, content, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".banks-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

func TestOpenBanks_StartsWithoutATableThatIsStillToBeFetched(t *testing.T) {
	for _, name := range []string{"banks.csv", "banks.toml", "BANKS.CSV"} {
		cfg := Default()
		cfg.Capture.BanksFile = filepath.Join(t.TempDir(), name)
		p := &parts{cfg: cfg}
		if err := p.openBanks(t.Context()); err == nil {
			t.Errorf("%s: a missing table without an address to fetch it from was accepted", name)
		}
		p.cfg.Capture.BanksURL = "https://partner.example/banks"
		for _, start := range []string{"first", "second"} {
			if err := p.openBanks(t.Context()); err != nil {
				t.Errorf("%s: the %s start fails: %v", name, start, err)
			}
		}
	}
}
