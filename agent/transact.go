package agent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// Transact carries one transaction from the finger to Eko's answer. It returns
// when the transaction is settled or pending, or with an [*Error] when nothing
// was sent (the transaction is then abandoned, and Data names its
// client_ref_id). Until it is being sent, cancelling t or ending ctx gives it up.
//
// The same reference with the same content under the same caller joins the call
// under way or returns what is on record; other content, or another caller, is
// request_conflict.
func (a *Agent) Transact(ctx context.Context, c Caller, r TransactRequest, t *Ticket, p Progress) (contract.Transaction, error) {
	tx, err := a.transact(ctx, c, r, t, p)
	if err != nil {
		return contract.Transaction{}, a.report(err)
	}
	return tx, nil
}

func (a *Agent) transact(ctx context.Context, c Caller, r TransactRequest, t *Ticket, p Progress) (contract.Transaction, error) {
	var none contract.Transaction
	r, warnings, err := a.validate(r)
	if err != nil {
		return none, err
	}
	if r.ClientRefID == "" {
		if r.ClientRefID, err = newReference(a.cfg.Now(), a.cfg.Rand); err != nil {
			return none, err
		}
	}
	if t == nil {
		t = NewTicket()
	}
	f, err := a.board(c, r, t, p)
	if err != nil {
		return none, err
	}
	unhook := context.AfterFunc(ctx, func() { t.Cancel() })
	defer unhook()
	record, err := a.await(ctx, f, t)
	if err != nil {
		return none, withReference(err, r.ClientRefID)
	}
	tx := a.present(record)
	tx.Warnings = append(warnings, f.remarks...)
	return tx, nil
}

// withReference names the transaction in an error, so that a page which let the
// reference be made can still ask for it.
func withReference(err error, ref string) error {
	e := AsError(err)
	if e.Data == nil {
		e.Data = make(map[string]any)
	}
	if e.Key != "agent."+keyConflict {
		e.Data["client_ref_id"] = ref
	}
	return e
}

// board finds the flight of this reference, or starts one.
func (a *Agent) board(c Caller, r TransactRequest, t *Ticket, p Progress) (*flight, error) {
	content := a.hashes.content(r)
	a.mu.Lock()
	defer a.mu.Unlock()
	if f, under := a.flights[r.ClientRefID]; under {
		if !f.same(c, content) {
			return nil, fail(keyConflict, nil, nil)
		}
		if !t.join(f.gate) {
			return nil, errLeftOthers
		}
		return f, nil
	}
	f := newFlight(a, c, r, content, p)
	if !t.join(f.gate) {
		return nil, errLeft
	}
	if err := a.beginLocked(); err != nil {
		return nil, err
	}
	a.flights[r.ClientRefID] = f
	go a.fly(f)
	return f, nil
}

// await waits for the flight's end. Whoever leaves before the others is told
// that he left; whoever is called away while the request is on its way is told
// what is on record.
func (a *Agent) await(ctx context.Context, f *flight, t *Ticket) (journal.Record, error) {
	select {
	case <-f.done:
		return f.record, f.err
	case <-t.left:
		return f.afterLeaving()
	case <-ctx.Done():
	}
	if t.Cancel() == nil {
		return f.afterLeaving()
	}
	return a.cfg.Journal.Get(context.WithoutCancel(ctx), f.request.ClientRefID)
}

// afterLeaving is what somebody is told who gave up: how it ended, if he was the
// last one.
func (f *flight) afterLeaving() (journal.Record, error) {
	if !f.gate.over() {
		return journal.Record{}, errLeftOthers
	}
	<-f.done
	return f.record, f.err
}

// recall returns the transaction that already has this reference, if the caller
// may have it and it is the same request.
func (a *Agent) recall(existing journal.Record, f *flight) (journal.Record, error) {
	if !f.same(Caller{Origin: existing.Origin, User: existing.User}, existing.ContentHash) {
		return journal.Record{}, fail(keyConflict, nil, nil)
	}
	return existing, nil
}

// fly carries the flight out and tells everybody who waits.
func (a *Agent) fly(f *flight) {
	defer a.work.Done()
	defer f.end()
	f.record, f.err = a.carefully(f)
	a.mu.Lock()
	delete(a.flights, f.request.ClientRefID)
	a.mu.Unlock()
	close(f.done)
	a.cfg.Failpoint(AfterTold)
}

// carefully carries the flight out and survives what nobody thought of: a panic
// over a hostile answer must not take the other transactions along. What is on
// record then stays true: nothing was sent, or nobody knows.
func (a *Agent) carefully(f *flight) (r journal.Record, err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		ref := f.request.ClientRefID
		// The value of a panic may hold anything; its type and place are enough.
		a.cfg.Log.Error("a transaction broke off", "client_ref_id", ref, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		r, err = journal.Record{}, fmt.Errorf("carry out a transaction: a panic of type %T", p)
		ctx := context.WithoutCancel(f.ctx)
		record, getErr := a.cfg.Journal.Get(ctx, ref)
		if getErr != nil || record.State.Settled() {
			return
		}
		c := journal.Change{To: contract.Abandoned, By: "agent", Reason: "broken_off", Result: &journal.Result{Reason: "broken_off"}}
		if record.State == contract.Sending {
			c.To, c.NextInquiryAt = contract.Pending, a.cfg.Now()
			c.Result.Reason = journal.ReasonInterrupted
		}
		if record.State != contract.Pending && record.State != contract.RefundPending {
			a.owe(ref, c)
		}
	}()
	return f.carry()
}

// advance writes one change of state, logs it and tells the subscribers.
func (a *Agent) advance(ctx context.Context, ref string, c journal.Change) (journal.Record, error) {
	r, err := a.cfg.Journal.Advance(context.WithoutCancel(ctx), ref, c)
	if err != nil {
		if errors.Is(err, journal.ErrUnwritable) || errors.Is(err, journal.ErrCorrupt) {
			a.cfg.Log.Error("the journal could not be written", "client_ref_id", ref, "state", c.To, "error", err)
		}
		return r, err
	}
	a.tell(r)
	return r, nil
}

// tell logs a step and publishes it to whoever may know.
func (a *Agent) tell(r journal.Record) {
	a.cfg.Log.Info("transaction "+string(r.State), "client_ref_id", r.ClientRefID, "service", string(r.Service),
		"reason", r.Reason, "tid", r.TID)
	a.publish(r)
}
