package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/agent/cli"
)

func runEko(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string, err error) {
	t.Helper()
	root := cli.Root()
	var out, errs bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetIn(strings.NewReader(stdin))
	root.SetArgs(append([]string{"eko"}, args...))
	err = root.ExecuteContext(t.Context())
	return cli.ExitCode(err), out.String(), errs.String(), err
}

const (
	oldStagingKey = "f74c50a1-f705-4634-9cda-30a477df91b7"
	stagingKey    = "d2fe1d99-6298-4af2-8cc5-d97dcf46df30"
)

func TestEkoSign(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(oldStagingKey+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const faq = `{"secret_key":"MC6dKW278tBef+AuqL/5rW2K3WgOegF0ZHLW/FriZQw=","secret_key_timestamp":"1516705204593","request_hash":null}`
	tests := map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"the pair of the seed's FAQ": {"", []string{"--key", oldStagingKey, "--timestamp", "1516705204593", "--json"}, faq},
		"key in a file":              {"", []string{"--key-file", file, "--timestamp", "1516705204593", "--json"}, faq},
		"key from standard input":    {oldStagingKey + "\n", []string{"--key-file", "-", "--timestamp", "1516705204593", "--json"}, faq},
		"a withdrawal": {"", []string{"--key", stagingKey, "--timestamp", "1700000000000", "--aadhaar", "123412341234", "--amount", "500", "--user-code", "20810200", "--json"},
			`{"secret_key":"qIir8tILHtqxO1Mu3/fC3pVElIa0oIxXMRDUP0463Bc=","secret_key_timestamp":"1700000000000","request_hash":"EjiiXK0SSHAiA7qDNEBJxz2t0/ME9pTX799dwNwuy7M="}`},
		"an enquiry": {"", []string{"--key", stagingKey, "--timestamp", "1700000000000", "--aadhaar", "123412341234", "--user-code", "20810200", "--json"},
			`{"secret_key":"qIir8tILHtqxO1Mu3/fC3pVElIa0oIxXMRDUP0463Bc=","secret_key_timestamp":"1700000000000","request_hash":"2UNg2LobVA1dSxLQ64lQsByy/2c2wjU/YA65vrgmsQc="}`},
		"as headers": {"", []string{"--key", stagingKey, "--timestamp", "1700000000000", "--aadhaar", "123412341234", "--user-code", "20810200"},
			"secret-key: qIir8tILHtqxO1Mu3/fC3pVElIa0oIxXMRDUP0463Bc=\nsecret-key-timestamp: 1700000000000\nrequest_hash: 2UNg2LobVA1dSxLQ64lQsByy/2c2wjU/YA65vrgmsQc="},
		"without a hash, as headers": {"", []string{"--key", oldStagingKey, "--timestamp", "1516705204593"},
			"secret-key: MC6dKW278tBef+AuqL/5rW2K3WgOegF0ZHLW/FriZQw=\nsecret-key-timestamp: 1516705204593"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, errs, err := runEko(t, tt.stdin, append([]string{"sign"}, tt.args...)...)
			if code != cli.ExitOK || errs != "" {
				t.Fatalf("exit %d (%v), stderr %q", code, err, errs)
			}
			if strings.TrimSpace(out) != tt.want {
				t.Errorf("printed\n%s\nwant\n%s", out, tt.want)
			}
		})
	}
}

func TestEkoSign_now(t *testing.T) {
	code, out, _, err := runEko(t, "", "sign", "--key", stagingKey, "--json")
	var got struct {
		SecretKeyTimestamp string `json:"secret_key_timestamp"`
	}
	if code != cli.ExitOK || json.Unmarshal([]byte(out), &got) != nil || len(got.SecretKeyTimestamp) != 13 {
		t.Fatalf("exit %d (%v), printed %s", code, err, out)
	}
}

func TestEkoSign_seconds(t *testing.T) {
	code, _, errs, _ := runEko(t, "", "sign", "--key", stagingKey, "--timestamp", "1700000000")
	if code != cli.ExitOK || !strings.Contains(errs, "milliseconds") {
		t.Fatalf("exit %d, stderr %q: want a word about seconds", code, errs)
	}
}

func TestEkoSign_unusable(t *testing.T) {
	const secret = "c0ffee00-aaaa-4bbb-8ccc-123456789abc"
	tests := map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"no key":              {"", nil, "--key"},
		"two keys":            {"", []string{"--key", secret, "--key-file", "-"}, "not both"},
		"key with a BOM":      {"\ufeff" + secret, []string{"--key-file", "-"}, "byte-order mark"},
		"two lines":           {secret + "\n" + secret + "\n", []string{"--key-file", "-"}, "line break"},
		"no such file":        {"", []string{"--key-file", "no/such/file"}, "read the access key"},
		"enormous file":       {strings.Repeat("x", 5000), []string{"--key-file", "-"}, "too large"},
		"timestamp":           {"", []string{"--key", secret, "--timestamp", "1.5E12"}, "milliseconds"},
		"negative timestamp":  {"", []string{"--key", secret, "--timestamp", "-1"}, "milliseconds"},
		"aadhaar":             {"", []string{"--key", secret, "--aadhaar", "123412341235", "--user-code", "1"}, "twelve digits"},
		"amount with paise":   {"", []string{"--key", secret, "--aadhaar", "123412341234", "--user-code", "1", "--amount", "500.00"}, "whole rupees"},
		"amount with a zero":  {"", []string{"--key", secret, "--aadhaar", "123412341234", "--user-code", "1", "--amount", "0500"}, "whole rupees"},
		"negative amount":     {"", []string{"--key", secret, "--aadhaar", "123412341234", "--user-code", "1", "--amount", "-5"}, "whole rupees"},
		"no user code":        {"", []string{"--key", secret, "--aadhaar", "123412341234"}, "--user-code"},
		"amount without hash": {"", []string{"--key", secret, "--amount", "500"}, "--aadhaar"},
		"stray argument":      {"", []string{"--key", secret, "stray"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, errs, err := runEko(t, tt.stdin, append([]string{"sign"}, tt.args...)...)
			if code != cli.ExitUnusable || out != "" {
				t.Fatalf("exit %d, printed %q, %v; want exit %d and nothing printed", code, out, err, cli.ExitUnusable)
			}
			said := err.Error() + errs
			if !strings.Contains(said, tt.want) {
				t.Errorf("said %q, want a word of %q", said, tt.want)
			}
			for _, hidden := range []string{secret, "123412341234", "123412341235"} {
				if strings.Contains(said, hidden) {
					t.Errorf("said %q, which holds a secret", said)
				}
			}
		})
	}
}
