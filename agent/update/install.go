package update

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Installation puts an offer in place of the installed program, or takes it back.
// The functions are the operating system's and the running agent's part.
type Installation struct {
	Channel Channel
	// Program is the installed program's file.
	Program string
	// Busy says which transaction is not settled yet, "" for none.
	Busy func(context.Context) (string, error)
	// Install runs the verified package's installer.
	Install func(ctx context.Context, pkg string) error
	// Restart starts the service with the program that is in place.
	Restart func(context.Context) error
	// Healthy waits until the agent of that version answers; "" is any version.
	Healthy func(ctx context.Context, version string) error
}

var (
	// ErrBusy means that money is on its way: nothing was begun.
	ErrBusy = errors.New("a transaction is not settled yet, the update waits")
	// ErrTakenBack means that the new version did not become healthy and the old one
	// is back.
	ErrTakenBack = errors.New("the new version did not become healthy, the old one is back")
	// ErrNotInstalled means that the installer failed and left the old version as it
	// was, which goes on. The next call tries again.
	ErrNotInstalled = errors.New("the new version could not be installed, the old one goes on")
)

// underWay is written before the installer runs, so that a power cut in between is
// noticed and what was begun can be completed.
type underWay struct {
	Version string `json:"version"`
	From    string `json:"from"`
	// Answered says that the old version was healthy: only then is it worth going
	// back to.
	Answered bool `json:"answered"`
	// Path is the package, which is what Package says.
	Path    string  `json:"path"`
	Package Package `json:"package"`
}

func (i Installation) marker() string   { return filepath.Join(i.Channel.Dir, "under-way.json") }
func (i Installation) previous() string { return filepath.Join(i.Channel.Dir, "previous-program") }

// Run downloads the offer, installs it and waits for the new version. It returns
// ErrBusy, ErrPackage, ErrNotInstalled or ErrTakenBack where that is what happened.
func (i Installation) Run(ctx context.Context, o Offer) error {
	path, err := i.Channel.Download(ctx, o)
	if err != nil {
		return err
	}
	if err := i.quiet(ctx); err != nil {
		return err
	}
	step := underWay{
		Version: o.Manifest.Version, From: i.Channel.Current, Answered: i.Healthy(ctx, "") == nil,
		Path: path, Package: *o.Package,
	}
	// A version that is tried once more has not failed yet: Recover goes by that.
	if err := i.Channel.forgetFailure(step.Version); err != nil {
		return err
	}
	if err := i.begin(step); err != nil {
		return errors.Join(err, i.finish())
	}
	if err := o.Package.Verify(path); err != nil {
		return errors.Join(err, i.finish())
	}
	// What happens from here on must end: the caller's impatience would leave half
	// an installation.
	ctx = context.WithoutCancel(ctx)
	err = i.Install(ctx, path)
	if err == nil {
		err = i.Healthy(ctx, step.Version)
	}
	if err == nil {
		return errors.Join(i.finish(), removeIfThere(path))
	}
	return i.back(ctx, step, err)
}

// quiet returns ErrBusy while money is on its way.
func (i Installation) quiet(ctx context.Context) error {
	ref, err := i.Busy(ctx)
	if err != nil {
		return fmt.Errorf("ask whether money is on its way: %w", err)
	}
	if ref != "" {
		return fmt.Errorf("%w: %s", ErrBusy, ref)
	}
	return nil
}

// Recover finishes what a power cut interrupted. The installer runs once more, so
// that the package manager's record is whole as well; a version that is healthy then
// stays, one that isn't is taken back. A roll-back that was under way goes on. It
// reports whether there was anything, and returns ErrBusy, ErrNotInstalled or
// ErrTakenBack like Run.
func (i Installation) Recover(ctx context.Context) (bool, error) {
	content, err := os.ReadFile(i.marker())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for an interrupted update: %w", err)
	}
	var step underWay
	if err := json.Unmarshal(content, &step); err != nil {
		return false, fmt.Errorf("look for an interrupted update: %w", err)
	}
	seen, err := recall(i.Channel.Dir)
	if err != nil {
		return true, err
	}
	if seen.Failed == step.Version {
		return true, i.back(context.WithoutCancel(ctx), step, errors.New("a power cut interrupted the roll-back"))
	}
	if err := i.quiet(ctx); err != nil {
		return true, err
	}
	return true, i.again(context.WithoutCancel(ctx), step)
}

// glance is how long a version that may be running is asked for.
const glance = 10 * time.Second

// overtaken says that a third version answers: somebody has installed it since.
func (i Installation) overtaken(ctx context.Context, step underWay) bool {
	answers := func(version string) bool {
		ctx, cancel := context.WithTimeout(ctx, glance)
		defer cancel()
		return i.Healthy(ctx, version) == nil
	}
	return answers("") && !answers(step.Version) && !answers(step.From)
}

// again runs the installer for what is under way, where its package is still whole.
func (i Installation) again(ctx context.Context, step underWay) error {
	if i.overtaken(ctx, step) {
		return i.finish()
	}
	version := ""
	installed := step.Package.Verify(step.Path)
	if installed == nil {
		if installed = i.Install(ctx, step.Path); installed == nil {
			version = step.Version
		}
	}
	if err := i.Healthy(ctx, version); err != nil {
		return i.back(ctx, step, errors.Join(installed, err))
	}
	if installed != nil {
		return errors.Join(fmt.Errorf("complete an update that was interrupted: %w", installed), i.finish())
	}
	return errors.Join(i.finish(), removeIfThere(step.Path))
}

// begin keeps the program that works and notes what is about to happen.
func (i Installation) begin(step underWay) error {
	if err := copyFile(i.Program, i.previous()); err != nil {
		return fmt.Errorf("keep the present version: %w", err)
	}
	content, err := json.Marshal(step)
	if err != nil {
		return fmt.Errorf("note the update: %w", err)
	}
	if err := writeSynced(i.marker(), content); err != nil {
		return fmt.Errorf("note the update: %w", err)
	}
	return nil
}

func (i Installation) finish() error {
	return errors.Join(removeIfThere(i.marker()), removeIfThere(i.previous()))
}

// back puts the old program in the new one's place, unless it still is there. The
// cause is part of the error.
func (i Installation) back(ctx context.Context, step underWay, cause error) error {
	if same, err := sameContent(i.previous(), i.Program); err == nil && same && i.Healthy(ctx, step.From) == nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrNotInstalled, cause), i.finish())
	}
	if err := i.Channel.NoteFailure(step.Version); err != nil {
		cause = errors.Join(cause, err)
	}
	if !step.Answered {
		return errors.Join(fmt.Errorf("the new version is installed and doesn't answer, as the old one didn't: %w", cause), i.finish())
	}
	if err := replaceProgram(i.previous(), i.Program); err != nil {
		return fmt.Errorf("put the old version back: %w", errors.Join(err, cause))
	}
	if err := i.Restart(ctx); err != nil {
		return fmt.Errorf("start the old version: %w", errors.Join(err, cause))
	}
	if err := i.Healthy(ctx, step.From); err != nil {
		return fmt.Errorf("the old version is back but doesn't answer: %w", errors.Join(err, cause))
	}
	return errors.Join(fmt.Errorf("%w: %w", ErrTakenBack, cause), i.finish())
}
