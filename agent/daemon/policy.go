package daemon

import (
	"fmt"

	"biobridge/agent/wsapi"
)

// Policy is what the administrator of many PCs has decided. No user of the PC
// can widen it. It comes from /etc/biobridge/policy.toml, and on Windows from
// HKLM\Software\Policies\biobridge: subkey Origins with a value for each origin
// (its data the scopes, separated by commas), subkey DeniedOrigins with a value
// for each origin, and the DWORD ManagedOnly.
type Policy struct {
	Origins []Origin `toml:"origins"`
	// Deny keeps pages out whatever the configuration says.
	Deny []string `toml:"deny"`
	// ManagedOnly lets in the policy's pages and no others.
	ManagedOnly bool `toml:"managed_only"`
	// PinVersion keeps the program at one version; empty: no pin.
	PinVersion string `toml:"pin_version"`
}

// check says what is wrong with a policy. One that can't be understood must not
// be half obeyed: the agent doesn't start.
func (p Policy) check(env Environment) error {
	for _, o := range p.Origins {
		if err := wsapi.CheckOrigin(wsapi.Origin{Name: o.Origin, Scopes: o.Scopes}, string(env)); err != nil {
			return fmt.Errorf("the administrator's policy: %w", err)
		}
	}
	for _, name := range p.Deny {
		if canonical, err := wsapi.ParseOrigin(name); err != nil || canonical != name {
			return fmt.Errorf("the administrator's policy: deny: %q is not an origin as a browser sends it", name)
		}
	}
	return nil
}
