//go:build !windows

package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/pelletier/go-toml/v2"
)

// DefaultPolicyPath is where the administrator's policy stands.
const DefaultPolicyPath = "/etc/biobridge/policy.toml"

// LoadPolicy reads the policy at path; there may be none.
func LoadPolicy(path string) (Policy, error) {
	var p Policy
	source, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the administrator's policy: %w", err)
	}
	if err := toml.NewDecoder(bytes.NewReader(source)).DisallowUnknownFields().Decode(&p); err != nil {
		return Policy{}, fmt.Errorf("read the administrator's policy: %w", &ConfigError{Problems: decodeProblems(path, err)})
	}
	return p, nil
}
