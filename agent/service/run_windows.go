package service

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// Run answers the Service Control Manager, which has started this process, until
// work has returned. An error of work goes to the event log: nobody else sees
// it.
func Run(ctx context.Context, work Work, events Events) error {
	h := &handler{ctx: ctx, work: work, events: events}
	if err := svc.Run(Name, h); err != nil {
		return fmt.Errorf("answer the service manager: %w", err)
	}
	return h.err
}

// stopGrace is how long a stop may take before the manager is told again.
const stopGrace = 20 * time.Second

type handler struct {
	ctx    context.Context // of the process; svc.Run takes none
	work   Work
	events Events
	err    error
}

const accepted = svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPowerEvent | svc.AcceptSessionChange

// Execute is called by svc.Run on a thread of its own.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, out chan<- svc.Status) (bool, uint32) {
	out <- svc.Status{State: svc.StartPending, WaitHint: 30_000}
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	defer h.events.watch(ctx)()
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- h.work(ctx, func() { close(ready) }) }()
	stopping := false
	for {
		select {
		case <-ready:
			ready = nil
			out <- svc.Status{State: svc.Running, Accepts: accepted}
		case err := <-done:
			return h.ended(err, stopping)
		case c := <-requests:
			switch c.Cmd {
			case svc.Interrogate:
				out <- c.CurrentStatus
			case svc.Stop, svc.Shutdown, svc.PreShutdown:
				stopping = true
				out <- svc.Status{State: svc.StopPending, WaitHint: uint32(stopGrace / time.Millisecond)}
				stop()
			case svc.PowerEvent, svc.SessionChange:
				if h.events.Resumed != nil {
					h.events.Resumed()
				}
			}
		}
	}
}

// ended turns the end of the work into an exit code. An end that nobody asked
// for is a failure, so that the manager restarts the service.
func (h *handler) ended(err error, asked bool) (bool, uint32) {
	h.err = err
	if err == nil && asked {
		return false, 0
	}
	if log, openErr := eventlog.Open(Name); openErr == nil {
		_ = log.Error(1, fmt.Sprintf("biobridge has ended: %v", err))
		_ = log.Close()
	}
	return true, 1
}
