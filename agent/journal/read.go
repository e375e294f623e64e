package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"biobridge/agent/contract"
)

// Get returns one transaction; [ErrNotFound] when there is none.
func (j *Journal) Get(ctx context.Context, ref string) (Record, error) {
	r, err := getRecord(ctx, j.read, ref)
	return r, j.classify(err)
}

// Newest is when the last transaction was begun, by this PC's clock of then;
// zero where there is none.
func (j *Journal) Newest(ctx context.Context) (time.Time, error) {
	var ms sql.NullInt64
	err := j.read.QueryRowContext(ctx, `SELECT created_at FROM transactions ORDER BY seq DESC LIMIT 1`).Scan(&ms)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("look for the newest transaction: %w", j.classify(err))
	}
	return fromMS(ms), nil
}

// Owner selects the transactions of one page under one user of the PC.
type Owner struct{ Origin, User string }

// Filter selects transactions; zero fields select all.
type Filter struct {
	Owner *Owner
	// Origin selects a page whoever used it.
	Origin   string
	States   []contract.State
	Services []contract.Service
	// From and To are days in India, YYYY-MM-DD, both included.
	From, To string
	// Cursor is the one that the page before handed out.
	Cursor string
	// Limit is how many at most, 1 to 500; 0 is 50.
	Limit int
}

// MaxPage is the most records that List hands out at once.
const MaxPage = 500

// List returns transactions, newest first, and the cursor of the next page,
// "" after the last. A transaction written meanwhile never shifts a page.
func (j *Journal) List(ctx context.Context, f Filter) ([]Record, string, error) {
	where, args := f.where()
	if f.Cursor != "" {
		seq, err := strconv.ParseInt(f.Cursor, 36, 64)
		if err != nil || seq < 1 {
			return nil, "", ErrCursor
		}
		where = append(where, "seq < ?")
		args = append(args, seq)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, MaxPage)
	records, err := j.query(ctx, where, args, "ORDER BY seq DESC LIMIT "+strconv.Itoa(limit+1))
	if err != nil {
		return nil, "", fmt.Errorf("list transactions: %w", err)
	}
	if len(records) <= limit {
		return records, "", nil
	}
	return records[:limit], strconv.FormatInt(records[limit-1].Seq, 36), nil
}

// where is the filter but for the cursor.
func (f Filter) where() (conditions []string, args []any) {
	add := func(c string, a ...any) {
		conditions = append(conditions, c)
		args = append(args, a...)
	}
	if f.Owner != nil {
		add("origin = ? AND os_user = ?", f.Owner.Origin, f.Owner.User)
	}
	if f.Origin != "" {
		add("origin = ?", f.Origin)
	}
	if f.From != "" {
		add("day >= ?", f.From)
	}
	if f.To != "" {
		add("day <= ?", f.To)
	}
	if len(f.States) > 0 {
		add("state IN ("+marks(len(f.States))+")", anys(f.States)...)
	}
	if len(f.Services) > 0 {
		add("service IN ("+marks(len(f.Services))+")", anys(f.Services)...)
	}
	return conditions, args
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// unsettled reads the rows of the partial index. Without being told, SQLite
// walks the whole table to save itself the sorting of a handful of rows.
func (j *Journal) unsettled(ctx context.Context) ([]Record, error) {
	return j.rows(ctx, `SELECT `+columns+` FROM transactions INDEXED BY transactions_unsettled WHERE `+unsettledSQL+` ORDER BY seq`)
}

func (j *Journal) query(ctx context.Context, where []string, args []any, tail string) ([]Record, error) {
	q := `SELECT ` + columns + ` FROM transactions `
	if len(where) > 0 {
		q += "WHERE " + strings.Join(where, " AND ") + " "
	}
	return j.rows(ctx, q+tail, args...)
}

func (j *Journal) rows(ctx context.Context, q string, args ...any) ([]Record, error) {
	rows, err := j.read.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, j.classify(err)
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, j.classify(err)
		}
		out = append(out, r)
	}
	return out, j.classify(rows.Err())
}

// Unsettled returns every transaction that waits for Eko's word or is under
// way, oldest first.
func (j *Journal) Unsettled(ctx context.Context) ([]Record, error) {
	out, err := j.unsettled(ctx)
	if err != nil {
		return nil, fmt.Errorf("list unsettled transactions: %w", err)
	}
	return out, nil
}

// WithReason returns the transactions begun on a day in India or later that stand
// for a reason, in the order of writing.
func (j *Journal) WithReason(ctx context.Context, reason, since string) ([]Record, error) {
	out, err := j.query(ctx, []string{"day >= ?", "reason = ?"}, []any{since, reason}, "ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("list transactions by reason: %w", err)
	}
	return out, nil
}

// Trail returns what happened to one transaction, oldest first.
func (j *Journal) Trail(ctx context.Context, ref string) ([]TrailEntry, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT at, from_state, to_state, by_whom, reason,
		eko_status, eko_response_status_id, eko_response_type_id, eko_tx_status
		FROM changes WHERE client_ref_id = ? ORDER BY id`, ref)
	if err != nil {
		return nil, fmt.Errorf("read the trail: %w", j.classify(err))
	}
	defer rows.Close()
	var out []TrailEntry
	for rows.Next() {
		var (
			e  TrailEntry
			at int64
		)
		if err := rows.Scan(&at, &e.From, &e.To, &e.By, &e.Reason,
			&e.Eko.Status, &e.Eko.ResponseStatusID, &e.Eko.ResponseTypeID, &e.Eko.TxStatus); err != nil {
			return nil, fmt.Errorf("read the trail: %w", j.classify(err))
		}
		e.At = time.UnixMilli(at).UTC()
		out = append(out, e)
	}
	return out, j.classify(rows.Err())
}
