package update

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
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
)

// underWay is written before the installer runs, so that a power cut in between is
// noticed.
type underWay struct {
	Version string `json:"version"`
	From    string `json:"from"`
	// Answered says that the old version was healthy: only then is it worth going
	// back to.
	Answered bool `json:"answered"`
}

func (i Installation) marker() string   { return filepath.Join(i.Channel.Dir, "under-way.json") }
func (i Installation) previous() string { return filepath.Join(i.Channel.Dir, "previous-program") }

// Run downloads the offer, installs it and waits for the new version. It returns
// ErrBusy, ErrPackage or ErrTakenBack where that is what happened.
func (i Installation) Run(ctx context.Context, o Offer) error {
	path, err := i.Channel.Download(ctx, o)
	if err != nil {
		return err
	}
	ref, err := i.Busy(ctx)
	if err != nil {
		return fmt.Errorf("ask whether money is on its way: %w", err)
	}
	if ref != "" {
		return fmt.Errorf("%w: %s", ErrBusy, ref)
	}
	step := underWay{Version: o.Manifest.Version, From: i.Channel.Current, Answered: i.Healthy(ctx, "") == nil}
	if err := i.begin(step); err != nil {
		return err
	}
	if err := o.Package.Verify(path); err != nil {
		return errors.Join(err, removeIfThere(i.marker()))
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

// Recover finishes what a power cut interrupted: a new version that is healthy
// stays, one that isn't is taken back. It reports whether there was anything.
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
	if err := i.Healthy(ctx, ""); err == nil {
		return true, i.finish()
	} else {
		return true, i.back(ctx, step, err)
	}
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

// back puts the old program in the new one's place. The cause is part of the error.
func (i Installation) back(ctx context.Context, step underWay, cause error) error {
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

// replaceProgram puts a copy of from at program, whole or not at all. A program that
// runs may be renamed on every system, but not overwritten on Windows.
func replaceProgram(from, program string) error {
	next := program + ".back"
	if err := copyFile(from, next); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		old := program + ".old"
		if err := removeIfThere(old); err != nil {
			return err
		}
		if err := os.Rename(program, old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Rename(next, program)
}

// copyFile copies a program with its mode and waits until it is on disk.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := removeIfThere(to); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close())
}

// writeSynced writes a file whole or not at all, and waits until it is on disk.
func writeSynced(path string, content []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}
