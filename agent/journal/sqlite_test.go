package journal_test

import (
	"database/sql"
	"testing"
)

// execute runs a statement on a journal's file with a connection of its own.
func execute(t testing.TB, path, statement string) {
	t.Helper()
	if err := tryExecute(t, path, statement); err != nil {
		t.Fatal(err)
	}
}

func tryExecute(t testing.TB, path, statement string) error {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}
