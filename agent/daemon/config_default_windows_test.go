package daemon_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"

	"biobridge/agent/daemon"
)

// The machine's configuration is where Windows says, whatever the environment of
// whoever starts this program says.
func TestDefaultPath_environment(t *testing.T) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList`, registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	want, _, err := k.GetStringValue("ProgramData")
	if err != nil {
		t.Fatal(err)
	}
	if want, err = registry.ExpandString(want); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ProgramData", "ALLUSERSPROFILE", "SystemDrive"} {
		t.Setenv(name, `C:\elsewhere`)
	}
	for what, got := range map[string]string{
		`biobridge\biobridge.toml`: daemon.DefaultPath(),
		`biobridge\data`:           daemon.ServiceDataDir(),
	} {
		if !strings.EqualFold(got, filepath.Join(want, what)) {
			t.Errorf("%s, want %s in %s", got, what, want)
		}
	}
	if got := daemon.DefaultDataDir(); got != daemon.ServiceDataDir() {
		t.Errorf("data in %s, want %s", got, daemon.ServiceDataDir())
	}
}
