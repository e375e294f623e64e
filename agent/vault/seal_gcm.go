//go:build !windows

package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	keyFile = "vault.key"
	keySize = 32
	// credentialName is the systemd credential that takes the key file's place:
	// LoadCredentialEncrypted=biobridge-vault-key:… in the unit.
	credentialName = "biobridge-vault-key"
)

// gcmSealer seals with AES-256-GCM; the secret's name is additional data.
type gcmSealer struct{ aead cipher.AEAD }

func newSealer(dir string, random io.Reader) (sealer, error) {
	key, err := vaultKey(dir, random)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return gcmSealer{aead: aead}, nil
}

// vaultKey takes the key from the systemd credential where the unit brings one,
// else from the key file, which is made on first use.
func vaultKey(dir string, random io.Reader) ([]byte, error) {
	if creds := os.Getenv("CREDENTIALS_DIRECTORY"); creds != "" {
		raw, err := readFile(filepath.Join(creds, credentialName))
		if err == nil {
			return hkdf.Key(sha256.New, raw, nil, "biobridge vault key", keySize)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read the systemd credential %s: %w", credentialName, err)
		}
	}
	path := filepath.Join(dir, keyFile)
	key, err := readKeyFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	key = make([]byte, keySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("make the vault's key: %w", err)
	}
	if err := writeFile(path, key); err != nil {
		return nil, fmt.Errorf("write the vault's key: %w", err)
	}
	return key, nil
}

func readKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the vault's key %s can be read by others (mode %04o): make it 0600", path, info.Mode().Perm())
	}
	key, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("the vault's key is %d bytes long instead of %d: %w", len(key), keySize, ErrDamaged)
	}
	return key, nil
}

func (s gcmSealer) seal(name string, plain []byte) ([]byte, error) {
	return s.aead.Seal(nil, nil, plain, []byte(name)), nil
}

func (s gcmSealer) open(name string, sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
