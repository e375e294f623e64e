package agent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/pid"
)

func banksFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenBanks(t *testing.T) {
	files := map[string]string{
		"banks.toml": `
# A sample.
[[banks]]
bank_code = "SBIN"
name = "State Bank"

[[banks]]
bank_code = "OLD1"
name = "Old Bank"
ftype = 0
services = ["cash_withdrawal", "balance_enquiry"]
`,
		"banks.csv": "\ufeffBank_Code, name, ftype, services\n# A sample.\nSBIN, State Bank,,\nOLD1, \"Old Bank\", 0, cash_withdrawal balance_enquiry\n",
	}
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			b, err := agent.OpenBanks(banksFile(t, name, text))
			if err != nil {
				t.Fatal(err)
			}
			if b.FType("SBIN", pid.FMR) != pid.FMRFIR || b.FType("OLD1", pid.FMRFIR) != pid.FMR || b.FType("NONE", pid.FMRFIR) != pid.FMRFIR {
				t.Errorf("ftypes %v %v %v", b.FType("SBIN", 0), b.FType("OLD1", 2), b.FType("NONE", 2))
			}
			if !b.Offers("SBIN", contract.MiniStatement) || b.Offers("OLD1", contract.MiniStatement) || !b.Offers("NONE", contract.MiniStatement) {
				t.Error("services")
			}
			if b.Name("OLD1") != "Old Bank" || b.Name("NONE") != "NONE" || len(b.All()) != 2 || b.All()[0].Code != "OLD1" {
				t.Errorf("names: %v", b.All())
			}
		})
	}
}

func TestOpenBanks_Refuses(t *testing.T) {
	tests := map[string]struct{ name, text, want string }{
		"unknown key":     {"b.toml", "[[banks]]\nbank_code = \"SBIN\"\ncolour = 1\n", "colour"},
		"broken":          {"b.toml", "[[banks]\n", "line 1"},
		"odd code":        {"b.toml", "[[banks]]\nbank_code = \"sbin\"\n", "bank 1"},
		"odd ftype":       {"b.toml", "[[banks]]\nbank_code = \"SBIN\"\nftype = 3\n", "ftype"},
		"odd service":     {"b.toml", "[[banks]]\nbank_code = \"SBIN\"\nservices = [\"loan\"]\n", "loan"},
		"twice":           {"b.csv", "bank_code\nSBIN\nSBIN\n", "twice"},
		"no code column":  {"b.csv", "name\nSBIN\n", "bank_code"},
		"unknown column":  {"b.csv", "bank_code,iin\nSBIN,1\n", "iin"},
		"odd ftype, line": {"b.csv", "bank_code,ftype\nSBIN,2\nHDFC,two\n", "line 3"},
		"empty":           {"b.csv", "", "header"},
		"ragged":          {"b.csv", "bank_code,name\nSBIN\n", "line 2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, err := agent.OpenBanks(banksFile(t, tt.name, tt.text))
			if err == nil || b != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("OpenBanks: %v, %v, want an error with %q", b, err, tt.want)
			}
		})
	}
	if _, err := agent.OpenBanks(filepath.Join(t.TempDir(), "missing.toml")); err == nil {
		t.Error("a missing file is no error")
	}
	if b, err := agent.OpenBanks(""); err != nil || len(b.All()) != 0 {
		t.Errorf("no file at all: %v", err)
	}
}

// TestBanks_Reload keeps the last good table when the new one has a mistake.
func TestBanks_Reload(t *testing.T) {
	path := banksFile(t, "b.csv", "bank_code,ftype\nSBIN,0\n")
	b, err := agent.OpenBanks(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	later := time.Now().Add(time.Minute)
	write("bank_code,ftype\nSBIN,9\n", later)
	if err := b.Reload(); err == nil || b.FType("SBIN", 2) != pid.FMR {
		t.Errorf("a mistake: %v, ftype %v", err, b.FType("SBIN", 2))
	}
	write("bank_code,ftype\nSBIN,2\n", later.Add(time.Minute))
	if err := b.Reload(); err != nil || b.FType("SBIN", 0) != pid.FMRFIR {
		t.Errorf("mended: %v, ftype %v", err, b.FType("SBIN", 0))
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := b.Reload(); err == nil || b.FType("SBIN", 0) != pid.FMRFIR {
		t.Errorf("removed: %v, ftype %v", err, b.FType("SBIN", 0))
	}
}
