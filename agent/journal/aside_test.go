package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// cut makes a journal as a power cut leaves it: a withdrawal is being sent, and
// that stands in the log alone. It is marked as damaged.
func cut(t *testing.T) (path string, c *clock) {
	t.Helper()
	c = newClock()
	running := open(t, written(t), c)
	begin(t, running, withdrawal("SENT"))
	for _, to := range []contract.State{contract.Captured, contract.Sending} {
		if _, err := running.Advance(t.Context(), "SENT", journal.Change{To: to, By: "agent"}); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(t.TempDir(), "journal.db")
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(running.Path() + suffix)
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", suffix, len(b), err)
		}
		if err := os.WriteFile(path+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path+".damaged", []byte("the check found a torn page\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, c
}

// nothingLost opens a journal twice: the withdrawal is there and the damage told.
func nothingLost(t *testing.T, path string, c *clock) {
	t.Helper()
	for range 2 {
		j := open(t, path, c)
		if r, err := j.Get(t.Context(), "SENT"); err != nil || r.State != contract.Pending {
			t.Errorf("the withdrawal that was being sent: %s, %v", r.State, err)
		}
		if d := j.Damage(); d == nil || d.Carried != settledRows+2 || d.Detail != "the check found a torn page" {
			t.Errorf("Damage = %+v", d)
		}
		if _, err := j.Begin(t.Context(), withdrawal("NEW"), journal.Guard{}); !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("money before the user's decision: %v", err)
		}
		j.Close()
	}
	left, err := filepath.Glob(path + ".damaged*")
	if err != nil || len(left) == 0 {
		t.Errorf("nothing was set aside: %v", err)
	}
	if _, err := os.Stat(path + ".damaged"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark stayed: %v", err)
	}
}

// TestOpen_SetAside_Fails cannot move each of the files in turn and tries again
// at the next start.
func TestOpen_SetAside_Fails(t *testing.T) {
	for _, part := range []string{"", "-wal"} {
		t.Run("journal.db"+part, func(t *testing.T) {
			path, c := cut(t)
			inTheWay := path + ".damaged-" + c.t.Format("20060102T150405.000") + part
			if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o700); err != nil {
				t.Fatal(err)
			}
			if _, err := journal.Open(t.Context(), path, journal.Options{Now: c.now}); !errors.Is(err, journal.ErrUnwritable) {
				t.Fatalf("Open: %v, want ErrUnwritable", err)
			}
			c.t = c.t.Add(time.Minute)
			if err := os.RemoveAll(inTheWay); err != nil {
				t.Fatal(err)
			}
			nothingLost(t, path, c)
		})
	}
}

// TestOpen_SetAside_BrokenOff loses the power after each step of setting a
// journal aside.
func TestOpen_SetAside_BrokenOff(t *testing.T) {
	for name, stop := range map[string]func(t *testing.T, path, aside string){
		"the name is chosen": func(t *testing.T, path, aside string) {},
		"the file is away":   func(t *testing.T, path, aside string) { rename(t, path, aside) },
		"the log too": func(t *testing.T, path, aside string) {
			rename(t, path, aside)
			rename(t, path+"-wal", aside+"-wal")
		},
		"a new journal is begun": func(t *testing.T, path, aside string) {
			rename(t, path, aside)
			rename(t, path+"-wal", aside+"-wal")
			mark(t, path, aside, true)
			for _, suffix := range []string{"", "-wal"} {
				if err := os.WriteFile(path+suffix, []byte("half a journal"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, c := cut(t)
			aside := path + ".damaged-then"
			mark(t, path, aside, false)
			stop(t, path, aside)
			nothingLost(t, path, c)
			if info, err := os.Stat(aside + "-wal"); err != nil || info.Size() < 4096 {
				t.Errorf("the log was not kept: %v", err)
			}
		})
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func mark(t *testing.T, path, aside string, moved bool) {
	t.Helper()
	text := `{"detail":"the check found a torn page","aside":"` + filepath.Base(aside) + `"`
	if moved {
		text += `,"moved":true`
	}
	if err := os.WriteFile(path+".damaged", []byte(text+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}
