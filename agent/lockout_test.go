package agent_test

import (
	"database/sql"
	"testing"
)

// lockOut keeps everybody else from writing to a journal, as a virus scanner or
// a failing disk does, until the returned function is called. The agent's own
// upkeep may be writing when it is called: it waits its turn.
func lockOut(t *testing.T, path string) (end func()) {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_txlock=immediate&_pragma=busy_timeout(120000)")
	if err != nil {
		t.Error(err)
		return func() {}
	}
	tx, err := db.Begin()
	if err != nil {
		t.Error(err)
		return func() { db.Close() }
	}
	return func() {
		tx.Rollback()
		db.Close()
	}
}
