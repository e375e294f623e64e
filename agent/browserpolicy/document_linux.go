package browserpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func read(path string) (*document, error) {
	source, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &document{members: map[string]json.RawMessage{}}, nil
	}
	if err != nil {
		return nil, err
	}
	doc := &document{}
	if err := json.Unmarshal(bytes.TrimPrefix(source, []byte("\ufeff")), &doc.members); err != nil || doc.members == nil {
		return nil, fmt.Errorf("%s holds no policies that can be read: correct or remove it first", path)
	}
	return doc, nil
}

// write replaces the file; browsers read it while they run.
func (d *document) write(path string) error {
	content, err := json.MarshalIndent(d.members, "", "  ")
	if err != nil {
		return err
	}
	return replace(path, append(content, '\n'))
}

// replace writes a file that everybody may read, as a whole or not at all.
func replace(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".biobridge-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (d *document) strings(name string) []string {
	var list []string
	_ = json.Unmarshal(d.members[name], &list) // another shape is no list of ours
	return list
}

// addList adds an entry to a list and reports whether it was not there.
func (d *document) addList(list, entry string) bool {
	current := d.strings(list)
	if slices.Contains(current, entry) {
		return false
	}
	d.setStrings(list, append(current, entry))
	return true
}

// removeList takes an entry out of a list and reports whether it was there.
func (d *document) removeList(list, entry string) bool {
	current := d.strings(list)
	if !slices.Contains(current, entry) {
		return false
	}
	d.setStrings(list, slices.DeleteFunc(current, func(s string) bool { return s == entry }))
	return true
}

func (d *document) addFirefox(host string) bool {
	return d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			return network.addList(firefoxSkip, host)
		})
	})
}

// firefoxHosts returns the hosts that Firefox lets through without asking.
func (d *document) firefoxHosts() (hosts []string) {
	d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			hosts = network.strings(firefoxSkip)
			return false
		})
	})
	return hosts
}

func (d *document) removeFirefox(host string) bool {
	return d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			return network.removeList(firefoxSkip, host)
		})
	})
}
