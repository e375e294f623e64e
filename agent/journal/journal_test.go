package journal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// clock is a PC's clock in a test.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)} }

func open(t testing.TB, path string, c *clock) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.Options{Now: c.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatalf("Open(%s): %v", path, err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil && !errors.Is(err, journal.ErrUnwritable) {
			t.Errorf("Close: %v", err)
		}
	})
	return j
}

func fresh(t testing.TB) (*journal.Journal, *clock) {
	c := newClock()
	return open(t, filepath.Join(t.TempDir(), "journal.db"), c), c
}

func withdrawal(ref string) journal.Record {
	return journal.Record{
		ClientRefID: ref, Origin: "https://portal.example", User: "shop", Service: contract.CashWithdrawal,
		Amount: 500, BankCode: "SBIN", AadhaarLast4: "1234", AadhaarHash: journal.Hash{1}, ContentHash: journal.Hash{2},
		CustomerID: "9999912345", UserCode: "20810200", Device: &contract.DeviceSummary{Vendor: "mantra", Model: "MFS110"},
	}
}

func begin(t testing.TB, j *journal.Journal, r journal.Record) journal.Record {
	t.Helper()
	got, err := j.Begin(t.Context(), r, journal.Guard{})
	if err != nil {
		t.Fatalf("Begin(%s): %v", r.ClientRefID, err)
	}
	return got
}

// advance leads a transaction through states.
func advance(t testing.TB, j *journal.Journal, ref string, to ...contract.State) journal.Record {
	t.Helper()
	var r journal.Record
	for _, s := range to {
		var err error
		if r, err = j.Advance(t.Context(), ref, journal.Change{To: s, By: "test", Reason: "because"}); err != nil {
			t.Fatalf("Advance(%s, %s): %v", ref, s, err)
		}
	}
	return r
}

// pathTo is how a transaction comes into each state.
var pathTo = map[contract.State][]contract.State{
	contract.Started:       nil,
	contract.Captured:      {contract.Captured},
	contract.Sending:       {contract.Captured, contract.Sending},
	contract.Succeeded:     {contract.Captured, contract.Sending, contract.Succeeded},
	contract.Failed:        {contract.Captured, contract.Sending, contract.Failed},
	contract.Pending:       {contract.Captured, contract.Sending, contract.Pending},
	contract.RefundPending: {contract.Captured, contract.Sending, contract.RefundPending},
	contract.Refunded:      {contract.Captured, contract.Sending, contract.RefundPending, contract.Refunded},
	contract.Abandoned:     {contract.Abandoned},
}

// TestJournal_Advance_Table tries every pair of states: what the table of design
// section 7 lists works, all else is refused and changes nothing.
func TestJournal_Advance_Table(t *testing.T) {
	legal := map[[2]contract.State]bool{
		{contract.Started, contract.Captured}:       true,
		{contract.Started, contract.Abandoned}:      true,
		{contract.Captured, contract.Sending}:       true,
		{contract.Captured, contract.Abandoned}:     true,
		{contract.Sending, contract.Succeeded}:      true,
		{contract.Sending, contract.Failed}:         true,
		{contract.Sending, contract.Pending}:        true,
		{contract.Sending, contract.RefundPending}:  true,
		{contract.Pending, contract.Succeeded}:      true,
		{contract.Pending, contract.Failed}:         true,
		{contract.Pending, contract.RefundPending}:  true,
		{contract.RefundPending, contract.Refunded}: true,
	}
	// Eko may report a refund whose beginning nobody saw: recorded as two steps.
	twoSteps := map[[2]contract.State]bool{
		{contract.Sending, contract.Refunded}: true,
		{contract.Pending, contract.Refunded}: true,
	}
	j, _ := fresh(t)
	n := 0
	for from := range pathTo {
		for to := range pathTo {
			n++
			ref := fmt.Sprintf("T%d", n)
			begin(t, j, withdrawal(ref))
			advance(t, j, ref, pathTo[from]...)
			before, _ := j.Trail(t.Context(), ref)
			pair := [2]contract.State{from, to}
			if got := journal.Allowed(from, to); got != legal[pair] {
				t.Errorf("Allowed(%s, %s) = %v", from, to, got)
			}
			_, err := j.Advance(t.Context(), ref, journal.Change{To: to, By: "test", Reason: "x"})
			r, getErr := j.Get(t.Context(), ref)
			after, _ := j.Trail(t.Context(), ref)
			if getErr != nil {
				t.Fatal(getErr)
			}
			switch {
			case legal[pair]:
				if err != nil || r.State != to || len(after) != len(before)+1 {
					t.Errorf("%s → %s: %v, state %s, %d lines more", from, to, err, r.State, len(after)-len(before))
				}
			case twoSteps[pair]:
				if err != nil || r.State != to || len(after) != len(before)+2 || after[len(before)].To != contract.RefundPending {
					t.Errorf("%s → %s: %v, state %s, trail %v", from, to, err, r.State, after)
				}
			default:
				if !errors.Is(err, journal.ErrTransition) || r.State != from || len(after) != len(before) {
					t.Errorf("%s → %s: %v, state %s, want ErrTransition and no change", from, to, err, r.State)
				}
			}
		}
	}
}

func TestJournal_Begin(t *testing.T) {
	j, c := fresh(t)
	r := begin(t, j, withdrawal("REF1"))
	if r.State != contract.Started || r.Seq != 1 || r.Day != "2026-03-14" || !r.CreatedAt.Equal(c.t) || r.EkoRef != "REF1" {
		t.Errorf("Begin = %+v", r)
	}
	got, err := j.Get(t.Context(), "REF1")
	if err != nil || got.Device == nil || *got.Device != *r.Device || got.AadhaarHash != r.AadhaarHash || got.ContentHash != r.ContentHash {
		t.Errorf("Get = %+v, %v", got, err)
	}
	_, err = j.Begin(t.Context(), withdrawal("REF1"), journal.Guard{})
	if dup, ok := errors.AsType[*journal.DuplicateError](err); !ok || dup.Existing.Seq != 1 || !errors.Is(err, journal.ErrDuplicate) {
		t.Errorf("a second Begin: %v, want a DuplicateError with the first", err)
	}
	if _, err := j.Get(t.Context(), "nobody"); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("Get of an unknown reference: %v", err)
	}
	if _, err := j.Advance(t.Context(), "nobody", journal.Change{To: contract.Captured}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("Advance of an unknown reference: %v", err)
	}
	for _, ref := range []string{"", "123456789012345678901"} {
		if _, err := j.Begin(t.Context(), withdrawal(ref), journal.Guard{}); err == nil {
			t.Errorf("Begin took a reference of %d characters", len(ref))
		}
	}
}

// TestJournal_DayLimit counts withdrawals of one person on a day in India.
func TestJournal_DayLimit(t *testing.T) {
	j, c := fresh(t)
	c.t = time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC) // 23:30 in India
	guard := journal.Guard{PerAadhaarPerDay: 2}
	n := 0
	try := func(change func(*journal.Record), states ...contract.State) error {
		n++
		r := withdrawal(fmt.Sprintf("D%d", n))
		if change != nil {
			change(&r)
		}
		if _, err := j.Begin(t.Context(), r, guard); err != nil {
			return err
		}
		advance(t, j, r.ClientRefID, states...)
		return nil
	}
	mustPass := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	mustPass("one that failed does not count", try(nil, pathTo[contract.Failed]...))
	mustPass("one that was abandoned does not count", try(nil, contract.Abandoned))
	mustPass("the first", try(nil, pathTo[contract.Succeeded]...))
	mustPass("the second, whose result is open", try(nil, pathTo[contract.Pending]...))
	if err := try(nil); !errors.Is(err, journal.ErrDayLimit) {
		t.Errorf("the third: %v, want ErrDayLimit", err)
	}
	mustPass("somebody else", try(func(r *journal.Record) { r.AadhaarHash = journal.Hash{9} }))
	mustPass("a balance", try(func(r *journal.Record) { r.Service, r.Amount = contract.BalanceEnquiry, 0 }))
	c.advance(time.Hour) // 00:30 in India, the same day in London
	mustPass("the next day in India", try(nil, pathTo[contract.Succeeded]...))
	c.advance(-2 * time.Hour) // set back: 22:30 the day before
	if err := try(nil); !errors.Is(err, journal.ErrDayLimit) {
		t.Errorf("with the clock set back: %v, want ErrDayLimit", err)
	}
}

func TestJournal_Repeat(t *testing.T) {
	tests := []struct {
		name    string
		state   contract.State
		wait    time.Duration
		change  func(*journal.Record)
		confirm bool
		refused bool
	}{
		{"paid just now", contract.Succeeded, 59 * time.Second, nil, false, true},
		{"paid just now, confirmed", contract.Succeeded, time.Second, nil, true, false},
		{"paid a minute ago", contract.Succeeded, 61 * time.Second, nil, false, false},
		{"failed just now", contract.Failed, time.Second, nil, false, false},
		{"abandoned just now", contract.Abandoned, time.Second, nil, false, false},
		{"open since yesterday", contract.Pending, 30 * time.Hour, nil, false, true},
		{"being sent", contract.Sending, time.Second, nil, false, true},
		{"being captured", contract.Started, time.Second, nil, false, true},
		{"clock set back", contract.Succeeded, -time.Hour, nil, false, true},
		{"another amount", contract.Succeeded, time.Second, func(r *journal.Record) { r.Amount++ }, false, false},
		{"another bank", contract.Succeeded, time.Second, func(r *journal.Record) { r.BankCode = "HDFC" }, false, false},
		{"another person", contract.Succeeded, time.Second, func(r *journal.Record) { r.AadhaarHash = journal.Hash{7} }, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j, c := fresh(t)
			begin(t, j, withdrawal("FIRST"))
			advance(t, j, "FIRST", pathTo[tt.state]...)
			c.advance(tt.wait)
			second := withdrawal("SECOND")
			if tt.change != nil {
				tt.change(&second)
			}
			_, err := j.Begin(t.Context(), second, journal.Guard{RepeatWithin: time.Minute, ConfirmRepeat: tt.confirm})
			repeat, ok := errors.AsType[*journal.RepeatError](err)
			if ok != tt.refused || (ok && repeat.Previous.ClientRefID != "FIRST") || (!ok && err != nil) {
				t.Errorf("Begin: %v, want refused: %v", err, tt.refused)
			}
		})
	}
}

func TestJournal_Replay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	c := newClock()
	j := open(t, path, c)
	for _, ref := range []string{"A", "B", "C"} {
		begin(t, j, withdrawal(ref))
		advance(t, j, ref, contract.Captured)
	}
	send := func(ref string, digests ...journal.Hash) error {
		_, err := j.Advance(t.Context(), ref, journal.Change{To: contract.Sending, By: "agent", Reason: "x", Digests: digests})
		return err
	}
	if err := send("A", journal.Hash{1}, journal.Hash{2}); err != nil {
		t.Fatal(err)
	}
	if err := send("B", journal.Hash{3}, journal.Hash{2}); !errors.Is(err, journal.ErrReplay) {
		t.Errorf("the same session key again: %v, want ErrReplay", err)
	}
	if r, _ := j.Get(t.Context(), "B"); r.State != contract.Captured {
		t.Errorf("after a refused replay the state is %s", r.State)
	}
	if used, err := j.CaptureUsed(t.Context(), journal.Hash{3}); used || err != nil {
		t.Errorf("a refused change left its digest behind: %v, %v", used, err)
	}
	if err := j.UseCapture(t.Context(), journal.Hash{1}); !errors.Is(err, journal.ErrReplay) {
		t.Errorf("UseCapture of a used one: %v", err)
	}
	j.Close()
	j = open(t, path, c)
	if used, err := j.CaptureUsed(t.Context(), journal.Hash{1}); !used || err != nil {
		t.Errorf("a restart forgot a used capture: %v, %v", used, err)
	}
}

func TestJournal_MergesWhatEkoTells(t *testing.T) {
	j, _ := fresh(t)
	begin(t, j, withdrawal("M"))
	advance(t, j, "M", contract.Captured, contract.Sending)
	zero, two := int64(0), int64(2)
	_, err := j.Advance(t.Context(), "M", journal.Change{To: contract.Pending, By: "eko", Reason: "awaited", Result: &journal.Result{
		TID: "77", Reason: "awaited", Message: "wait", CustomerBalance: "1,000.50", Eko: contract.EkoCodes{Status: &zero, TxStatus: &two},
		MiniStatement: []contract.StatementLine{{Date: "01/02", Amount: "5", TxnType: "Dr"}}, Receipt: map[string]string{"stan": "1", "shop": "A"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := j.Advance(t.Context(), "M", journal.Change{To: contract.Succeeded, By: "eko", Reason: "done", Result: &journal.Result{
		BankRefNum: "RRN9", Reason: "done", Receipt: map[string]string{"stan": "2"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.TID != "77" || r.BankRefNum != "RRN9" || r.CustomerBalance != "1,000.50" || r.Message != "" || r.Reason != "done" ||
		len(r.MiniStatement) != 1 || r.Receipt["stan"] != "2" || r.Receipt["shop"] != "A" || r.Eko.TxStatus == nil {
		t.Errorf("merged: %+v", r.Result)
	}
	again, err := j.Get(t.Context(), "M")
	if err != nil || fmt.Sprint(again.Result.Receipt) != fmt.Sprint(r.Receipt) || again.TID != "77" || *again.Eko.TxStatus != 2 {
		t.Errorf("read back: %+v, %v", again.Result, err)
	}
}

func TestJournal_Inquired(t *testing.T) {
	j, c := fresh(t)
	begin(t, j, withdrawal("Q"))
	advance(t, j, "Q", contract.Captured, contract.Sending)
	if _, err := j.Inquired(t.Context(), "Q", journal.Inquiry{Reason: "x"}); !errors.Is(err, journal.ErrTransition) {
		t.Errorf("an inquiry while sending: %v", err)
	}
	advance(t, j, "Q", contract.Pending)
	next := c.t.Add(4 * time.Second)
	r, err := j.Inquired(t.Context(), "Q", journal.Inquiry{Reason: "unknown", NextInquiryAt: next})
	if err != nil || r.InquiryCount != 1 || !r.NextInquiryAt.Equal(next) || r.State != contract.Pending {
		t.Errorf("Inquired = %+v, %v", r, err)
	}
	trail, err := j.Trail(t.Context(), "Q")
	last := trail[len(trail)-1]
	if err != nil || last.From != contract.Pending || last.To != contract.Pending || last.Reason != "unknown" {
		t.Errorf("trail ends with %+v, %v", last, err)
	}
	if r = advance(t, j, "Q", contract.Succeeded); !r.NextInquiryAt.IsZero() {
		t.Errorf("a settled transaction is to be inquired into at %s", r.NextInquiryAt)
	}
}

func TestJournal_Adopt(t *testing.T) {
	j, _ := fresh(t)
	begin(t, j, withdrawal("A1"))
	if err := j.Adopt(t.Context(), "A1", "P1"); !errors.Is(err, journal.ErrTransition) {
		t.Errorf("Adopt before sending: %v", err)
	}
	advance(t, j, "A1", contract.Captured, contract.Sending)
	if err := j.Adopt(t.Context(), "A1", "P1"); err != nil {
		t.Fatal(err)
	}
	if r, _ := j.Get(t.Context(), "A1"); r.EkoRef != "P1" || r.ClientRefID != "A1" {
		t.Errorf("adopted: %+v", r)
	}
	begin(t, j, withdrawal("A2"))
	advance(t, j, "A2", contract.Captured, contract.Sending)
	for _, taken := range []string{"P1", "A1"} {
		if err := j.Adopt(t.Context(), "A2", taken); !errors.Is(err, journal.ErrDuplicate) {
			t.Errorf("Adopt of %s, which is taken: %v", taken, err)
		}
	}
	if _, err := j.Begin(t.Context(), withdrawal("P1"), journal.Guard{}); !errors.Is(err, journal.ErrDuplicate) {
		t.Errorf("Begin under a reference that Eko knows: %v", err)
	}
}

// TestOpen_Recovers is the start after a process that was killed.
func TestOpen_Recovers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	c := newClock()
	j := open(t, path, c)
	for state, way := range pathTo {
		begin(t, j, withdrawal(string(state)))
		advance(t, j, string(state), way...)
	}
	j.Close()
	c.advance(time.Minute)
	j = open(t, path, c)
	want := map[contract.State]contract.State{
		contract.Started: contract.Abandoned, contract.Captured: contract.Abandoned, contract.Sending: contract.Pending,
	}
	for state := range pathTo {
		r, err := j.Get(t.Context(), string(state))
		if err != nil {
			t.Fatal(err)
		}
		expected, moved := want[state]
		if !moved {
			expected = state
		}
		if r.State != expected {
			t.Errorf("%s became %s, want %s", state, r.State, expected)
		}
		if state == contract.Sending && (r.Reason != journal.ReasonInterrupted || r.NextInquiryAt.After(c.t)) {
			t.Errorf("interrupted: reason %s, to be inquired into at %s", r.Reason, r.NextInquiryAt)
		}
	}
	if got := len(j.Recovered()); got != len(want) {
		t.Errorf("Recovered lists %d, want %d", got, len(want))
	}
}

func TestOpen_OneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	c := newClock()
	j := open(t, path, c)
	_, err := journal.Open(t.Context(), path, journal.Options{})
	locked, ok := errors.AsType[*journal.LockedError](err)
	if !ok || !errors.Is(err, journal.ErrLocked) || locked.PID != os.Getpid() {
		t.Errorf("a second Open: %v, want a LockedError naming process %d", err, os.Getpid())
	}
	j.Close()
	open(t, path, c)
}

func TestOpen_Private(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are not Windows's way")
	}
	j, _ := fresh(t)
	begin(t, j, withdrawal("P"))
	files, err := filepath.Glob(j.Path() + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v", filepath.Base(f), info.Mode(), err)
		}
	}
}

func TestOpen_OddDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% off?#&=ü दुकान")
	j := open(t, filepath.Join(dir, "journal.db"), newClock())
	begin(t, j, withdrawal("ODD"))
	if _, err := os.Stat(filepath.Join(dir, "journal.db")); err != nil {
		t.Error(err)
	}
}

func TestJournal_WriteIsFinished(t *testing.T) {
	j, _ := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	begin(t, j, withdrawal("W"))
	cancel()
	if _, err := j.Advance(ctx, "W", journal.Change{To: contract.Captured}); !errors.Is(err, context.Canceled) {
		t.Errorf("a write begun after the end: %v", err)
	}
	if r, err := j.Get(t.Context(), "W"); err != nil || r.State != contract.Started {
		t.Errorf("state %s, %v", r.State, err)
	}
}

// TestAdvance_declared lets Eko's word, and nobody else's, overrule what a person
// has declared failed.
func TestAdvance_declared(t *testing.T) {
	j, _ := fresh(t)
	n := 0
	for _, by := range []string{"eko", "agent", "local:shop"} {
		for to := range pathTo {
			n++
			ref := fmt.Sprintf("D%d", n)
			begin(t, j, withdrawal(ref))
			advance(t, j, ref, pathTo[contract.Pending]...)
			declare := journal.Change{To: contract.Failed, By: "local:shop", Reason: "declared_failed: x", Result: &journal.Result{Reason: journal.ReasonDeclared}}
			if r, err := j.Advance(t.Context(), ref, declare); err != nil || !r.Declared() {
				t.Fatalf("declare: %s, %v", r.State, err)
			}
			want := by == "eko" && (to == contract.Succeeded || to == contract.Failed || to == contract.RefundPending || to == contract.Refunded)
			_, err := j.Advance(t.Context(), ref, journal.Change{To: to, By: by, Reason: "x", Result: &journal.Result{Reason: "x"}})
			r, getErr := j.Get(t.Context(), ref)
			if getErr != nil {
				t.Fatal(getErr)
			}
			if want != (err == nil) || want != (!r.Declared() && r.State == to) {
				t.Errorf("%s says %s: %v, it is %s (%s)", by, to, err, r.State, r.Reason)
			}
			if !want && !errors.Is(err, journal.ErrTransition) {
				t.Errorf("%s says %s: %v, want ErrTransition", by, to, err)
			}
		}
	}
}
