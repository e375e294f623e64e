// Command release writes the signed manifest that "biobridge update" reads. Keys are
// ed25519 in PEM, as "openssl genpkey -algorithm ed25519" writes them; the root key
// is needed only where the list of signing keys changes, and else stays locked away.
//
//	release public KEY.pem
//	release keys -root ROOT.pem -serial 1 -expires 2027-11-01 -out keys.json 2026=SIGNING.pem
//	release manifest -keys keys.json -key-id 2026 -key SIGNING.pem -dist dist -version 1.2.3 \
//	    -serial 12 -rollout 10 -expires 2026-12-24 -base-url https://updates.partner.example/ -out manifest.json
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"biobridge/agent/update"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("say public, keys or manifest; the source's first lines show how")
	}
	switch args[0] {
	case "public":
		if len(args) != 2 {
			return errors.New("public takes one key")
		}
		key, err := readKey(args[1])
		if err != nil {
			return err
		}
		_, err = fmt.Println(base64.StdEncoding.EncodeToString(public(key)))
		return err
	case "keys":
		return keys(args[1:])
	case "manifest":
		return manifest(args[1:])
	}
	return fmt.Errorf("there is no %q", args[0])
}

func public(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
}

func readKey(path string) (ed25519.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("read a key: %s is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read a key: %s is no private key", path)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read a key: %s is not ed25519", path)
	}
	return key, nil
}

// day is a flag for a date, which means its end.
type day struct{ time.Time }

func (d *day) String() string { return d.Format(time.DateOnly) }

func (d *day) Set(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	d.Time = t.AddDate(0, 0, 1)
	return err
}

func keys(args []string) error {
	flags := flag.NewFlagSet("keys", flag.ContinueOnError)
	root := flags.String("root", "", "the root key")
	serial := flags.Int64("serial", 0, "larger than every list's before")
	out := flags.String("out", "keys.json", "where to write the signed list")
	var expires day
	flags.Var(&expires, "expires", "last day of the list, such as 2027-11-01")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rootKey, err := readKey(*root)
	if err != nil {
		return err
	}
	list := update.KeyList{Serial: *serial, Expires: expires.Time}
	for _, arg := range flags.Args() {
		id, path, ok := strings.Cut(arg, "=")
		if !ok {
			return errors.New("name each signing key as ID=FILE")
		}
		key, err := readKey(path)
		if err != nil {
			return err
		}
		list.Keys = append(list.Keys, update.Key{ID: id, Public: public(key)})
	}
	if len(list.Keys) == 0 || *serial <= 0 || expires.IsZero() {
		return errors.New("keys wants -serial, -expires and at least one ID=FILE")
	}
	signed, err := update.SealKeys(list, rootKey)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(signed, "", "  ")
	if err != nil {
		return fmt.Errorf("write the list of keys: %w", err)
	}
	return os.WriteFile(*out, content, 0o644)
}

func manifest(args []string) error {
	flags := flag.NewFlagSet("manifest", flag.ContinueOnError)
	keysFile := flags.String("keys", "keys.json", "the signed list of keys")
	keyID := flags.String("key-id", "", "the signing key's name in that list")
	keyFile := flags.String("key", "", "the signing key")
	dist := flags.String("dist", "dist", "what installer/build has made")
	base := flags.String("base-url", "", "https address below which the packages are published")
	out := flags.String("out", "manifest.json", "where to write the manifest")
	m := update.Manifest{Released: time.Now().UTC().Truncate(time.Second)}
	flags.StringVar(&m.Version, "version", "", "the release's version")
	flags.Int64Var(&m.Serial, "serial", 0, "larger than every manifest's before")
	flags.IntVar(&m.Rollout, "rollout", 100, "share of PCs in percent")
	flags.StringVar(&m.Notes, "notes", "", "what changes, in one sentence")
	var expires day
	flags.Var(&expires, "expires", "last day of the manifest")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if m.Serial <= 0 || expires.IsZero() || *base == "" {
		return errors.New("manifest wants -serial, -expires and -base-url")
	}
	m.Expires = expires.Time
	var signed update.Signed
	content, err := os.ReadFile(*keysFile)
	if err == nil {
		err = json.Unmarshal(content, &signed)
	}
	if err != nil {
		return fmt.Errorf("read the list of keys: %w", err)
	}
	key, err := readKey(*keyFile)
	if err != nil {
		return err
	}
	if m.Packages, err = packages(*dist, m.Version, strings.TrimSuffix(*base, "/")+"/"); err != nil {
		return err
	}
	sealed, err := update.Seal(signed, m, *keyID, key)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, sealed, 0o644)
}

// packages describes every package of a version that installer/build makes; one
// that is missing is an error.
func packages(dist, version, base string) ([]update.Package, error) {
	var list []update.Package
	for _, p := range []struct{ os, arch, kind, file string }{
		{"windows", "amd64", "msi", "biobridge-%s-windows-amd64.msi"},
		{"windows", "386", "msi", "biobridge-%s-windows-386.msi"},
		{"linux", "amd64", "deb", "biobridge_%s_amd64.deb"},
		{"linux", "arm64", "deb", "biobridge_%s_arm64.deb"},
		{"linux", "amd64", "rpm", "biobridge-%s-1.x86_64.rpm"},
		{"linux", "arm64", "rpm", "biobridge-%s-1.aarch64.rpm"},
	} {
		name := fmt.Sprintf(p.file, version)
		f, err := os.Open(filepath.Join(dist, name))
		if err != nil {
			return nil, fmt.Errorf("look at the packages: %w", err)
		}
		hash := sha256.New()
		size, err := io.Copy(hash, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("look at the packages: %w", err)
		}
		list = append(list, update.Package{OS: p.os, Arch: p.arch, Kind: p.kind, URL: base + name, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))})
	}
	return list, nil
}
