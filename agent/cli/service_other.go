//go:build !windows

package cli

import "github.com/spf13/cobra"

// platformServiceCommands is empty: the packages' scripts do the work.
func platformServiceCommands() []*cobra.Command { return nil }

func afterInstall() error { return nil }
