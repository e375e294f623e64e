package browserpolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// ledgerFile notes what is ours in the browsers' files. It is not in those files:
// what a browser makes of a policy that it doesn't know is its own affair.
const ledgerFile = "/etc/biobridge/browser-policies.json"

const firefox = "Firefox"

// addition is an entry that we put into a list of a file.
type addition struct {
	Browser string `json:"browser"`
	Path    string `json:"path"`
	List    string `json:"list"`
	Entry   string `json:"entry"`
}

func (a addition) addTo(doc *document) bool {
	if a.Browser == firefox {
		return doc.addFirefox(a.Entry)
	}
	return doc.addList(a.List, a.Entry)
}

func (a addition) removeFrom(doc *document) bool {
	if a.Browser == firefox {
		return doc.removeFirefox(a.Entry)
	}
	return doc.removeList(a.List, a.Entry)
}

func (s Store) ledger() ([]addition, error) {
	source, err := os.ReadFile(s.path(ledgerFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var ours []addition
	if err == nil {
		err = json.Unmarshal(source, &ours)
	}
	if err != nil {
		return nil, fmt.Errorf("read which policies are ours: %w", err)
	}
	return ours, nil
}

func (s Store) writeLedger(ours []addition) error {
	path := s.path(ledgerFile)
	if len(ours) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("note which policies are ours: %w", err)
		}
		return nil
	}
	content, err := json.MarshalIndent(ours, "", "  ")
	if err == nil {
		err = replace(path, append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note which policies are ours: %w", err)
	}
	return nil
}
