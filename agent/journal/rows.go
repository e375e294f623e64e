package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"biobridge/agent/contract"
)

// columns are all of a row in the order of scanRecord.
const columns = `seq, client_ref_id, eko_ref, origin, os_user, service, state, amount, bank_code,
	aadhaar_last4, aadhaar_hash, content_hash, customer_id, user_code, device,
	tid, bank_ref_num, customer_balance, mini_statement, reason, message, remedy,
	eko_status, eko_response_status_id, eko_response_type_id, eko_tx_status, receipt,
	simulated, created_at, updated_at, day, next_inquiry_at, scheduled_at, inquiry_count`

// querier is what reading needs of a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type scanner interface{ Scan(...any) error }

func getRecord(ctx context.Context, q querier, ref string) (Record, error) {
	return scanRecord(q.QueryRowContext(ctx, `SELECT `+columns+` FROM transactions WHERE client_ref_id = ?`, ref))
}

func scanRecord(row scanner) (Record, error) {
	var (
		r                          Record
		person, content            []byte
		device, statement, receipt sql.NullString
		created, updated           int64
		next, scheduled            sql.NullInt64
	)
	err := row.Scan(&r.Seq, &r.ClientRefID, &r.EkoRef, &r.Origin, &r.User, &r.Service, &r.State, &r.Amount, &r.BankCode,
		&r.AadhaarLast4, &person, &content, &r.CustomerID, &r.UserCode, &device,
		&r.TID, &r.BankRefNum, &r.CustomerBalance, &statement, &r.Reason, &r.Message, &r.Remedy,
		&r.Eko.Status, &r.Eko.ResponseStatusID, &r.Eko.ResponseTypeID, &r.Eko.TxStatus, &receipt,
		&r.Simulated, &created, &updated, &r.Day, &next, &scheduled, &r.InquiryCount)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, ErrNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("read a transaction: %w", err)
	}
	copy(r.AadhaarHash[:], person)
	copy(r.ContentHash[:], content)
	r.CreatedAt, r.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	r.NextInquiryAt, r.ScheduledAt = fromMS(next), fromMS(scheduled)
	err = errors.Join(fromJSON(device, &r.Device), fromJSON(statement, &r.MiniStatement), fromJSON(receipt, &r.Receipt))
	if err != nil {
		return Record{}, fmt.Errorf("read a transaction: %w", err)
	}
	return r, nil
}

// fixedColumns are those that Begin writes once and for all, in the order of fixed.
const fixedColumns = `client_ref_id, eko_ref, origin, os_user, service, amount, bank_code, aadhaar_last4,
	aadhaar_hash, content_hash, customer_id, user_code, simulated, created_at, day`

func (r Record) fixed() []any {
	return []any{r.ClientRefID, r.EkoRef, r.Origin, r.User, r.Service, r.Amount, r.BankCode, r.AadhaarLast4,
		r.AadhaarHash[:], r.ContentHash[:], r.CustomerID, r.UserCode, r.Simulated, r.CreatedAt.UnixMilli(), r.Day}
}

func insertRecord(ctx context.Context, tx *sql.Tx, r Record) (int64, error) {
	values := append(r.fixed(), r.variable()...)
	res, err := tx.ExecContext(ctx, `INSERT INTO transactions(`+fixedColumns+`, `+variableColumns+`)
		VALUES(`+marks(len(values))+`)`, values...)
	if err != nil {
		return 0, fmt.Errorf("write a transaction: %w", err)
	}
	return res.LastInsertId()
}

// marks is a list of n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// variableColumns are those that a step may change, in the order of variable.
const variableColumns = `state, device, tid, bank_ref_num, customer_balance, mini_statement,
	reason, message, remedy, eko_status, eko_response_status_id, eko_response_type_id, eko_tx_status,
	receipt, updated_at, next_inquiry_at, scheduled_at, inquiry_count`

func (r Record) variable() []any {
	return []any{r.State, asJSON(r.Device), r.TID, r.BankRefNum, r.CustomerBalance, asJSON(r.MiniStatement),
		r.Reason, r.Message, r.Remedy, r.Eko.Status, r.Eko.ResponseStatusID, r.Eko.ResponseTypeID, r.Eko.TxStatus,
		asJSON(r.Receipt), r.UpdatedAt.UnixMilli(), asMS(r.NextInquiryAt), asMS(r.ScheduledAt), r.InquiryCount}
}

func updateRecord(ctx context.Context, tx *sql.Tx, r Record) error {
	values := r.variable()
	_, err := tx.ExecContext(ctx, `UPDATE transactions SET (`+variableColumns+`) =
		(`+marks(len(values))+`) WHERE seq = ?`, append(values, r.Seq)...)
	if err != nil {
		return fmt.Errorf("write a transaction: %w", err)
	}
	return nil
}

func insertTrail(ctx context.Context, tx *sql.Tx, ref string, e TrailEntry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO changes(client_ref_id, at, from_state, to_state, by_whom, reason,
		eko_status, eko_response_status_id, eko_response_type_id, eko_tx_status) VALUES(?,?,?,?,?,?,?,?,?,?)`,
		ref, e.At.UnixMilli(), e.From, e.To, e.By, e.Reason,
		e.Eko.Status, e.Eko.ResponseStatusID, e.Eko.ResponseTypeID, e.Eko.TxStatus)
	if err != nil {
		return fmt.Errorf("write the trail: %w", err)
	}
	return nil
}

// asJSON is nil for nothing, so that an empty column stays NULL.
func asJSON(v any) any {
	switch v := v.(type) {
	case *contract.DeviceSummary:
		if v == nil {
			return nil
		}
	case []contract.StatementLine:
		if len(v) == 0 {
			return nil
		}
	case map[string]string:
		if len(v) == 0 {
			return nil
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		// Structs and maps of strings always marshal.
		panic(err)
	}
	return string(b)
}

func fromJSON(s sql.NullString, v any) error {
	if !s.Valid {
		return nil
	}
	return json.Unmarshal([]byte(s.String), v)
}

// asMS is nil for the zero time, so that an empty column stays NULL.
func asMS(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func fromMS(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// roundMS is the time as the file keeps it.
func roundMS(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}
