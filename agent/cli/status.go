package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"biobridge/agent/control"
)

func statusCommand() *cobra.Command {
	var (
		door   door
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how the running agent is",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				s, err := c.Status(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), s)
				}
				return writeStatus(cmd.OutOrStdout(), s)
			})
		},
	}
	door.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func writeStatus(out io.Writer, s control.Status) error {
	var b strings.Builder
	fmt.Fprintf(&b, "biobridge %s (%s), process %d, since %s\n", s.Version, s.Environment, s.PID, indiaTime(s.StartedAt))
	fmt.Fprintf(&b, "pages connect to %s\n", strings.Join(s.Listen, " and "))
	for _, d := range s.Devices {
		fmt.Fprintf(&b, "scanner %s %s: %s\n", d.Vendor, d.Model, d.Status)
	}
	for _, p := range s.Pages {
		fmt.Fprintf(&b, "page %s: %d connection(s)\n", p.Origin, p.Connections)
	}
	fmt.Fprintf(&b, "pending transactions: %d\n", s.Pending)
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "! %s %s\n", p.Message, p.Remedy)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
