//go:build linux

package browserpolicy_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"biobridge/agent/browserpolicy"
)

const origin = "https://portal.partner.example"

// tree reads every file below root as JSON.
func tree(t *testing.T, root string) map[string]any {
	t.Helper()
	files := map[string]any{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(content, &v); err != nil {
			return err
		}
		files[strings.TrimPrefix(path, root)] = v
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func put(t *testing.T, root, path, content string) {
	t.Helper()
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestStore_InstallAndRemoveLeaveTheRestAlone(t *testing.T) {
	for name, others := range map[string]map[string]string{
		"nothing there": {},
		"other policies": {
			"/etc/chromium/policies/managed/corp.json": `{"HomepageLocation":"https://corp.example","LoopbackNetworkAllowedForUrls":["https://corp.example"]}`,
			"/etc/firefox/policies/policies.json":      `{"policies":{"DisableTelemetry":true,"LocalNetworkAccess":{"SkipDomains":["corp.example"]}}}`,
		},
		"the origin is there already": {
			"/etc/opt/chrome/policies/managed/corp.json": `{"LoopbackNetworkAllowedForUrls":["` + origin + `"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, content := range others {
				put(t, root, path, content)
			}
			before := tree(t, root)
			store := browserpolicy.Store{Root: root}
			if _, err := store.Install(origin); err != nil {
				t.Fatal(err)
			}
			installed := tree(t, root)
			for path := range before {
				if path == "/etc/chromium/policies/managed/corp.json" {
					want := []any{"https://corp.example", origin}
					if diff := cmp.Diff(want, installed[path].(map[string]any)["LoopbackNetworkAllowedForUrls"]); diff != "" {
						t.Errorf("the list was not extended where it stands (-want +got):\n%s", diff)
					}
				}
			}
			steps, err := store.Install(origin)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range steps {
				if step.Changed {
					t.Errorf("a second installation changed %s", step.Where)
				}
			}
			if _, err := store.Remove(origin); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, tree(t, root)); diff != "" {
				t.Errorf("installing and removing changed something (-before +after):\n%s", diff)
			}
		})
	}
}

func TestStore_TwoOriginsAreRemovedOneByOne(t *testing.T) {
	root := t.TempDir()
	store := browserpolicy.Store{Root: root}
	for _, o := range []string{origin, "https://other.partner.example"} {
		if _, err := store.Install(o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Remove(origin); err != nil {
		t.Fatal(err)
	}
	left, err := json.Marshal(tree(t, root))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(left), "portal.partner.example") || !strings.Contains(string(left), "other.partner.example") {
		t.Errorf("left: %s", left)
	}
}

func TestStore_RefusesWhatIsNotOnePage(t *testing.T) {
	store := browserpolicy.Store{Root: t.TempDir()}
	for _, o := range []string{"", "*", "https://*", "https://*.partner.example", "http://portal.partner.example", "https://portal.partner.example/",
		"https://portal.partner.example/x", "https://user@portal.partner.example", "https://localhost", "https://PORTAL.partner.example", "portal.partner.example"} {
		if _, err := store.Install(o); err == nil {
			t.Errorf("Install(%q) was accepted", o)
		}
		if _, err := browserpolicy.Show(o); err == nil {
			t.Errorf("Show(%q) was accepted", o)
		}
	}
}

func TestStore_LeavesABrokenFileAlone(t *testing.T) {
	root := t.TempDir()
	put(t, root, "/etc/chromium/policies/managed/corp.json", "{not json")
	if _, err := (browserpolicy.Store{Root: root}).Install(origin); err == nil {
		t.Error("a file that can't be read was taken for an empty one")
	}
	content, err := os.ReadFile(filepath.Join(root, "/etc/chromium/policies/managed/corp.json"))
	if err != nil || string(content) != "{not json" {
		t.Errorf("the broken file is %q, %v", content, err)
	}
}

func TestShow_NamesBothPoliciesAndTheHost(t *testing.T) {
	text, err := browserpolicy.Show(origin)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls", `Policies\Google\Chrome`, `Policies\Microsoft\Edge`, `"1"="portal.partner.example"`, `"SkipDomains"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the text doesn't name %q:\n%s", want, text)
		}
	}
}

func TestStore_Look(t *testing.T) {
	for _, test := range []struct {
		name, path, content string
		want                map[string]browserpolicy.Answer // the others ask
	}{
		{"nothing", "/etc/chromium/policies/managed/corp.json", `{}`, nil},
		{"allowed", "/etc/chromium/policies/managed/corp.json", `{"LoopbackNetworkAllowedForUrls":["https://portal.partner.example"]}`,
			map[string]browserpolicy.Answer{"Chromium": browserpolicy.Allowed}},
		{"allowed by the older name, as a family", "/etc/opt/chrome/policies/managed/corp.json", `{"LocalNetworkAccessAllowedForUrls":["https://[*.]partner.example"]}`,
			map[string]browserpolicy.Answer{"Chrome": browserpolicy.Allowed}},
		{"another page", "/etc/opt/edge/policies/managed/corp.json", `{"LoopbackNetworkAllowedForUrls":["https://portal.other.example"]}`, nil},
		{"blocked wins", "/etc/opt/edge/policies/managed/corp.json", `{"LoopbackNetworkAllowedForUrls":["https://portal.partner.example"],"LoopbackNetworkBlockedForUrls":["*"]}`,
			map[string]browserpolicy.Answer{"Edge": browserpolicy.Blocked}},
		{"Firefox", "/etc/firefox/policies/policies.json", `{"policies":{"LocalNetworkAccess":{"SkipDomains":["*.partner.example"]}}}`,
			map[string]browserpolicy.Answer{"Firefox": browserpolicy.Allowed}},
		{"Firefox, another shape", "/etc/firefox/policies/policies.json", `{"policies":{"LocalNetworkAccess":7}}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			put(t, root, test.path, test.content)
			before := tree(t, root)
			said, err := browserpolicy.Store{Root: root}.Look(origin)
			if err != nil || len(said) != 4 {
				t.Fatalf("Look = %v, %v", said, err)
			}
			for _, s := range said {
				want := test.want[s.Browser]
				if want == "" {
					want = browserpolicy.Ask
				}
				if s.Answer != want {
					t.Errorf("%s: %s, want %s", s.Browser, s.Answer, want)
				}
			}
			if diff := cmp.Diff(before, tree(t, root)); diff != "" {
				t.Errorf("looking changed something:\n%s", diff)
			}
		})
	}
	store := browserpolicy.Store{Root: t.TempDir()}
	put(t, store.Root, "/etc/chromium/policies/managed/corp.json", `[`)
	if _, err := store.Look(origin); err == nil {
		t.Error("a policy file that can't be read is no fault")
	}
	store.Root = t.TempDir()
	if _, err := store.Install(origin); err != nil {
		t.Fatal(err)
	}
	said, err := store.Look(origin)
	for _, s := range said {
		if s.Answer != browserpolicy.Allowed {
			t.Errorf("after Install %s: %s, %v", s.Browser, s.Answer, err)
		}
	}
}
