package agent

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// Totals is the sum of a day or of any selection, for closing time.
type Totals struct {
	// Date is the day in India, empty for another selection.
	Date string `json:"date,omitempty"`
	// Withdrawn is the cash that was paid out; Pending may have to be; Failed
	// was not. Refunding is failed with the refund on its way.
	Withdrawn, Pending, Failed, Refunding Sum
	// ByService has every service and state that occurs.
	ByService []journal.Total
}

// Sum is a number of transactions and their rupees.
type Sum struct {
	Count  int   `json:"count"`
	Amount int64 `json:"amount"`
}

func (s *Sum) add(t journal.Total) {
	s.Count += t.Count
	s.Amount += t.Amount
}

// Totals sums up the cash withdrawals that a filter selects among the caller's.
func (a *Agent) Totals(ctx context.Context, c Caller, f Filter) (Totals, error) {
	filter, err := journalFilter(c, f)
	if err != nil {
		return Totals{}, a.report(err)
	}
	rows, err := a.cfg.Journal.Totals(ctx, filter)
	if err != nil {
		return Totals{}, a.report(err)
	}
	t := Totals{Date: f.Date, ByService: rows}
	for _, row := range rows {
		if row.Service != contract.CashWithdrawal {
			continue
		}
		switch row.State {
		case contract.Succeeded:
			t.Withdrawn.add(row)
		case contract.Pending, contract.Sending:
			t.Pending.add(row)
		case contract.RefundPending:
			t.Refunding.add(row)
		case contract.Failed, contract.Refunded:
			t.Failed.add(row)
		}
	}
	return t, nil
}

// csvColumns are the first line of an export.
var csvColumns = []string{
	"created_at", "client_ref_id", "service", "state", "amount", "bank_code", "bank", "aadhaar", "customer_id",
	"user_code", "tid", "bank_ref_num", "customer_balance", "reason", "message", "updated_at",
}

// ExportCSV writes what a filter selects among the caller's transactions, newest
// first, for a spreadsheet; times are India's. The filter's Cursor and Limit
// play no part. The local door also gets whose each is.
func (a *Agent) ExportCSV(ctx context.Context, c Caller, f Filter, w io.Writer) error {
	out := csv.NewWriter(w)
	header := csvColumns
	if c.Local {
		header = append(header[:len(header):len(header)], "origin", "os_user")
	}
	if err := out.Write(header); err != nil {
		return fmt.Errorf("export transactions: %w", err)
	}
	f.Cursor, f.Limit = "", journal.MaxPage
	for {
		entries, next, err := a.entries(ctx, c, f)
		if err != nil {
			return a.report(err)
		}
		for _, e := range entries {
			if err := out.Write(a.csvRow(c, e)); err != nil {
				return fmt.Errorf("export transactions: %w", err)
			}
		}
		if next == "" {
			out.Flush()
			return out.Error()
		}
		f.Cursor = next
	}
}

func (a *Agent) csvRow(c Caller, e Entry) []string {
	row := []string{
		e.CreatedAt.In(india).Format("2006-01-02 15:04:05"), e.ClientRefID, string(e.Service), string(e.State),
		decimal(e.Amount), e.BankCode, a.cfg.Banks.Name(e.BankCode), "XXXX XXXX " + e.AadhaarLast4, masked(e.CustomerID),
		e.UserCode, e.TID, e.BankRefNum, e.CustomerBalance, e.Reason, e.Message,
		e.UpdatedAt.In(india).Format("2006-01-02 15:04:05"),
	}
	if c.Local {
		row = append(row, e.Origin, e.User)
	}
	for i, cell := range row {
		row[i] = harmless(cell)
	}
	return row
}

// harmless keeps a spreadsheet from taking a text that came from elsewhere for
// a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
