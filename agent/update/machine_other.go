//go:build !windows

package update

import (
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
