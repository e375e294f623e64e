package daemon_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"biobridge/agent/daemon"
)

// TestDefaultDataDir_WithoutHome runs this binary as a user whose environment
// names no home: his data must not go where everybody can write.
func TestDefaultDataDir_WithoutHome(t *testing.T) {
	const child = "BIOBRIDGE_TEST_DATA_DIR"
	if os.Getenv(child) != "" {
		if _, err := os.Stdout.WriteString("data_dir=" + daemon.DefaultDataDir() + "\n"); err != nil {
			t.Fatal(err)
		}
		return
	}
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "home") // t.TempDir is root's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	copied := filepath.Join(dir, "child")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied, "-test.run", "^TestDefaultDataDir_WithoutHome$")
	cmd.Env, cmd.Dir = []string{child + "=1"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	if got, _, _ := strings.Cut(string(out), "\n"); got != "data_dir=" && (strings.HasPrefix(got, "data_dir="+os.TempDir()) || !strings.HasSuffix(got, "/.local/state/biobridge")) {
		t.Errorf("without a home: %s", got)
	}
}
