package journal_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"biobridge/agent/journal"
)

func step(ref string) journal.MerchantEntry {
	return journal.MerchantEntry{ClientRefID: ref, UserCode: "20810200", What: "daily"}
}

// TestJournal_Merchant_Repeat: an attempt is refused as long as an earlier one
// of the same day may have been done.
func TestJournal_Merchant_Repeat(t *testing.T) {
	for name, tt := range map[string]struct {
		result  journal.MerchantResult // of the first attempt
		change  func(*journal.MerchantEntry, *clock)
		confirm bool
		refused bool
	}{
		"never answered":        {refused: true},
		"done":                  {result: journal.MerchantDone, refused: true},
		"unclear":               {result: journal.MerchantUnclear, refused: true},
		"failed":                {result: journal.MerchantFailed},
		"lapsed":                {result: journal.MerchantLapsed},
		"confirmed":             {result: journal.MerchantDone, confirm: true},
		"another merchant":      {result: journal.MerchantDone, change: func(e *journal.MerchantEntry, _ *clock) { e.UserCode = "99990002" }},
		"another step":          {result: journal.MerchantDone, change: func(e *journal.MerchantEntry, _ *clock) { e.What = "withdrawal" }},
		"before midnight":       {result: journal.MerchantDone, change: to("2026-03-14T18:29:59.999Z"), refused: true},
		"midnight in India":     {result: journal.MerchantDone, change: to("2026-03-14T18:30:00Z")},
		"the clock went back":   {result: journal.MerchantDone, change: to("2026-03-13T10:00:00Z"), refused: true},
		"the clock went far on": {result: journal.MerchantDone, change: to("2027-03-13T10:00:00Z")},
	} {
		t.Run(name, func(t *testing.T) {
			j, c := fresh(t)
			if _, err := j.BeginMerchant(t.Context(), step("M1"), false, journal.Hash{1}); err != nil {
				t.Fatal(err)
			}
			if tt.result != "" {
				if err := j.EndMerchant(t.Context(), "M1", tt.result); err != nil {
					t.Fatal(err)
				}
			}
			second := step("M2")
			if tt.change != nil {
				tt.change(&second, c)
			}
			_, err := j.BeginMerchant(t.Context(), second, tt.confirm, journal.Hash{2})
			if errors.Is(err, journal.ErrMerchantRepeat) != tt.refused || err != nil && !tt.refused {
				t.Errorf("second attempt: %v, want refused %t", err, tt.refused)
			}
		})
	}
}

// to sets the clock.
func to(text string) func(*journal.MerchantEntry, *clock) {
	return func(_ *journal.MerchantEntry, c *clock) {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			panic(err)
		}
		c.t = at
	}
}

// TestJournal_Merchant_Life: what is written down is found again after a
// restart, and changes once.
func TestJournal_Merchant_Life(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, c)
	if _, err := j.BeginMerchant(t.Context(), step("M1"), false, journal.Hash{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.BeginMerchant(t.Context(), step("M2"), true, journal.Hash{1}); !errors.Is(err, journal.ErrReplay) {
		t.Errorf("the same capture twice: %v", err)
	}
	if _, err := j.BeginMerchant(t.Context(), step("M1"), true, journal.Hash{3}); !errors.Is(err, journal.ErrDuplicate) {
		t.Errorf("the same reference twice: %v", err)
	}
	if err := j.EndMerchant(t.Context(), "M1", journal.MerchantDone); err != nil {
		t.Fatal(err)
	}
	if err := j.EndMerchant(t.Context(), "M1", journal.MerchantFailed); !errors.Is(err, journal.ErrTransition) {
		t.Errorf("ended twice: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, c)
	list, err := j.MerchantDay(t.Context(), "20810200", "2026-03-14")
	if err != nil || len(list) != 1 || list[0].ClientRefID != "M1" || list[0].Result != journal.MerchantDone || !list[0].At.Equal(c.t.Truncate(time.Millisecond)) {
		t.Errorf("after a restart: %+v, %v", list, err)
	}
	if lapsed, err := j.LapseMerchant(t.Context(), "20810200", "daily"); err != nil || !lapsed {
		t.Errorf("LapseMerchant: %t, %v", lapsed, err)
	}
	if lapsed, err := j.LapseMerchant(t.Context(), "20810200", "daily"); err != nil || lapsed {
		t.Errorf("LapseMerchant again: %t, %v", lapsed, err)
	}
	if _, err := j.BeginMerchant(t.Context(), step("M3"), false, journal.Hash{4}); err != nil {
		t.Errorf("after Eko asked once more: %v", err)
	}
	if ever, err := j.MerchantEver(t.Context(), "20810200", "daily"); err != nil || len(ever) != 1 || ever[0].ClientRefID != "M1" {
		t.Errorf("MerchantEver: %+v, %v", ever, err)
	}
}

// TestJournal_Merchant_Prune keeps the last proof of each step.
func TestJournal_Merchant_Prune(t *testing.T) {
	j, c := fresh(t)
	for i, ref := range []string{"M1", "M2", "M3"} {
		if _, err := j.BeginMerchant(t.Context(), step(ref), true, journal.Hash{byte(i + 1)}); err != nil {
			t.Fatal(err)
		}
		result := journal.MerchantDone
		if ref == "M3" {
			result = journal.MerchantFailed
		}
		if err := j.EndMerchant(t.Context(), ref, result); err != nil {
			t.Fatal(err)
		}
	}
	day := journal.Day(c.t)
	c.advance(48 * time.Hour)
	if _, err := j.Prune(t.Context(), c.t); err != nil {
		t.Fatal(err)
	}
	if list, err := j.MerchantDay(t.Context(), "20810200", day); err != nil || len(list) != 1 || list[0].ClientRefID != "M2" {
		t.Errorf("left: %+v, %v", list, err)
	}
}

// TestOpen_FirstVersion opens a journal of the first version: its transactions
// are still there, and the merchant's day is kept from then on.
func TestOpen_FirstVersion(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, c)
	begin(t, j, withdrawal("OLD"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`DROP TABLE merchant_day; PRAGMA user_version = 1`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path, c)
	if r, err := j.Get(t.Context(), "OLD"); err != nil || r.Amount != 500 {
		t.Errorf("Get: %+v, %v", r, err)
	}
	if _, err := j.BeginMerchant(t.Context(), step("M1"), false); err != nil {
		t.Error(err)
	}
}
