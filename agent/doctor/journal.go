package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/journal"
)

// oldPending is when a transaction without a result becomes a matter for
// support.
const oldPending = 24 * time.Hour

// journal looks at the journal: through the agent where it runs, else at the
// file itself.
func (e Examination) journal(ctx context.Context, cfg daemon.Config, s *control.Status) []Finding {
	if s != nil {
		if s.Journal.OK {
			return []Finding{fine("journal", "The journal is in order.")}
		}
		return []Finding{fault("journal", "The journal was damaged and has been set aside as "+s.Journal.SetAside+"; no new money is moved.",
			"Keep that file for support. Then go on with \"biobridge journal accept --reason …\".")}
	}
	path := filepath.Join(cfg.DataDir, daemon.JournalFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return []Finding{fine("journal", "There is no journal yet.")}
	}
	j, err := journal.Open(ctx, path, journal.Options{RefuseDamaged: true, Now: e.Now})
	switch {
	case errors.Is(err, journal.ErrCorrupt):
		return []Finding{fault("journal", "The journal is damaged.", "Start the agent: it sets the damaged file aside and says where.")}
	case errors.Is(err, os.ErrPermission), errors.Is(err, journal.ErrUnwritable):
		return []Finding{skipped("journal", "This user may not open the journal.")}
	case err != nil:
		return []Finding{doubt("journal", "The journal can't be opened: "+err.Error()+".", "Stop the other program, then try again.")}
	}
	if err := j.Close(); err != nil {
		return []Finding{doubt("journal", "The journal can't be closed cleanly.", "Look at the disk's health.")}
	}
	return []Finding{fine("journal", "The journal is in order.")}
}

// unsettled counts what is waiting for Eko's word, and how long the oldest does.
func (e Examination) unsettled(ctx context.Context, cfg daemon.Config, s *control.Status) []Finding {
	if s == nil {
		return []Finding{skipped("unsettled", "Only the running agent knows which transactions have no result yet.")}
	}
	client, err := control.Dial(ctx, daemon.ControlAddress(cfg))
	if err != nil {
		return []Finding{skipped("unsettled", "The agent stopped answering.")}
	}
	defer client.Close()
	var oldest time.Time
	count := 0
	for _, state := range []contract.State{contract.Pending, contract.RefundPending} {
		page, err := client.Transactions(ctx, control.Filter{State: state, Limit: 200})
		if err != nil {
			return []Finding{skipped("unsettled", "The agent doesn't show its transactions to this user.")}
		}
		for _, r := range page.Transactions {
			count++
			if oldest.IsZero() || r.CreatedAt.Before(oldest) {
				oldest = r.CreatedAt
			}
		}
	}
	return []Finding{gradeUnsettled(count, e.Now().Sub(oldest))}
}

func gradeUnsettled(count int, age time.Duration) Finding {
	switch {
	case count == 0:
		return fine("unsettled", "Every transaction has a result.")
	case age > oldPending:
		return fault("unsettled", fmt.Sprintf("%d transaction(s) have no result; the oldest for %s.", count, age.Round(time.Hour)),
			"Ask Eko's support with the TID or client_ref_id (\"biobridge transactions --state pending\"). Don't pay again.")
	default:
		return doubt("unsettled", fmt.Sprintf("%d transaction(s) have no result yet; the oldest for %s.", count, age.Round(time.Second)),
			"Don't pay out and don't repeat them: Eko is being asked.")
	}
}
