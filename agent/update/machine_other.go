//go:build !windows

package update

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Machine returns a text that is this PC's own and stays.
func Machine() (string, error) {
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil {
		return "", fmt.Errorf("find this PC's identity: %w", err)
	}
	return strings.TrimSpace(string(id)), nil
}

// syncDir waits until a directory's new names are on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
