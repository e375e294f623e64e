package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryPackageIsIntroduced holds that each directory of Go files has exactly
// one package comment, long enough to say something.
func TestEveryPackageIsIntroduced(t *testing.T) {
	comments := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if strings.HasSuffix(path, "_test.go") && strings.HasSuffix(file.Name.Name, "_test") {
			return nil
		}
		if comments[dir] == nil {
			comments[dir] = []string{}
		}
		if file.Doc != nil {
			comments[dir] = append(comments[dir], file.Doc.Text())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, docs := range comments {
		switch {
		case len(docs) != 1:
			t.Errorf("%s has %d package comments, want 1", dir, len(docs))
		case len(docs[0]) < 80:
			t.Errorf("%s: the package comment says nothing: %q", dir, docs[0])
		}
	}
}
