package doctor

import (
	"context"
	"strings"
)

// Startup is how the system starts the service.
type Startup struct {
	// Automatic: with the PC, whoever is signed in.
	Automatic bool
	Account   string
}

// startup looks at what the package set up and an administrator may have changed.
func (e Examination) startup(ctx context.Context) []Finding {
	s, err := e.Startup(ctx)
	if err != nil {
		return []Finding{skipped("autostart", "This PC doesn't tell how it starts the service.")}
	}
	found := fine("autostart", "The service starts with the PC.")
	if !s.Automatic {
		found = doubt("autostart", "The service doesn't start with the PC.", "Enable it: \"systemctl enable biobridge\", or \"automatic\" in Windows' list of services.")
	}
	account := fine("service_account", "The service runs as "+s.Account+", which may do nothing else.")
	if privileged(s.Account) {
		account = doubt("service_account", "The service runs with all rights over this PC.", "Install biobridge's package again: it gives the service an account of its own.")
	}
	return []Finding{found, account}
}

// privileged reports whether an account may do everything; none is root's.
func privileged(account string) bool {
	switch strings.ToLower(account) {
	case "", "root", "localsystem", `nt authority\system`:
		return true
	}
	return false
}
