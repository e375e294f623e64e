package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
)

// How long after its creation a transaction is asked about more slowly, and when
// a person has to ask.
const (
	slowAfter     = time.Hour
	escalateAfter = 24 * time.Hour
)

// backoff is how long to wait after the n-th inquiry (from 0) into a
// transaction of this age, before jitter: 1, 2, 4 … 60 s in the first hour, ten
// minutes on the first day, an hour after it.
func backoff(n int, age time.Duration) time.Duration {
	switch {
	case age >= escalateAfter:
		return time.Hour
	case age >= slowAfter:
		return 10 * time.Minute
	case n >= 6:
		return time.Minute
	}
	return time.Second << n
}

// nextInquiry spreads the inquiries of many shops after an outage of Eko's.
func nextInquiry(now time.Time, n int, age, wish time.Duration) time.Time {
	wait := backoff(n, age)
	wait += time.Duration((rand.Float64() - 0.5) * 0.4 * float64(wait))
	return later(now, max(wait, wish))
}

// due reports whether a transaction is to be asked about now. One whose wait was
// decided in the future is: the clock has been set back since.
func due(r journal.Record, now time.Time) bool {
	return !r.NextInquiryAt.After(now) || now.Before(r.ScheduledAt)
}

// parallelInquiries bounds how many are under way at once.
const parallelInquiries = 4

// question is an inquiry under way; all who ask meanwhile share it.
type question struct {
	done   chan struct{}
	record journal.Record
	err    error
}

// followUp starts the inquiries that are due and returns when to look again.
func (a *Agent) followUp(ctx context.Context) (time.Duration, error) {
	records, err := a.cfg.Journal.Unsettled(ctx)
	if err != nil {
		return time.Minute, err
	}
	now := a.cfg.Now()
	wait := time.Minute
	for _, r := range records {
		if r.State != contract.Pending && r.State != contract.RefundPending {
			continue
		}
		if !r.Service.MovesMoney() {
			a.giveUpEnquiry(ctx, r)
			continue
		}
		if !due(r, now) {
			wait = min(wait, r.NextInquiryAt.Sub(now))
			continue
		}
		if !a.askAlone(r) {
			// Full: whoever finishes pokes the loop.
			break
		}
	}
	return max(wait, 10*time.Millisecond), nil
}

// giveUpEnquiry ends a balance or mini statement that was interrupted: it moved
// no money, there is nothing to inquire into, and it can be made again.
func (a *Agent) giveUpEnquiry(ctx context.Context, r journal.Record) {
	c := journal.Change{To: contract.Failed, By: "agent", Reason: "enquiry_interrupted", Result: &journal.Result{Reason: "enquiry_interrupted"}}
	if _, err := a.advance(ctx, r.ClientRefID, c); err != nil && !errors.Is(err, journal.ErrTransition) {
		a.cfg.Log.Warn("an enquiry could not be ended", "client_ref_id", r.ClientRefID, "error", err)
	}
}

// askAlone starts an inquiry for the loop; false when enough are under way.
func (a *Agent) askAlone(r journal.Record) bool {
	q, mine := a.question(r.ClientRefID, parallelInquiries)
	if q == nil {
		return false
	}
	if mine {
		go func() {
			a.answer(q, r)
			if q.err != nil {
				a.cfg.Log.Warn("an inquiry could not be recorded", "client_ref_id", r.ClientRefID, "error", q.err)
			}
			a.poke()
		}()
	}
	return true
}

// ask asks Eko about an open transaction and returns how it then stands. Calls
// at the same time share one inquiry, which goes on when a caller leaves.
func (a *Agent) ask(ctx context.Context, r journal.Record) (journal.Record, error) {
	if r.State != contract.Pending && r.State != contract.RefundPending || !r.Service.MovesMoney() {
		return r, nil
	}
	q, mine := a.question(r.ClientRefID, 0)
	if q == nil {
		return r, errStopping
	}
	if mine {
		go a.answer(q, r)
	}
	select {
	case <-q.done:
		return q.record, q.err
	case <-ctx.Done():
		return r, ctx.Err()
	}
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
	q.record, q.err = a.inquire(r)
	a.mu.Lock()
	delete(a.asking, r.ClientRefID)
	a.mu.Unlock()
	close(q.done)
}

// inquire asks Eko once and writes down what came of it.
func (a *Agent) inquire(r journal.Record) (journal.Record, error) {
	// An inquiry may be given up at any time, unlike a submission.
	ctx := a.captures
	a.cfg.Failpoint(BeforeInquiry)
	o := a.cfg.Eko.Inquire(ctx, eko.Inquiry{TID: r.TID, ClientRefID: r.EkoRef, UserCode: r.UserCode, Amount: eko.Rupees(r.Amount)})
	a.cfg.Failpoint(AfterInquiry)
	if ctx.Err() != nil && o.State == eko.Pending {
		// Shutting down is no news.
		return r, nil
	}
	to := contract.State(o.State)
	if to == contract.Pending || !journal.Reachable(r.State, to) {
		return a.noNews(ctx, r, o)
	}
	written, err := a.advance(ctx, r.ClientRefID, changeOf(o, nextInquiry(a.cfg.Now(), 0, 0, o.RetryAfter)))
	if errors.Is(err, journal.ErrTransition) {
		// Somebody else settled it meanwhile.
		return a.cfg.Journal.Get(context.WithoutCancel(ctx), r.ClientRefID)
	}
	a.cfg.Failpoint(AfterInquiryWritten)
	return written, err
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
		return a.cfg.Journal.Get(context.WithoutCancel(ctx), r.ClientRefID)
	case err != nil:
		return r, err
	}
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

// firstEscalation reports whether the log has not yet said so in this process.
func (a *Agent) firstEscalation(ref string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.escalated[ref]
	a.escalated[ref] = true
	return !said
}
