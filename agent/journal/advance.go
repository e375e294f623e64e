package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"biobridge/agent/contract"
)

// Advance makes one change of state and returns the record as it then stands.
// Errors: [ErrNotFound], [ErrTransition], [ErrReplay] (Change.Digest was used
// before), [ErrUnwritable], [ErrCorrupt]. After an error nothing has changed.
func (j *Journal) Advance(ctx context.Context, ref string, c Change) (Record, error) {
	var r Record
	err := j.inWrite(ctx, durable(c.To), func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if r, err = getRecord(ctx, tx, ref); err != nil {
			return err
		}
		way := r.steps(c.To, c.By)
		if way == nil {
			return fmt.Errorf("%w: %s to %s", ErrTransition, r.State, c.To)
		}
		if err := useCapture(ctx, tx, c.Digests, j.now()); err != nil {
			return err
		}
		for _, to := range way {
			if err := j.step(ctx, tx, &r, to, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Record{}, fmt.Errorf("record %s: %w", c.To, err)
	}
	return r, nil
}

// step writes one change into the row and the trail.
func (j *Journal) step(ctx context.Context, tx *sql.Tx, r *Record, to contract.State, c Change) error {
	entry := TrailEntry{At: j.now(), From: r.State, To: to, By: c.By, Reason: c.Reason}
	r.State = to
	r.UpdatedAt = later(r.UpdatedAt, entry.At)
	if c.Device != nil {
		r.Device = c.Device
	}
	if c.Result != nil {
		r.Result = r.Result.merge(*c.Result)
		entry.Eko = c.Result.Eko
	}
	r.NextInquiryAt, r.ScheduledAt = time.Time{}, time.Time{}
	if !to.Settled() && !c.NextInquiryAt.IsZero() {
		r.NextInquiryAt, r.ScheduledAt = roundMS(c.NextInquiryAt), roundMS(entry.At)
	}
	if err := updateRecord(ctx, tx, *r); err != nil {
		return err
	}
	return insertTrail(ctx, tx, r.ClientRefID, entry)
}

// Adopt writes down another reference under which Eko will know the
// transaction, before it is sent. Errors: [ErrDuplicate] when Eko knows another
// one under it, [ErrTransition] unless the transaction is being sent.
func (j *Journal) Adopt(ctx context.Context, ref, ekoRef string) error {
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		r, err := getRecord(ctx, tx, ref)
		switch {
		case err != nil:
			return err
		case r.State != contract.Sending:
			return fmt.Errorf("%w: %s takes no other reference", ErrTransition, r.State)
		}
		// A reference that a page of this PC uses is as taken as one of Eko's.
		var taken int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM transactions WHERE (client_ref_id = ?1 OR eko_ref = ?1) AND seq <> ?2`, ekoRef, r.Seq).Scan(&taken)
		switch {
		case err != nil:
			return err
		case taken > 0:
			return &DuplicateError{}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE transactions SET eko_ref = ? WHERE seq = ?`, ekoRef, r.Seq); err != nil {
			return err
		}
		return insertTrail(ctx, tx, ref, TrailEntry{At: j.now(), From: r.State, To: r.State, By: "partner", Reason: "reference_adopted"})
	})
	if err != nil {
		return fmt.Errorf("adopt a reference: %w", err)
	}
	return nil
}

// Inquiry is what one question to Eko told without settling anything.
type Inquiry struct {
	Reason string
	// Result, when set, is merged into what is known.
	Result        *Result
	NextInquiryAt time.Time
}

// Inquired records that Eko was asked about a transaction that stays where it
// is. Errors as [Journal.Advance]; [ErrTransition] when it has been settled.
func (j *Journal) Inquired(ctx context.Context, ref string, q Inquiry) (Record, error) {
	var r Record
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if r, err = getRecord(ctx, tx, ref); err != nil {
			return err
		}
		if r.State != contract.Pending && r.State != contract.RefundPending {
			return fmt.Errorf("%w: %s can't be inquired into", ErrTransition, r.State)
		}
		entry := TrailEntry{At: j.now(), From: r.State, To: r.State, By: "eko", Reason: q.Reason}
		r.InquiryCount++
		r.NextInquiryAt, r.ScheduledAt = roundMS(q.NextInquiryAt), roundMS(entry.At)
		if q.Result != nil {
			r.Result = r.Result.merge(*q.Result)
			entry.Eko = q.Result.Eko
			r.UpdatedAt = later(r.UpdatedAt, entry.At)
		}
		if err := updateRecord(ctx, tx, r); err != nil {
			return err
		}
		return insertTrail(ctx, tx, ref, entry)
	})
	if err != nil {
		return Record{}, fmt.Errorf("record an inquiry: %w", err)
	}
	return r, nil
}

// useCapture marks a capture as used up.
func useCapture(ctx context.Context, tx *sql.Tx, digests []Hash, now time.Time) error {
	for _, d := range digests {
		_, err := tx.ExecContext(ctx, `INSERT INTO used_captures(digest, used_at) VALUES(?,?)`, d[:], now.UnixMilli())
		switch {
		case uniqueViolation(err):
			return ErrReplay
		case err != nil:
			return err
		}
	}
	return nil
}

// UseCapture marks a capture as used up outside a transaction: one that was
// handed to a page. [ErrReplay] when it was used before.
func (j *Journal) UseCapture(ctx context.Context, digests ...Hash) error {
	return j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		return useCapture(ctx, tx, digests, j.now())
	})
}

// CaptureUsed reports whether a capture was used before.
func (j *Journal) CaptureUsed(ctx context.Context, digest Hash) (bool, error) {
	var n int
	err := j.read.QueryRowContext(ctx, `SELECT count(*) FROM used_captures WHERE digest = ?`, digest[:]).Scan(&n)
	return n > 0, j.classify(err)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return roundMS(b)
	}
	return a
}
