package update

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// replaceProgram puts from at program, whole or not at all; from stays. A program
// that runs may be renamed on every system, but not overwritten on Windows. It needs
// no room on the disk where both are on one.
func replaceProgram(from, program string) error {
	next := program + ".back"
	if err := removeIfThere(next); err != nil {
		return err
	}
	if err := os.Link(from, next); err != nil {
		if err := copyFile(from, next); err != nil {
			return err
		}
	}
	if runtime.GOOS == "windows" {
		old := program + ".old"
		if err := removeIfThere(old); err != nil {
			return err
		}
		if err := os.Rename(program, old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return rename(next, program)
}

// copyFile copies a program with its mode and waits until it is on disk. It leaves
// nothing behind where it fails.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := removeIfThere(to); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close()); err != nil {
		return errors.Join(err, removeIfThere(to))
	}
	return syncDir(filepath.Dir(to))
}

// writeSynced writes a file whole or not at all, and waits until it is on disk.
func writeSynced(path string, content []byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, removeIfThere(next))
	}
	return rename(next, path)
}

// rename gives a file its name and waits until that is on disk as well.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

// sameContent reports whether two files hold the same bytes.
func sameContent(a, b string) (bool, error) {
	left, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer left.Close()
	right, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer right.Close()
	one, other := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(left, one)
		m, errOther := io.ReadFull(right, other)
		if !bytes.Equal(one[:n], other[:m]) {
			return false, nil
		}
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		endedOther := errors.Is(errOther, io.EOF) || errors.Is(errOther, io.ErrUnexpectedEOF)
		switch {
		case ended && endedOther:
			return true, nil
		case err != nil && !ended:
			return false, err
		case errOther != nil && !endedOther:
			return false, errOther
		}
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
