package doctor_test

import (
	"os"
	"path/filepath"
	"testing"

	"biobridge/agent/browserpolicy"
	"biobridge/agent/daemon"
	"biobridge/agent/doctor"
)

func TestExamination_OfBrowserPolicies(t *testing.T) {
	const page = "https://portal.partner.example"
	for _, test := range []struct {
		name, page, content string
		grade               doctor.Grade
		says                string
	}{
		{"none", page, `{}`, doctor.OK, "asks its user once"},
		{"allowed", page, `{"LoopbackNetworkAllowedForUrls":["` + page + `"]}`, doctor.OK, "Chrome let " + page},
		{"blocked", page, `{"LoopbackNetworkBlockedForUrls":["` + page + `"]}`, doctor.Warning, "from the bridge in Chrome"},
		{"unreadable", page, `{`, doctor.Warning, "corp.json"},
		{"a page of this PC", "http://localhost:8080", `{}`, doctor.OK, "https pages"},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := browserpolicy.Store{Root: t.TempDir()}
			dir := filepath.Join(store.Root, "/etc/opt/chrome/policies/managed")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "corp.json"), []byte(test.content), 0o644); err != nil {
				t.Fatal(err)
			}
			cfg := quietConfig(t)
			cfg.Origins = []daemon.Origin{{Origin: test.page}}
			want(t, screen(t, doctor.Examination{ConfigPath: writeConfig(t, cfg), Policies: store}), "browser_policy", test.grade, test.says)
		})
	}
}
