package service_test

import (
	"context"
	"errors"
	"testing"

	"golang.org/x/sys/windows/svc"

	"biobridge/agent/service"
)

// scm is the service manager's side of a service.
type scm struct {
	requests chan svc.ChangeRequest
	told     chan svc.Status
	ended    chan ending
}

type ending struct {
	specific bool
	exit     uint32
	err      error
}

func begin(ctx context.Context, work service.Work, events service.Events) *scm {
	m := &scm{make(chan svc.ChangeRequest), make(chan svc.Status), make(chan ending, 1)}
	go func() {
		var e ending
		e.specific, e.exit, e.err = service.Execute(ctx, work, events, m.requests, m.told)
		m.ended <- e
	}()
	return m
}

// waits is work that is ready when it is let, and ends with its context.
func waits(let <-chan struct{}) service.Work {
	return func(ctx context.Context, ready func()) error {
		<-let
		ready()
		<-ctx.Done()
		return nil
	}
}

func (m *scm) send(command svc.Cmd, event uint32) {
	m.requests <- svc.ChangeRequest{Cmd: command, EventType: event, CurrentStatus: svc.Status{State: svc.Running}}
}

// "Running" is said when the work is ready. A wake-up and a change of the session
// reach it, a stop ends it in good order.
func TestExecute_Life(t *testing.T) {
	let, resumed := make(chan struct{}), make(chan struct{}, 8)
	m := begin(t.Context(), waits(let), service.Events{Resumed: func() { resumed <- struct{}{} }, NetworkChanged: func() {}})
	if s := <-m.told; s.State != svc.StartPending || s.Accepts != 0 {
		t.Errorf("first word %+v, want start pending", s)
	}
	select {
	case s := <-m.told:
		t.Errorf("before the work was ready: %+v", s)
	default:
	}
	close(let)
	s := <-m.told
	for _, want := range []svc.Accepted{svc.AcceptStop, svc.AcceptShutdown, svc.AcceptPowerEvent, svc.AcceptSessionChange} {
		if s.State != svc.Running || s.Accepts&want == 0 {
			t.Errorf("running and accepting %d: %+v", want, s)
		}
	}
	go m.send(svc.Interrogate, 0)
	if s := <-m.told; s.State != svc.Running {
		t.Errorf("asked, it is %+v", s)
	}
	const (
		resumeAutomatic = 0x12 // PBT_APMRESUMEAUTOMATIC
		consoleConnect  = 0x1  // WTS_CONSOLE_CONNECT
		sessionLogon    = 0x5  // WTS_SESSION_LOGON
	)
	for _, e := range []struct {
		command svc.Cmd
		event   uint32
	}{{svc.PowerEvent, resumeAutomatic}, {svc.SessionChange, consoleConnect}, {svc.SessionChange, sessionLogon}} {
		m.send(e.command, e.event)
		<-resumed
	}
	m.send(svc.Stop, 0)
	if s := <-m.told; s.State != svc.StopPending || s.WaitHint == 0 {
		t.Errorf("told to stop, it is %+v", s)
	}
	if e := <-m.ended; e != (ending{}) {
		t.Errorf("it ends with %+v", e)
	}
}

// An end that nobody asked for is a failure, or the manager would not start the
// service again.
func TestExecute_Ends(t *testing.T) {
	broken := errors.New("the journal is gone")
	for _, test := range []struct {
		name string
		err  error
	}{{"with an error", broken}, {"without one", nil}} {
		t.Run(test.name, func(t *testing.T) {
			m := begin(t.Context(), func(context.Context, func()) error { return test.err }, service.Events{})
			<-m.told
			if e := <-m.ended; !e.specific || e.exit == 0 || !errors.Is(e.err, test.err) {
				t.Errorf("it ends with %+v", e)
			}
		})
	}
}

// The process's own end, such as Ctrl-C in a console, is the work's end.
func TestExecute_ContextEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	let := make(chan struct{})
	m := begin(ctx, waits(let), service.Events{})
	<-m.told
	close(let)
	<-m.told
	stop()
	<-m.ended
}
