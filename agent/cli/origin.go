package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

func originCommand() *cobra.Command {
	var door door
	cmd := &cobra.Command{
		Use:   "origin",
		Short: "Say which web pages may connect",
		Long: `Says which web pages may connect to the running agent, and what each may ask for.
Decisions made here are kept; an administrator's are for every user of the PC, anybody
else's for his own browsers. What the administrator's policy decides is shown as
managed and can't be changed here.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	addPersistentConfigFlag(cmd, &door.config)
	cmd.AddCommand(originListCommand(&door), originAllowCommand(&door), originDenyCommand(&door), originAnswerCommand(&door))
	return cmd
}

func originListCommand(door *door) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the pages that were decided about, and those that wait for an answer",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				list, err := c.Origins(cmd.Context())
				if err != nil {
					return err
				}
				waiting, err := c.Approvals(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"origins": list, "waiting": waiting})
				}
				return writeOrigins(cmd, list, waiting)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func writeOrigins(cmd *cobra.Command, list []control.Origin, waiting []control.Approval) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PAGE\tANSWER\tMAY ASK FOR\tDECIDED BY")
	for _, o := range list {
		answer, source := "allowed", o.Source
		if o.Denied {
			answer = "denied"
		}
		if o.Managed {
			source += " (managed)"
		}
		if o.User != "" {
			source += " for " + o.User
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", o.Origin, answer, joinScopes(o.Scopes), source)
	}
	for _, w := range waiting {
		fmt.Fprintf(table, "%s\twaiting\t%s\tbiobridge origin answer %s once|remember|deny\n", w.Origin, joinScopes(w.Scopes), w.ID)
	}
	return table.Flush()
}

func joinScopes(scopes []contract.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ",")
}

func originAllowCommand(door *door) *cobra.Command {
	var scopes []string
	cmd := &cobra.Command{
		Use:   "allow ORIGIN",
		Short: "Let a page in, for good",
		Args:  oneOrigin,
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := readScopes(scopes)
			if err != nil {
				return err
			}
			return door.with(cmd.Context(), func(c *control.Client) error {
				if err := c.AllowOrigin(cmd.Context(), args[0], wanted); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s may connect and ask for %s\n", args[0], joinScopes(wanted))
				return err
			})
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", []string{"device", "capture", "transact", "history"}, "what the page may ask for")
	return cmd
}

func readScopes(words []string) ([]contract.Scope, error) {
	var scopes []contract.Scope
	for _, word := range words {
		if !slices.Contains(contract.Scopes(), contract.Scope(word)) {
			return nil, unusable("%q is not a scope; the scopes are %s", word, joinScopes(contract.Scopes()))
		}
		scopes = append(scopes, contract.Scope(word))
	}
	return scopes, nil
}

// oneOrigin takes a page's origin and nothing else.
func oneOrigin(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return unusable("name one page such as https://portal.partner.example (see %s --help)", cmd.CommandPath())
	}
	return nil
}

func originDenyCommand(door *door) *cobra.Command {
	return &cobra.Command{
		Use:   "deny ORIGIN",
		Short: "Keep a page out, for good; one that is connected is put out",
		Args:  oneOrigin,
		RunE: func(cmd *cobra.Command, args []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				if err := c.DenyOrigin(cmd.Context(), args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s may not connect\n", args[0])
				return err
			})
		},
	}
}

func originAnswerCommand(door *door) *cobra.Command {
	return &cobra.Command{
		Use:   "answer ID once|remember|deny",
		Short: "Answer a page that waits to be let in (biobridge origin list names them)",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 || !slices.Contains([]string{"once", "remember", "deny"}, args[1]) {
				return unusable("give the question's number and once, remember or deny")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return door.with(cmd.Context(), func(c *control.Client) error {
				return c.Decide(cmd.Context(), args[0], control.Answer(args[1]))
			})
		},
	}
}
