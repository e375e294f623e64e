package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
)

// Get returns one transaction; not_found where there is none or it is not the
// caller's.
func (a *Agent) Get(ctx context.Context, c Caller, ref string) (contract.Transaction, error) {
	r, err := a.owned(ctx, c, ref)
	if err != nil {
		return contract.Transaction{}, a.report(err)
	}
	return a.present(r), nil
}

// owned reads a record that the caller may see.
func (a *Agent) owned(ctx context.Context, c Caller, ref string) (journal.Record, error) {
	r, err := a.cfg.Journal.Get(ctx, ref)
	if err != nil {
		return journal.Record{}, err
	}
	if !c.owns(r.Origin, r.User) {
		return journal.Record{}, journal.ErrNotFound
	}
	return r, nil
}

// List returns a part of the caller's transactions, newest first.
func (a *Agent) List(ctx context.Context, c Caller, f Filter) (Page, error) {
	entries, next, err := a.entries(ctx, c, f)
	if err != nil {
		return Page{}, a.report(err)
	}
	p := Page{Transactions: make([]contract.Transaction, len(entries)), Next: next}
	for i, e := range entries {
		p.Transactions[i] = e.Transaction
	}
	return p, nil
}

// Entry is a transaction with what only the local user sees: whose it is, and
// under which reference Eko knows it.
type Entry struct {
	contract.Transaction
	Origin, User string
	EkoRef       string
}

// Entries is [Agent.List] for the local door.
func (a *Agent) Entries(ctx context.Context, c Caller, f Filter) (entries []Entry, next string, err error) {
	if !c.Local {
		return nil, "", a.report(fail(keyLocalOnly, nil, nil))
	}
	entries, next, err = a.entries(ctx, c, f)
	return entries, next, a.report(err)
}

// Entry returns one transaction for the local door.
func (a *Agent) Entry(ctx context.Context, c Caller, ref string) (Entry, error) {
	if !c.Local {
		return Entry{}, a.report(fail(keyLocalOnly, nil, nil))
	}
	r, err := a.owned(ctx, c, ref)
	if err != nil {
		return Entry{}, a.report(err)
	}
	return a.entry(r), nil
}

func (a *Agent) entry(r journal.Record) Entry {
	return Entry{Transaction: a.present(r), Origin: r.Origin, User: r.User, EkoRef: r.EkoRef}
}

func (a *Agent) entries(ctx context.Context, c Caller, f Filter) ([]Entry, string, error) {
	filter, err := journalFilter(c, f)
	if err != nil {
		return nil, "", err
	}
	records, next, err := a.cfg.Journal.List(ctx, filter)
	if errors.Is(err, journal.ErrCursor) {
		return nil, "", invalid("cursor", keyBadCursor)
	}
	if err != nil {
		return nil, "", err
	}
	out := make([]Entry, len(records))
	for i, r := range records {
		out[i] = a.entry(r)
	}
	return out, next, nil
}

// journalFilter checks a filter and confines it to what the caller may see.
func journalFilter(c Caller, f Filter) (journal.Filter, error) {
	out := journal.Filter{States: f.States, Services: f.Services, From: f.From, To: f.To, Cursor: f.Cursor, Limit: f.Limit}
	if f.Date != "" {
		out.From, out.To = f.Date, f.Date
	}
	for field, day := range map[string]string{"date": f.Date, "from": f.From, "to": f.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return out, invalid(field, keyBadDate)
		}
	}
	switch {
	case f.Limit < 0 || f.Limit > journal.MaxPage:
		return out, invalid("limit", keyBadFilter)
	case f.Date != "" && f.From+f.To != "":
		return out, invalid("date", keyBadFilter)
	case !within(f.States, contract.States()):
		return out, invalid("state", keyBadFilter)
	case !within(f.Services, contract.Services()):
		return out, invalid("service", keyBadFilter)
	case c.Local:
		out.Origin = f.Origin
	case f.Origin != "" && f.Origin != c.Origin:
		return out, invalid("origin", keyBadFilter)
	default:
		out.Owner = &journal.Owner{Origin: c.Origin, User: c.User}
	}
	return out, nil
}

// within reports whether words are known ones, none of them twice.
func within[W comparable](words, known []W) bool {
	for i, w := range words {
		if !slices.Contains(known, w) || slices.Contains(words[:i], w) {
			return false
		}
	}
	return true
}

// Pending returns the caller's transactions whose result is not known, oldest
// first.
func (a *Agent) Pending(ctx context.Context, c Caller) ([]contract.Transaction, error) {
	records, err := a.cfg.Journal.Unsettled(ctx)
	if err != nil {
		return nil, a.report(err)
	}
	out := []contract.Transaction{}
	for _, r := range records {
		tx := a.present(r)
		open := tx.State == contract.Sending || tx.State == contract.Pending || tx.State == contract.RefundPending
		if open && c.owns(r.Origin, r.User) {
			out = append(out, tx)
		}
	}
	return out, nil
}

// Inquire asks Eko now about a transaction that is not settled, or is so by a
// person's word alone, and returns how it then stands. A settled one, and one that
// is still being sent, is returned without asking.
func (a *Agent) Inquire(ctx context.Context, c Caller, ref string) (contract.Transaction, error) {
	r, err := a.owned(ctx, c, ref)
	if err == nil {
		r, _, err = a.ask(ctx, r)
	}
	if err != nil {
		return contract.Transaction{}, a.report(err)
	}
	return a.present(r), nil
}

// maxReason is how much of a reason is kept.
const maxReason = 400

// Settle lets the local user declare a pending transaction failed that Eko
// doesn't know, with a reason for the auditor. Eko is asked once more before:
// where it settles the transaction, its answer stands and is returned.
// Errors: unauthorized, invalid_params (no reason), not_found, request_conflict
// (it isn't pending, or Eko knows it and is working on it), unavailable (Eko
// could not be asked).
func (a *Agent) Settle(ctx context.Context, c Caller, ref, reason string) (contract.Transaction, error) {
	r, err := a.settle(ctx, c, ref, strings.TrimSpace(reason))
	if err != nil {
		return contract.Transaction{}, a.report(err)
	}
	return a.present(r), nil
}

func (a *Agent) settle(ctx context.Context, c Caller, ref, reason string) (journal.Record, error) {
	switch {
	case !c.Local:
		return journal.Record{}, fail(keyLocalOnly, nil, nil)
	case reason == "" || len(reason) > maxReason:
		return journal.Record{}, invalid("reason", keyNoReason)
	}
	r, err := a.owned(ctx, c, ref)
	if err != nil {
		return journal.Record{}, err
	}
	if r.State != contract.Pending {
		return journal.Record{}, fail(keySettled, nil, nil)
	}
	r, o, err := a.ask(ctx, r)
	switch {
	case err != nil:
		return journal.Record{}, fmt.Errorf("ask Eko before settling: %w", err)
	case r.State != contract.Pending, o.State != eko.Pending:
		return r, nil
	}
	if err := mayDeclare(o); err != nil {
		return journal.Record{}, err
	}
	result := journal.Result{Reason: journal.ReasonDeclared}
	r, err = a.advance(ctx, ref, journal.Change{To: contract.Failed, By: "local:" + c.User, Reason: journal.ReasonDeclared + ": " + reason, Result: &result})
	if err != nil {
		return journal.Record{}, err
	}
	a.cfg.Log.Warn("a transaction was declared failed by hand", "client_ref_id", ref, "by", c.User)
	return r, nil
}

// mayDeclare refuses unless Eko has just said that it does not know the
// transaction: money of which Eko says "awaited" may still move, and an Eko that
// could not be asked has said nothing.
func mayDeclare(o eko.Outcome) error {
	switch o.Reason {
	case eko.ReasonUnknownToEko:
		return nil
	case eko.ReasonAwaited, eko.ReasonOnHold, eko.ReasonUnknownStatus:
		return fail(keyEkoKnows, nil, nil)
	}
	return fail(keyEkoSilent, nil, o.Err)
}
