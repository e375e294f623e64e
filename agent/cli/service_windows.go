package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
	"biobridge/agent/locale"
	"biobridge/agent/setup"
)

// platformServiceCommands are what the MSI calls.
func platformServiceCommands() []*cobra.Command {
	return []*cobra.Command{serviceSetupCommand(), serviceCleanupCommand(), {
		Use: "trays", Short: "Start the tray in every session", Args: noArgs, Hidden: true,
		RunE: func(*cobra.Command, []string) error { return setup.StartTrays() },
	}}
}

// afterInstall sets what the service library doesn't.
func afterInstall() error { return setup.PrepareService() }

func serviceSetupCommand() *cobra.Command {
	o := setup.Options{Configuration: setup.Configuration{Path: daemon.DefaultPath()}}
	var browsers string
	cmd := &cobra.Command{
		Use:    "setup",
		Short:  "Prepare this PC for the service that an installer has registered",
		Args:   noArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			switch browsers {
			case "", "0", "no":
			case "1", "yes":
				o.BrowserPolicy = true
			default:
				return unusable("--browser-policy is yes or no")
			}
			if _, known := locale.Parse(o.Language); o.Language != "" && !known {
				return unusable("--language is none that biobridge speaks, such as en or hi")
			}
			return setup.Install(o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Configuration.Origin, "origin", "", "page that may connect, for a PC without a configuration")
	flags.StringVar(&o.Configuration.From, "from", "", "configuration to copy to a PC without one")
	flags.StringVar(&o.Language, "language", "", "the tray's language")
	flags.StringVar(&browsers, "browser-policy", "", "yes: Chrome and Edge let the page in without asking")
	return cmd
}

func serviceCleanupCommand() *cobra.Command {
	var trays bool
	var data string
	cmd := &cobra.Command{
		Use:    "cleanup",
		Short:  "Undo setup",
		Args:   noArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if trays {
				return setup.QuitTrays(cmd.Context())
			}
			if err := setup.Remove(cmd.Context(), data == "1" || data == "yes"); err != nil {
				return fmt.Errorf("undo the setup: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&trays, "trays-only", false, "end the trays and nothing else")
	cmd.Flags().StringVar(&data, "remove-data", "", "yes: journal, secrets and configuration go too")
	return cmd
}
