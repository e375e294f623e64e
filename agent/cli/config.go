package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Write a commented configuration, or check one",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(configInitCommand(), configCheckCommand())
	return cmd
}

func configInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a configuration with every key, its default and a comment",
		Long: `Writes a configuration with every key, its default and a comment, to FILE or,
without one, to the standard output. An existing file is never overwritten. As
written it works with "biobridge sim eko" and "biobridge sim rd".`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("config init takes one file at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "-" {
				_, err := io.WriteString(cmd.OutOrStdout(), daemon.Template)
				return err
			}
			return writeNewFile(args[0], daemon.Template)
		},
	}
}

func writeNewFile(path, content string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, os.ErrExist) {
		return unusable("%s exists already: remove it, or name another file", path)
	}
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		_ = f.Close()
		return fmt.Errorf("write the configuration: %w", err)
	}
	return f.Close()
}

func configCheckCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check a configuration; name line and key of everything wrong",
		Long: `Checks FILE (or --config) and prints a line for everything that is wrong, with
its line and key. Exits with 0 where the agent would start with it (warnings may
have been printed), with 1 where it would not, with 2 where the file can't be read.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("config check takes one file at most")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				path = args[0]
			}
			return checkConfig(cmd, path)
		},
	}
	addConfigFlag(cmd, &path)
	return cmd
}

func checkConfig(cmd *cobra.Command, path string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return unusable("read the configuration: %w", err)
	}
	_, problems := daemon.Parse(path, source)
	faults := 0
	for _, p := range problems {
		kind := "error"
		if p.Warning {
			kind = "warning"
		} else {
			faults++
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s (%s)\n", p, kind); err != nil {
			return err
		}
	}
	if faults > 0 {
		return &ExitError{Code: ExitNo}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: biobridge would start with this configuration\n", path)
	return err
}
