package journal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"biobridge/agent/contract"
)

// Recovered is a transaction that the last process left under way.
type Recovered struct {
	ClientRefID string
	From, To    contract.State
}

// Recovered lists what Open put right.
func (j *Journal) Recovered() []Recovered { return j.recovered }

// recover takes over from a process that is gone; the lock proves that it is.
// What was being sent may or may not have reached Eko: pending, to be inquired
// into at once. What had not been sent never will be: abandoned.
func (j *Journal) recover(ctx context.Context) error {
	records, err := j.unsettled(ctx)
	if err != nil {
		return fmt.Errorf("look for work left under way: %w", err)
	}
	records = slices.DeleteFunc(records, func(r Record) bool {
		return r.State == contract.Pending || r.State == contract.RefundPending
	})
	if len(records) == 0 {
		return nil
	}
	err = j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		for _, r := range records {
			from := r.State
			c := Change{To: contract.Abandoned, By: "agent", Reason: ReasonRestarted, Result: &Result{Reason: ReasonRestarted}}
			if from == contract.Sending {
				c.To, c.NextInquiryAt = contract.Pending, j.now()
				c.Result.Reason = ReasonInterrupted
			}
			if err := j.step(ctx, tx, &r, c.To, c); err != nil {
				return err
			}
			j.recovered = append(j.recovered, Recovered{ClientRefID: r.ClientRefID, From: from, To: c.To})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take over what the last process left: %w", err)
	}
	return nil
}

// The reasons that Open itself writes.
const (
	// ReasonRestarted: the program ended before anything was sent.
	ReasonRestarted = "restarted"
	// ReasonInterrupted: the program ended while the request was on its way.
	ReasonInterrupted = "interrupted"
)
