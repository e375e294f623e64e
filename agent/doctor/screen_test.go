package doctor_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"biobridge/agent/daemon"
	"biobridge/agent/doctor"
	"biobridge/agent/service"
	"biobridge/rdservice/rdsim"
)

// screen makes an examination and returns the findings by name. A check that
// found more than one thing is there with the last.
func screen(t *testing.T, e doctor.Examination) map[string]doctor.Finding {
	t.Helper()
	e.Timeout = time.Minute
	findings := map[string]doctor.Finding{}
	for _, f := range e.Run(t.Context()).Findings {
		if f.Message == "" || (f.Grade == doctor.Failed || f.Grade == doctor.Warning) && f.Remedy == "" {
			t.Errorf("%s (%s) has no sentence or no remedy: %+v", f.Check, f.Grade, f)
		}
		findings[f.Check] = f
	}
	return findings
}

// What doesn't depend on the configuration is looked at without one, too.
func TestExamination_WithoutAConfiguration(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "shop.toml")
	if err := os.WriteFile(broken, []byte("what = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing.toml"), broken} {
		findings := screen(t, doctor.Examination{ConfigPath: path})
		want(t, findings, "config", doctor.Failed, filepath.Base(path))
		for _, check := range []string{"agent", "service", "port", "scanners", "certificates", "clock", "time_source"} {
			if findings[check].Message == "" {
				t.Errorf("%s: %s is not looked at", filepath.Base(path), check)
			}
		}
	}
}

func TestExamination_OfCertificates(t *testing.T) {
	profile, _ := rdsim.ProfileNamed("morpho-l0") // whose certificate crypto/x509 refuses
	scanner, err := rdsim.New(rdsim.Options{Profile: profile, Scheme: "http", FingerDelay: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := scanner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { scanner.Close() })
	cfg := quietConfig(t)
	patient(&cfg)
	cfg.RDService.HTTPPorts = strconv.Itoa(scanner.Port())
	path := writeConfig(t, cfg)
	for _, test := range []struct {
		name  string
		days  int
		grade doctor.Grade
		says  string
	}{
		{"today", 0, doctor.OK, "is valid until"},
		{"the PC's clock is a year slow", -365, doctor.Warning, "valid only from"},
		{"a year later", 365, doctor.Warning, "ran out on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := func() time.Time { return time.Now().AddDate(0, 0, test.days) }
			want(t, screen(t, doctor.Examination{ConfigPath: path, Now: now}), "certificates", test.grade, test.says)
		})
	}
	scanner.Unplug()
	want(t, screen(t, doctor.Examination{ConfigPath: path}), "certificates", doctor.Skipped, "capture")
}

func TestExamination_OfTheService(t *testing.T) {
	path := writeConfig(t, quietConfig(t))
	for _, test := range []struct {
		name  string
		state service.State
		err   error
		grade doctor.Grade
		says  string
	}{
		{"stopped", service.Stopped, nil, doctor.Failed, "is stopped"},
		{"without an answer", service.Running, nil, doctor.Warning, "doesn't answer"},
		{"not installed", service.NotInstalled, nil, doctor.Warning, "not installed"},
		{"no manager", "", service.ErrNoManager, doctor.Skipped, "no service manager"},
		{"not allowed to ask", "", errors.New("access denied"), doctor.Warning, "can't be asked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := func() (service.State, error) { return test.state, test.err }
			want(t, screen(t, doctor.Examination{ConfigPath: path, Service: asked}), "service", test.grade, test.says)
		})
	}
}

func TestExamination_OfTheTimeSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing.toml")
	for _, test := range []struct {
		kept  bool
		err   error
		grade doctor.Grade
		says  string
	}{
		{true, nil, doctor.OK, "keeps this PC's clock right"},
		{false, nil, doctor.Warning, "No time server"},
		{false, errors.New("not known"), doctor.Skipped, "doesn't tell"},
	} {
		asked := func() (bool, error) { return test.kept, test.err }
		want(t, screen(t, doctor.Examination{ConfigPath: path, ClockKept: asked}), "time_source", test.grade, test.says)
	}
}

func TestExamination_OfUpdates(t *testing.T) {
	cfg := quietConfig(t)
	want(t, screen(t, doctor.Examination{ConfigPath: writeConfig(t, cfg)}), "updates", doctor.Skipped, "Updates are off")
	cfg.Update = daemon.Update{URL: "https://updates.example/manifest.json", RootKey: base64.StdEncoding.EncodeToString(make([]byte, 32))}
	want(t, screen(t, doctor.Examination{ConfigPath: writeConfig(t, cfg)}), "updates", doctor.OK, "updates.example")
}

func TestExamination_OfTheStartup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing.toml")
	for _, test := range []struct {
		startup        doctor.Startup
		err            error
		start, account doctor.Grade
	}{
		{doctor.Startup{Automatic: true, Account: "biobridge"}, nil, doctor.OK, doctor.OK},
		{doctor.Startup{Automatic: false, Account: `NT SERVICE\biobridge`}, nil, doctor.Warning, doctor.OK},
		{doctor.Startup{Automatic: true, Account: "LocalSystem"}, nil, doctor.OK, doctor.Warning},
		{doctor.Startup{Automatic: true}, nil, doctor.OK, doctor.Warning},
		{doctor.Startup{}, errors.New("no service"), doctor.Skipped, ""},
	} {
		asked := func(context.Context) (doctor.Startup, error) { return test.startup, test.err }
		findings := screen(t, doctor.Examination{ConfigPath: path, Startup: asked})
		if got := findings["autostart"].Grade; got != test.start {
			t.Errorf("%+v starts %s, want %s", test.startup, got, test.start)
		}
		if got := findings["service_account"].Grade; got != test.account {
			t.Errorf("%+v's account is %s, want %s", test.startup, got, test.account)
		}
	}
}
