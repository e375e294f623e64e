package browserpolicy

import (
	"encoding/json"
	"strings"
)

// ownFile is the policy file that is ours where no other has the list. Its name
// comes late in the alphabet: Chromium lets the last file win.
const ownFile = "zz-biobridge.json"

// document is a JSON policy file. Members that aren't ours are kept as they are,
// in JSON's meaning; their order and white space are not.
type document struct{ members map[string]json.RawMessage }

func (d *document) empty() bool { return len(d.members) == 0 }

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

// The places of Firefox's list: policies → LocalNetworkAccess → SkipDomains.
const (
	firefoxPolicies = "policies"
	firefoxNetwork  = "LocalNetworkAccess"
	firefoxSkip     = "SkipDomains"
)

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
