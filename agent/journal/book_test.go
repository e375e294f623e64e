package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

func refs(records []journal.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.ClientRefID)
	}
	return out
}

// fill writes a small book: two pages, two users, three days, several states.
func fill(t *testing.T, j *journal.Journal, c *clock) {
	t.Helper()
	n := 0
	put := func(origin, user string, s contract.Service, amount int64, states ...contract.State) {
		n++
		r := withdrawal(fmt.Sprintf("R%d", n))
		r.Origin, r.User, r.Service, r.Amount = origin, user, s, amount
		begin(t, j, r)
		advance(t, j, r.ClientRefID, states...)
	}
	put("https://a.example", "shop", contract.CashWithdrawal, 100, pathTo[contract.Succeeded]...)  // R1
	put("https://a.example", "shop", contract.CashWithdrawal, 200, pathTo[contract.Pending]...)    // R2
	put("https://a.example", "other", contract.CashWithdrawal, 400, pathTo[contract.Succeeded]...) // R3
	put("https://b.example", "shop", contract.BalanceEnquiry, 0, pathTo[contract.Succeeded]...)    // R4
	c.advance(24 * time.Hour)
	put("https://a.example", "shop", contract.CashWithdrawal, 800, pathTo[contract.Failed]...) // R5
	put("https://a.example", "shop", contract.MiniStatement, 0, pathTo[contract.Succeeded]...) // R6
	c.advance(24 * time.Hour)
	put("https://a.example", "shop", contract.CashWithdrawal, 1600, pathTo[contract.Succeeded]...) // R7
}

func TestJournal_List(t *testing.T) {
	j, c := fresh(t)
	fill(t, j, c)
	shop := &journal.Owner{Origin: "https://a.example", User: "shop"}
	tests := []struct {
		name   string
		filter journal.Filter
		want   []string
	}{
		{"all", journal.Filter{}, []string{"R7", "R6", "R5", "R4", "R3", "R2", "R1"}},
		{"an owner's", journal.Filter{Owner: shop}, []string{"R7", "R6", "R5", "R2", "R1"}},
		{"an origin's", journal.Filter{Origin: "https://b.example"}, []string{"R4"}},
		{"a day's", journal.Filter{From: "2026-03-15", To: "2026-03-15"}, []string{"R6", "R5"}},
		{"until a day", journal.Filter{To: "2026-03-14"}, []string{"R4", "R3", "R2", "R1"}},
		{"open ones", journal.Filter{States: []contract.State{contract.Pending, contract.RefundPending}}, []string{"R2"}},
		{"by service", journal.Filter{Services: []contract.Service{contract.BalanceEnquiry, contract.MiniStatement}}, []string{"R6", "R4"}},
		{"combined", journal.Filter{Owner: shop, From: "2026-03-15", Services: []contract.Service{contract.CashWithdrawal}}, []string{"R7", "R5"}},
		{"none", journal.Filter{From: "2027-01-01"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, next, err := j.List(t.Context(), tt.filter)
			if err != nil || next != "" || !slices.Equal(refs(got), tt.want) {
				t.Errorf("List = %v, %q, %v, want %v", refs(got), next, err, tt.want)
			}
		})
	}
	if _, _, err := j.List(t.Context(), journal.Filter{Cursor: "not one!"}); !errors.Is(err, journal.ErrCursor) {
		t.Errorf("a made-up cursor: %v", err)
	}
}

// TestJournal_List_Pages walks the list while new transactions arrive and the
// clock goes back: nothing is shown twice, nothing is left out.
func TestJournal_List_Pages(t *testing.T) {
	j, c := fresh(t)
	var want []string
	for i := range 25 {
		ref := fmt.Sprintf("P%02d", i)
		begin(t, j, withdrawal(ref))
		want = append(want, ref)
		c.advance(-time.Minute)
	}
	slices.Reverse(want)
	var got []string
	cursor := ""
	for page := 0; ; page++ {
		records, next, err := j.List(t.Context(), journal.Filter{Limit: 7, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, refs(records)...)
		begin(t, j, withdrawal(fmt.Sprintf("NEW%d", page)))
		if next == "" {
			break
		}
		cursor = next
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages = %v, want %v", got, want)
	}
}

func TestJournal_Backup(t *testing.T) {
	j, c := fresh(t)
	fill(t, j, c)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := j.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := j.Backup(t.Context(), copied); !errors.Is(err, os.ErrExist) {
		t.Errorf("a backup over an existing file: %v", err)
	}
	// The journal goes on while the copy is a journal of its own.
	begin(t, j, withdrawal("LATER"))
	k := open(t, copied, c)
	records, _, err := k.List(t.Context(), journal.Filter{})
	if err != nil || len(records) != 7 {
		t.Errorf("the copy holds %v, %v", refs(records), err)
	}
	if err := k.Check(t.Context()); err != nil {
		t.Errorf("the copy's check: %v", err)
	}
}

func TestJournal_Prune(t *testing.T) {
	j, c := fresh(t)
	fill(t, j, c)
	if err := j.UseCapture(t.Context(), journal.Hash{1}); err != nil {
		t.Fatal(err)
	}
	c.advance(399 * 24 * time.Hour)
	n, err := j.Prune(t.Context(), c.t.Add(-400*24*time.Hour))
	left, _, _ := j.List(t.Context(), journal.Filter{})
	// The first day's settled ones go; the one that is open stays.
	if err != nil || n != 3 || !slices.Equal(refs(left), []string{"R7", "R6", "R5", "R2"}) {
		t.Errorf("Prune = %d, %v; left %v", n, err, refs(left))
	}
	if trail, _ := j.Trail(t.Context(), "R2"); len(trail) != 4 {
		t.Errorf("the open transaction's trail has %d lines", len(trail))
	}
	if trail, _ := j.Trail(t.Context(), "R1"); len(trail) != 0 {
		t.Errorf("a pruned transaction's trail has %d lines", len(trail))
	}
	c.advance(3 * 24 * time.Hour)
	if n, err := j.Prune(t.Context(), c.t.Add(-400*24*time.Hour)); n != 3 || err != nil {
		t.Errorf("the second Prune = %d, %v", n, err)
	}
	if used, _ := j.CaptureUsed(t.Context(), journal.Hash{1}); used {
		t.Error("a capture of 400 days ago is remembered")
	}
}
