package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

func transactionsCommand() *cobra.Command {
	var (
		door          door
		asJSON, asCSV bool
		filter        control.Filter
		state         string
		all           bool
	)
	cmd := &cobra.Command{
		Use:   "transactions",
		Short: "Show the day's book: the journal's transactions, newest first",
		Long: `Asks the running agent for its transactions. With --date the whole day in India
is shown, with totals for closing time: what was withdrawn, what is pending (don't
pay it out again), what failed.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asCSV {
				return unusable("--json and --csv exclude each other")
			}
			if filter.Day != "" {
				if _, err := time.Parse(time.DateOnly, filter.Day); err != nil {
					return unusable("--date wants a day such as 2026-11-21")
				}
			}
			filter.State = contract.State(state)
			return door.with(cmd.Context(), func(c *control.Client) error {
				records, err := fetch(cmd.Context(), c, filter, all || filter.Day != "")
				if err != nil {
					return err
				}
				switch {
				case asJSON:
					return writeJSON(cmd.OutOrStdout(), newBook(records))
				case asCSV:
					return writeCSV(cmd.OutOrStdout(), records)
				}
				return writeBook(cmd.OutOrStdout(), newBook(records))
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().StringVar(&filter.Day, "date", "", "one day in India, such as 2026-11-21")
	cmd.Flags().StringVar(&state, "state", "", "only this state: pending, succeeded, failed, …")
	cmd.Flags().StringVar(&filter.Origin, "origin", "", "only this page's")
	cmd.Flags().IntVar(&filter.Limit, "limit", 50, "how many, at most 200")
	cmd.Flags().BoolVar(&all, "all", false, "all of them, however many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print as CSV, for a spreadsheet")
	return cmd
}

// fetch asks for one page of transactions, or for all of them.
func fetch(ctx context.Context, c *control.Client, filter control.Filter, all bool) ([]control.Record, error) {
	if all {
		filter.Limit = 200
	}
	var records []control.Record
	for {
		page, err := c.Transactions(ctx, filter)
		if err != nil {
			return nil, err
		}
		records = append(records, page.Transactions...)
		if page.Next == "" || !all {
			return records, nil
		}
		filter.Cursor = page.Next
	}
}

// book is a list of transactions with its totals in rupees.
type book struct {
	Transactions []control.Record `json:"transactions"`
	Totals       totals           `json:"totals"`
}

// totals add up what money moved, or may have. A pending one is in no other sum.
type totals struct {
	Withdrawn int64 `json:"withdrawn"`
	Pending   int64 `json:"pending"`
	Failed    int64 `json:"failed"`
	Refunded  int64 `json:"refunded"`
	Count     int   `json:"count"`
}

func newBook(records []control.Record) book {
	b := book{Transactions: records, Totals: totals{Count: len(records)}}
	if records == nil {
		b.Transactions = []control.Record{}
	}
	for _, r := range records {
		if !r.Service.MovesMoney() {
			continue
		}
		switch r.State {
		case contract.Succeeded:
			b.Totals.Withdrawn += r.Amount
		case contract.Pending, contract.Sending, contract.RefundPending:
			b.Totals.Pending += r.Amount
		case contract.Failed:
			b.Totals.Failed += r.Amount
		case contract.Refunded:
			b.Totals.Refunded += r.Amount
		}
	}
	return b
}

func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
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
	t := b.Totals
	_, err := fmt.Fprintf(out, "\n%d transactions: withdrawn ₹%d, pending ₹%d, failed ₹%d, refunded ₹%d\n",
		t.Count, t.Withdrawn, t.Pending, t.Failed, t.Refunded)
	return err
}

// indiaTime writes a time as the shop's clock shows it.
func indiaTime(t time.Time) string {
	return t.In(time.FixedZone("IST", 5*3600+1800)).Format("2006-01-02 15:04:05")
}

func writeCSV(out io.Writer, records []control.Record) error {
	w := csv.NewWriter(out)
	header := []string{"created_at", "client_ref_id", "service", "state", "reason", "amount", "bank_code",
		"aadhaar_last4", "customer_id", "tid", "bank_ref_num", "origin", "updated_at"}
	if err := w.Write(header); err != nil {
		return err
	}
	for _, r := range records {
		err := w.Write([]string{
			r.CreatedAt.Format(time.RFC3339), r.ClientRefID, string(r.Service), string(r.State), r.Reason,
			strconv.FormatInt(r.Amount, 10), r.BankCode, r.AadhaarLast4, r.CustomerID, r.TID, r.BankRefNum,
			r.Origin, r.UpdatedAt.Format(time.RFC3339),
		})
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
