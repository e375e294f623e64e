package agent_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko/ekosim"
)

var update = flag.Bool("update", false, "rewrite golden files")

var local = agent.Caller{Local: true, User: "owner"}

// TestAgent_Isolation asks for a page's transaction through every method as
// somebody else: it is as if it did not exist.
func TestAgent_Isolation(t *testing.T) {
	sh := openShop(t, setup{still: true})
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostRequest}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	ref := tx.ClientRefID
	strangers := map[string]agent.Caller{
		"another page": {Origin: "https://other.example", User: "shop"},
		"another user": {Origin: page.Origin, User: "flat-mate"},
		"nobody":       {},
	}
	for name, who := range strangers {
		t.Run(name, func(t *testing.T) {
			none, err := sh.agent.Get(t.Context(), who, ref)
			sh.is(none, err, contract.NotFound)
			none, err = sh.agent.Inquire(t.Context(), who, ref)
			sh.is(none, err, contract.NotFound)
			_, err = sh.agent.Receipt(t.Context(), who, ref, locale.English)
			sh.is(none, err, contract.NotFound)
			if p, err := sh.agent.List(t.Context(), who, agent.Filter{}); err != nil || len(p.Transactions) != 0 {
				t.Errorf("List: %v, %v", p, err)
			}
			if open, err := sh.agent.Pending(t.Context(), who); err != nil || len(open) != 0 {
				t.Errorf("Pending: %v, %v", open, err)
			}
			_, err = sh.agent.List(t.Context(), who, agent.Filter{Origin: "https://portal.example/"})
			if who.Origin != page.Origin {
				sh.is(none, err, contract.InvalidParams)
			}
			for _, err := range []error{
				second(sh.agent.Settle(t.Context(), who, ref, "x")),
				second(sh.agent.Entry(t.Context(), who, ref)),
				second(sh.agent.Trail(t.Context(), who, ref)),
				second(sh.agent.Backup(t.Context(), who)),
				sh.agent.AcceptNewJournal(t.Context(), who, "x"),
			} {
				sh.is(none, err, contract.Unauthorized)
			}
		})
	}
	t.Run("its owner", func(t *testing.T) {
		if open, err := sh.agent.Pending(t.Context(), page); err != nil || len(open) != 1 || open[0].ClientRefID != ref {
			t.Errorf("Pending: %v, %v", open, err)
		}
	})
	t.Run("the local user", func(t *testing.T) {
		entries, _, err := sh.agent.Entries(t.Context(), local, agent.Filter{})
		if err != nil || len(entries) != 1 || entries[0].Origin != page.Origin || entries[0].User != page.User {
			t.Errorf("Entries: %v, %v", entries, err)
		}
		if trail, err := sh.agent.Trail(t.Context(), local, ref); err != nil || len(trail) != 4 {
			t.Errorf("Trail: %v, %v", trail, err)
		}
		path, err := sh.agent.Backup(t.Context(), local)
		if info, statErr := os.Stat(path); err != nil || statErr != nil || info.Size() == 0 {
			t.Errorf("Backup: %s, %v, %v", path, err, statErr)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAgent_List_Filter(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{}, nil, "v2")
	for i := range 5 {
		r := withdraw(t, int64(100*(i+1)))
		r.ClientRefID = fmt.Sprintf("L%d", i)
		sh.transact(r)
	}
	var got []string
	f := agent.Filter{Limit: 2, Date: journal.Day(clock.now()), Services: []contract.Service{contract.CashWithdrawal}}
	for {
		p, err := sh.agent.List(t.Context(), page, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, tx := range p.Transactions {
			got = append(got, tx.ClientRefID)
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			break
		}
	}
	if !slices.Equal(got, []string{"L4", "L3", "L2", "L1", "L0"}) {
		t.Errorf("pages: %v", got)
	}
	for name, bad := range map[string]agent.Filter{
		"date": {Date: "14.3.2026"}, "from": {From: "2026-13-01"}, "to": {To: "x"}, "limit": {Limit: 501}, "cursor": {Cursor: "?"},
		"state": {States: []contract.State{"done"}}, "service": {Services: []contract.Service{"withdrawal"}},
	} {
		_, err := sh.agent.List(t.Context(), page, bad)
		e := sh.is(contract.Transaction{}, err, contract.InvalidParams)
		if field, _ := e.Data["field"].(string); field != name {
			t.Errorf("%+v: field %q, want %q", bad, field, name)
		}
	}
}

// recorded puts a transaction into a journal as it stands after Eko's answer.
func recorded(t *testing.T, j *journal.Journal, r journal.Record, to contract.State, result journal.Result) {
	t.Helper()
	if _, err := j.Begin(t.Context(), r, journal.Guard{}); err != nil {
		t.Fatal(err)
	}
	way := []contract.State{contract.Captured, contract.Sending, to}
	if to == contract.Abandoned {
		way = []contract.State{to}
	}
	for _, s := range way {
		c := journal.Change{To: s, By: "eko", Reason: result.Reason}
		if s == to {
			c.Result = &result
		}
		if _, err := j.Advance(t.Context(), r.ClientRefID, c); err != nil {
			t.Fatal(err)
		}
	}
}

func fixed() time.Time { return time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC) }

// printed is a shop with one transaction of each kind that a slip can show.
func printed(t *testing.T) *shop {
	t.Helper()
	sh := openShop(t, setup{now: fixed, still: true})
	base := journal.Record{
		Origin: page.Origin, User: page.User, Service: contract.CashWithdrawal, Amount: 10000, BankCode: "SBIN",
		AadhaarLast4: "1234", CustomerID: "9999912345", UserCode: "20810200", Simulated: true,
	}
	lines := map[string]string{
		"merchantname": "Ravi Stores", "shop": "Ravi Stores & Sons", "shop_address_line1": "12 <Main> Road, Patna", "terminal_id": "T0042",
		"sender_name": "Asha Devi", "stan": "004211", "auth_code": "a1b2c3", "merchant_code": "RS77",
	}
	done, zero := int64(1463), int64(0)
	put := func(ref string, s contract.State, change func(*journal.Record, *journal.Result)) {
		r, result := base, journal.Result{Reason: "succeeded", Receipt: lines}
		r.ClientRefID = ref
		change(&r, &result)
		recorded(t, sh.journal, r, s, result)
	}
	put("DONE", contract.Succeeded, func(r *journal.Record, x *journal.Result) {
		x.TID, x.BankRefNum, x.CustomerBalance = "2147483648", "607312345678", "14,250.75"
		x.Eko = contract.EkoCodes{ResponseTypeID: &done, TxStatus: &zero}
	})
	put("OPEN", contract.Pending, func(r *journal.Record, x *journal.Result) {
		x.Reason, x.Message, x.Receipt = "no_answer", "No complete answer came from Eko.", nil
	})
	put("NO", contract.Failed, func(r *journal.Record, x *journal.Result) {
		x.Reason, x.Message = "declined", "The bank declined."
	})
	put("BACK", contract.RefundPending, func(r *journal.Record, x *journal.Result) { x.Reason = "refund_pending" })
	put("NEVER", contract.Abandoned, func(r *journal.Record, x *journal.Result) {
		x.Reason, x.Message, x.Receipt = "capture_timeout", "No finger was placed in time. Nothing was sent.", nil
	})
	put("MINI", contract.Succeeded, func(r *journal.Record, x *journal.Result) {
		r.Service, r.Amount = contract.MiniStatement, 0
		x.CustomerBalance = "14,250.75"
		x.MiniStatement = []contract.StatementLine{
			{Date: "12/03", TxnType: "Dr", Amount: "500.00", Narration: "ATM WDL/PATNA/A VERY LONG NARRATION THAT DOES NOT FIT"},
			{Date: "13/03", TxnType: "Cr", Amount: "1,000.00", Narration: "NEFT"},
		}
	})
	return sh
}

// TestAgent_Receipt holds slips against golden files: text for a till roll, HTML
// for each paper.
func TestAgent_Receipt(t *testing.T) {
	sh := printed(t)
	for _, ref := range []string{"DONE", "OPEN", "NO", "BACK", "NEVER", "MINI"} {
		r, err := sh.agent.Receipt(t.Context(), page, ref, locale.English)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "receipt_"+strings.ToLower(ref)+".txt", []byte(r.Text(0)))
		for _, line := range strings.Split(r.Text(0), "\n") {
			if n := len([]rune(line)); n > 32 {
				t.Errorf("%s: a line of %d columns: %q", ref, n, line)
			}
		}
		if final := r.State != contract.Pending && r.State != contract.RefundPending; r.Final != final || (!final && !strings.Contains(strings.ToUpper(r.Notice), "NOT FINAL")) {
			t.Errorf("%s: final %v, notice %q", ref, r.Final, r.Notice)
		}
	}
	r, _ := sh.agent.Receipt(t.Context(), page, "OPEN", locale.English)
	html, err := r.HTML(agent.Paper80)
	if err != nil || !strings.Contains(string(html), `<strong class="notice">THE RESULT IS NOT FINAL`) {
		t.Errorf("a pending slip is not bold about it: %v", err)
	}
	r, _ = sh.agent.Receipt(t.Context(), page, "DONE", locale.English)
	for _, p := range []agent.Paper{agent.Paper58, agent.Paper80, agent.PaperA4} {
		html, err := r.HTML(p)
		if err != nil || strings.Contains(string(html), "<Main>") || strings.Contains(string(html), "<script") {
			t.Errorf("paper %s: %v", p, err)
		}
		golden(t, "receipt_done_"+string(p)+".html", html)
	}
	if _, err := r.HTML("a5"); err == nil {
		t.Error("paper a5 was laid out")
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}
