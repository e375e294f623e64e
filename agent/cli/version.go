package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			build := daemon.BuildInfo()
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(build)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "biobridge %s\ncommit %s\n%s %s\n", build.Version, build.Commit, build.Go, build.Platform)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// noArgs is cobra.NoArgs with the exit code for unusable arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return unusable("%w (see %s --help)", err, cmd.CommandPath())
	}
	return nil
}
