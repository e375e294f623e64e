package update

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Envelope is the manifest file: two signed payloads, verbatim, so that nobody has
// to agree on how JSON is written.
type Envelope struct {
	Keys     Signed `json:"keys"`
	Manifest Signed `json:"manifest"`
}

// Signed is a payload with an ed25519 signature over its purpose and its bytes.
type Signed struct {
	Payload   []byte `json:"payload"`
	Key       string `json:"key,omitempty"`
	Signature []byte `json:"signature"`
}

// The purposes keep a signature from being used for something else.
const (
	keysPurpose     = "biobridge update keys\n"
	manifestPurpose = "biobridge update manifest\n"
)

// KeyList names the keys that may sign manifests; the root key signs it.
type KeyList struct {
	// Serial grows with every list.
	Serial  int64     `json:"serial"`
	Expires time.Time `json:"expires"`
	Keys    []Key     `json:"keys"`
}

// Key is a signing key.
type Key struct {
	ID     string            `json:"id"`
	Public ed25519.PublicKey `json:"public"`
}

// Manifest is one release.
type Manifest struct {
	// Serial grows with every manifest, also with one that only changes Rollout.
	Serial   int64     `json:"serial"`
	Version  string    `json:"version"`
	Released time.Time `json:"released"`
	Expires  time.Time `json:"expires"`
	// Rollout is the share of PCs, 0 to 100, that the release is for by now.
	Rollout  int       `json:"rollout"`
	Notes    string    `json:"notes,omitempty"`
	Packages []Package `json:"packages"`
}

// Package is one file of a release.
type Package struct {
	// OS and Arch are Go's names; Kind is "deb", "rpm" or "msi".
	OS   string `json:"os"`
	Arch string `json:"arch"`
	Kind string `json:"kind"`
	// URL is an https address.
	URL    string `json:"url"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// What is wrong with a manifest.
var (
	ErrSignature = errors.New("the update's signature does not hold")
	ErrMalformed = errors.New("the update's manifest can't be understood")
	ErrExpired   = errors.New("the update's manifest has expired")
	// ErrReplayed means that somebody offers an older manifest than one seen before.
	ErrReplayed = errors.New("the update's manifest is older than one seen before")
	// ErrClock means that this PC's clock is behind times that must have passed.
	ErrClock = errors.New("this PC's clock is wrong: set date and time")
)

// ParseRootKey reads an ed25519 public key in base64, as the configuration has it.
func ParseRootKey(text string) (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("the root key must be an ed25519 public key, 32 bytes in base64")
	}
	return key, nil
}

// open verifies an envelope against the root key and returns what it says. Nothing
// has been said about time yet.
func open(envelope []byte, root ed25519.PublicKey) (KeyList, Manifest, error) {
	var e Envelope
	var keys KeyList
	var m Manifest
	if err := decode(envelope, &e); err != nil {
		return keys, m, err
	}
	if !ed25519.Verify(root, append([]byte(keysPurpose), e.Keys.Payload...), e.Keys.Signature) {
		return keys, m, fmt.Errorf("check the list of keys: %w", ErrSignature)
	}
	if err := decode(e.Keys.Payload, &keys); err != nil {
		return keys, m, err
	}
	if !signedByOne(keys.Keys, e.Manifest) {
		return keys, m, fmt.Errorf("check the manifest: %w", ErrSignature)
	}
	if err := decode(e.Manifest.Payload, &m); err != nil {
		return keys, m, err
	}
	return keys, m, m.check()
}

func signedByOne(keys []Key, s Signed) bool {
	for _, key := range keys {
		if key.ID == s.Key && len(key.Public) == ed25519.PublicKeySize {
			return ed25519.Verify(key.Public, append([]byte(manifestPurpose), s.Payload...), s.Signature)
		}
	}
	return false
}

// decode reads one JSON value and nothing after it.
func decode(source []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(source))
	if err := d.Decode(v); err != nil || d.More() {
		return ErrMalformed
	}
	return nil
}

func (m Manifest) check() error {
	if _, err := parseVersion(m.Version); err != nil {
		return fmt.Errorf("%w: version", ErrMalformed)
	}
	if m.Rollout < 0 || m.Rollout > 100 {
		return fmt.Errorf("%w: rollout", ErrMalformed)
	}
	for _, p := range m.Packages {
		u, err := url.Parse(p.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return fmt.Errorf("%w: a package's address is not https", ErrMalformed)
		}
		if p.Size <= 0 || p.Size > maxPackage || len(p.SHA256) != 64 {
			return fmt.Errorf("%w: a package's size or hash", ErrMalformed)
		}
	}
	return nil
}

// Seal writes the file that a release publishes: the list of keys signed by the root
// key, the manifest by one of the list's. The root key is needed only where the
// list changes: keys may come, signed, from an earlier file.
func Seal(keys Signed, manifest Manifest, keyID string, key ed25519.PrivateKey) ([]byte, error) {
	if err := manifest.check(); err != nil {
		return nil, err
	}
	payload, err := json.Marshal(manifest)
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	signed := Signed{Payload: payload, Key: keyID, Signature: ed25519.Sign(key, append([]byte(manifestPurpose), payload...))}
	return json.MarshalIndent(Envelope{Keys: keys, Manifest: signed}, "", "  ")
}

// SealKeys signs a list of signing keys with the root key.
func SealKeys(list KeyList, root ed25519.PrivateKey) (Signed, error) {
	payload, err := json.Marshal(list)
	if err != nil {
		return Signed{}, fmt.Errorf("write the list of keys: %w", err)
	}
	return Signed{Payload: payload, Signature: ed25519.Sign(root, append([]byte(keysPurpose), payload...))}, nil
}
