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
	// installErr is what the installer ends with; it has put its program in place,
	// unless it refuses.
	installErr error
	refuses    bool
	installed  int
	restarts   int
	// lightsOut names the moment at which the process ends: "before" and "after" the
	// installer has put its program in place, or "back", when the old one returns.
	lightsOut string
}

// cut ends the process if this is the moment.
func (p *pc) cut(moment string) {
	if p.lightsOut == moment {
		p.lightsOut = ""
		panic(powerCut{})
	}
}

type powerCut struct{}

var errFull = errors.New("disk full")

// lose removes what was downloaded.
func (p *pc) lose() { _ = os.Remove(filepath.Join(p.Channel.Dir, "biobridge-1.1.0.deb")) }

// place puts a version where the program is.
func (p *pc) place(version string) error {
	return errors.Join(os.Remove(p.Program), os.WriteFile(p.Program, []byte(version), 0o755))
}

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
			p.cut("before")
			if p.refuses {
				return p.installErr
			}
			if err := p.place("1.1.0"); err != nil {
				t.Fatal(err)
			}
			p.cut("after")
			return p.installErr
		},
		Restart: func(context.Context) error { p.cut("back"); p.restarts++; return nil },
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
		{"installer leaves the old version", func(p *pc) { p.installErr, p.refuses = errors.New("disk full"), true }, update.ErrNotInstalled, true, "1.0.0", 0},
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

// until runs an update until the lights go out.
func (p *pc) until(t *testing.T, moment string, offer update.Offer) {
	t.Helper()
	p.lightsOut = moment
	defer func() {
		if _, ok := recover().(powerCut); !ok {
			t.Error("the power stayed on")
		}
	}()
	_ = p.Run(t.Context(), offer)
}

func TestInstallation_SurvivesAPowerCut(t *testing.T) {
	for _, test := range []struct {
		name, moment string
		change       func(*pc)
		want         error
		version      string
	}{
		{"before the new version is in place", "before", func(*pc) {}, nil, "1.1.0"},
		{"the new version is in place and works", "after", func(*pc) {}, nil, "1.1.0"},
		{"the new version doesn't work", "after", func(p *pc) { p.broken["1.1.0"] = true }, update.ErrTakenBack, "1.0.0"},
		{"on the way back", "back", func(p *pc) { p.broken["1.1.0"] = true }, update.ErrNotInstalled, "1.0.0"},
		{"somebody has installed another version since", "after", func(p *pc) { _ = p.place("1.2.0") }, nil, "1.2.0"},
		{"money is on its way", "after", func(p *pc) { p.busy = "REF1" }, update.ErrBusy, "1.1.0"},
		{"the installer fails", "before", func(p *pc) { p.installErr, p.refuses = errFull, true }, errFull, "1.0.0"},
		{"the package is gone", "after", func(p *pc) { p.lose() }, os.ErrNotExist, "1.1.0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newPublisher(t).channel()
			p := newPC(t, c)
			offer := offered(t, c)
			if test.moment == "back" {
				test.change(p)
			}
			p.until(t, test.moment, offer)
			test.change(p)
			found, err := p.Recover(t.Context())
			if !found || (err != nil) != (test.want != nil) || !errors.Is(err, test.want) {
				t.Errorf("Recover = %t, %v, want %v", found, err, test.want)
			}
			if got := p.version(t); got != test.version {
				t.Errorf("version %s is in place, want %s", got, test.version)
			}
			if left, _ := p.Recover(t.Context()); left != errors.Is(test.want, update.ErrBusy) {
				t.Errorf("a note is left behind: %t", left)
			}
		})
	}
}

// TestInstallation_TriesAFailedVersionAgain is interrupted on its second try, which
// must not be taken for the first one's roll-back.
func TestInstallation_TriesAFailedVersionAgain(t *testing.T) {
	c := newPublisher(t).channel()
	p := newPC(t, c)
	offer := offered(t, c)
	p.broken["1.1.0"] = true
	if err := p.Run(t.Context(), offer); !errors.Is(err, update.ErrTakenBack) {
		t.Fatalf("Run = %v, want ErrTakenBack", err)
	}
	p.broken["1.1.0"] = false
	p.until(t, "before", offer)
	if _, err := p.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	if got := p.version(t); got != "1.1.0" {
		t.Errorf("version %s is in place, want 1.1.0", got)
	}
}

// TestInstallation_AFailedInstallerIsNoFailedVersion: a full disk is no reason to
// leave a version out for ever.
func TestInstallation_AFailedInstallerIsNoFailedVersion(t *testing.T) {
	c := newPublisher(t).channel()
	p := newPC(t, c)
	p.installErr, p.refuses = errors.New("disk full"), true
	if err := p.Run(t.Context(), offered(t, c)); !errors.Is(err, update.ErrNotInstalled) {
		t.Fatalf("Run = %v, want ErrNotInstalled", err)
	}
	if offer := offered(t, c); !offer.Wanted {
		t.Errorf("the version is not wanted any more: %s", offer.Reason)
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
