package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/agent/cli"
)

// A tray that can't start says why, with the exit code that its help names.
func TestTray_refuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.toml")
	if err := os.WriteFile(broken, []byte("environment = 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "bn.toml"), []byte("a = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"arguments", []string{"tray", "now"}, cli.ExitUnusable, ""},
		{"unknown flag", []string{"tray", "--loud"}, cli.ExitUnusable, "--loud"},
		{"no such configuration", []string{"tray", "--config", filepath.Join(bad, "none")}, cli.ExitUnusable, "none"},
		{"a broken configuration", []string{"tray", "--config", broken}, cli.ExitUnusable, "environment"},
		{"a broken translation", []string{"tray", "--translations", bad}, cli.ExitUnusable, "bn.toml"},
		{"no such directory", []string{"tray", "--translations", filepath.Join(bad, "none")}, cli.ExitUnusable, "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			t.Setenv("XDG_RUNTIME_DIR", "")
			root := cli.Root()
			root.SetArgs(test.args)
			var out strings.Builder
			root.SetOut(&out)
			root.SetErr(&out)
			err := root.ExecuteContext(t.Context())
			if cli.ExitCode(err) != test.code || !strings.Contains(cli.Message(err), test.want) {
				t.Errorf("exit code %d, %v; want %d with %q", cli.ExitCode(err), err, test.code, test.want)
			}
		})
	}
}
