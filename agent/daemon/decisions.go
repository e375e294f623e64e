package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/contract"
)

// decision is what the local user decided about a page.
type decision struct {
	Origin string           `toml:"origin"`
	Scopes []contract.Scope `toml:"scopes,omitempty"`
	Denied bool             `toml:"denied,omitempty"`
	// User is whose pages it is about; empty: everybody's, as only an administrator
	// may decide.
	User string `toml:"user,omitempty"`
}

// decisionsFile is the file below the data directory in which decisions stand.
const decisionsFile = "origins.toml"

type decisions struct {
	Origins []decision `toml:"origins"`
}

func readDecisions(path string) ([]decision, error) {
	source, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the decisions about pages: %w", err)
	}
	var d decisions
	if err := toml.NewDecoder(bytes.NewReader(source)).DisallowUnknownFields().Decode(&d); err != nil {
		return nil, fmt.Errorf("read the decisions about pages in %s: %w", path, err)
	}
	return d.Origins, nil
}

// writeDecisions replaces the file as a whole, so that a power cut leaves the
// old decisions or the new ones.
func writeDecisions(path string, list []decision) (err error) {
	source, err := toml.Marshal(decisions{Origins: list})
	if err != nil {
		return fmt.Errorf("write the decisions about pages: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".origins-*")
	if err != nil {
		return fmt.Errorf("write the decisions about pages: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the decisions about pages: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	if _, err := f.WriteString("# Written by biobridge: which pages this PC's user let in or kept out.\n" + string(source)); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
