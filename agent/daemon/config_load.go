package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxConfig bounds a configuration file; a real one has a few kilobytes.
const maxConfig = 1 << 20

// Problem is one thing that is wrong with a configuration, and where.
type Problem struct {
	File string
	// Line counts from 1; 0 where the key is missing from the file.
	Line int
	// Key is dotted, "eko.base_url".
	Key     string
	Message string
	// Warning says that the agent starts all the same.
	Warning bool
}

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// ConfigError holds every problem of a configuration that can't be used. No
// value of the file is part of its text.
type ConfigError struct{ Problems []Problem }

func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Load reads and validates the configuration at path. Relative paths in it are
// taken from the file's own directory. The error is a [*ConfigError] where the
// content is to blame.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("open the configuration: %w", err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	cfg, problems := Parse(path, source)
	if errs := slices.DeleteFunc(problems, func(p Problem) bool { return p.Warning }); len(errs) > 0 {
		return Config{}, &ConfigError{Problems: errs}
	}
	return cfg, nil
}

// Parse reads a configuration and returns it with everything that is wrong or
// doubtful about it, in the order of the file. The configuration may be used
// where every problem is a warning.
func Parse(name string, source []byte) (Config, []Problem) {
	if len(source) > maxConfig {
		return Config{}, []Problem{{File: name, Message: fmt.Sprintf("longer than %d bytes", maxConfig)}}
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff")) // Windows' Notepad writes one
	cfg := Default()
	err := toml.NewDecoder(bytes.NewReader(source)).DisallowUnknownFields().Decode(&cfg)
	if problems := decodeProblems(name, err); len(problems) > 0 {
		return Config{}, problems
	}
	cfg.resolve(filepath.Dir(name))
	check := checker{file: name, lines: keyLines(source)}
	check.config(&cfg)
	slices.SortStableFunc(check.problems, func(a, b Problem) int { return a.Line - b.Line })
	return cfg, check.problems
}

// decodeProblems turns what the TOML reader says into problems, without the
// piece of the file that it would quote.
func decodeProblems(name string, err error) []Problem {
	if err == nil {
		return nil
	}
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var problems []Problem
		for _, e := range strict.Errors {
			line, _ := e.Position()
			problems = append(problems, Problem{File: name, Line: line, Key: strings.Join(e.Key(), "."), Message: "unknown key"})
		}
		return problems
	}
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := e.Position()
		return []Problem{{File: name, Line: line, Key: strings.Join(e.Key(), "."), Message: plainReason(e)}}
	}
	return []Problem{{File: name, Message: "not a TOML file that can be read"}}
}

// plainReason words a decoding error for somebody who edits the file and has
// never seen Go.
func plainReason(e *toml.DecodeError) string {
	text := strings.TrimPrefix(e.Error(), "toml: ")
	if !strings.HasPrefix(text, "cannot decode TOML ") {
		return text
	}
	got, _, _ := strings.Cut(strings.TrimPrefix(text, "cannot decode TOML "), " into ")
	want := "a value of another kind"
	for suffix, word := range map[string]string{
		"of type string": "a text in quotes", "of type int": "a whole number", "of type int64": "a whole number",
		"of type bool": "true or false",
	} {
		if strings.HasSuffix(text, suffix) {
			want = word
		}
	}
	return fmt.Sprintf("is a TOML %s, wanted %s", got, want)
}

// resolve makes the file's relative paths absolute.
func (c *Config) resolve(dir string) {
	for _, path := range []*string{&c.DataDir, &c.Capture.BanksFile, &c.Eko.AccessKeyFile} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}
