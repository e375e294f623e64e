package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

// book is a list of transactions with its totals in rupees.
type book struct {
	Transactions []control.Record `json:"transactions"`
	Totals       totals           `json:"totals"`
}

// totals are what a shopkeeper compares his cash box with. Each cash withdrawal
// is in one sum at most.
type totals struct {
	// Withdrawn is the cash that was paid out; Pending may have to be.
	Withdrawn int64 `json:"withdrawn"`
	Pending   int64 `json:"pending"`
	// Failed moved nothing; of what failed after it had moved, Refunding is on its
	// way back to the customer's account and Refunded is there.
	Failed    int64 `json:"failed"`
	Refunding int64 `json:"refunding"`
	Refunded  int64 `json:"refunded"`
	// AadhaarPay is what customers paid without cash; AadhaarPayPending may be.
	AadhaarPay        int64 `json:"aadhaar_pay"`
	AadhaarPayPending int64 `json:"aadhaar_pay_pending"`
	// Count is of all transactions, enquiries too.
	Count int `json:"count"`
}

func newBook(records []control.Record) book {
	b := book{Transactions: records, Totals: totals{Count: len(records)}}
	if records == nil {
		b.Transactions = []control.Record{}
	}
	for _, r := range records {
		switch r.Service {
		case contract.CashWithdrawal:
			b.Totals.addCash(r)
		case contract.AadhaarPay:
			b.Totals.addPay(r)
		}
	}
	return b
}

func (t *totals) addCash(r control.Record) {
	switch r.State {
	case contract.Succeeded:
		t.Withdrawn += r.Amount
	case contract.Pending, contract.Sending:
		t.Pending += r.Amount
	case contract.RefundPending:
		t.Refunding += r.Amount
	case contract.Refunded:
		t.Refunded += r.Amount
	case contract.Failed:
		t.Failed += r.Amount
	}
}

func (t *totals) addPay(r control.Record) {
	switch r.State {
	case contract.Succeeded:
		t.AadhaarPay += r.Amount
	case contract.Pending, contract.Sending:
		t.AadhaarPayPending += r.Amount
	}
}

func (t totals) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d transactions: withdrawn ₹%d, pending ₹%d, failed ₹%d", t.Count, t.Withdrawn, t.Pending, t.Failed)
	for _, more := range []struct {
		name   string
		amount int64
	}{
		{"refund on its way", t.Refunding}, {"refunded", t.Refunded},
		{"Aadhaar Pay", t.AadhaarPay}, {"Aadhaar Pay pending", t.AadhaarPayPending},
	} {
		if more.amount != 0 {
			fmt.Fprintf(&b, ", %s ₹%d", more.name, more.amount)
		}
	}
	return b.String()
}

func writeBook(out io.Writer, b book) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tREFERENCE\tSERVICE\tSTATE\tRUPEES\tBANK\tAADHAAR\tTID\tRRN")
	for _, r := range b.Transactions {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\tXXXX %s\t%s\t%s\n",
			indiaTime(r.CreatedAt), r.ClientRefID, r.Service, r.State, r.Amount, r.BankCode, r.AadhaarLast4, r.TID, r.BankRefNum)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", b.Totals)
	return err
}

// indiaTime writes a time as the shop's clock shows it.
func indiaTime(t time.Time) string {
	return t.In(time.FixedZone("IST", 5*3600+1800)).Format("2006-01-02 15:04:05")
}

// writeCSV writes an export for a spreadsheet; times are India's, so that a day
// there is a day in the shop.
func writeCSV(out io.Writer, records []control.Record) error {
	w := csv.NewWriter(out)
	header := []string{"created_at", "client_ref_id", "service", "state", "reason", "amount", "bank_code",
		"aadhaar_last4", "customer_id", "tid", "bank_ref_num", "message", "origin", "updated_at"}
	if err := w.Write(header); err != nil {
		return err
	}
	for _, r := range records {
		row := []string{
			indiaTime(r.CreatedAt), r.ClientRefID, string(r.Service), string(r.State), r.Reason,
			strconv.FormatInt(r.Amount, 10), r.BankCode, r.AadhaarLast4, maskedMobile(r.CustomerID), r.TID, r.BankRefNum,
			r.Message, r.Origin, indiaTime(r.UpdatedAt),
		}
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func maskedMobile(number string) string {
	if len(number) < 4 {
		return ""
	}
	return strings.Repeat("X", len(number)-4) + number[len(number)-4:]
}

// harmless keeps a spreadsheet from taking a text that came from elsewhere for
// a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
