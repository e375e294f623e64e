package journal_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// later is what a program of a later release does to the file: it adds a column and
// a table, and says which programs may still read it.
func later(readableFrom string) string {
	return `
ALTER TABLE transactions ADD COLUMN fee INTEGER NOT NULL DEFAULT 0;
CREATE TABLE fees (client_ref_id TEXT PRIMARY KEY, fee INTEGER NOT NULL) STRICT;
UPDATE transactions SET fee = 7;
PRAGMA user_version = 3;
INSERT INTO facts(name, value) VALUES('version_3_readable_from', '` + readableFrom + `')`
}

// TestOpen_NewerButReadable is a shop whose update was taken back after the newer
// program had migrated the journal: the older one works on and leaves the newer one's
// columns alone.
func TestOpen_NewerButReadable(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, c)
	begin(t, j, withdrawal("OLD"))
	advance(t, j, "OLD", contract.Captured, contract.Sending, contract.Pending)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, path, later("2"))

	j = open(t, path, c)
	advance(t, j, "OLD", contract.Succeeded)
	begin(t, j, withdrawal("NEW"))
	advance(t, j, "NEW", contract.Captured, contract.Sending, contract.Failed)
	if _, err := j.BeginMerchant(t.Context(), step("M1"), false); err != nil {
		t.Error(err)
	}
	if list, _, err := j.List(t.Context(), journal.Filter{}); err != nil || len(list) != 2 {
		t.Errorf("List: %d, %v", len(list), err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := errors.Join(j.Check(t.Context()), j.Backup(t.Context(), backup), j.Close()); err != nil {
		t.Error(err)
	}
	for _, file := range []string{path, backup} {
		want := map[string]string{
			"PRAGMA user_version": "3",
			"SELECT fee FROM transactions WHERE client_ref_id = 'OLD'":           "7",
			"SELECT fee FROM transactions WHERE client_ref_id = 'NEW'":           "0",
			"SELECT value FROM facts WHERE name = 'version_3_readable_from'":     "2",
			"SELECT state FROM transactions WHERE client_ref_id = 'OLD'":         "succeeded",
			"SELECT count(*) FROM merchant_day WHERE client_ref_id = 'M1'":       "1",
			"SELECT count(*) FROM changes WHERE client_ref_id IN ('OLD', 'NEW')": "9",
		}
		for query, value := range want {
			if got := ask(t, file, query); got != value {
				t.Errorf("%s: %s is %s, want %s", filepath.Base(file), query, got, value)
			}
		}
	}
}

// TestOpen_Newer refuses what no older program can read.
func TestOpen_Newer(t *testing.T) {
	for name, change := range map[string]string{
		"for newer programs only": later("3"),
		"says nothing":            "PRAGMA user_version = 3",
		"says nonsense":           later("soon"),
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t)
			execute(t, path, change)
			if _, err := journal.Open(t.Context(), path, journal.Options{}); !errors.Is(err, journal.ErrNewer) {
				t.Errorf("Open: %v, want ErrNewer", err)
			}
		})
	}
}

// ask returns the only value that a query finds.
func ask(t *testing.T, path, query string) (value string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&value); err != nil {
		t.Errorf("%s: %v", query, err)
	}
	return value
}
