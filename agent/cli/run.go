package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
)

func runCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the agent in the foreground, as the service does",
		Long: `Runs the agent until it is told to stop (Ctrl-C, SIGTERM). The first line it logs
names the address that pages connect to. What is on its way to Eko when the stop
comes is finished, or pending in the journal and inquired into at the next start.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAgent(cmd, path) },
	}
	addConfigFlag(cmd, &path)
	return cmd
}

func runAgent(cmd *cobra.Command, path string) (err error) {
	cfg, err := daemon.Load(path)
	if err != nil {
		return &ExitError{Code: ExitUnusable, Err: err}
	}
	log, closer, err := daemon.OpenLog(cfg, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	return daemon.New(cfg, daemon.Options{Log: log}).Run(cmd.Context())
}
