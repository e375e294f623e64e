package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"biobridge/agent/contract"
)

// Guard is what Begin checks in the same SQLite transaction that writes the
// row, so that two calls at once cannot both pass.
type Guard struct {
	// PerAadhaarPerDay is how many cash withdrawals that succeeded, or may
	// have, one Aadhaar holder gets on a day in India; 0 is no limit.
	PerAadhaarPerDay int
	// RepeatWithin is how long after a withdrawal the same one (Aadhaar number,
	// bank, amount) must be confirmed; one whose result isn't known must be
	// confirmed however old it is. 0 is no check.
	RepeatWithin time.Duration
	// ConfirmRepeat says that it was.
	ConfirmRepeat bool
}

// Begin writes a new transaction in state started. CreatedAt, UpdatedAt, Day,
// State and Seq are Begin's own; the record as written is returned.
// Errors: [ErrDuplicate], [ErrDayLimit], [ErrRepeat], [ErrDamaged] (money only),
// [ErrUnwritable].
func (j *Journal) Begin(ctx context.Context, r Record, g Guard) (Record, error) {
	if r.Service.MovesMoney() && j.Damage() != nil {
		return Record{}, ErrDamaged
	}
	now := j.now()
	r.State, r.CreatedAt, r.UpdatedAt, r.Day = contract.Started, roundMS(now), roundMS(now), Day(now)
	if r.EkoRef == "" {
		r.EkoRef = r.ClientRefID
	}
	err := j.inWrite(ctx, durable(contract.Started), func(ctx context.Context, tx *sql.Tx) error {
		existing, err := getRecord(ctx, tx, r.ClientRefID)
		switch {
		case err == nil:
			return &DuplicateError{Existing: existing}
		case !errors.Is(err, ErrNotFound):
			return err
		}
		if err := checkGuard(ctx, tx, r, g, now); err != nil {
			return err
		}
		if r.Seq, err = insertRecord(ctx, tx, r); err != nil {
			if uniqueViolation(err) {
				return &DuplicateError{}
			}
			return err
		}
		return insertTrail(ctx, tx, r.ClientRefID, TrailEntry{At: now, To: contract.Started, By: "agent", Reason: "requested"})
	})
	if err != nil {
		return Record{}, fmt.Errorf("begin a transaction: %w", err)
	}
	return r, nil
}

// checkGuard holds the limits of a person. Rows dated after now were written
// before the clock was set back; they count as today's, so that setting it back
// never frees anything.
func checkGuard(ctx context.Context, tx *sql.Tx, r Record, g Guard, now time.Time) error {
	if r.Service == contract.CashWithdrawal && g.PerAadhaarPerDay > 0 {
		var n int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM transactions
			WHERE aadhaar_hash = ? AND service = ? AND (day = ? OR created_at > ?)
			AND state NOT IN ('failed','refunded','abandoned')`,
			r.AadhaarHash[:], r.Service, r.Day, now.UnixMilli()).Scan(&n)
		if err != nil {
			return fmt.Errorf("count the day's withdrawals: %w", err)
		}
		if n >= g.PerAadhaarPerDay {
			return ErrDayLimit
		}
	}
	if !r.Service.MovesMoney() || g.RepeatWithin <= 0 || g.ConfirmRepeat {
		return nil
	}
	row := tx.QueryRowContext(ctx, `SELECT `+columns+` FROM transactions
		WHERE aadhaar_hash = ? AND service = ? AND bank_code = ? AND amount = ?
		AND (state IN ('sending','pending') OR (state IN ('started','captured','succeeded','refund_pending') AND updated_at > ?))
		ORDER BY seq DESC LIMIT 1`,
		r.AadhaarHash[:], r.Service, r.BankCode, r.Amount, now.Add(-g.RepeatWithin).UnixMilli())
	previous, err := scanRecord(row)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look for the same withdrawal: %w", err)
	}
	return &RepeatError{Previous: previous}
}
