package setup_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/agent/daemon"
	"biobridge/agent/setup"
)

func TestConfiguration_Write(t *testing.T) {
	prepared := filepath.Join(t.TempDir(), "prepared.toml")
	if err := os.WriteFile(prepared, []byte(strings.Replace(daemon.Template, "portal = \"\"", "portal = \"https://shop.example\"", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.toml")
	if err := os.WriteFile(broken, []byte("environmental = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		c      setup.Configuration
		fault  bool
		origin string
		portal string
	}{
		{"template", setup.Configuration{}, false, "", ""},
		{"page", setup.Configuration{Origin: "https://portal.partner.example"}, false, "https://portal.partner.example", ""},
		{"page that is none", setup.Configuration{Origin: "portal.partner.example/pay"}, true, "", ""},
		{"page that breaks out of its quotes", setup.Configuration{Origin: "https://a\"\nmax_amount = 1"}, true, "", ""},
		{"prepared", setup.Configuration{From: prepared}, false, "", "https://shop.example"},
		{"prepared badly", setup.Configuration{From: broken}, true, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.c.Path = filepath.Join(t.TempDir(), "biobridge", "biobridge.toml")
			err := test.c.Write()
			if test.fault {
				if _, ok := errors.AsType[*daemon.ConfigError](err); !ok {
					t.Errorf("Write = %v, want a ConfigError", err)
				}
				if _, err := os.Stat(test.c.Path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("a faulty configuration was written: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := daemon.Load(test.c.Path)
			if err != nil {
				t.Fatal(err)
			}
			if test.c.From == "" && !cfg.Control.Everyone {
				t.Error("the users of the PC are shut out")
			}
			if want := filepath.Join(filepath.Dir(test.c.Path), "data"); test.c.From == "" && cfg.DataDir != want {
				t.Errorf("data_dir = %q, want %q", cfg.DataDir, want)
			}
			if test.origin != "" && (len(cfg.Origins) != 1 || cfg.Origins[0].Origin != test.origin) {
				t.Errorf("origins = %v, want %s", cfg.Origins, test.origin)
			}
			if cfg.Portal != test.portal {
				t.Errorf("portal = %q, want %q", cfg.Portal, test.portal)
			}
		})
	}
}

func TestConfiguration_KeepsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "biobridge.toml")
	const theirs = "what = \"the shop's own\"\n"
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (setup.Configuration{Path: path, Origin: "https://portal.partner.example"}).Write(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != theirs {
		t.Errorf("the configuration was changed to %q", got)
	}
}
