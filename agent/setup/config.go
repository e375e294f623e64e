package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"biobridge/agent/daemon"
)

// Configuration says which file a fresh PC gets.
type Configuration struct {
	// Path is where it is written; a file that is there stays.
	Path string
	// From is a file prepared by whoever installs; empty: the template.
	From string
	// Origin is a page that may connect, added to the template.
	Origin string
}

// Write writes the configuration where there is none yet. It returns a
// [*daemon.ConfigError] for one that wouldn't start.
func (c Configuration) Write() error {
	if _, err := os.Stat(c.Path); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for the configuration: %w", err)
	}
	content, err := c.content()
	if err != nil {
		return err
	}
	if faults := faults(c.Path, content); len(faults) > 0 {
		return fmt.Errorf("prepare the configuration: %w", &daemon.ConfigError{Problems: faults})
	}
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o750); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	// Whole or not at all: a power cut must not leave half a file.
	next := c.Path + ".new"
	if err := os.WriteFile(next, content, 0o640); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	if err := os.Rename(next, c.Path); err != nil {
		return fmt.Errorf("write the configuration: %w", errors.Join(err, os.Remove(next)))
	}
	return nil
}

func (c Configuration) content() ([]byte, error) {
	if c.From != "" {
		content, err := os.ReadFile(c.From)
		if err != nil {
			return nil, fmt.Errorf("read the prepared configuration: %w", err)
		}
		return content, nil
	}
	text := daemon.Template
	for _, change := range []struct{ from, to string }{
		{"\neveryone = false\n", "\neveryone = true\n"},                        // a machine's service is for every user of the PC
		{"\n# data_dir = \"/var/lib/biobridge\"\n", "\ndata_dir = \"data\"\n"}, // beside the file, whatever the account's environment says
	} {
		if !strings.Contains(text, change.from) {
			return nil, errors.New("prepare the configuration: the template has changed")
		}
		text = strings.Replace(text, change.from, change.to, 1)
	}
	if c.Origin != "" {
		text += fmt.Sprintf("\n[[origins]]\norigin = %q\nscopes = [\"device\", \"capture\", \"transact\", \"history\", \"merchant\"]\n", c.Origin)
	}
	return []byte(text), nil
}

func faults(path string, content []byte) []daemon.Problem {
	_, problems := daemon.Parse(path, content)
	var faults []daemon.Problem
	for _, p := range problems {
		if !p.Warning {
			faults = append(faults, p)
		}
	}
	return faults
}
