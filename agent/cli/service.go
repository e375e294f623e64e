package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/service"
)

func serviceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Install, start, stop and look at the service",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var config string
	addPersistentConfigFlag(cmd, &config)
	for _, verb := range []struct {
		name, short string
		do          func(*service.Service) error
		done        string
	}{
		{"install", "Tell the system to run the agent with this configuration, from every start on", installService, "installed"},
		{"uninstall", "Stop the service and take it away; journal and configuration stay", (*service.Service).Uninstall, "taken away"},
		{"start", "Start the service", (*service.Service).Start, "started"},
		{"stop", "Stop the service; what is on its way to Eko is waited for", (*service.Service).Stop, "stopped"},
		{"restart", "Stop and start the service", (*service.Service).Restart, "restarted"},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: verb.name, Short: verb.short, Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				s, err := describeService(config)
				if err != nil {
					return err
				}
				if verb.name == "install" {
					if _, err := daemon.Load(config); err != nil {
						return fmt.Errorf("this configuration would not start: %w", err)
					}
				}
				if err := verb.do(s); err != nil {
					return fmt.Errorf("%w (this needs an administrator's rights)", err)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "the service is %s\n", verb.done)
				return err
			},
		})
	}
	cmd.AddCommand(serviceStatusCommand(&config))
	cmd.AddCommand(platformServiceCommands()...)
	return cmd
}

func installService(s *service.Service) error {
	if err := s.Install(); err != nil {
		return err
	}
	return afterInstall()
}

// describeService names this very program and the configuration by its whole
// path: the service manager starts it from elsewhere.
func describeService(config string) (*service.Service, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	if config, err = filepath.Abs(config); err != nil {
		return nil, fmt.Errorf("find the configuration: %w", err)
	}
	return service.New(service.Config{Executable: program, Arguments: []string{"run", "--service", "--config", config}})
}

func serviceStatusCommand(config *string) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say whether the service runs, and if not at which stage it failed",
		Long: `Says how the system sees the service and, where the agent doesn't answer, at which
stage its last start failed. Exits with 0 where it runs, with 1 where it doesn't.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := describeService(*config)
			if err != nil {
				return err
			}
			state, err := s.Status()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "the service is %s\n", state)
			if state == service.Running {
				return agentAnswers(cmd.Context(), cmd, *config)
			}
			if failure, err := daemon.LastFailure(failureDir(*config)); err == nil && failure != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "its last start failed at %s, %s: %s\n", indiaTime(failure.At), failure.Stage, failure.Message)
			}
			return &ExitError{Code: ExitNo}
		},
	}
}

// agentAnswers says what the running agent says of itself.
func agentAnswers(ctx context.Context, cmd *cobra.Command, config string) error {
	d := door{config: config}
	err := d.with(ctx, func(c *control.Client) error {
		status, err := c.Status(ctx)
		if err != nil {
			return err
		}
		return writeStatus(cmd.OutOrStdout(), status)
	})
	if errors.Is(err, control.ErrNotRunning) {
		fmt.Fprintln(cmd.OutOrStdout(), "but the agent doesn't answer yet")
		return &ExitError{Code: ExitNo}
	}
	return err
}

// failureDir is where the last failure is written down: the data directory, or
// the service's own where the configuration can't be read.
func failureDir(config string) string {
	cfg, err := daemon.Load(config)
	if err != nil {
		return daemon.ServiceDataDir()
	}
	return cfg.DataDir
}
