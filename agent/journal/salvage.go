package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// carryOver copies every transaction that can still be read from a damaged
// file, with its trail and the captures used up. Damage is local as a rule (a
// torn page, a cut end), so the rows before and after it are asked for one by
// one, by number and from both ends. The damaged file itself is not opened, so
// that it stays as it was found; a patched copy is.
func (j *Journal) carryOver(ctx context.Context, from string) (int, error) {
	patched, err := j.patchedCopy(ctx, from)
	if err != nil {
		return 0, fmt.Errorf("copy the damaged journal: %w", err)
	}
	defer removeAll(patched)
	old, err := sql.Open("sqlite", j.dsn(patched, ""))
	if err != nil {
		return 0, err
	}
	defer old.Close()
	old.SetMaxOpenConns(1)
	if err := migrate(ctx, old); err != nil {
		return 0, fmt.Errorf("read the damaged journal: %w", err)
	}
	seqs, problem := readableSeqs(ctx, old)
	carried := 0
	err = j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		for _, seq := range seqs {
			r, err := scanRecord(old.QueryRowContext(ctx, `SELECT `+columns+` FROM transactions WHERE seq = ?`, seq))
			if err != nil {
				problem = errors.Join(problem, err)
				continue
			}
			if _, err := insertRecord(ctx, tx, r); err != nil {
				if errors.Is(j.classify(err), ErrUnwritable) {
					return err
				}
				problem = errors.Join(problem, err)
				continue
			}
			carried++
			problem = errors.Join(problem, carryTrail(ctx, old, tx, r))
		}
		if err := carryMerchants(ctx, old, tx); err != nil {
			return err
		}
		for table, columns := range carriedTables {
			problem = errors.Join(problem, carryTable(ctx, old, tx, table, columns))
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("carry over: %w", errors.Join(problem, err))
	}
	return carried, problem
}

// patchedCopy copies the file and its log and gives the copy a header with which
// SQLite opens it: one that counts the pages that are there, and a whole one
// where the file's own is unrecognisable.
func (j *Journal) patchedCopy(ctx context.Context, from string) (string, error) {
	to := from + ".reading"
	b, err := os.ReadFile(from)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	log, err := os.ReadFile(from + "-wal")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if len(b) < pageSize {
		if len(log) == 0 {
			return "", errors.New("not a single page is left")
		}
		// The log may hold every page there ever was.
		b = make([]byte, pageSize)
	}
	if !bytes.HasPrefix(b, []byte(headerMagic)) {
		if err := j.lendHeader(ctx, b[:headerSize]); err != nil {
			return "", err
		}
	}
	// Offsets 24 and 92 must agree for the count at 28 to be believed (SQLite
	// file format, section 1.3).
	binary.BigEndian.PutUint32(b[28:], uint32(len(b)/pageSize))
	copy(b[92:96], b[24:28])
	if err := os.WriteFile(to, b, 0o600); err != nil {
		removeAll(to)
		return "", fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if len(log) == 0 {
		return to, nil
	}
	if err := os.WriteFile(to+"-wal", log, 0o600); err != nil {
		removeAll(to)
		return "", fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return to, nil
}

// The layout of SQLite's file. The page size is SQLite's default, which this
// package has never changed.
const (
	headerMagic = "SQLite format 3\x00"
	headerSize  = 100
	pageSize    = 4096
)

// lendHeader takes the header of the new journal, which has the same layout.
func (j *Journal) lendHeader(ctx context.Context, into []byte) error {
	if _, err := j.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		return err
	}
	f, err := os.Open(j.path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadFull(f, into)
	return err
}

func removeAll(path string) {
	for _, suffix := range companions {
		os.Remove(path + suffix)
	}
}

// readableSeqs collects the numbers of the rows from both ends of the table up
// to the damage.
func readableSeqs(ctx context.Context, old *sql.DB) ([]int64, error) {
	var (
		up, down []int64
		problem  error
	)
	walk := func(q string, into *[]int64, stop int64) bool {
		rows, err := old.QueryContext(ctx, q)
		if err != nil {
			problem = errors.Join(problem, err)
			return false
		}
		defer rows.Close()
		for rows.Next() {
			var seq int64
			if err := rows.Scan(&seq); err != nil || seq == stop {
				problem = errors.Join(problem, err)
				return false
			}
			*into = append(*into, seq)
		}
		problem = errors.Join(problem, rows.Err())
		return rows.Err() == nil
	}
	if walk(`SELECT seq FROM transactions NOT INDEXED ORDER BY seq`, &up, -1) {
		return up, problem
	}
	last := int64(-1)
	if len(up) > 0 {
		last = up[len(up)-1]
	}
	walk(`SELECT seq FROM transactions NOT INDEXED ORDER BY seq DESC`, &down, last)
	for i := len(down) - 1; i >= 0; i-- {
		if down[i] > last {
			up = append(up, down[i])
		}
	}
	return up, problem
}

func carryTrail(ctx context.Context, old *sql.DB, tx *sql.Tx, r Record) error {
	rows, err := old.QueryContext(ctx, `SELECT at, from_state, to_state, by_whom, reason FROM changes WHERE client_ref_id = ? ORDER BY id`, r.ClientRefID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			at                   int64
			from, to, by, reason string
		)
		if err := rows.Scan(&at, &from, &to, &by, &reason); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO changes(client_ref_id, at, from_state, to_state, by_whom, reason) VALUES(?,?,?,?,?,?)`,
			r.ClientRefID, at, from, to, by, reason); err != nil {
			return err
		}
	}
	return rows.Err()
}

// carriedTables are copied as far as they can be read: the guard against replays,
// which matters for the minutes in which a capture is fresh, and the merchants'
// days, so that nobody is charged for a second authentication.
var carriedTables = map[string]string{
	"used_captures": "digest, used_at",
	"merchant_day":  "client_ref_id, user_code, day, what, result, at",
}

func carryTable(ctx context.Context, old *sql.DB, tx *sql.Tx, table, columns string) error {
	rows, err := old.QueryContext(ctx, `SELECT `+columns+` FROM `+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, strings.Count(columns, ",")+1)
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO `+table+`(`+columns+`) VALUES(`+marks(len(values))+`)`, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}
