package agent_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

// started runs a withdrawal in the background and waits until it asks for the
// finger, which doesn't come.
func (sh *shop) started(ctx context.Context, r agent.TransactRequest, ticket *agent.Ticket) <-chan error {
	sh.t.Helper()
	asked := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := sh.agent.Transact(ctx, page, r, ticket, func(p contract.CaptureProgress) {
			if p.Stage == contract.StagePlaceFinger {
				close(asked)
			}
		})
		done <- err
	}()
	select {
	case <-asked:
	case err := <-done:
		sh.t.Fatalf("it ended before it asked for the finger: %v", err)
	}
	return done
}

func noFinger(o *rdsim.Options) { o.NoFinger = true }

// TestTicket_Cancel gives a transaction up in every way before it is sent.
func TestTicket_Cancel(t *testing.T) {
	sh := openShop(t, setup{scanner: noFinger})
	check := func(t *testing.T, ref string, err error) {
		t.Helper()
		e := sh.is(contract.Transaction{}, err, contract.CaptureCancelled)
		if e.Data["client_ref_id"] != ref {
			t.Errorf("data %v", e.Data)
		}
		tx, err := sh.agent.Get(t.Context(), page, ref)
		if err != nil || tx.State != contract.Abandoned || tx.Reason != "capture_cancelled" {
			t.Errorf("on record: %s (%s), %v", tx.State, tx.Reason, err)
		}
		if sh.eko.Attempts(ref) != 0 {
			t.Error("it was sent")
		}
		for _, d := range must(sh.agent.Devices(t.Context(), true)) {
			if d.Status != contract.DeviceReady {
				t.Errorf("the scanner is %s", d.Status)
			}
		}
	}
	t.Run("by its ticket", func(t *testing.T) {
		r, ticket := withdraw(t, 500), agent.NewTicket()
		r.ClientRefID = "BY-TICKET"
		done := sh.started(t.Context(), r, ticket)
		for range 2 {
			if err := ticket.Cancel(); err != nil {
				t.Errorf("Cancel: %v", err)
			}
		}
		check(t, r.ClientRefID, <-done)
	})
	t.Run("the page leaves", func(t *testing.T) {
		r := withdraw(t, 500)
		r.ClientRefID = "PAGE-LEFT"
		ctx, leave := context.WithCancel(t.Context())
		done := sh.started(ctx, r, agent.NewTicket())
		leave()
		check(t, r.ClientRefID, <-done)
	})
	t.Run("of two pages one leaves", func(t *testing.T) {
		r, first, second := withdraw(t, 500), agent.NewTicket(), agent.NewTicket()
		r.ClientRefID = "TWO-PAGES"
		firstDone := sh.started(t.Context(), r, first)
		joined := make(chan error, 1)
		go func() {
			_, err := sh.agent.Transact(t.Context(), page, r, second, nil)
			joined <- err
		}()
		// The second call has joined once the first can leave alone.
		waitJoined(t, sh, r)
		if err := first.Cancel(); err != nil {
			t.Fatal(err)
		}
		// Not "nothing was sent": the transaction goes on without this page.
		if e := sh.is(contract.Transaction{}, <-firstDone, contract.Unavailable); e.Reason() != "call_ended" {
			t.Errorf("reason %s", e.Reason())
		}
		if tx, err := sh.agent.Get(t.Context(), page, r.ClientRefID); err != nil || tx.State != contract.Started {
			t.Errorf("after one left: %s, %v", tx.State, err)
		}
		if err := second.Cancel(); err != nil {
			t.Fatal(err)
		}
		check(t, r.ClientRefID, <-joined)
	})
	t.Run("before it began", func(t *testing.T) {
		ticket := agent.NewTicket()
		ticket.Cancel()
		tx, err := sh.agent.Transact(t.Context(), page, withdraw(t, 500), ticket, nil)
		sh.is(tx, err, contract.CaptureCancelled)
	})
	t.Run("a capture alone", func(t *testing.T) {
		ticket := agent.NewTicket()
		_, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, ticket, func(p contract.CaptureProgress) {
			if p.Stage == contract.StagePlaceFinger {
				ticket.Cancel()
			}
		})
		sh.is(contract.Transaction{}, err, contract.CaptureCancelled)
	})
}

// waitJoined returns when a second call waits for the same transaction: a third
// one that joins and leaves at once is then told so without ending it.
func waitJoined(t *testing.T, sh *shop, r agent.TransactRequest) {
	t.Helper()
	for agent.Waiting(sh.agent, r.ClientRefID) < 2 {
		select {
		case <-t.Context().Done():
			t.Fatal("the second call never joined")
		case <-time.After(time.Millisecond):
		}
	}
}

// TestTicket_TooLate tries to give up what is on its way to Eko: refused, and the
// page's leaving changes nothing.
func TestTicket_TooLate(t *testing.T) {
	answered := make(chan struct{})
	answer := sync.OnceFunc(func() { close(answered) })
	sh := openShop(t, setup{config: func(c *agent.Config) {
		c.Failpoint = func(name string) {
			if name == agent.AfterAnswer {
				<-answered
			}
		}
	}})
	defer answer()
	events, end := sh.agent.Subscribe(page)
	defer end()
	r, ticket := withdraw(t, 500), agent.NewTicket()
	r.ClientRefID = "TOO-LATE"
	ctx, leave := context.WithCancel(t.Context())
	type result struct {
		tx  contract.Transaction
		err error
	}
	done := make(chan result, 1)
	go func() {
		tx, err := sh.agent.Transact(ctx, page, r, ticket, nil)
		done <- result{tx, err}
	}()
	for e := range events {
		if e.Transaction != nil && e.Transaction.State == contract.Sending {
			break
		}
	}
	if err := ticket.Cancel(); !errors.Is(err, agent.ErrTooLateToCancel) {
		t.Errorf("Cancel while sending: %v", err)
	}
	leave()
	got := <-done
	if got.err != nil || got.tx.State != contract.Sending {
		t.Errorf("the page that left was told %s, %v", got.tx.State, got.err)
	}
	answer()
	if tx := sh.settled(r.ClientRefID); tx.State != contract.Succeeded || sh.eko.Moved(r.ClientRefID) != 1 {
		t.Errorf("it became %s, money moved %d times", tx.State, sh.eko.Moved(r.ClientRefID))
	}
	if err := ticket.Cancel(); !errors.Is(err, agent.ErrTooLateToCancel) {
		t.Errorf("Cancel afterwards: %v", err)
	}
}

// TestAgent_Run_Stops ends the agent in the middle of a capture and of a call:
// the one is abandoned, the other is given time for its answer.
func TestAgent_Run_Stops(t *testing.T) {
	t.Run("capture", func(t *testing.T) {
		sh := openShop(t, setup{scanner: noFinger})
		r := withdraw(t, 500)
		r.ClientRefID = "STOP-CAPTURE"
		done := sh.started(t.Context(), r, agent.NewTicket())
		sh.stop()
		if e := sh.is(contract.Transaction{}, <-done, contract.Unavailable); e.Reason() != "stopping" {
			t.Errorf("reason %s", e.Reason())
		}
		tx, err := sh.agent.Transact(t.Context(), page, withdraw(t, 500), agent.NewTicket(), nil)
		sh.is(tx, err, contract.Unavailable)
	})
	t.Run("call", func(t *testing.T) {
		sh := openShop(t, setup{})
		if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.SlowAnswer, DelayMS: 200}); err != nil {
			t.Fatal(err)
		}
		events, end := sh.agent.Subscribe(page)
		defer end()
		done := make(chan contract.Transaction, 1)
		go func() {
			tx, err := sh.agent.Transact(t.Context(), page, withdraw(t, 500), agent.NewTicket(), nil)
			if err != nil {
				t.Error(err)
			}
			done <- tx
		}()
		for e := range events {
			if e.Transaction != nil && e.Transaction.State == contract.Sending {
				break
			}
		}
		sh.stop()
		if tx := <-done; tx.State != contract.Succeeded {
			t.Errorf("the call under way ended as %s (%s)", tx.State, tx.Reason)
		}
	})
	t.Run("call without grace", func(t *testing.T) {
		sh := openShop(t, setup{config: func(c *agent.Config) { c.Grace = time.Nanosecond }})
		if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.SlowAnswer, DelayMS: 60_000}); err != nil {
			t.Fatal(err)
		}
		events, end := sh.agent.Subscribe(page)
		defer end()
		done := make(chan contract.Transaction, 1)
		go func() {
			tx, _ := sh.agent.Transact(t.Context(), page, withdraw(t, 500), agent.NewTicket(), nil)
			done <- tx
		}()
		for e := range events {
			if e.Transaction != nil && e.Transaction.State == contract.Sending {
				break
			}
		}
		sh.stop()
		if tx := <-done; tx.State == contract.Succeeded {
			t.Errorf("the call that was broken off ended as %s", tx.State)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
