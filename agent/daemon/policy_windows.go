package daemon

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows/registry"

	"biobridge/agent/contract"
)

// DefaultPolicyPath is the key below HKLM under which the policy stands.
const DefaultPolicyPath = `Software\Policies\biobridge`

// LoadPolicy reads the policy from a key of HKLM; there may be none.
func LoadPolicy(path string) (Policy, error) {
	var p Policy
	root, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.READ)
	if errors.Is(err, registry.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the administrator's policy: %w", err)
	}
	defer root.Close()
	if only, _, err := root.GetIntegerValue("ManagedOnly"); err == nil {
		p.ManagedOnly = only != 0
	}
	if pin, _, err := root.GetStringValue("PinVersion"); err == nil {
		p.PinVersion = pin
	}
	err = eachValue(root, "Origins", func(k registry.Key, name string) error {
		scopes, _, err := k.GetStringValue(name)
		p.Origins = append(p.Origins, Origin{Origin: name, Scopes: parseScopes(scopes)})
		return err
	})
	if err != nil {
		return Policy{}, err
	}
	err = eachValue(root, "DeniedOrigins", func(_ registry.Key, name string) error {
		p.Deny = append(p.Deny, name)
		return nil
	})
	return p, err
}

// eachValue calls f with every value's name of a subkey, if there is one.
func eachValue(root registry.Key, subkey string, f func(registry.Key, string) error) error {
	k, err := registry.OpenKey(root, subkey, registry.READ)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the administrator's policy: %s: %w", subkey, err)
	}
	defer k.Close()
	names, err := k.ReadValueNames(0)
	if err != nil {
		return fmt.Errorf("read the administrator's policy: %s: %w", subkey, err)
	}
	for _, name := range names {
		if err := f(k, name); err != nil {
			return fmt.Errorf("read the administrator's policy: %s: %w", subkey, err)
		}
	}
	return nil
}

// parseScopes reads scopes separated by commas, as the registry has them.
func parseScopes(list string) []contract.Scope {
	var scopes []contract.Scope
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			scopes = append(scopes, contract.Scope(word))
		}
	}
	return scopes
}
