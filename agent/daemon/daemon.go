package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"biobridge/agent/wsapi"
)

// Options are what the process brings along; every field has a working zero
// value.
type Options struct {
	// Log gets everything the parts have to say; nil discards it. The first line
	// at info level names the address that pages connect to.
	Log *slog.Logger
	Now func() time.Time
	// PolicyPath is where the administrator's policy stands; empty:
	// [DefaultPolicyPath].
	PolicyPath string
	// Ready is called once, when every door is open.
	Ready func(Doors)
	// Resumed says that the PC woke up or its user changed: scanners are looked for
	// at once. Nil: nobody says so, and the clock tells.
	Resumed <-chan struct{}
	// NetworkChanged says that an address of this PC came or went: Eko is asked at
	// once about what it could not be asked, over new connections. Nil: nobody says
	// so, and the pace of inquiries stays as it is.
	NetworkChanged <-chan struct{}
	// PageLimits bounds what pages can make the agent hold or do, where the
	// configuration says nothing of it; zero fields mean their defaults.
	PageLimits wsapi.Limits
	// Failpoint is called at every arrow of a transaction's life; nil outside
	// tests.
	Failpoint func(name string)
}

// Doors are the addresses that the agent is reached at.
type Doors struct {
	// Pages is where the WebSocket API listens, as host:port, the first being
	// 127.0.0.1's. Port is their common port.
	Pages []string
	Port  int
	// Control is the local user's door: a socket's path or a pipe's name.
	Control string
}

// StageError says at which stage of its start an agent failed.
type StageError struct {
	Stage string
	Err   error
}

func (e *StageError) Error() string { return e.Stage + ": " + e.Err.Error() }

func (e *StageError) Unwrap() error { return e.Err }

// Daemon is one agent process. [New] only remembers; everything happens in
// [Daemon.Run].
type Daemon struct {
	cfg  Config
	opts Options
}

// New returns an agent that does nothing yet. The configuration must have
// passed [Parse] without a fault.
func New(cfg Config, opts Options) *Daemon {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.PolicyPath == "" {
		opts.PolicyPath = DefaultPolicyPath
	}
	return &Daemon{cfg: cfg, opts: opts}
}

// Run opens the agent, serves until ctx ends, and closes it again: first the
// doors, then what was under way, the journal last. It returns nil after an
// orderly stop, a [*StageError] where the start failed. What was on its way to
// Eko when the stop came is pending in the journal. Run may be called once.
func (d *Daemon) Run(ctx context.Context) (err error) {
	started := d.opts.Now()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p := &parts{cfg: d.cfg, opts: d.opts, started: started, stop: stop}
	defer func() {
		if e := p.close(); e != nil {
			err = errors.Join(err, e)
		}
	}()
	if err := p.open(ctx); err != nil {
		return err
	}
	d.opts.Log.Info("listening on ws://"+p.doors.Pages[0]+"/v1", "addr", p.doors.Pages[0], "also", p.doors.Pages[1:],
		"environment", d.cfg.Environment, "version", BuildInfo().Version, "start", d.opts.Now().Sub(started).Round(time.Millisecond))
	if d.opts.Ready != nil {
		d.opts.Ready(p.doors)
	}
	return p.serve(ctx)
}

// serve runs every part until ctx ends or one of them fails. The doors close
// first: nothing new comes in while the agent finishes what is under way.
func (p *parts) serve(ctx context.Context) error {
	inner, finish := context.WithCancel(context.WithoutCancel(ctx))
	defer finish()
	work, workCtx := errgroup.WithContext(inner)
	for _, part := range []struct {
		stage string
		run   func(context.Context) error
	}{
		{"scanners", p.watcher.Run},
		{"agent", p.agent.Run},
		{"banks", p.refreshBanks},
		{"scanners", p.lookAround},
		{"network", p.followNetwork},
	} {
		work.Go(func() error { return stageError(part.stage, part.run(workCtx)) })
	}

	doors, doorsCtx := errgroup.WithContext(ctx)
	doors.Go(func() error { return stageError("pages", p.pages.Serve(doorsCtx, p.listeners...)) })
	doors.Go(func() error { return stageError("control", p.control.Serve(doorsCtx, p.controlListener)) })
	doors.Go(func() error { // a part that fails takes the doors down
		select {
		case <-workCtx.Done():
			return context.Cause(workCtx)
		case <-doorsCtx.Done():
			return nil
		}
	})
	doorsErr := doors.Wait()
	finish()
	workErr := work.Wait()
	p.opts.Log.Info("stopped")
	return errors.Join(unlessCancelled(doorsErr), unlessCancelled(workErr))
}

// lookAround looks for scanners whenever the system says that something may have
// changed.
func (p *parts) lookAround(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.opts.Resumed:
			if _, err := p.watcher.Refresh(ctx); err != nil && ctx.Err() == nil {
				p.opts.Log.Warn("looking for scanners after a wake-up failed", "err", err)
			}
		}
	}
}

// followNetwork starts anew with Eko whenever the network has changed. The old
// connections go first: a connection whose address is gone looks open, the probe
// before its use hears nothing from it, and what it is given to send would be
// pending until Eko's time limit.
func (p *parts) followNetwork(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.opts.NetworkChanged:
			p.opts.Log.Info("the network has changed")
			p.eko.DropIdle()
			p.agent.Nudge()
		}
	}
}

func stageError(stage string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return &StageError{Stage: stage, Err: err}
}

func unlessCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("agent ended: %w", err)
	}
	return nil
}
