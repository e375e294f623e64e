package agent_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko/ekosim"
	"biobridge/pid"
)

// TestAgent_Damage starts on a journal that cannot be read: money waits for the
// local user's decision, enquiries go on.
func TestAgent_Damage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{path: path})
	e := sh.refused(withdraw(t, 500), contract.Unavailable)
	if e.Reason() != "journal_damaged" {
		t.Errorf("reason %s", e.Reason())
	}
	if sh.captures() != 0 {
		t.Error("a finger was asked for")
	}
	balance := withdraw(t, 0)
	balance.Service = contract.BalanceEnquiry
	if tx := sh.transact(balance); tx.State != contract.Succeeded {
		t.Errorf("a balance: %s", tx.State)
	}
	s, err := sh.agent.Status(t.Context())
	if err != nil || s.Damage == nil || len(s.Problems) != 1 || s.Problems[0].Code != "journal_damaged" {
		t.Errorf("Status: %+v, %v", s, err)
	}
	if err := sh.agent.AcceptNewJournal(t.Context(), local, "compared with Eko's portal"); err != nil {
		t.Fatal(err)
	}
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("after the decision: %s", tx.State)
	}
	if s, _ := sh.agent.Status(t.Context()); s.Damage != nil || len(s.Problems) != 0 {
		t.Errorf("Status after the decision: %+v", s)
	}
}

// TestAgent_Clock: Eko's clock is the judge of this PC's.
func TestAgent_Clock(t *testing.T) {
	sh := openShop(t, setup{eko: func(o *ekosim.Options) {
		o.Tolerance = 2 * time.Hour
		o.PIDMaxAge, o.PIDMaxAhead = 3*time.Hour, 3*time.Hour
	}})
	balance := withdraw(t, 0)
	balance.Service = contract.BalanceEnquiry
	sh.eko.SetSkew(5 * time.Minute)
	sh.transact(balance) // now the skew is known
	tx := sh.transact(withdraw(t, 500))
	found := false
	for _, w := range tx.Warnings {
		found = found || w.Code == "clock_off"
	}
	if !found {
		t.Errorf("five minutes: warnings %v", tx.Warnings)
	}
	if s, _ := sh.agent.Status(t.Context()); len(s.Problems) != 1 || s.Problems[0].Code != "clock_off" {
		t.Errorf("five minutes: problems %v", s.Problems)
	}
	sh.eko.SetSkew(-15 * time.Minute)
	sh.transact(withdraw(t, 600))
	before := sh.captures()
	e := sh.refused(withdraw(t, 700), contract.Unavailable)
	if e.Reason() != "clock_wrong" || sh.captures() != before || !strings.Contains(e.Message, "15 minutes") && !strings.Contains(e.Message, "14 minutes") {
		t.Errorf("fifteen minutes: %v", e)
	}
}

// TestAgent_ClockSetBack carries on with a clock that jumps back an hour: order,
// list and inquiries stay.
func TestAgent_ClockSetBack(t *testing.T) {
	shift := make(chan time.Duration, 1)
	shift <- 0
	now := func() time.Time {
		d := <-shift
		shift <- d
		return time.Now().Add(d)
	}
	sh := openShop(t, setup{now: now, config: func(c *agent.Config) { c.Policy = pid.Policy{MaxAge: 3 * time.Hour, MaxAhead: 3 * time.Hour} }})
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.PendingSuccess, Inquiries: 2}); err != nil {
		t.Fatal(err)
	}
	r := withdraw(t, 500)
	r.ClientRefID = "BEFORE"
	if tx := sh.transact(r); tx.State != contract.Pending {
		t.Fatalf("it is %s", tx.State)
	}
	<-shift
	shift <- -time.Hour
	r = withdraw(t, 600)
	r.ClientRefID = "AFTER"
	sh.transact(r)
	p, err := sh.agent.List(t.Context(), page, agent.Filter{})
	if err != nil || p.Transactions[0].ClientRefID != "AFTER" || p.Transactions[1].ClientRefID != "BEFORE" {
		t.Errorf("order: %v, %v", p.Transactions, err)
	}
	if !p.Transactions[0].CreatedAt.Before(p.Transactions[1].CreatedAt) {
		t.Error("the clock was not set back")
	}
	if tx := sh.settled("BEFORE"); tx.State != contract.Succeeded {
		t.Errorf("it became %s", tx.State)
	}
	e := sh.refused(withdraw(t, 500), contract.RequestConflict)
	if e.Reason() != "confirm_repeat" {
		t.Errorf("the same again: %v", e)
	}
}

// TestAgent_NotWritten loses the disk between Eko's answer and the journal: the
// page is told what a restart would know, and the truth is written when it can.
func TestAgent_NotWritten(t *testing.T) {
	var sh *shop
	block := make(chan func(), 1)
	sh = openShop(t, setup{config: func(c *agent.Config) {
		c.Failpoint = func(name string) {
			if name == agent.BeforeOutcome {
				block <- lockOut(t, sh.path)
			}
		}
	}})
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Pending || tx.Reason != "not_written" {
		t.Errorf("the page was told %s (%s)", tx.State, tx.Reason)
	}
	checkSentences(t, tx)
	if s, _ := sh.agent.Status(t.Context()); s.Unwritten != 1 {
		t.Errorf("Status: %+v", s)
	}
	if got, err := sh.agent.Get(t.Context(), page, tx.ClientRefID); err != nil || got.State != contract.Pending {
		t.Errorf("Get: %s, %v", got.State, err)
	}
	(<-block)()
	if got := sh.settled(tx.ClientRefID); got.State != contract.Succeeded || sh.eko.Attempts(tx.ClientRefID) != 1 {
		t.Errorf("it became %s after %d attempts", got.State, sh.eko.Attempts(tx.ClientRefID))
	}
}

// TestAgent_NotWritable cannot write before the request leaves: nothing leaves.
func TestAgent_NotWritable(t *testing.T) {
	for _, point := range []string{agent.BeforeStarted, agent.BeforeCaptured, agent.BeforeSending} {
		t.Run(point, func(t *testing.T) {
			var sh *shop
			block := make(chan func(), 1)
			sh = openShop(t, setup{config: func(c *agent.Config) {
				c.Failpoint = func(name string) {
					if name == point {
						block <- lockOut(t, sh.path)
					}
				}
			}})
			r := withdraw(t, 500)
			r.ClientRefID = "NOT-WRITABLE"
			if e := sh.refused(r, contract.Unavailable); e.Reason() != "journal_unwritable" {
				t.Errorf("reason %s", e.Reason())
			}
			if sh.eko.Attempts("NOT-WRITABLE") != 0 {
				t.Error("it was sent")
			}
			(<-block)()
			if point == agent.BeforeStarted {
				return
			}
			if tx := sh.settled("NOT-WRITABLE"); tx.State != contract.Abandoned {
				t.Errorf("it became %s", tx.State)
			}
		})
	}
}

// TestAgent_Escalates asks about a transaction of two days ago: a person must.
func TestAgent_Escalates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	old := func() time.Time { return time.Now().Add(-48 * time.Hour) }
	j, err := journal.Open(t.Context(), path, journal.Options{Now: old})
	if err != nil {
		t.Fatal(err)
	}
	recorded(t, j, journal.Record{
		ClientRefID: "OLD", Origin: page.Origin, User: page.User, Service: contract.CashWithdrawal, Amount: 500, BankCode: "SBIN",
		AadhaarLast4: "1234", CustomerID: "9999912345", UserCode: ekosim.UserCode,
	}, contract.Pending, journal.Result{Reason: "no_answer", Message: "No complete answer came from Eko."})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{path: path, still: true})
	tx, err := sh.agent.Inquire(t.Context(), page, "OLD")
	if err != nil || tx.State != contract.Pending || tx.Reason != "ask_eko" || !strings.Contains(tx.Remedy, "Ask Eko's support") {
		t.Errorf("Inquire: %+v, %v", tx, err)
	}
	s, err := sh.agent.Status(t.Context())
	if err != nil || len(s.AskEko) != 1 || s.Unsettled != 1 || s.Problems[0].Code != "ask_eko" {
		t.Errorf("Status: %+v, %v", s, err)
	}
	r, err := sh.journal.Get(t.Context(), "OLD")
	wait := time.Until(r.NextInquiryAt)
	if err != nil || wait < 30*time.Minute || wait > 2*time.Hour {
		t.Errorf("the next inquiry is in %s, %v", wait, err)
	}
}

// TestAgent_Subscribe: everybody hears of his own, nobody is waited for.
func TestAgent_Subscribe(t *testing.T) {
	sh := openShop(t, setup{})
	mine, endMine := sh.agent.Subscribe(page)
	defer endMine()
	theirs, endTheirs := sh.agent.Subscribe(agent.Caller{Origin: "https://other.example", User: "shop"})
	defer endTheirs()
	all, endAll := sh.agent.Subscribe(local)
	defer endAll()
	for i := range 40 { // 160 events, more than any buffer
		r := withdraw(t, int64(100+i))
		r.Service, r.Amount = contract.BalanceEnquiry, 0
		sh.transact(r)
	}
	sh.stop()
	var states []contract.State
	for e := range mine {
		if e.Kind == agent.TransactionUpdated {
			if e.Origin != "" || e.User != "" {
				t.Error("a page is told whose it is")
			}
			states = append(states, e.Transaction.State)
		}
	}
	if len(states) < 4 || states[0] != contract.Started || states[3] != contract.Succeeded {
		t.Errorf("heard %v", states)
	}
	for e := range theirs {
		if e.Kind == agent.TransactionUpdated {
			t.Errorf("a stranger heard of %s", e.Transaction.ClientRefID)
		}
	}
	owned := false
	for e := range all {
		owned = owned || e.Kind == agent.TransactionUpdated && e.Origin == page.Origin && e.User == page.User
	}
	if !owned {
		t.Error("the local user heard of nothing")
	}
	after, end := sh.agent.Subscribe(page)
	end()
	if _, open := <-after; open {
		t.Error("a subscription after the end is open")
	}
}

// TestAgent_Devices_Change plugs a scanner out and in under a watching page.
func TestAgent_Devices_Change(t *testing.T) {
	sh := openShop(t, setup{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	events, end := sh.agent.Subscribe(page)
	defer end()
	go func() {
		defer close(ended)
		sh.watcher.Run(ctx)
	}()
	defer func() { cancel(); <-ended }()
	wait := func(status contract.DeviceStatus) {
		t.Helper()
		for e := range events {
			if e.Kind == agent.DeviceChanged && e.Device.Device.Status == status && e.Device.Change != "removed" {
				return
			}
		}
	}
	wait(contract.DeviceReady)
	sh.scanner.Unplug()
	wait(contract.DeviceNotReady)
	sh.scanner.Plug()
	wait(contract.DeviceReady)
}

func TestAgent_Localise(t *testing.T) {
	c, err := locale.LoadDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{still: true, config: func(cfg *agent.Config) { cfg.Catalogue = c }})
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostRequest}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	english := sh.agent.Localise(tx, locale.English)
	if english.Message != tx.Message {
		t.Errorf("English: %q", english.Message)
	}
	hindi := sh.agent.Localise(tx, locale.Hindi)
	if c.Has(locale.Hindi, "agent.pending.message") && c.Has(locale.Hindi, "eko.no_answer.message") && hindi.Message == tx.Message {
		t.Errorf("Hindi: %q", hindi.Message)
	}
	if hindi.Message == "" || hindi.Remedy == "" {
		t.Errorf("Hindi says %q, %q", hindi.Message, hindi.Remedy)
	}
}
