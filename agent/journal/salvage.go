package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// carryOver copies every transaction that can still be read from a damaged
// file, with its trail and the captures used up. Damage is local as a rule (a
// torn page, a cut end), so the rows before and after it are asked for one by
// one, by number and from both ends.
func (j *Journal) carryOver(ctx context.Context, from string) (int, error) {
	old, err := sql.Open("sqlite", dsn(from, "_pragma=query_only(1)"))
	if err != nil {
		return 0, err
	}
	defer old.Close()
	old.SetMaxOpenConns(1)
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
				problem = errors.Join(problem, err)
				continue
			}
			carried++
			problem = errors.Join(problem, carryTrail(ctx, old, tx, r))
		}
		return carryCaptures(ctx, old, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("carry over: %w", errors.Join(problem, err))
	}
	return carried, problem
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

// carryCaptures copies the guard against replays as far as it can be read; it
// matters for the minutes in which a capture is still fresh.
func carryCaptures(ctx context.Context, old *sql.DB, tx *sql.Tx) error {
	rows, err := old.QueryContext(ctx, `SELECT digest, used_at FROM used_captures`)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var (
			digest []byte
			at     int64
		)
		if rows.Scan(&digest, &at) != nil {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO used_captures(digest, used_at) VALUES(?,?)`, digest, at); err != nil {
			return err
		}
	}
	return nil
}
