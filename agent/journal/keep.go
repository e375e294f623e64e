package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// Backup writes a consistent copy to path while the journal is in use. path
// must not exist; the copy is readable by its owner alone.
func (j *Journal) Backup(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("back up the journal: %w", err)
	}
	f.Close()
	// A connection of its own: the readers may not write anything anywhere, and
	// the writer is not to be held up.
	db, err := sql.Open("sqlite", j.dsn(j.path, ""))
	if err != nil {
		return fmt.Errorf("back up the journal: %w", err)
	}
	defer db.Close()
	// VACUUM INTO accepts an existing file only when it is empty, and keeps its
	// mode.
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		os.Remove(path)
		return fmt.Errorf("back up the journal: %w", j.classify(err))
	}
	return syncFile(path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("back up the journal: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// pruneBatch keeps a prune from holding up a withdrawal.
const pruneBatch = 500

// Prune removes settled transactions whose last change is older than before,
// with their trail, and captures used before then. It returns how many
// transactions went. Unsettled ones stay however old they are.
func (j *Journal) Prune(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		n, err := j.pruneSome(ctx, before)
		total += n
		if err != nil {
			return total, fmt.Errorf("prune the journal: %w", err)
		}
		if n < pruneBatch {
			return total, nil
		}
	}
}

func (j *Journal) pruneSome(ctx context.Context, before time.Time) (n int, err error) {
	err = j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		const old = `SELECT client_ref_id FROM transactions
			WHERE day < ? AND updated_at < ? AND NOT ` + unsettledSQL + ` ORDER BY day, seq LIMIT ?`
		// One day of slack, so that the index over days can be used.
		args := []any{Day(before.Add(24 * time.Hour)), before.UnixMilli(), pruneBatch}
		if _, err := tx.ExecContext(ctx, `DELETE FROM changes WHERE client_ref_id IN (`+old+`)`, args...); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM transactions WHERE client_ref_id IN (`+old+`)`, args...)
		if err != nil {
			return err
		}
		gone, err := res.RowsAffected()
		n = int(gone)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, `DELETE FROM used_captures WHERE used_at < ?`, before.UnixMilli()); err != nil {
			return err
		}
		return pruneMerchants(ctx, tx, Day(before))
	})
	return n, err
}
