package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"biobridge/agent/browserpolicy"
)

func browserPolicyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "browser-policy",
		Short: "For administrators: let a page reach the bridge without the browser's question",
		Long: `Browsers ask before a public page may reach a program on this PC. On PCs that you
manage, a policy can answer for your portal. Nothing is installed by default: the
browser will say that it is managed by your organisation, and browser vendors frown
on programs that set policies on PCs that nobody manages.

"show" prints the files and the registry values; "install" merges them with what is
there; "remove" takes away exactly what "install" added. Chromium, Chrome, Edge and
Firefox are covered. Installing needs an administrator's rights.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use: "show ORIGIN", Short: "Print the policies for a page", Args: oneOrigin,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := browserpolicy.Show(args[0])
			if err != nil {
				return &ExitError{Code: ExitUnusable, Err: err}
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}, policyStepCommand("install ORIGIN", "Merge the policies for a page into what is there", browserpolicy.Store.Install),
		policyStepCommand("remove ORIGIN", "Take away exactly what install added", browserpolicy.Store.Remove))
	return cmd
}

func policyStepCommand(use, short string, do func(browserpolicy.Store, string) ([]browserpolicy.Step, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: oneOrigin,
		RunE: func(cmd *cobra.Command, args []string) error {
			steps, err := do(browserpolicy.Store{}, args[0])
			for _, step := range steps {
				word := "unchanged"
				if step.Changed {
					word = "changed"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%-9s  %-8s  %s  %s\n", word, step.Browser, step.Where, step.What)
			}
			return err
		},
	}
}
