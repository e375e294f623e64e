package doctor_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/agent/doctor"
)

// writeConfig writes cfg where doctor finds it.
func writeConfig(t *testing.T, cfg daemon.Config) (path string) {
	t.Helper()
	source, err := toml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "biobridge.toml")
	if err := os.WriteFile(path, source, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// quietConfig is a configuration whose agent isn't running, with nothing at any
// of its addresses.
func quietConfig(t *testing.T) daemon.Config {
	t.Helper()
	cfg, problems := daemon.Parse("biobridge.toml", []byte(daemon.Template))
	if len(problems) > 0 {
		t.Fatalf("the template: %v", problems)
	}
	cfg.DataDir = t.TempDir()
	cfg.Listen.Ports = []int{0}
	cfg.RDService.HTTPPorts, cfg.RDService.HTTPSPorts = closedPort(t), ""
	cfg.Eko.BaseURL = "http://127.0.0.1:" + closedPort(t) + "/ekoapi"
	cfg.Origins = []daemon.Origin{{Origin: "https://portal.partner.example", Scopes: nil}}
	return cfg
}

// closedPort is a port at which nobody listens until the test ends: it is one
// end of a connection, so that no listener gets it meanwhile.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conn, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return strconv.Itoa(conn.LocalAddr().(*net.TCPAddr).Port)
}

// patient lets RD services take their time.
func patient(c *daemon.Config) { c.RDService.ProbeTimeout.Duration = 30 * time.Second }

// examine runs every check and returns the findings by name, the worst of each.
func examine(t *testing.T, path string) (doctor.Report, map[string]doctor.Finding) {
	t.Helper()
	report := doctor.Examination{ConfigPath: path, Timeout: time.Minute}.Run(t.Context())
	worst := map[string]doctor.Finding{}
	rank := map[doctor.Grade]int{doctor.OK: 0, doctor.Skipped: 1, doctor.Warning: 2, doctor.Failed: 3}
	for _, f := range report.Findings {
		if f.Message == "" || (f.Grade == doctor.Failed || f.Grade == doctor.Warning) && f.Remedy == "" {
			t.Errorf("%s (%s) has no sentence or no remedy: %+v", f.Check, f.Grade, f)
		}
		if before, seen := worst[f.Check]; !seen || rank[f.Grade] > rank[before.Grade] {
			worst[f.Check] = f
		}
	}
	return report, worst
}

func want(t *testing.T, findings map[string]doctor.Finding, check string, grade doctor.Grade, says string) {
	t.Helper()
	if f := findings[check]; f.Grade != grade || !strings.Contains(f.Message, says) {
		t.Errorf("%s: %s %q, want %s saying %q", check, f.Grade, f.Message, grade, says)
	}
}

func TestExamination_OfARunningShop(t *testing.T) {
	stack, err := demo.NewStack(demo.Options{DataDir: t.TempDir(), Profiles: []string{"morpho-l0"}, Change: patient})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- stack.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-stack.Ready()
	path := writeConfig(t, stack.Config)
	for {
		_, findings := examine(t, path)
		if findings["scanners"].Grade == doctor.Failed { // not looked for yet
			continue
		}
		want(t, findings, "agent", doctor.OK, "runs since")
		want(t, findings, "journal", doctor.OK, "in order")
		want(t, findings, "unsettled", doctor.OK, "has a result")
		want(t, findings, "port", doctor.OK, stack.Doors.Pages[0])
		want(t, findings, "scanners", doctor.Warning, "L0")
		want(t, findings, "eko_tcp", doctor.OK, "answers")
		want(t, findings, "eko_http", doctor.OK, "as it should")
		want(t, findings, "clock", doctor.OK, "")
		break
	}
	stack.Eko.SetSkew(20 * time.Minute)
	report, findings := examine(t, path)
	want(t, findings, "clock", doctor.Failed, "Nothing is sent")
	if report.OK {
		t.Error("the report is ok although the clock is wrong")
	}
}

func TestExamination_WhereNothingRuns(t *testing.T) {
	report, findings := examine(t, writeConfig(t, quietConfig(t)))
	if report.OK {
		t.Error("the report is ok")
	}
	want(t, findings, "config", doctor.Warning, "scopes")
	want(t, findings, "agent", doctor.Failed, "isn't running")
	want(t, findings, "journal", doctor.OK, "no journal yet")
	want(t, findings, "unsettled", doctor.Skipped, "")
	want(t, findings, "scanners", doctor.Failed, "No RD service")
	want(t, findings, "eko_tcp", doctor.Failed, "can't be reached")
}

func TestExamination_OfBrokenThings(t *testing.T) {
	cfg := quietConfig(t)
	if err := os.WriteFile(filepath.Join(cfg.DataDir, daemon.JournalFile), []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	t.Cleanup(server.Close)
	cfg.Eko.BaseURL = server.URL + "/ekoapi"
	path := writeConfig(t, cfg)
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		grade  doctor.Grade
	}{
		{"keys are wanted", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(402) }, doctor.OK},
		{"wrong path", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, doctor.Warning},
		{"gateway", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(504) }, doctor.Failed},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = conn.Write([]byte("220 mail.example ESMTP\r\n"))
				_ = conn.Close()
			}
		}, doctor.Failed},
	} {
		answer = test.answer
		_, findings := examine(t, path)
		want(t, findings, "eko_http", test.grade, "")
		if journal := findings["journal"]; journal.Grade == doctor.OK {
			t.Errorf("%s: the broken journal is called %q", test.name, journal.Message)
		}
	}
}

func TestExamination_OfTheConfiguration(t *testing.T) {
	_, findings := examine(t, filepath.Join(t.TempDir(), "missing.toml"))
	want(t, findings, "config", doctor.Failed, "no configuration")
	path := filepath.Join(t.TempDir(), "shop.toml")
	if err := os.WriteFile(path, []byte("what = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, findings = examine(t, path)
	want(t, findings, "config", doctor.Failed, "shop.toml:1: what")
}
