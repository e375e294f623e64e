//go:build !windows

package service

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Run runs work under systemd (Type=notify, with its watchdog where the unit
// asks for one), or in the foreground where no systemd waits for word. It
// returns what work returned.
func Run(ctx context.Context, work Work, events Events) error {
	stopWatchdog, err := startWatchdog(ctx)
	if err != nil {
		return err
	}
	defer stopWatchdog()
	defer events.watch(ctx)()
	said := make(chan struct{})
	unless := context.AfterFunc(ctx, func() { notify(daemon.SdNotifyStopping); close(said) })
	err = work(ctx, func() { notify(daemon.SdNotifyReady) })
	if !unless() { // it is being said, maybe after work has ended
		<-said
	} else if ctx.Err() != nil {
		notify(daemon.SdNotifyStopping)
	}
	return err
}

// notify tells systemd; where it can't be told it will notice by itself.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// startWatchdog tells systemd, twice in its interval, that this process lives.
func startWatchdog(ctx context.Context) (stop func(), err error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return nil, fmt.Errorf("read the watchdog's interval: %w", err)
	}
	if interval == 0 {
		return func() {}, nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(interval / 2)
		defer ticker.Stop()
		for {
			notify(daemon.SdNotifyWatchdog)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}
