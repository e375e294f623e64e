package agent

import (
	"context"
	"errors"
	"time"

	"biobridge/agent/journal"
)

// doubt is how long after its beginning Eko is still asked about a transaction
// that a person has declared failed: banks settle their disputes within weeks.
const doubt = 30 * 24 * time.Hour

// doubtDeclared asks Eko once about each transaction that was declared failed by
// hand: the request may have arrived after all, and the book has to say what Eko
// says.
func (a *Agent) doubtDeclared(ctx context.Context) {
	records, err := a.cfg.Journal.WithReason(ctx, journal.ReasonDeclared, journal.Day(a.cfg.Now().Add(-doubt)))
	for _, r := range records {
		if err == nil {
			_, _, err = a.ask(ctx, r)
		}
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errStopping) {
		a.cfg.Log.Warn("what was declared failed could not be asked about", "error", err)
	}
}

// overruledFor is how long the shopkeeper is reminded that Eko has overruled him.
const overruledFor = 48 * time.Hour

// overruled lists the transactions that Eko has lately overruled a person about.
func (a *Agent) overruled(ctx context.Context) ([]string, error) {
	now := a.cfg.Now()
	records, err := a.cfg.Journal.WithReason(ctx, reasonOverruled, journal.Day(now.Add(-doubt-overruledFor)))
	var refs []string
	for _, r := range records {
		if now.Sub(r.UpdatedAt) < overruledFor {
			refs = append(refs, r.ClientRefID)
		}
	}
	return refs, err
}
