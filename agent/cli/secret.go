package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/vault"
)

func secretCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secret",
		Short: "Keep the access key and other secrets in the protected store",
		Long: `Keeps secrets in the protected store of the configured data directory. What one
account has sealed no other can open, so the running agent is handed the secret over
its local door and seals it itself: run this as root, as an administrator or as the
account that runs the agent. Where no agent runs, that account can seal by itself; the
Windows service must run. It does so without a key too, and sends nothing then.

A new access key is used from the next request on. The other secrets are read when the
agent starts.

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

// withStore gives the store of secrets to the running agent's door, or, where no
// agent runs, to this user, who has the directory itself.
func withStore(ctx context.Context, path string, agent func(*control.Client) error, own func(dataDir string) error) error {
	d := door{config: path}
	if err := d.with(ctx, agent); !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	cfg, err := daemon.Load(path)
	if err != nil {
		return err
	}
	return own(cfg.DataDir)
}

func openVault(dataDir string) (*vault.Vault, error) {
	return vault.Open(filepath.Join(dataDir, daemon.VaultDir))
}

// seal stores a secret without an agent.
func seal(dataDir, name string, value vault.Secret) error {
	if err := sealsFor(dataDir); err != nil {
		return err
	}
	v, err := openVault(dataDir)
	if err != nil {
		return err
	}
	return v.Set(name, value)
}

func secretSetCommand(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME",
		Short: "Store a secret, read from a prompt or from the standard input",
		Args:  oneSecret,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			value, err := readSecret(cmd, name)
			if err != nil {
				return err
			}
			defer value.Wipe()
			if err := daemon.CheckSecret(name, value); err != nil {
				return fmt.Errorf("nothing was stored: %w", err)
			}
			inUse := false
			err = withStore(cmd.Context(), *path, func(c *control.Client) (err error) {
				inUse, err = c.SetSecret(cmd.Context(), name, value)
				return err
			}, func(dataDir string) error { return seal(dataDir, name, value) })
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is stored%s\n", name, since(inUse))
			return err
		},
	}
}

// since says from when on a change counts.
func since(inUse bool) string {
	if inUse {
		return " and in use"
	}
	return "; restart the agent to use it"
}

// oneSecret takes a secret's name and nothing else: a value given as an
// argument would stand in the process list and in the shell's history.
func oneSecret(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return unusable("give the name only; the secret itself is read from a prompt or from the standard input")
	}
	if len(args) == 0 || !daemon.KnownSecret(args[0]) {
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
			var names []string
			err := withStore(cmd.Context(), *path, func(c *control.Client) (err error) {
				names, err = c.Secrets(cmd.Context())
				return err
			}, func(dataDir string) error {
				v, err := openVault(dataDir)
				if err != nil {
					return err
				}
				names, err = v.Names()
				return err
			})
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
			return withStore(cmd.Context(), *path, func(c *control.Client) error {
				_, err := c.RemoveSecret(cmd.Context(), args[0])
				return err
			}, func(dataDir string) error {
				v, err := openVault(dataDir)
				if err != nil {
					return err
				}
				return v.Remove(args[0])
			})
		},
	}
}
