package journal_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// BenchmarkWithdrawal is what the journal adds to a withdrawal: four writes, two
// of them fsynced. Compare it with BenchmarkBareInsert, one durable row in a bare
// SQLite file under the same settings; the fsyncs are counted by
//
//	strace -f -c -e trace=fsync,fdatasync go test -run '^$' -bench … -benchtime 1000x
func BenchmarkWithdrawal(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "journal.db"), newClock())
	ctx := b.Context()
	result := &journal.Result{TID: "2147483648", BankRefNum: "607312345678", CustomerBalance: "14250.75", Reason: "succeeded",
		Receipt: map[string]string{"sender_name": "Asha Devi", "merchantname": "Ravi Stores", "stan": "004211"}}
	b.ResetTimer()
	for i := range b.N {
		ref := fmt.Sprintf("W%d", i)
		r := withdrawal(ref)
		r.AadhaarHash = journal.Hash{byte(i), byte(i >> 8), byte(i >> 16)}
		if _, err := j.Begin(ctx, r, journal.Guard{PerAadhaarPerDay: 5, RepeatWithin: 60e9}); err != nil {
			b.Fatal(err)
		}
		for _, c := range []journal.Change{
			{To: contract.Captured, By: "agent", Reason: "captured"},
			{To: contract.Sending, By: "agent", Reason: "sending", Digests: []journal.Hash{hash(2 * i), hash(2*i + 1)}},
			{To: contract.Succeeded, By: "eko", Reason: "succeeded", Result: result},
		} {
			if _, err := j.Advance(ctx, ref, c); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func hash(n int) journal.Hash {
	return journal.Hash{1, byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}
}

func BenchmarkBareInsert(b *testing.B) {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, ref TEXT UNIQUE, body TEXT)`); err != nil {
		b.Fatal(err)
	}
	row := withdrawal("X").Transaction()
	body, err := json.Marshal(row)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		if _, err := db.Exec(`INSERT INTO t(ref, body) VALUES(?,?)`, fmt.Sprintf("W%d", i), body); err != nil {
			b.Fatal(err)
		}
	}
}

// oldRows is how full a shop's journal is after years.
const oldRows = 100_000

// full makes a journal of oldRows settled withdrawals. They are copied inside
// SQLite from one that went the ordinary way.
func full(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "journal.db")
	c := newClock()
	j := open(b, path, c)
	begin(b, j, withdrawal("FIRST"))
	advance(b, j, "FIRST", pathTo[contract.Succeeded]...)
	j.Close()
	multiply(b, path, oldRows)
	return path
}

// multiply copies the first transaction and its trail under new references.
func multiply(b *testing.B, path string, n int) {
	b.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, q := range []string{
		`CREATE TEMP TABLE copies AS WITH RECURSIVE k(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM k WHERE i < ` + fmt.Sprint(n) + `) SELECT i FROM k`,
		`CREATE TEMP TABLE one AS SELECT * FROM transactions WHERE seq = 1`,
		`CREATE TEMP TABLE more AS SELECT one.*, i FROM one, copies`,
		`UPDATE more SET seq = i, client_ref_id = 'OLD' || i, eko_ref = 'OLD' || i, aadhaar_hash = randomblob(32),
			day = date('2023-01-01', '+' || (i / 120) || ' days')`,
		`ALTER TABLE more DROP COLUMN i`,
		`INSERT INTO transactions SELECT * FROM more`,
		`INSERT INTO changes(client_ref_id, at, from_state, to_state, by_whom, reason)
			SELECT 'OLD' || i, at, from_state, to_state, by_whom, reason FROM changes, copies WHERE client_ref_id = 'FIRST'`,
		`INSERT INTO used_captures SELECT randomblob(32), i FROM copies`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := db.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err == nil {
		b.Logf("%d transactions, %d MB", n, info.Size()>>20)
	}
}

// BenchmarkOld compares an empty journal with a full one: start, the newest page
// of the list, a page of one shop's page, looking one transaction up, what is
// unsettled, and the whole of a withdrawal's writes.
func BenchmarkOld(b *testing.B) {
	paths := map[string]string{"full": full(b)}
	for _, fill := range []string{"empty", "full"} {
		path := paths[fill]
		if path == "" {
			path = filepath.Join(b.TempDir(), "empty.db")
			j := open(b, path, newClock())
			begin(b, j, withdrawal("FIRST"))
			advance(b, j, "FIRST", pathTo[contract.Succeeded]...)
			j.Close()
		}
		b.Run("start/"+fill, func(b *testing.B) {
			for range b.N {
				j, err := journal.Open(context.Background(), path, journal.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				j.Close()
				b.StartTimer()
			}
		})
		j := open(b, path, newClock())
		run := func(name string, do func() error) {
			b.Run(name+"/"+fill, func(b *testing.B) {
				for range b.N {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("list_one", func() error {
			_, _, err := j.List(context.Background(), journal.Filter{Limit: 1})
			return err
		})
		run("list_owner", func() error {
			_, _, err := j.List(context.Background(), journal.Filter{Limit: 1, Owner: &journal.Owner{Origin: "https://portal.example", User: "shop"}})
			return err
		})
		run("list_day", func() error {
			_, _, err := j.List(context.Background(), journal.Filter{Limit: 1, From: "2026-03-14", To: "2026-03-14", Services: []contract.Service{contract.CashWithdrawal}})
			return err
		})
		run("get", func() error {
			_, err := j.Get(context.Background(), "FIRST")
			return err
		})
		run("unsettled", func() error {
			_, err := j.Unsettled(context.Background())
			return err
		})
		n := 0
		run("withdrawal", func() error {
			n++
			ref := fmt.Sprintf("%s%d-%d", fill, b.N, n)
			r := withdrawal(ref)
			r.AadhaarHash = hash(n)
			if _, err := j.Begin(context.Background(), r, journal.Guard{PerAadhaarPerDay: 5, RepeatWithin: 60e9, ConfirmRepeat: true}); err != nil {
				return err
			}
			for _, to := range pathTo[contract.Failed] {
				if _, err := j.Advance(context.Background(), ref, journal.Change{To: to, By: "x", Reason: "x"}); err != nil {
					return err
				}
			}
			return nil
		})
		j.Close()
	}
}
