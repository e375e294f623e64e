package demo

import (
	"fmt"

	"github.com/spf13/cobra"

	"biobridge/agent/cli"
)

// Commands returns the commands that have simulators in them.
func Commands() []*cobra.Command {
	return []*cobra.Command{demoCommand(), simCommand()}
}

func simCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Run one simulator alone: an RD service, or Eko",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(simRDCommand(), simEkoCommand())
	return cmd
}

// noArgs is cobra.NoArgs with the exit code for unusable arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return &cli.ExitError{Code: cli.ExitUnusable, Err: fmt.Errorf("%w (see %s --help)", err, cmd.CommandPath())}
	}
	return nil
}
