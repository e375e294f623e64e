package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"biobridge/agent/vault"
)

const canary = "canary-6f1d-access-key"

func open(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVault_KeepsSecretsAcrossOpening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	if err := open(t, dir).Set("access_key", vault.Secret(canary)); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, dir).Get("access_key")
	if err != nil || string(got) != canary {
		t.Fatalf("Get: %d bytes, right: %v, error %v", len(got), string(got) == canary, err)
	}
	names, err := open(t, dir).Names()
	if err != nil || !slices.Equal(names, []string{"access_key"}) {
		t.Fatalf("Names = %v, %v", names, err)
	}
}

func TestVault_NothingReadableOnDisk(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Set("access_key", vault.Secret(canary)); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(canary)) {
			t.Errorf("%s holds the secret in the clear", e.Name())
		}
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o, want 0600", e.Name(), info.Mode().Perm())
		}
	}
}

func TestVault_Refuses(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if err := v.Set("a", vault.Secret(canary)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get("b"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Get of a missing secret: %v, want ErrNotFound", err)
	}
	if err := v.Remove("b"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("Remove of a missing secret: %v, want ErrNotFound", err)
	}
	for _, name := range []string{"", "../a", "A", "a/b", "a.b", strings.Repeat("a", 65)} {
		if err := v.Set(name, vault.Secret("x")); err == nil {
			t.Errorf("Set(%q) was accepted", name)
		}
	}
	if err := v.Set("empty", nil); err == nil {
		t.Error("an empty secret was accepted")
	}
	sealed, err := os.ReadFile(filepath.Join(dir, "a.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	tampered := bytes.Clone(sealed)
	tampered[len(tampered)-1] ^= 1
	for name, content := range map[string][]byte{"moved": sealed, "flipped": tampered, "cut": sealed[:5], "none": {}} {
		if err := os.WriteFile(filepath.Join(dir, name+".sealed"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := v.Get(name)
		if !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("Get(%q) = %v, want ErrDamaged", name, err)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("the error of %q shows the secret", name)
		}
	}
}

func TestVault_KeyFileOfOthersIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("DPAPI has no key file")
	}
	dir := t.TempDir()
	if err := open(t, dir).Set("a", vault.Secret(canary)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "vault.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Get("a"); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Fatalf("Get with a readable key file: %v, want a refusal that names the mode", err)
	}
}

func TestVault_SystemdCredentialTakesTheKeyFilesPlace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no systemd on Windows")
	}
	creds, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(creds, "biobridge-vault-key"), []byte("any bytes the administrator chose"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", creds)
	if err := open(t, dir).Set("a", vault.Secret(canary)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "vault.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key file was made beside the credential: %v", err)
	}
	if got, err := open(t, dir).Get("a"); err != nil || string(got) != canary {
		t.Errorf("Get under the credential: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir())
	if _, err := open(t, dir).Get("a"); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("Get without the credential: %v, want ErrDamaged", err)
	}
}

func TestVault_GetOrMake(t *testing.T) {
	dir := t.TempDir()
	first, err := open(t, dir).GetOrMake("hash_key", 32)
	if err != nil || len(first) != 32 {
		t.Fatalf("GetOrMake: %d bytes, %v", len(first), err)
	}
	second, err := open(t, dir).GetOrMake("hash_key", 32)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("the second GetOrMake made another secret (%v)", err)
	}
}

func TestSecret_ShowsItselfNowhere(t *testing.T) {
	s := vault.Secret(canary)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "in", struct{ S vault.Secret }{s})
	js, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(js), fmt.Errorf("wrap %v", s).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, struct{ S vault.Secret }{s}))
	}
	for _, text := range shown {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) || strings.Contains(text, "99 97 110") {
			t.Errorf("the secret shows in %s", text)
		}
	}
}
