package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"biobridge/agent/doctor"
)

func doctorCommand() *cobra.Command {
	var (
		path   string
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything a transaction needs, with a remedy for each fault",
		Long: `Looks at configuration, agent, service, port, scanners and their certificates,
journal, unsettled transactions, Eko (TCP, TLS, HTTP), clock and what keeps it right, the browsers'
policies and updates, and says what to do about what is wrong. It changes nothing. Where the
configuration can't be used, what doesn't depend on it is looked at all the same.
Exits with 1 where something failed.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report := doctor.Examination{ConfigPath: path}.Run(cmd.Context())
			if err := writeReport(cmd.OutOrStdout(), report, asJSON); err != nil {
				return err
			}
			if !report.OK {
				return &ExitError{Code: ExitNo}
			}
			return nil
		},
	}
	addConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func writeReport(out io.Writer, report doctor.Report, asJSON bool) error {
	if asJSON {
		return writeJSON(out, report)
	}
	var b strings.Builder
	for _, f := range report.Findings {
		mark := map[doctor.Grade]string{doctor.OK: "ok     ", doctor.Warning: "WARNING", doctor.Failed: "FAILED ", doctor.Skipped: "skipped"}[f.Grade]
		fmt.Fprintf(&b, "%s  %-14s %s\n", mark, f.Check, f.Message)
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%s  %-14s → %s\n", strings.Repeat(" ", len(mark)), "", f.Remedy)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
