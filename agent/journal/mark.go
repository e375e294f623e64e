package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// mark is the file beside a journal that says that it is damaged, and how far
// setting it aside has come. While it is there, nothing opens what lies under
// the journal's name.
type mark struct {
	// Detail is SQLite's own sentence.
	Detail string `json:"detail"`
	// Aside is the name, in the journal's directory, under which the damaged file
	// and its companions go; "" until that has begun.
	Aside string `json:"aside,omitempty"`
	// Moved says that all of them lie there: what has the journal's name since
	// then is the new one, and not finished.
	Moved bool `json:"moved,omitempty"`
}

func markOf(path string) string { return path + ".damaged" }

// readMark reads a mark; one that can't be understood is a mark all the same.
func readMark(path string) (m mark, marked bool, err error) {
	b, err := os.ReadFile(markOf(path))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return mark{}, false, nil
	case err != nil:
		return mark{}, false, fmt.Errorf("read the mark of damage: %w: %w", ErrUnwritable, err)
	}
	if json.Unmarshal(b, &m) != nil || m.Aside != filepath.Base(m.Aside) && m.Aside != "" {
		m = mark{Detail: strings.TrimSpace(string(b))}
	}
	return m, true, nil
}

// write puts the mark on the disk, whole or not at all.
func (m mark) write(path string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	next := markOf(path) + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, markOf(path)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes renames in a directory last through a power cut. Windows writes
// them to its own log and can't be asked.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
