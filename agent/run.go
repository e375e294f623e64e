package agent

import (
	"context"
	"time"
)

// Run follows up what is not settled, passes on what happens to scanners, and
// keeps the journal, until ctx ends. Then it lets go of captures, gives calls to
// Eko Config.Grace to come back, and returns when nothing of the agent runs any
// more. It is called once.
func (a *Agent) Run(ctx context.Context) error {
	defer a.stop()
	for _, r := range a.cfg.Journal.Recovered() {
		a.cfg.Log.Warn("transaction taken over after an interruption", "client_ref_id", r.ClientRefID, "from", string(r.From), "to", string(r.To))
	}
	changes, end := a.cfg.Watcher.Subscribe()
	defer end()
	due := time.NewTimer(0)
	defer due.Stop()
	upkeep := time.NewTicker(a.cfg.Upkeep)
	defer upkeep.Stop()
	banks := time.NewTicker(a.cfg.BanksEvery)
	defer banks.Stop()
	a.startUpkeep(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case c, open := <-changes:
			if !open {
				changes = nil
				continue
			}
			a.publishDevice(c)
		case <-banks.C:
			a.reloadBanks()
		case <-upkeep.C:
			a.startUpkeep(ctx)
		case <-a.wake:
			due.Reset(a.settleWhatIsDue(ctx))
		case <-due.C:
			due.Reset(a.settleWhatIsDue(ctx))
		}
	}
}

// settleWhatIsDue returns when to look again.
func (a *Agent) settleWhatIsDue(ctx context.Context) time.Duration {
	left := a.payOwed(ctx)
	wait, err := a.followUp(ctx)
	if err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("open transactions could not be read", "error", err)
	}
	if left {
		wait = min(wait, retryOwed)
	}
	return wait
}

// retryOwed is how often a full disk is tried again.
const retryOwed = time.Second

// startUpkeep checks and prunes the journal and doubts what was declared beside the
// loop, so that none of it delays an inquiry.
func (a *Agent) startUpkeep(ctx context.Context) {
	if a.begin() != nil {
		return
	}
	go func() {
		defer a.work.Done()
		a.upkeep(ctx)
	}()
}

func (a *Agent) upkeep(ctx context.Context) {
	if err := a.cfg.Journal.Check(ctx); err != nil && ctx.Err() == nil {
		a.cfg.Log.Error("the journal did not pass its check", "error", err)
		return
	}
	a.prune(ctx)
	a.doubtDeclared(ctx)
}

func (a *Agent) prune(ctx context.Context) {
	before, err := a.pruneBefore(ctx)
	if err != nil || before.IsZero() {
		if err != nil && ctx.Err() == nil {
			a.cfg.Log.Warn("old transactions could not be looked for", "error", err)
		}
		return
	}
	n, err := a.cfg.Journal.Prune(ctx, before)
	if err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("old transactions could not be removed", "error", err)
	}
	if n > 0 {
		a.cfg.Log.Info("old transactions removed", "count", n)
	}
}

// pruneSkew is how wrong this PC's clock may be for its book to be pruned.
const pruneSkew = time.Hour

// pruneBefore is what time transactions are old from, zero where this PC's clock
// can't say. A clock set years forward must not erase the book: time has passed
// only as far as transactions were made in it, and a day more.
func (a *Agent) pruneBefore(ctx context.Context) (time.Time, error) {
	if skew, known := a.cfg.Eko.Skew(); known && skew.Abs() > pruneSkew {
		return time.Time{}, nil
	}
	newest, err := a.cfg.Journal.Newest(ctx)
	if err != nil {
		return time.Time{}, err
	}
	today := a.cfg.Now()
	if end := newest.Add(24 * time.Hour); !newest.IsZero() && end.Before(today) {
		today = end
	}
	return today.Add(-a.cfg.Retention), nil
}

// reloadBanks logs a table that can't be read, once for each cause.
func (a *Agent) reloadBanks() {
	err := a.cfg.Banks.Reload()
	if err == nil {
		a.banksProblem = ""
		return
	}
	if problem := err.Error(); problem != a.banksProblem {
		a.banksProblem = problem
		a.cfg.Log.Warn("the table of banks could not be read again; the last one stays in use", "error", err)
	}
}
