package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"biobridge/agent/control"
)

// oneRef takes a client_ref_id and nothing else.
func oneRef(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return unusable("name one transaction by its client_ref_id (see %s --help)", cmd.CommandPath())
	}
	return nil
}

func inquireCommand() *cobra.Command {
	var (
		door   door
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "inquire REF",
		Short: "Ask Eko now what became of a transaction",
		Long: `Asks Eko now what became of a transaction, and writes the answer into the journal.
Nothing is submitted again. Exits with 0 where the transaction is settled now, with 1
where it is still pending.`,
		Args: oneRef,
		RunE: func(cmd *cobra.Command, args []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				r, err := c.Inquire(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := showRecord(cmd.OutOrStdout(), r, asJSON); err != nil {
					return err
				}
				if !r.State.Settled() {
					return &ExitError{Code: ExitNo}
				}
				return nil
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func settleCommand() *cobra.Command {
	var (
		door   door
		reason string
	)
	cmd := &cobra.Command{
		Use:   "settle REF --reason TEXT",
		Short: "Declare a pending transaction failed that Eko doesn't know",
		Long: `Declares a pending transaction failed. Do this only after Eko's support has said
that the money did not move: Eko is asked once more before, and where it answers its
answer stands. The reason and your account are recorded for the auditor.`,
		Args: oneRef,
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return unusable("--reason must say what Eko's support answered")
			}
			return door.with(cmd.Context(), func(c *control.Client) error {
				r, err := c.Settle(cmd.Context(), args[0], reason)
				if err != nil {
					return err
				}
				return showRecord(cmd.OutOrStdout(), r, false)
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "what Eko's support said, for the auditor")
	return cmd
}

func receiptCommand() *cobra.Command {
	var (
		door         door
		format, lang string
	)
	cmd := &cobra.Command{
		Use:   "receipt REF",
		Short: "Print a transaction's receipt again",
		Args:  oneRef,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"text", "html58", "html80", "htmla4"}, format) {
				return unusable("--format wants text, html58, html80 or htmla4")
			}
			if lang != "en" && lang != "hi" {
				return unusable("--lang wants en or hi")
			}
			return door.with(cmd.Context(), func(c *control.Client) error {
				r, err := c.Receipt(cmd.Context(), args[0], format, lang)
				if err != nil {
					return err
				}
				_, err = io.WriteString(cmd.OutOrStdout(), r.Body)
				return err
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, html58, html80 or htmla4")
	cmd.Flags().StringVar(&lang, "lang", "en", "en or hi")
	return cmd
}

// showRecord prints what the journal says of one transaction.
func showRecord(out io.Writer, r control.Record, asJSON bool) error {
	if asJSON {
		return writeJSON(out, r)
	}
	_, err := fmt.Fprintf(out, "%s  %s  ₹%d  %s\n%s\n%s\n", r.ClientRefID, r.Service, r.Amount, r.State, r.Message, r.Remedy)
	return err
}

func journalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Back the journal up, or decide about one that was damaged",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(journalBackupCommand(), journalAcceptCommand())
	return cmd
}

func journalBackupCommand() *cobra.Command {
	var door door
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Write a consistent copy of the journal while the agent runs",
		Long: `Has the running agent write a consistent copy of its journal beside it, in the
directory "backups", and prints where. Only the agent's account and administrators can
read it; "transactions --csv" is for everybody else's books.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				path, err := c.Backup(cmd.Context())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
				return err
			})
		},
	}
	door.addFlags(cmd)
	return cmd
}

func journalAcceptCommand() *cobra.Command {
	var (
		door   door
		reason string
	)
	cmd := &cobra.Command{
		Use:   "accept --reason TEXT",
		Short: "Go on with a new journal after the old one was set aside",
		Long: `When the journal was found damaged it was set aside and no new money is moved. Keep
the file that "biobridge doctor" names, let support look at what was open in it, and
then go on with the new journal. The reason and your account are recorded.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if reason == "" {
				return unusable("--reason must say who looked at the old journal")
			}
			return door.with(cmd.Context(), func(c *control.Client) error {
				return accept(cmd.Context(), cmd.OutOrStdout(), c, reason)
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "who looked at the old journal and what was found")
	return cmd
}

func accept(ctx context.Context, out io.Writer, c *control.Client, reason string) error {
	if err := c.AcceptNewJournal(ctx, reason); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "the new journal is accepted; money moves again")
	return err
}
