package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// ErrNotFound says that the vault has no secret of that name.
var ErrNotFound = errors.New("no such secret")

// ErrDamaged says that a sealed file does not open: it was altered, belongs to
// another name, or was sealed by another account or machine.
var ErrDamaged = errors.New("the sealed file does not open")

const (
	extension = ".sealed"
	// maxSecret bounds what is sealed and read; the largest secret in use is a
	// client certificate with its key.
	maxSecret = 64 << 10
)

var validName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// sealer protects bytes for this account. The name is bound to the result.
type sealer interface {
	seal(name string, plain []byte) ([]byte, error)
	open(name string, sealed []byte) ([]byte, error)
}

// Vault is a directory of sealed secrets. It is safe for concurrent use within
// a process; two processes may read at the same time, and the later of two
// writers wins.
type Vault struct {
	dir  string
	rand io.Reader

	mu     sync.Mutex // guards sealer, which is made on first use
	sealer sealer
}

// Open returns the vault in dir, which is made with mode 0700 where it is
// missing. Nothing is sealed or unsealed yet, and nothing has to be closed.
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the vault's directory: %w", err)
	}
	return &Vault{dir: dir, rand: rand.Reader}, nil
}

// Get returns the secret called name: [ErrNotFound] where there is none,
// [ErrDamaged] where it can't be opened. The caller owns the bytes.
func (v *Vault) Get(name string) (Secret, error) {
	path, err := v.path(name)
	if err != nil {
		return nil, err
	}
	sealed, err := readFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read secret %q: %w", name, err)
	}
	s, err := v.use()
	if err != nil {
		return nil, err
	}
	plain, err := s.open(name, sealed)
	if err != nil {
		return nil, fmt.Errorf("open secret %q: %w", name, err)
	}
	return plain, nil
}

// Set seals value under name, replacing what was there. The new file is on disk
// when Set returns.
func (v *Vault) Set(name string, value Secret) error {
	path, err := v.path(name)
	if err != nil {
		return err
	}
	if len(value) == 0 {
		return fmt.Errorf("secret %q is empty", name)
	}
	if len(value) > maxSecret/2 {
		return fmt.Errorf("secret %q is longer than %d bytes", name, maxSecret/2)
	}
	s, err := v.use()
	if err != nil {
		return err
	}
	sealed, err := s.seal(name, value)
	if err != nil {
		return fmt.Errorf("seal secret %q: %w", name, err)
	}
	if err := writeFile(path, sealed); err != nil {
		return fmt.Errorf("write secret %q: %w", name, err)
	}
	return nil
}

// GetOrMake returns the secret called name, and makes one of n random bytes
// where there is none yet.
func (v *Vault) GetOrMake(name string, n int) (Secret, error) {
	s, err := v.Get(name)
	if !errors.Is(err, ErrNotFound) {
		return s, err
	}
	s = make(Secret, n)
	if _, err := io.ReadFull(v.rand, s); err != nil {
		return nil, fmt.Errorf("make secret %q: %w", name, err)
	}
	if err := v.Set(name, s); err != nil {
		return nil, err
	}
	return s, nil
}

// Remove forgets the secret called name; [ErrNotFound] where there is none.
func (v *Vault) Remove(name string) error {
	path, err := v.path(name)
	if err != nil {
		return err
	}
	err = os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%q: %w", name, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("remove secret %q: %w", name, err)
	}
	return nil
}

// Names lists the secrets that are there, sorted. It opens none.
func (v *Vault) Names() ([]string, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, fmt.Errorf("list the vault: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), extension); ok && validName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (v *Vault) path(name string) (string, error) {
	if !validName.MatchString(name) {
		return "", errors.New("a secret's name is a small letter and then up to 63 of a-z, 0-9, _ and -")
	}
	return filepath.Join(v.dir, name+extension), nil
}

func (v *Vault) use() (sealer, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.sealer != nil {
		return v.sealer, nil
	}
	s, err := newSealer(v.dir, v.rand)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	v.sealer = s
	return s, nil
}
