//go:build !windows

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"biobridge/agent/daemon"
)

// sealsFor reports whether what this user seals can be opened by the account that
// runs the agent of a data directory: root's files are closed to it.
func sealsFor(dataDir string) error {
	for _, dir := range []string{filepath.Join(dataDir, daemon.VaultDir), dataDir} {
		info, err := os.Stat(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at the protected store: %w", err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
			return fmt.Errorf("%s belongs to another user, whose agent could not open what is sealed here: start the agent and do it again", dir)
		}
		return nil
	}
	return nil
}
