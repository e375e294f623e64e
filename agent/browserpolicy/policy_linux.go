package browserpolicy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Store is where the policies of a PC stand. The zero value is this PC.
type Store struct {
	// Root stands before every path; empty: the real ones.
	Root string
}

// Install allows origin in Chromium, Chrome, Edge and Firefox. Chromium's policies
// of several files aren't merged where they name the same list (the last file
// wins), so the origin is added to the file that has the list already, and to one
// of our own where there is none.
func (s Store) Install(origin string) ([]Step, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, browser := range chromiums() {
		for _, list := range browser.Lists {
			path, err := holder(s.path(browser.Directory), list)
			if err != nil {
				return steps, err
			}
			step, err := s.add(addition{browser.Name, path, list, origin})
			if err != nil {
				return steps, fmt.Errorf("write the policy of %s: %w", browser.Name, err)
			}
			steps = append(steps, step)
		}
	}
	step, err := s.add(addition{firefox, s.path(firefoxFile), firefoxSkip, host})
	if err != nil {
		return steps, fmt.Errorf("write the policy of Firefox: %w", err)
	}
	return append(steps, step), nil
}

// Remove takes away what [Store.Install] added for origin, and nothing else.
func (s Store) Remove(origin string) ([]Step, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return nil, err
	}
	ours, err := s.ledger()
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, a := range slices.Clone(ours) {
		if a.Entry != origin && (a.Browser != firefox || a.Entry != host) {
			continue
		}
		if _, err := edit(a.Path, a.removeFrom); err != nil {
			return steps, fmt.Errorf("take the policy of %s away: %w", a.Browser, err)
		}
		ours = slices.DeleteFunc(ours, func(b addition) bool { return a == b })
		if err := s.writeLedger(ours); err != nil {
			return steps, err
		}
		steps = append(steps, Step{a.Browser, a.Path, a.Entry, true})
	}
	return steps, nil
}

// Look says what each browser's policy answers to origin. It changes nothing and
// needs no rights.
func (s Store) Look(origin string) ([]Said, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return nil, err
	}
	var said []Said
	for _, browser := range chromiums() {
		lists := map[string][]string{}
		for _, name := range append([]string{blockedList}, browser.Lists...) {
			path, err := holder(s.path(browser.Directory), name)
			if err != nil {
				return nil, fmt.Errorf("read the policy of %s: %w", browser.Name, err)
			}
			doc, err := read(path)
			if err != nil {
				return nil, fmt.Errorf("read the policy of %s: %w", browser.Name, err)
			}
			lists[name] = doc.strings(name)
		}
		said = append(said, Said{browser.Name, decide(origin, host, func(name string) []string { return lists[name] })})
	}
	doc, err := read(s.path(firefoxFile))
	if err != nil {
		return nil, fmt.Errorf("read the policy of Firefox: %w", err)
	}
	return append(said, Said{firefox, decideFirefox(host, doc.firefoxHosts())}), nil
}

// add writes one addition, having noted it first: a note without an entry does no
// harm, an entry without a note would stay for ever.
func (s Store) add(a addition) (Step, error) {
	step := Step{a.Browser, a.Path, a.List + ": " + a.Entry, false}
	doc, err := read(a.Path)
	if err != nil || !a.addTo(doc) {
		return step, err
	}
	ours, err := s.ledger()
	if err != nil {
		return step, err
	}
	if !slices.Contains(ours, a) {
		if err := s.writeLedger(append(ours, a)); err != nil {
			return step, err
		}
	}
	step.Changed = true
	return step, doc.write(a.Path)
}

func (s Store) path(absolute string) string { return filepath.Join(s.Root, absolute) }

// holder returns the last file of a directory that has the list, in the order in
// which Chromium reads them, or our own.
func holder(dir, list string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return "", err
	}
	found := filepath.Join(dir, ownFile)
	for _, path := range paths { // sorted
		doc, err := read(path)
		if err != nil {
			return "", err
		}
		if _, has := doc.members[list]; has {
			found = path
		}
	}
	return found, nil
}

// edit changes a policy file as a whole or not at all. A file that is left
// without content of anybody's is taken away; one that isn't there stays so
// unless something is added.
func edit(path string, change func(*document) bool) (changed bool, err error) {
	doc, err := read(path)
	if err != nil {
		return false, err
	}
	if !change(doc) {
		return false, nil
	}
	if doc.empty() {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, err
		}
		return true, nil
	}
	return true, doc.write(path)
}
