package demo_test

import (
	"io"
	"testing"

	"github.com/spf13/cobra"

	"biobridge/agent/cli"
	"biobridge/agent/demo"
)

// wholeRoot is the table of commands as the program has it.
func wholeRoot() *cobra.Command {
	root := cli.Root()
	root.AddCommand(demo.Commands()...)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	return root
}

// paths lists every command, groups included, as it is typed.
func paths(cmd *cobra.Command, before []string) [][]string {
	var all [][]string
	for _, c := range cmd.Commands() {
		path := append(before[:len(before):len(before)], c.Name())
		all = append(all, path)
		all = append(all, paths(c, path)...)
	}
	return all
}

func TestCommands_StandOnceInTheTable(t *testing.T) {
	seen := map[string]bool{}
	for _, path := range paths(wholeRoot(), nil) {
		name := ""
		for _, word := range path {
			name += " " + word
		}
		if seen[name] {
			t.Errorf("biobridge%s stands twice in the table", name)
		}
		seen[name] = true
	}
	if !seen[" devices"] || !seen[" sim rd"] {
		t.Fatalf("the table is not the whole one: %v", seen)
	}
}

func TestCommands_StrayArgumentsAreUnusable(t *testing.T) {
	for _, path := range paths(wholeRoot(), nil) {
		root := wholeRoot()
		root.SetArgs(append(path[:len(path):len(path)], "stray", "arguments", "of", "nobody"))
		if code := cli.ExitCode(root.ExecuteContext(t.Context())); code != cli.ExitUnusable {
			t.Errorf("biobridge %v with stray arguments exits with %d, want %d", path, code, cli.ExitUnusable)
		}
	}
}
