package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/diagnostics"
)

func diagnosticsCommand() *cobra.Command {
	var request diagnostics.Request
	cmd := &cobra.Command{
		Use:   "diagnostics [FILE]",
		Short: "Pack what support needs to see into a zip file, without personal data",
		Long: `Writes a zip with versions, the configuration without secrets, doctor's answers, what
the agent says of itself, how many transactions stand in which state, and the end of
the log. No Aadhaar number, mobile number, fingerprint or key is in it. It is sent
nowhere. Without FILE it is called biobridge-diagnostics-DATE.zip, here.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("diagnostics takes one file at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "biobridge-diagnostics-" + time.Now().Format("20060102-150405") + ".zip"
			if len(args) == 1 {
				path = args[0]
			}
			if err := request.File(cmd.Context(), path); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
	addConfigFlag(cmd, &request.ConfigPath)
	return cmd
}
