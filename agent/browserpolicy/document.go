package browserpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ownFile is the policy file that is ours where no other has the list. Its name
// comes late in the alphabet: Chromium lets the last file win.
const ownFile = "zz-biobridge.json"

// document is a JSON policy file. Members that aren't ours are kept as they are,
// in JSON's meaning; their order and white space are not.
type document struct{ members map[string]json.RawMessage }

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

func (d *document) empty() bool { return len(d.members) == 0 }

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

func (d *document) setStrings(name string, list []string) {
	if len(list) == 0 {
		delete(d.members, name)
		return
	}
	content, err := json.Marshal(list)
	if err == nil { // a list of strings can always be written
		d.members[name] = content
	}
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

// The places of Firefox's list: policies → LocalNetworkAccess → SkipDomains.
const (
	firefoxPolicies = "policies"
	firefoxNetwork  = "LocalNetworkAccess"
	firefoxSkip     = "SkipDomains"
)

func (d *document) addFirefox(host string) bool {
	return d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			return network.addList(firefoxSkip, host)
		})
	})
}

func (d *document) removeFirefox(host string) bool {
	return d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			return network.removeList(firefoxSkip, host)
		})
	})
}

// within changes the object under name, which is made where it is missing and
// taken away where nothing is left in it.
func (d *document) within(name string, change func(*document) bool) bool {
	inner := &document{members: map[string]json.RawMessage{}}
	if raw, has := d.members[name]; has {
		if err := json.Unmarshal(raw, &inner.members); err != nil || inner.members == nil {
			return false // somebody else's shape: not ours to change
		}
	}
	if !change(inner) {
		return false
	}
	if inner.empty() {
		delete(d.members, name)
		return true
	}
	content, err := json.Marshal(inner.members)
	if err != nil {
		return false
	}
	d.members[name] = content
	return true
}

// chromiumFile is the file that [Store.Install] would make for one origin.
func chromiumFile(origin string) string {
	d := &document{members: map[string]json.RawMessage{}}
	for _, list := range chromiumLists {
		d.setStrings(list, []string{origin})
	}
	return d.text()
}

func firefoxDocument(host string) string {
	d := &document{members: map[string]json.RawMessage{}}
	d.within(firefoxPolicies, func(policies *document) bool {
		return policies.within(firefoxNetwork, func(network *document) bool {
			network.setStrings(firefoxSkip, []string{host})
			return true
		})
	})
	return d.text()
}

func (d *document) text() string {
	content, err := json.MarshalIndent(d.members, "", "  ")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content)) + "\n"
}
