package agent

import (
	"context"
	"errors"
	"net/http"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
)

// question is an inquiry under way; all who ask meanwhile share it.
type question struct {
	done   chan struct{}
	record journal.Record
	// outcome is what Eko said, or that it said nothing.
	outcome eko.Outcome
	err     error
}

// asked is the last inquiry into a transaction that is not settled, as far as it
// matters to the next one.
type asked struct {
	at      time.Time
	outcome eko.Outcome
	// quietUntil is until when nobody asks again, whoever wants to know.
	quietUntil time.Time
	// heldUntil is when the loop asks again where the journal could not be told;
	// tries counts these inquiries.
	heldUntil time.Time
	tries     int
	// unheard: nobody answered. nudges is how often the agent had been nudged when
	// the question was put.
	unheard bool
	nudges  uint64
}

// askPause is how soon a page can have Eko asked again about the same
// transaction.
const askPause = time.Second

// remember keeps when Eko may be asked again. The caller does not hold a.mu.
func (a *Agent) remember(ref string, o eko.Outcome) {
	now := a.cfg.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.asked[ref]
	m.at, m.outcome, m.unheard = now, o, false
	m.quietUntil = later(now, max(askPause, o.RetryAfter))
	a.asked[ref] = m
}

// unheard keeps that nobody answered an inquiry before which the agent had been
// nudged so often.
func (a *Agent) unheard(ref string, nudges uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.asked[ref]
	m.unheard, m.nudges = true, nudges
	a.asked[ref] = m
}

// hastened is when to ask about a transaction that has its time in the journal:
// earlier where the last inquiry was not answered and the network has changed
// since.
func (a *Agent) hastened(r journal.Record, now time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, there := a.asked[r.ClientRefID]
	if !there || !m.unheard || m.nudges == a.nudges || now.Before(m.at) || r.NextInquiryAt.Before(m.quietUntil) {
		return r.NextInquiryAt
	}
	return m.quietUntil
}

func (a *Agent) nudged() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.nudges
}

// forget drops what was remembered of a transaction that is settled.
func (a *Agent) forget(ref string) {
	a.mu.Lock()
	delete(a.asked, ref)
	a.mu.Unlock()
}

// postpone keeps in memory when to ask again, since the disk did not take it.
func (a *Agent) postpone(ref string, count int, age, wish time.Duration) {
	now := a.cfg.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.asked[ref]
	m.heldUntil = nextInquiry(now, count+m.tries, age, wish)
	m.tries++
	a.asked[ref] = m
}

// eased drops what was kept in memory for the disk.
func (a *Agent) eased(ref string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m, there := a.asked[ref]; there {
		m.heldUntil, m.tries = time.Time{}, 0
		a.asked[ref] = m
	}
}

// held is how long the loop must not ask although the journal says that it is
// time; an outcome that waits for the disk needs no asking at all.
func (a *Agent) held(ref string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, owed := a.owed[ref]; owed {
		return time.Minute
	}
	m := a.asked[ref]
	if now.Before(m.at) {
		return 0 // the clock was set back
	}
	return m.heldUntil.Sub(now)
}

// lately returns what Eko said a moment ago, where it is not to be asked again
// yet.
func (a *Agent) lately(ref string) (o eko.Outcome, owed, quiet bool) {
	now := a.cfg.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	m, there := a.asked[ref]
	_, owed = a.owed[ref]
	return m.outcome, owed, there && now.Before(m.quietUntil) && !now.Before(m.at)
}

// ask asks Eko about an open transaction, or one that a person has declared
// failed, and returns how it then stands and what
// Eko said. Calls at the same time share one inquiry, which goes on when a caller
// leaves; one that comes too soon after the last shares its answer.
func (a *Agent) ask(ctx context.Context, r journal.Record) (journal.Record, eko.Outcome, error) {
	open := r.State == contract.Pending || r.State == contract.RefundPending || r.Declared()
	if !open || !r.Service.MovesMoney() {
		return r, eko.Outcome{}, nil
	}
	switch o, owed, quiet := a.lately(r.ClientRefID); {
	case owed:
		return unwritten(r), o, nil
	case quiet:
		return r, o, nil
	}
	q, mine := a.question(r.ClientRefID, 0)
	if q == nil {
		return r, eko.Outcome{}, errStopping
	}
	if mine {
		go a.answer(q, r)
	}
	select {
	case <-q.done:
		return q.record, q.outcome, q.err
	case <-ctx.Done():
		return r, eko.Outcome{}, ctx.Err()
	}
}

// unwritten is a record of which more is known than the disk has taken.
func unwritten(r journal.Record) journal.Record {
	r.Reason, r.Message, r.Remedy = "not_written", "", ""
	return r
}

// question finds the inquiry under way for a reference or opens one, which is
// then the caller's to answer. Nil when limit (0: none) are under way or the
// agent stops.
func (a *Agent) question(ref string, limit int) (q *question, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q, under := a.asking[ref]; under {
		return q, false
	}
	if limit > 0 && len(a.asking) >= limit || a.beginLocked() != nil {
		return nil, false
	}
	q = &question{done: make(chan struct{})}
	a.asking[ref] = q
	return q, true
}

func (a *Agent) answer(q *question, r journal.Record) {
	defer a.work.Done()
	q.record, q.outcome, q.err = a.inquire(r)
	a.mu.Lock()
	delete(a.asking, r.ClientRefID)
	a.mu.Unlock()
	close(q.done)
}

// inquire asks Eko once and writes down what came of it.
func (a *Agent) inquire(r journal.Record) (journal.Record, eko.Outcome, error) {
	// An inquiry may be given up at any time, unlike a submission.
	ctx := a.captures
	nudges := a.nudged()
	a.cfg.Failpoint(BeforeInquiry)
	o := a.put(ctx, r)
	a.cfg.Failpoint(AfterInquiry)
	if ctx.Err() != nil && o.State == eko.Pending {
		// Shutting down is no news.
		return r, o, nil
	}
	a.remember(r.ClientRefID, o)
	if o.HTTPStatus == 0 {
		a.unheard(r.ClientRefID, nudges)
	}
	to := contract.State(o.State)
	switch {
	case to != contract.Pending && r.Reachable(to):
	case r.Declared():
		return r, o, nil
	default:
		written, err := a.noNews(ctx, r, o)
		return written, o, err
	}
	c := changeOf(o, nextInquiry(a.cfg.Now(), 0, 0, o.RetryAfter))
	if r.Declared() && (to == contract.Succeeded || to == contract.RefundPending) {
		a.cfg.Log.Error("Eko overrules what was declared failed by hand", "client_ref_id", r.ClientRefID, "state", string(to))
		c.Result.Reason = reasonOverruled
	}
	written, err := a.advance(ctx, r.ClientRefID, c)
	switch {
	case errors.Is(err, journal.ErrTransition):
		// Somebody else settled it meanwhile.
		a.forget(r.ClientRefID)
		written, err = a.cfg.Journal.Get(context.WithoutCancel(ctx), r.ClientRefID)
		return written, o, err
	case err != nil:
		a.owe(r.ClientRefID, c)
		return unwritten(r), o, nil
	}
	if written.State.Settled() {
		a.forget(r.ClientRefID)
	}
	a.cfg.Failpoint(AfterInquiryWritten)
	return written, o, nil
}

// put puts the question to Eko: by its own number where there is one and, where
// Eko can say nothing to that, once more by the reference. Of two answers
// without news the one counts that leaves more open.
func (a *Agent) put(ctx context.Context, r journal.Record) eko.Outcome {
	i := eko.Inquiry{TID: r.TID, ClientRefID: r.EkoRef, UserCode: r.UserCode, Amount: eko.Rupees(r.Amount)}
	o := proved(a.cfg.Eko.Inquire(ctx, i))
	if i.TID == "" || ctx.Err() != nil || !unfound(o) {
		return o
	}
	i.TID = ""
	again := proved(a.cfg.Eko.Inquire(ctx, i))
	if again.Reason == eko.ReasonUnknownToEko {
		return o
	}
	return again
}

// unfound reports whether Eko could say nothing to a number; a gateway says so
// with HTTP 404.
func unfound(o eko.Outcome) bool {
	switch o.Reason {
	case eko.ReasonUnknownToEko, eko.ReasonInquiryUnclear:
		return true
	case eko.ReasonInquiryRefused:
		return o.HTTPStatus == http.StatusNotFound
	}
	return false
}

// proved lets an inquiry settle only what a tx_status of Eko's settles: that the
// question could not be put says nothing about the money.
func proved(o eko.Outcome) eko.Outcome {
	if o.State != eko.Pending && (!o.Sent || o.Codes.TxStatus == nil) {
		o.State, o.Reason = eko.Pending, eko.ReasonInquiryUnclear
	}
	return o
}

// noNews records an inquiry that settled nothing, and when to ask again.
func (a *Agent) noNews(ctx context.Context, r journal.Record, o eko.Outcome) (journal.Record, error) {
	now := a.cfg.Now()
	age := now.Sub(r.CreatedAt)
	result := resultOf(o)
	// What Eko says now about an inquiry does not replace why the result is open.
	result.Reason, result.Message, result.Remedy = r.Reason, r.Message, r.Remedy
	escalate := age >= escalateAfter && r.State == contract.Pending
	if escalate {
		s := reasons["ask_eko"]
		result.Reason, result.Message, result.Remedy = "ask_eko", s.message, s.remedy
	}
	written, err := a.cfg.Journal.Inquired(context.WithoutCancel(ctx), r.ClientRefID, journal.Inquiry{
		Reason: o.Reason, Result: result, NextInquiryAt: nextInquiry(now, r.InquiryCount, age, o.RetryAfter),
	})
	switch {
	case errors.Is(err, journal.ErrTransition):
		a.forget(r.ClientRefID)
		return a.cfg.Journal.Get(context.WithoutCancel(ctx), r.ClientRefID)
	case err != nil:
		a.postpone(r.ClientRefID, r.InquiryCount, age, o.RetryAfter)
		a.cfg.Log.Warn("an inquiry could not be recorded", "client_ref_id", r.ClientRefID, "error", err)
		return r, nil
	}
	a.eased(r.ClientRefID)
	a.cfg.Failpoint(AfterInquiryWritten)
	a.cfg.Log.Info("inquiry without news", "client_ref_id", r.ClientRefID, "reason", o.Reason, "count", written.InquiryCount, "error", o.Err)
	if escalate && a.firstEscalation(r.ClientRefID) {
		a.cfg.Log.Error("a transaction is open for more than a day: ask Eko", "client_ref_id", r.ClientRefID, "tid", r.TID)
	}
	if written.Reason != r.Reason || written.TID != r.TID {
		a.publish(written)
	}
	return written, nil
}
