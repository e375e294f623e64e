package setup_test

import (
	"testing"

	"biobridge/agent/setup"
)

// The published identifier of NT SERVICE\TrustedInstaller, the same on every PC.
func TestServiceSID(t *testing.T) {
	const want = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
	for _, name := range []string{"TrustedInstaller", "trustedinstaller"} {
		if got := setup.ServiceSID(name); got != want {
			t.Errorf("ServiceSID(%q) = %s, want %s", name, got, want)
		}
	}
}
