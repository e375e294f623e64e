package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// MerchantEntry is one attempt at one of the retailer's own steps. It holds
// nothing of his finger, his Aadhaar number or what Eko gave him for a
// withdrawal.
type MerchantEntry struct {
	ClientRefID string
	UserCode    string
	// What names the step.
	What   string
	Result MerchantResult
	// Day is the day in India on which it was sent, At when it was written last.
	Day string
	At  time.Time
}

// MerchantResult is what is known of an attempt.
type MerchantResult string

// The results. Sent is what is on disk before the first byte leaves; whoever
// finds it later does not know more than MerchantUnclear.
const (
	MerchantSent    MerchantResult = "sent"
	MerchantDone    MerchantResult = "done"
	MerchantFailed  MerchantResult = "failed"
	MerchantUnclear MerchantResult = "unclear"
	// MerchantLapsed was done, and Eko has asked for it once more since.
	MerchantLapsed MerchantResult = "lapsed"
)

// ErrMerchantRepeat: the step was done, or may have been, on the same day.
var ErrMerchantRepeat = errors.New("the merchant's step was already sent today")

// BeginMerchant writes an attempt down before it is sent and uses up its
// capture, durably and in one transaction. Unless confirmed, an attempt at the
// same step on the same day that is not known to have failed refuses it with
// [ErrMerchantRepeat]; one dated after now was written before the clock was set
// back and counts as today's. Day, At and Result are BeginMerchant's own.
// Errors: also [ErrReplay], [ErrDuplicate], [ErrUnwritable].
func (j *Journal) BeginMerchant(ctx context.Context, e MerchantEntry, confirmed bool, digests ...Hash) (MerchantEntry, error) {
	now := j.now()
	e.Day, e.At, e.Result = Day(now), roundMS(now), MerchantSent
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		if !confirmed {
			if err := merchantRepeat(ctx, tx, e); err != nil {
				return err
			}
		}
		if err := useCapture(ctx, tx, digests, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO merchant_day(client_ref_id, user_code, day, what, result, at) VALUES(?,?,?,?,?,?)`,
			e.ClientRefID, e.UserCode, e.Day, e.What, e.Result, e.At.UnixMilli())
		if uniqueViolation(err) {
			return &DuplicateError{}
		}
		return err
	})
	if err != nil {
		return MerchantEntry{}, fmt.Errorf("begin a merchant's step: %w", err)
	}
	return e, nil
}

func merchantRepeat(ctx context.Context, tx *sql.Tx, e MerchantEntry) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM merchant_day
		WHERE user_code = ? AND what = ? AND day >= ? AND result IN ('sent','done','unclear')`,
		e.UserCode, e.What, e.Day).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for the day's steps: %w", err)
	}
	if n > 0 {
		return ErrMerchantRepeat
	}
	return nil
}

// EndMerchant writes down what became of an attempt. Only one that was sent
// changes. Errors: [ErrTransition], [ErrUnwritable].
func (j *Journal) EndMerchant(ctx context.Context, ref string, result MerchantResult) error {
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE merchant_day SET result = ?, at = ? WHERE client_ref_id = ? AND result = 'sent'`,
			result, roundMS(j.now()).UnixMilli(), ref)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrTransition)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end a merchant's step: %w", err)
	}
	return nil
}

// LapseMerchant records that Eko wants a step once more today: what was done, or
// may have been, no longer counts. It reports whether anything did.
func (j *Journal) LapseMerchant(ctx context.Context, userCode, what string) (bool, error) {
	var n int64
	err := j.inWrite(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE merchant_day SET result = 'lapsed' WHERE user_code = ? AND what = ? AND day >= ? AND result IN ('done','unclear')`,
			userCode, what, Day(j.now()))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lapse a merchant's step: %w", err)
	}
	return n > 0, nil
}

// MerchantDay returns a merchant's attempts of one day in India, oldest first.
func (j *Journal) MerchantDay(ctx context.Context, userCode, day string) ([]MerchantEntry, error) {
	return j.merchantEntries(ctx, `user_code = ? AND day = ?`, userCode, day)
}

// MerchantEver returns a merchant's attempts at one step that were done on any
// day, oldest first.
func (j *Journal) MerchantEver(ctx context.Context, userCode, what string) ([]MerchantEntry, error) {
	return j.merchantEntries(ctx, `user_code = ? AND what = ? AND result IN ('done','lapsed')`, userCode, what)
}

func (j *Journal) merchantEntries(ctx context.Context, where string, args ...any) (entries []MerchantEntry, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read a merchant's day: %w", j.classify(err))
		}
	}()
	rows, err := j.read.QueryContext(ctx, `SELECT client_ref_id, user_code, day, what, result, at FROM merchant_day WHERE `+where+` ORDER BY seq`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			e  MerchantEntry
			at int64
		)
		if err := rows.Scan(&e.ClientRefID, &e.UserCode, &e.Day, &e.What, &e.Result, &at); err != nil {
			return nil, err
		}
		e.At = time.UnixMilli(at).UTC()
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// pruneMerchants removes attempts of days before day. A step that was done stays
// where it is the last one of its kind: it may be one of those that are done
// once in a merchant's life.
func pruneMerchants(ctx context.Context, tx *sql.Tx, day string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM merchant_day AS m WHERE day < ? AND (result NOT IN ('done','lapsed') OR EXISTS (
		SELECT 1 FROM merchant_day n WHERE n.user_code = m.user_code AND n.what = m.what AND n.result IN ('done','lapsed') AND n.seq > m.seq))`, day)
	return err
}

// carryMerchants copies the merchants' days from a damaged journal as far as
// they can be read, so that nobody pays for a step again.
func carryMerchants(ctx context.Context, old *sql.DB, tx *sql.Tx) error {
	rows, err := old.QueryContext(ctx, `SELECT client_ref_id, user_code, day, what, result, at FROM merchant_day ORDER BY seq`)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var (
			ref, userCode, day, what, result string
			at                               int64
		)
		if rows.Scan(&ref, &userCode, &day, &what, &result, &at) != nil {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO merchant_day(client_ref_id, user_code, day, what, result, at) VALUES(?,?,?,?,?,?)`,
			ref, userCode, day, what, result, at); err != nil {
			return err
		}
	}
	return nil
}
