package update

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrPackage means that a package is not what the manifest says.
var ErrPackage = errors.New("the downloaded package is not the one that was signed")

// Download fetches an offer's package into Dir and returns its path, once it is whole,
// on disk and verified. A package that is there already is verified and used.
func (c Channel) Download(ctx context.Context, o Offer) (string, error) {
	if o.Package == nil {
		return "", errors.New("download the update: there is no package for this PC")
	}
	path := filepath.Join(c.Dir, "biobridge-"+o.Manifest.Version+"."+o.Package.Kind)
	if o.Package.Verify(path) == nil {
		return path, nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return "", fmt.Errorf("download the update: %w", err)
	}
	part := path + ".part"
	if err := c.fetch(ctx, *o.Package, part); err != nil {
		return "", fmt.Errorf("download the update: %w", errors.Join(err, removeIfThere(part)))
	}
	if err := o.Package.Verify(part); err != nil {
		return "", errors.Join(err, removeIfThere(part))
	}
	if err := rename(part, path); err != nil {
		return "", fmt.Errorf("download the update: %w", err)
	}
	return path, nil
}

// fetch writes the package to a new file, never more than its size.
func (c Channel) fetch(ctx context.Context, p Package, part string) error {
	body, err := c.get(ctx, p.URL)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := removeIfThere(part); err != nil {
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.LimitReader(body, p.Size+1))
	return errors.Join(err, f.Sync(), f.Close())
}

// Verify says whether the file at path is the package; ErrPackage where it isn't.
func (p Package) Verify(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("check the package: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, io.LimitReader(f, p.Size+1))
	if err != nil {
		return fmt.Errorf("check the package: %w", err)
	}
	if size != p.Size || hex.EncodeToString(hash.Sum(nil)) != p.SHA256 {
		return ErrPackage
	}
	return nil
}

// NoteFailure remembers that a version was installed and taken back.
func (c Channel) NoteFailure(version string) error {
	seen, err := recall(c.Dir)
	if err != nil {
		return err
	}
	seen.Failed = version
	return seen.keep(c.Dir)
}

// forgetFailure is for a version that is about to be tried again.
func (c Channel) forgetFailure(version string) error {
	seen, err := recall(c.Dir)
	if err != nil || seen.Failed != version {
		return err
	}
	seen.Failed = ""
	return seen.keep(c.Dir)
}
