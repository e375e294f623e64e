package main_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "biobridge"

// allowed says which of our packages a package may import, itself or through
// others. The arrows of the design point down only; whoever needs a new one
// draws it here first and says why.
var allowed = map[string][]string{
	"agent/contract":  {},
	"agent/footprint": {},
	"agent/locale":    {},
	"agent/vault":     {},
	"pid":             {},
	"pid/pidtest":     {},
	"rdservice":       {"pid"},
	"eko":             {"pid"},
	"agent/journal":   {"agent/contract"},
	"agent":           {"agent/contract", "agent/journal", "agent/locale", "eko", "pid", "rdservice"},
	"agent/wsapi":     {"agent", "agent/contract", "agent/journal", "agent/locale", "eko", "pid", "rdservice"},
	"agent/control":   {"agent/contract"},
	"assets":          {},
	"tray":            {"agent/contract", "agent/control", "agent/footprint", "agent/locale", "assets"},

	// A simulator is written from the documents: a name misspelt in a struct
	// that both sides used would be invisible.
	"rdservice/rdsim": {"pid/pidtest"},
	"eko/ekosim":      {"pid/pidtest"},
}

// direct says which of our packages a package may name itself. It is stricter
// than allowed where a package gets to others only through its neighbour.
var direct = map[string][]string{
	"agent/wsapi": {"agent", "agent/contract", "agent/locale"},
}

// foreign are libraries that a package must not even reach.
var foreign = map[string][]string{
	"pid":            {"net/http", "database/sql"},
	"agent/journal":  {"net/http", "encoding/xml"},
	"agent/contract": {"net/http", "database/sql", "encoding/xml"},
	"agent/control":  {"database/sql", "encoding/xml"},
	"tray":           {"database/sql"},
}

// simulators may be reached from these packages only.
var (
	simulators     = []string{"rdservice/rdsim", "eko/ekosim", "pid/pidtest"}
	simulatorUsers = []string{"agent/demo", "", "rdservice/rdsim", "eko/ekosim", "pid/pidtest"}
)

// pkg is one package with what it imports itself and what it reaches.
type pkg struct{ imports, deps []string }

// packages asks the go command about every package of the module, for the
// platform it runs on and for Windows, where other files count.
func packages(t *testing.T) map[string]pkg {
	t.Helper()
	found := map[string]pkg{}
	for _, goos := range []string{"linux", "windows"} {
		cmd := exec.Command("go", "list", "-f", `{{.ImportPath}}|{{join .Imports " "}}|{{join .Deps " "}}`, "./...")
		cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v", goos, err)
		}
		for line := range strings.Lines(string(out)) {
			fields := strings.Split(strings.TrimSpace(line), "|")
			name := strings.TrimPrefix(strings.TrimPrefix(fields[0], module), "/")
			p := found[name]
			p.imports = append(p.imports, strings.Fields(fields[1])...)
			p.deps = append(p.deps, strings.Fields(fields[2])...)
			found[name] = p
		}
	}
	return found
}

func ours(paths []string) []string {
	var names []string
	for _, p := range paths {
		if name, ok := strings.CutPrefix(p, module+"/"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func TestArrowsPointDownOnly(t *testing.T) {
	for name, p := range packages(t) {
		if permitted, ok := allowed[name]; ok {
			for _, dep := range ours(p.deps) {
				if !slices.Contains(permitted, dep) {
					t.Errorf("%s reaches %s; it may reach %v only", name, dep, permitted)
				}
			}
		}
		if permitted, ok := direct[name]; ok {
			for _, dep := range ours(p.imports) {
				if !slices.Contains(permitted, dep) {
					t.Errorf("%s imports %s; it may import %v only", name, dep, permitted)
				}
			}
		}
		for _, lib := range foreign[name] {
			if slices.Contains(p.deps, lib) {
				t.Errorf("%s reaches %s, which is another package's business", name, lib)
			}
		}
		for _, sim := range simulators {
			if slices.Contains(ours(p.deps), sim) && !slices.Contains(simulatorUsers, name) {
				t.Errorf("%s reaches the simulator %s; only demo and sim may", name, sim)
			}
		}
	}
}

func TestEveryRuledPackageExists(t *testing.T) {
	found := packages(t)
	for name := range allowed {
		if _, ok := found[name]; !ok {
			t.Errorf("%s has a rule but is not there", name)
		}
	}
}
