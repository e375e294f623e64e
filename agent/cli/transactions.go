package cli

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

// maxPage is how many transactions the agent hands out at once.
const maxPage = 200

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
is shown, with totals for closing time: the cash that was withdrawn, what is pending
(don't pay it out again), what failed. Aadhaar Pay moves no cash and stands apart.`,
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
			if filter.State != "" && !slices.Contains(contract.States(), filter.State) {
				return unusable("--state wants one of %v", contract.States())
			}
			if filter.Limit < 1 || filter.Limit > maxPage {
				return unusable("--limit wants a number from 1 to %d; --all lists all", maxPage)
			}
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
		filter.Limit = maxPage
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

func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
