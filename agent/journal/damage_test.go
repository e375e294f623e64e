package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// settledRows is how many settled transactions written writes.
const settledRows = 150

var fixture = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "journal.db")
	j, err := journal.Open(context.Background(), path, journal.Options{Now: newClock().now})
	if err != nil {
		panic(err)
	}
	for i := range settledRows + 1 {
		r := withdrawal(fmt.Sprintf("R%04d", i))
		// Rows of a mini statement's size: damage in the middle of the file then
		// hits rows and not the schema at its beginning.
		for range 12 {
			r.MiniStatement = append(r.MiniStatement, contract.StatementLine{Date: "14/03", Amount: "100.00", TxnType: "Dr", Narration: strings.Repeat("x", 40)})
		}
		way := pathTo[contract.Abandoned]
		if i == settledRows {
			r.ClientRefID, way = "OPEN", pathTo[contract.Sending]
		}
		if _, err := j.Begin(context.Background(), r, journal.Guard{}); err != nil {
			panic(err)
		}
		for _, to := range way {
			if _, err := j.Advance(context.Background(), r.ClientRefID, journal.Change{To: to, By: "test", Reason: "because"}); err != nil {
				panic(err)
			}
		}
	}
	j.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return b
})

// written makes a journal with settled transactions and one that is being sent,
// and returns its path.
func written(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, fixture(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// overwrite spoils part of a file.
func overwrite(t *testing.T, path string, at, size int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xA5}, int(size)), at); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_Damaged(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, path string, size int64)
		// atLeast is how many of the 151 transactions must be carried over.
		atLeast int
	}{
		{"not a database", func(t *testing.T, path string, size int64) { overwrite(t, path, 0, 100) }, 100},
		{"cut in half", func(t *testing.T, path string, size int64) {
			if err := os.Truncate(path, size/2); err != nil {
				t.Fatal(err)
			}
		}, 30},
		{"cut to less than a page", func(t *testing.T, path string, size int64) {
			if err := os.Truncate(path, 1000); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"a page in the middle", func(t *testing.T, path string, size int64) {
			overwrite(t, path, size/2/4096*4096, 4096)
		}, 100},
		{"the last page", func(t *testing.T, path string, size int64) { overwrite(t, path, size-4096, 4096) }, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClock()
			path := written(t)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, path, info.Size())
			spoilt, _ := os.ReadFile(path)

			if _, err := journal.Open(t.Context(), path, journal.Options{RefuseDamaged: true}); !errors.Is(err, journal.ErrCorrupt) {
				t.Fatalf("Open with RefuseDamaged: %v, want ErrCorrupt", err)
			}
			j := open(t, path, c)
			d := j.Damage()
			if d == nil || d.Carried < tt.atLeast || d.Detail == "" {
				t.Fatalf("Damage = %+v, want at least %d carried over", d, tt.atLeast)
			}
			t.Logf("%d of 151 carried over: %s", d.Carried, d.Detail)
			kept, err := os.ReadFile(filepath.Join(filepath.Dir(path), d.File))
			if err != nil || !bytes.Equal(kept, spoilt) {
				t.Errorf("the damaged file was not set aside as it was: %v", err)
			}
			if r, err := j.Get(t.Context(), "OPEN"); err == nil && r.State != contract.Pending {
				t.Errorf("the open transaction was carried over as %s", r.State)
			}
			checkRefusesMoney(t, j, path, c)
		})
	}
}

// checkRefusesMoney goes through the user's decision after damage.
func checkRefusesMoney(t *testing.T, j *journal.Journal, path string, c *clock) {
	t.Helper()
	if _, err := j.Begin(t.Context(), withdrawal("NEW"), journal.Guard{}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("money before the user's decision: %v, want ErrDamaged", err)
	}
	balance := withdrawal("BALANCE")
	balance.Service, balance.Amount = contract.BalanceEnquiry, 0
	begin(t, j, balance)
	j.Close()
	j = open(t, path, c)
	if j.Damage() == nil {
		t.Fatal("a restart forgot the damage")
	}
	if err := j.AcceptDamage(t.Context(), "shop"); err != nil || j.Damage() != nil {
		t.Fatalf("AcceptDamage: %v", err)
	}
	begin(t, j, withdrawal("NEW"))
	j.Close()
	if j = open(t, path, c); j.Damage() != nil {
		t.Error("a restart forgot the decision")
	}
}

// TestJournal_Check finds damage in a journal that is in use: money stops at
// once, and the next start sets the file aside.
func TestJournal_Check(t *testing.T) {
	c := newClock()
	path := written(t)
	j := open(t, path, c)
	if err := j.Check(t.Context()); err != nil {
		t.Fatalf("Check of a good journal: %v", err)
	}
	j.Close()
	info, _ := os.Stat(path)
	j = open(t, path, c)
	overwrite(t, path, info.Size()/2/4096*4096, 4096)
	if err := j.Check(t.Context()); !errors.Is(err, journal.ErrCorrupt) {
		t.Fatalf("Check: %v, want ErrCorrupt", err)
	}
	if _, err := j.Begin(t.Context(), withdrawal("NEW"), journal.Guard{}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("money after the damage was seen: %v", err)
	}
	if err := j.AcceptDamage(t.Context(), "shop"); !errors.Is(err, journal.ErrCorrupt) {
		t.Errorf("accepting a damaged file that is still in use: %v", err)
	}
	j.Close()
	j = open(t, path, c)
	if d := j.Damage(); d == nil || d.Carried < 100 {
		t.Errorf("after the restart: %+v", d)
	}
	if _, err := os.Stat(path + ".damaged"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark stayed: %v", err)
	}
}

func TestOpen_Foreign(t *testing.T) {
	path := written(t)
	for name, pragma := range map[string]string{"newer": "user_version = 99", "foreign": "application_id = 7"} {
		t.Run(name, func(t *testing.T) {
			other := filepath.Join(t.TempDir(), "other.db")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(other, b, 0o600); err != nil {
				t.Fatal(err)
			}
			execute(t, other, "PRAGMA "+pragma)
			want := map[string]error{"newer": journal.ErrNewer, "foreign": journal.ErrForeign}[name]
			_, err = journal.Open(t.Context(), other, journal.Options{})
			if !errors.Is(err, want) {
				t.Errorf("Open: %v, want %v", err, want)
			}
			left, _ := filepath.Glob(other + ".damaged*")
			if len(left) > 0 {
				t.Errorf("it was set aside: %v", left)
			}
		})
	}
}

// TestSchema_HoldsTheRules goes past the package, as a support person with an
// SQLite shell might.
func TestSchema_HoldsTheRules(t *testing.T) {
	path := written(t)
	for _, tt := range []struct{ statement, want string }{
		{"UPDATE changes SET reason = 'other'", "append-only"},
		{"DELETE FROM changes WHERE client_ref_id = 'OPEN'", "stays"},
		{"DELETE FROM transactions WHERE client_ref_id = 'OPEN'", "stays"},
		{"UPDATE transactions SET state = 'perhaps'", "CHECK"},
		{"UPDATE transactions SET aadhaar_last4 = '123412341234'", "CHECK"},
	} {
		err := tryExecute(t, path, tt.statement)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want a refusal (%s)", tt.statement, err, tt.want)
		}
	}
}

// TestJournal_DamageInUse meets a spoilt page in the middle of the day's work.
func TestJournal_DamageInUse(t *testing.T) {
	path := written(t)
	c := newClock()
	j := open(t, path, c)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, path, info.Size()/4/4096*4096, info.Size()/2/4096*4096)
	if _, _, err := j.List(t.Context(), journal.Filter{Limit: journal.MaxPage}); !errors.Is(err, journal.ErrCorrupt) {
		t.Fatalf("List over the spoilt pages: %v, want ErrCorrupt", err)
	}
	if d := j.Damage(); d == nil || d.Carried != -1 {
		t.Errorf("Damage = %+v", d)
	}
	if _, err := j.Begin(t.Context(), withdrawal("NEW"), journal.Guard{}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("money after it: %v", err)
	}
}

func TestJournal_Close(t *testing.T) {
	j, _ := fresh(t)
	for range 2 {
		if err := j.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if _, err := j.Get(t.Context(), "X"); err == nil || errors.Is(err, journal.ErrNotFound) {
		t.Errorf("Get after Close: %v", err)
	}
	if _, err := j.Begin(t.Context(), withdrawal("X"), journal.Guard{}); err == nil {
		t.Error("Begin after Close went through")
	}
}
