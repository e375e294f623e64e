package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// Status is how the agent's own things stand, for tray and doctor.
type Status struct {
	// Unsettled counts what waits for Eko's word; Oldest is when the oldest of
	// them began, zero where there is none.
	Unsettled int
	Oldest    time.Time
	// AskEko are the references that have been open for more than a day.
	AskEko []string
	// Overruled are the references that were declared failed here and of which Eko
	// has said otherwise in the last two days.
	Overruled []string
	// Unwritten counts outcomes that the disk has not taken yet.
	Unwritten int
	// UnderWay counts transactions between the finger and the answer.
	UnderWay int
	// Skew is how far Eko's clock is ahead of this PC's, where that is known.
	Skew      time.Duration
	SkewKnown bool
	// Damage is a damaged journal that nobody has decided about, else nil.
	Damage *journal.Damage
	// AuthenticationDue: withdrawals wait for the merchant's own finger of today.
	// It is known only of the merchant that the configuration names.
	AuthenticationDue bool
	// Problems is what the user should do something about, worst first.
	Problems []contract.LocalisedPoint
}

// warnSkew is from when on a wrong clock is worth a warning.
const warnSkew = time.Minute

// Status reports how things stand.
func (a *Agent) Status(ctx context.Context) (Status, error) {
	var s Status
	records, err := a.cfg.Journal.Unsettled(ctx)
	if err != nil {
		return s, a.report(err)
	}
	now := a.cfg.Now()
	for _, r := range records {
		if r.State != contract.Pending && r.State != contract.RefundPending {
			continue
		}
		s.Unsettled++
		if s.Oldest.IsZero() {
			s.Oldest = r.CreatedAt
		}
		if r.State == contract.Pending && now.Sub(r.CreatedAt) >= escalateAfter {
			s.AskEko = append(s.AskEko, r.ClientRefID)
		}
	}
	if s.Overruled, err = a.overruled(ctx); err != nil {
		return s, a.report(err)
	}
	a.mu.Lock()
	s.Unwritten, s.UnderWay = len(a.owed), len(a.flights)
	a.mu.Unlock()
	s.Skew, s.SkewKnown = a.cfg.Eko.Skew()
	s.Damage = a.cfg.Journal.Damage()
	if s.AuthenticationDue, err = a.merchantAuthDue(ctx); err != nil {
		return s, a.report(err)
	}
	s.Problems = s.problems()
	return s, nil
}

func (s Status) problems() []contract.LocalisedPoint {
	var out []contract.LocalisedPoint
	refusal := func(key string, args map[string]string) {
		e := fail(key, args, nil)
		out = append(out, contract.LocalisedPoint{Code: key, Message: e.Message, Remedy: e.Remedy})
	}
	if s.Damage != nil {
		refusal(keyDamaged, nil)
	}
	if s.Unwritten > 0 {
		refusal(keyUnwritable, nil)
	}
	reason := func(code string) {
		r := reasons[code]
		out = append(out, contract.LocalisedPoint{Code: code, Message: r.message, Remedy: r.remedy})
	}
	if len(s.Overruled) > 0 {
		reason(reasonOverruled)
	}
	if s.SkewKnown && s.Skew.Abs() > maxSkew {
		refusal(keyClock, minutes(s.Skew))
	} else if s.SkewKnown && s.Skew.Abs() > warnSkew {
		out = append(out, warning(warnClock, seconds(s.Skew)))
	}
	if s.AuthenticationDue {
		refusal(keyMerchantAuth, nil)
	}
	if len(s.AskEko) > 0 {
		reason("ask_eko")
	}
	return out
}

// AcceptNewJournal is the local user's decision to go on after a damaged journal
// was set aside. While the damaged file is still in use it is refused: biobridge
// must be restarted first.
func (a *Agent) AcceptNewJournal(ctx context.Context, c Caller, reason string) error {
	if !c.Local {
		return a.report(fail(keyLocalOnly, nil, nil))
	}
	if err := a.cfg.Journal.AcceptDamage(ctx, c.User); err != nil {
		return a.report(err)
	}
	a.cfg.Log.Warn("the new journal was accepted", "by", c.User, "reason", reason)
	return nil
}

// Trail returns what happened to a transaction, for the local door.
func (a *Agent) Trail(ctx context.Context, c Caller, ref string) ([]journal.TrailEntry, error) {
	if !c.Local {
		return nil, a.report(fail(keyLocalOnly, nil, nil))
	}
	if _, err := a.owned(ctx, c, ref); err != nil {
		return nil, a.report(err)
	}
	trail, err := a.cfg.Journal.Trail(ctx, ref)
	return trail, a.report(err)
}

// Backup writes a consistent copy of the journal into the directory "backups"
// beside it, while the agent runs, and returns its path. The place is not the
// caller's choice: the agent may be allowed to write where he is not.
func (a *Agent) Backup(ctx context.Context, c Caller) (string, error) {
	if !c.Local {
		return "", a.report(fail(keyLocalOnly, nil, nil))
	}
	dir := filepath.Join(filepath.Dir(a.cfg.Journal.Path()), "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", a.report(fmt.Errorf("back up the journal: %w: %w", journal.ErrUnwritable, err))
	}
	path := filepath.Join(dir, "journal-"+a.cfg.Now().UTC().Format("20060102T150405.000")+".db")
	if err := a.cfg.Journal.Backup(ctx, path); err != nil {
		return "", a.report(err)
	}
	return path, nil
}
