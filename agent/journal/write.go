package journal

import (
	"context"
	"database/sql"
)

// inWrite runs one write transaction. With durable set, it has been fsynced
// when inWrite returns nil; without, it survives the process but perhaps not a
// power failure. Once begun it is carried through whatever becomes of ctx.
func (j *Journal) inWrite(ctx context.Context, durable bool, do func(context.Context, *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.inWriteLocked(ctx, durable, do)
}

func (j *Journal) inWriteLocked(ctx context.Context, durable bool, do func(context.Context, *sql.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	// In WAL mode FULL fsyncs the log at every commit and NORMAL leaves that to
	// the next one that does. The pragma can't change inside a transaction.
	mode := "PRAGMA synchronous = NORMAL"
	if durable {
		mode = "PRAGMA synchronous = FULL"
	}
	if _, err := j.write.ExecContext(ctx, mode); err != nil {
		return j.classify(err)
	}
	tx, err := j.write.BeginTx(ctx, nil)
	if err != nil {
		return j.classify(err)
	}
	defer tx.Rollback()
	if err := do(ctx, tx); err != nil {
		return j.classify(err)
	}
	return j.classify(tx.Commit())
}

// factClean says whether the last process closed the journal itself.
const factClean = "closed_cleanly"

func (j *Journal) setFact(ctx context.Context, name, value string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.setFactLocked(ctx, name, value)
}

func (j *Journal) setFactLocked(ctx context.Context, name, value string) error {
	return j.inWriteLocked(ctx, false, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO facts(name, value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value = excluded.value`, name, value)
		return err
	})
}
