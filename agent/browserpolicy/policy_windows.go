package browserpolicy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/windows/registry"
)

// Store is where the policies of a PC stand. The zero value is this PC.
type Store struct {
	// Root stands before every key below HKLM; empty: the real ones.
	Root string
}

// ownKey notes, below HKLM, which values are ours: the name is the policy's key
// and the origin, so that removing leaves alone what was there before.
const ownKey = `SOFTWARE\biobridge\BrowserPolicies`

// Install allows origin in Chrome, Edge, Chromium and Firefox. A policy is a key
// with values numbered from 1: the next free number is taken, none overwritten.
func (s Store) Install(origin string) ([]Step, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, e := range s.entries(origin, host) {
		changed, err := s.add(e.key, e.value)
		if err != nil {
			return steps, fmt.Errorf("write the policy of %s (this needs an administrator): %w", e.browser, err)
		}
		steps = append(steps, Step{e.browser, `HKLM\` + e.key, e.value, changed})
	}
	return steps, nil
}

// Remove takes away what [Store.Install] added for origin, and nothing else.
func (s Store) Remove(origin string) ([]Step, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, e := range s.entries(origin, host) {
		changed, err := s.remove(e.key, e.value)
		if err != nil {
			return steps, fmt.Errorf("take the policy of %s away (this needs an administrator): %w", e.browser, err)
		}
		if changed {
			steps = append(steps, Step{e.browser, `HKLM\` + e.key, e.value, true})
		}
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
			if lists[name], err = values(s.Root + browser.Key + `\` + name); err != nil {
				return nil, fmt.Errorf("read the policy of %s: %w", browser.Name, err)
			}
		}
		said = append(said, Said{browser.Name, decide(origin, host, func(name string) []string { return lists[name] })})
	}
	skip, err := values(s.Root + firefoxKey)
	if err != nil {
		return nil, fmt.Errorf("read the policy of Firefox: %w", err)
	}
	return append(said, Said{"Firefox", decideFirefox(host, skip)}), nil
}

// values lists the texts below a key of HKLM; none where there is no such key.
func values(path string) ([]string, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer key.Close()
	names, err := key.ReadValueNames(0)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, name := range names {
		if text, _, err := key.GetStringValue(name); err == nil {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

type entry struct{ browser, key, value string }

func (s Store) entries(origin, host string) []entry {
	var all []entry
	for _, browser := range chromiums() {
		for _, list := range browser.Lists {
			all = append(all, entry{browser.Name, s.Root + browser.Key + `\` + list, origin})
		}
	}
	return append(all, entry{"Firefox", s.Root + firefoxKey, host})
}

func (s Store) add(path, value string) (bool, error) {
	key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.ALL_ACCESS)
	if err != nil {
		return false, err
	}
	defer key.Close()
	names, err := key.ReadValueNames(0)
	if err != nil {
		return false, err
	}
	for _, name := range names {
		if have, _, err := key.GetStringValue(name); err == nil && have == value {
			return false, nil
		}
	}
	number := 1
	for slices.Contains(names, strconv.Itoa(number)) {
		number++
	}
	if err := key.SetStringValue(strconv.Itoa(number), value); err != nil {
		return false, err
	}
	own, _, err := registry.CreateKey(registry.LOCAL_MACHINE, s.Root+ownKey, registry.ALL_ACCESS)
	if err != nil {
		return true, err
	}
	defer own.Close()
	return true, own.SetStringValue(path+" "+value, strconv.Itoa(number))
}

func (s Store) remove(path, value string) (bool, error) {
	own, err := registry.OpenKey(registry.LOCAL_MACHINE, s.Root+ownKey, registry.ALL_ACCESS)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer own.Close()
	mark := path + " " + value
	number, _, err := own.GetStringValue(mark)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.ALL_ACCESS)
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return false, err
	}
	if err == nil {
		defer key.Close()
		if have, _, err := key.GetStringValue(number); err == nil && have == value {
			if err := key.DeleteValue(number); err != nil {
				return false, err
			}
		}
	}
	return true, own.DeleteValue(mark)
}
