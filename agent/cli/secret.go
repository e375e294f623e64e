package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"biobridge/agent/daemon"
	"biobridge/agent/vault"
)

func secretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "Keep the access key and other secrets in the protected store",
		Long: `Keeps secrets in the protected store of the configured data directory. Run it as
the account that runs the agent: another account can't open what it sealed.

The secrets biobridge looks for:
` + secretList(),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var path string
	addPersistentConfigFlag(cmd, &path)
	cmd.AddCommand(secretSetCommand(&path), secretListCommand(&path), secretRemoveCommand(&path))
	return cmd
}

func secretList() string {
	var b strings.Builder
	for _, s := range daemon.Secrets() {
		fmt.Fprintf(&b, "  %-18s %s\n", s.Name, s.Purpose)
	}
	return b.String()
}

func knownSecret(name string) bool {
	return slices.ContainsFunc(daemon.Secrets(), func(s daemon.SecretName) bool { return s.Name == name })
}

func openVault(path string) (*vault.Vault, error) {
	cfg, err := daemon.Load(path)
	if err != nil {
		return nil, err
	}
	return vault.Open(filepath.Join(cfg.DataDir, daemon.VaultDir))
}

func secretSetCommand(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME",
		Short: "Store a secret, read from a prompt or from the standard input",
		Args:  oneSecret,
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := openVault(*path)
			if err != nil {
				return err
			}
			value, err := readSecret(cmd, args[0])
			if err != nil {
				return err
			}
			defer value.Wipe()
			if err := v.Set(args[0], value); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is stored; restart the agent to use it\n", args[0])
			return err
		},
	}
}

// oneSecret takes a secret's name and nothing else: a value given as an
// argument would stand in the process list and in the shell's history.
func oneSecret(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return unusable("give the name only; the secret itself is read from a prompt or from the standard input")
	}
	if len(args) == 0 || !knownSecret(args[0]) {
		return unusable("name one of the secrets:\n%s", secretList())
	}
	return nil
}

// readSecret reads a secret without showing it where there is a terminal. The
// line break at the end, which editors and echo add, is not part of it; a PEM
// file keeps the breaks inside it.
func readSecret(cmd *cobra.Command, name string) (vault.Secret, error) {
	if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: ", name)
		value, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return nil, fmt.Errorf("read the secret: %w", err)
		}
		return nonEmpty(value)
	}
	value, err := io.ReadAll(io.LimitReader(bufio.NewReader(cmd.InOrStdin()), 64<<10))
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	return nonEmpty(value)
}

func nonEmpty(value []byte) (vault.Secret, error) {
	value = bytes.TrimRight(bytes.TrimPrefix(value, []byte("\ufeff")), "\r\n")
	if len(value) == 0 {
		return nil, errors.New("the secret is empty: nothing was stored")
	}
	return value, nil
}

func secretListCommand(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List which secrets are stored, never what they are",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := openVault(*path)
			if err != nil {
				return err
			}
			names, err := v.Names()
			if err != nil {
				return err
			}
			for _, name := range names {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), name); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func secretRemoveCommand(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a secret",
		Args:  oneSecret,
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := openVault(*path)
			if err != nil {
				return err
			}
			return v.Remove(args[0])
		},
	}
}
