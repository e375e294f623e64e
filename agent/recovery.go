package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
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
		r.NextInquiryAt = a.hastened(r, now)
		if !due(r, now) {
			wait = min(wait, r.NextInquiryAt.Sub(now))
			continue
		}
		if held := a.held(r.ClientRefID, now); held > 0 {
			wait = min(wait, held)
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
				a.cfg.Log.Warn("a transaction could not be read after its inquiry", "client_ref_id", r.ClientRefID, "error", q.err)
			}
			a.poke()
		}()
	}
	return true
}

// firstEscalation reports whether the log has not yet said so in this process.
func (a *Agent) firstEscalation(ref string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.escalated[ref]
	a.escalated[ref] = true
	return !said
}
