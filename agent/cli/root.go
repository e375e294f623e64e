package cli

import (
	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
)

// Root returns the biobridge command with every subcommand that needs no
// simulator; main adds the others. Usage is printed for unusable arguments
// only, and nothing is printed twice.
func Root() *cobra.Command {
	root := &cobra.Command{
		Use:   "biobridge",
		Short: "AePS fingerprint bridge between a shop's scanner, its web page and Eko",
		Long: `biobridge finds the fingerprint scanners of this PC, captures with the right
options, sends cash withdrawals, balance enquiries and mini statements to Eko,
and offers all of it to the partner's web page on a local WebSocket.

See it at work without any hardware: biobridge demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return unusable("%w (see %s --help)", err, cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		runCommand(),
		statusCommand(),
		doctorCommand(),
		transactionsCommand(),
		inquireCommand(),
		receiptCommand(),
		settleCommand(),
		journalCommand(),
		originCommand(),
		devicesCommand(),
		captureCommand(),
		pidCommand(),
		ekoCommand(),
		configCommand(),
		secretCommand(),
		serviceCommand(),
		updateCommand(),
		browserPolicyCommand(),
		diagnosticsCommand(),
		trayCommand(),
		sanityExportCommand(),
		versionCommand(),
	)
	return root
}

// addConfigFlag adds --config with the machine's file as its default.
func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", daemon.DefaultPath(), "configuration file")
}

// addPersistentConfigFlag adds --config to a command and all below it.
func addPersistentConfigFlag(cmd *cobra.Command, path *string) {
	cmd.PersistentFlags().StringVar(path, "config", daemon.DefaultPath(), "configuration file")
}
