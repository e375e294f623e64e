package update_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"biobridge/agent/update"
)

// pc is a PC with an installed program, whose content is its version.
type pc struct {
	update.Installation
	// brokenVersions never answer.
	broken map[string]bool
	busy   string
	// installErr is what the installer ends with; it has put its program in place.
	installErr error
	installed  int
	restarts   int
	// lightsOut ends the process in the middle of the installation.
	lightsOut bool
}

type powerCut struct{}

func newPC(t *testing.T, c update.Channel) *pc {
	p := &pc{broken: map[string]bool{}}
	program := filepath.Join(t.TempDir(), "biobridge")
	if err := os.WriteFile(program, []byte("1.0.0"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.Installation = update.Installation{
		Channel: c, Program: program,
		Busy: func(context.Context) (string, error) { return p.busy, nil },
		Install: func(_ context.Context, path string) error {
			p.installed++
			if _, err := os.Stat(path); err != nil {
				t.Errorf("the installer gets %v", err)
			}
			if err := os.WriteFile(program, []byte("1.1.0"), 0o755); err != nil {
				t.Fatal(err)
			}
			if p.lightsOut {
				panic(powerCut{})
			}
			return p.installErr
		},
		Restart: func(context.Context) error { p.restarts++; return nil },
		Healthy: func(_ context.Context, version string) error {
			present := p.version(t)
			if p.broken[present] || version != "" && version != present {
				return errors.New("nobody answers")
			}
			return nil
		},
	}
	return p
}

func (p *pc) version(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(p.Program)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func offered(t *testing.T, c update.Channel) update.Offer {
	t.Helper()
	offer, err := c.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

func TestInstallation(t *testing.T) {
	for _, test := range []struct {
		name     string
		change   func(*pc)
		want     error
		failed   bool
		version  string
		restarts int
	}{
		{"goes well", func(*pc) {}, nil, false, "1.1.0", 0},
		{"new version doesn't answer", func(p *pc) { p.broken["1.1.0"] = true }, update.ErrTakenBack, true, "1.0.0", 1},
		{"installer fails half way", func(p *pc) { p.installErr = errors.New("disk full"); p.broken["1.1.0"] = true }, update.ErrTakenBack, true, "1.0.0", 1},
		{"money is on its way", func(p *pc) { p.busy = "REF1" }, update.ErrBusy, true, "1.0.0", 0},
		{"neither answers", func(p *pc) { p.broken["1.0.0"], p.broken["1.1.0"] = true, true }, nil, true, "1.1.0", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newPublisher(t).channel()
			p := newPC(t, c)
			test.change(p)
			err := p.Run(t.Context(), offered(t, c))
			if (err != nil) != test.failed || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Run = %v, want %v", err, test.want)
			}
			if got := p.version(t); got != test.version {
				t.Errorf("version %s is in place, want %s", got, test.version)
			}
			if p.restarts != test.restarts {
				t.Errorf("restarted %d times, want %d", p.restarts, test.restarts)
			}
			if p.busy != "" && p.installed > 0 {
				t.Error("installed while money was on its way")
			}
			if found, err := p.Recover(t.Context()); found {
				t.Errorf("a note is left behind (%v)", err)
			}
		})
	}
}

func TestInstallation_SurvivesAPowerCut(t *testing.T) {
	for _, test := range []struct {
		name    string
		broken  bool
		version string
	}{
		{"the new version works", false, "1.1.0"},
		{"the new version doesn't", true, "1.0.0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newPublisher(t).channel()
			p := newPC(t, c)
			p.lightsOut = true
			offer := offered(t, c)
			func() {
				defer func() {
					if _, ok := recover().(powerCut); !ok {
						t.Error("the power stayed on")
					}
				}()
				_ = p.Run(t.Context(), offer)
			}()
			p.broken["1.1.0"] = test.broken
			found, err := p.Recover(t.Context())
			if !found || errors.Is(err, update.ErrTakenBack) != test.broken {
				t.Errorf("Recover = %t, %v", found, err)
			}
			if got := p.version(t); got != test.version {
				t.Errorf("version %s is in place, want %s", got, test.version)
			}
		})
	}
}

func TestInstallation_ChecksThePackageRightBeforeItRuns(t *testing.T) {
	c := newPublisher(t).channel()
	p := newPC(t, c)
	offer := offered(t, c)
	p.Busy = func(context.Context) (string, error) { // after the download somebody exchanges it
		return "", os.WriteFile(filepath.Join(c.Dir, "biobridge-1.1.0.deb"), []byte("evil"), 0o600)
	}
	if err := p.Run(t.Context(), offer); !errors.Is(err, update.ErrPackage) {
		t.Errorf("Run = %v, want ErrPackage", err)
	}
	if p.installed > 0 {
		t.Error("an exchanged package was installed")
	}
}
