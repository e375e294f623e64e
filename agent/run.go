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

// startUpkeep checks and prunes the journal beside the loop, so that neither
// delays an inquiry.
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
	n, err := a.cfg.Journal.Prune(ctx, a.cfg.Now().Add(-a.cfg.Retention))
	if err != nil && ctx.Err() == nil {
		a.cfg.Log.Warn("old transactions could not be removed", "error", err)
	}
	if n > 0 {
		a.cfg.Log.Info("old transactions removed", "count", n)
	}
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
