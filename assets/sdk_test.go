package assets_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"
)

// tool finds a program of Node's, which CI must have and others may lack.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatalf("no %s here, and CI must not go without: install Node 20", name)
	default:
		t.Skipf("no %s here: install Node 20", name)
	}
	return ""
}

func TestSDKInNode(t *testing.T) {
	command := exec.CommandContext(t.Context(), tool(t, "node"), "--test", "test/call.test.js", "test/connect.test.js")
	command.Dir = "sdk"
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}

// What a partner installs is the module, its types and what goes with them, and
// none of the tests.
func TestSDKPackage(t *testing.T) {
	command := exec.CommandContext(t.Context(), tool(t, "npm"), "pack", "--dry-run", "--json", "--offline", "--ignore-scripts")
	command.Dir = "sdk"
	out, err := command.Output()
	if err != nil {
		t.Fatalf("npm pack: %v", err)
	}
	type pack struct {
		Files []struct{ Path string }
	}
	var packs []pack
	if err := json.Unmarshal(out, &packs); err != nil {
		t.Fatalf("npm pack said %s: %v", out, err)
	}
	var got []string
	for _, file := range packs[0].Files {
		got = append(got, file.Path)
	}
	slices.Sort(got)
	want := []string{"LICENSE", "README.md", "package.json", "src/biobridge.d.ts", "src/biobridge.js"}
	if !slices.Equal(got, want) {
		t.Errorf("the package holds %q, want %q", got, want)
	}
}

// The compiler is not part of Node; npm install -g typescript brings it.
func TestSDKTypes(t *testing.T) {
	tsc, err := exec.LookPath("tsc")
	if err != nil {
		t.Skip("no tsc here: npm install -g typescript")
	}
	command := exec.CommandContext(t.Context(), tsc, "-p", "test")
	command.Dir = "sdk"
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, out)
	}
}
