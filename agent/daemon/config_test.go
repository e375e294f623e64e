package daemon_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/daemon"
)

// base is a configuration without a fault; %PUBLIC% becomes a throw-away key.
const base = `environment = "uat"
data_dir = "data"

[[origins]]
origin = "https://portal.partner.example"
scopes = ["device", "transact"]

[eko]
base_url = "https://staging.eko.in:25004/ekoapi"
developer_key = "dev"
initiator_id = "9999900000"
user_code = "20810200"
public_key = "%PUBLIC%"
access_key = "canary-access-key"
`

func publicKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestParse_NamesLineAndKey(t *testing.T) {
	public := publicKey(t)
	for _, test := range []struct {
		name, old, new string
		line           int
		key, says      string
	}{
		{"unknown key", `user_code`, "usercode", 12, "eko.usercode", "unknown key"},
		{"unknown table", `[eko]`, "[ecko]\nx = 1\n[eko]", 8, "ecko", "unknown key"},
		{"unknown key in an origin", `scopes =`, "scope =", 6, "origins.scope", "unknown key"},
		{"number for a text", `"20810200"`, "20810200", 12, "eko.user_code", "wanted a text in quotes"},
		{"text for a number", `[[origins]]`, "[limits]\nmax_amount = \"5\"\n[[origins]]", 5, "limits.max_amount", "wanted a whole number"},
		{"fraction for a number", `[[origins]]`, "[limits]\nmax_amount = 1.5\n[[origins]]", 5, "limits.max_amount", "wanted a whole number"},
		{"bare number for a duration", `[[origins]]`, "[rdservice]\nprobe_timeout = 5\n[[origins]]", 5, "rdservice.probe_timeout", "duration"},
		{"text that is no duration", `[[origins]]`, "[rdservice]\nprobe_timeout = \"soon\"\n[[origins]]", 5, "rdservice.probe_timeout", "duration"},
		{"broken syntax", `data_dir = "data"`, `data_dir = `, 2, "", ""},
		{"key twice", `data_dir = "data"`, "data_dir = \"data\"\ndata_dir = \"b\"", 3, "data_dir", "already defined"},
		{"environment", `"uat"`, `"live"`, 1, "environment", `"simulated"`},
		{"origin with a slash", `partner.example"`, `partner.example/"`, 5, "origins.0.origin", "scheme://host"},
		{"plain http origin", `https://portal`, `http://portal`, 5, "origins.0.origin", "localhost only"},
		{"wildcard origin", `https://portal`, `https://*`, 5, "origins.0.origin", ""},
		{"scope", `"transact"`, `"everything"`, 6, "origins.0.scopes", "not a scope"},
		{"port of the scanners", `[[origins]]`, "[listen]\nports = [11105]\n[[origins]]", 5, "listen.ports", "RD services"},
		{"no port", `[[origins]]`, "[listen]\nports = []\n[[origins]]", 5, "listen.ports", "at least one"},
		{"port too large", `[[origins]]`, "[listen]\nports = [70000]\n[[origins]]", 5, "listen.ports", "not a port"},
		{"RD service of another machine", `[[origins]]`, "[rdservice]\nhost = \"192.168.1.5\"\n[[origins]]", 5, "rdservice.host", "loopback"},
		{"RD ports", `[[origins]]`, "[rdservice]\nhttp_ports = \"eleven\"\n[[origins]]", 5, "rdservice.http_ports", "11100-11120"},
		{"ftype", `[[origins]]`, "[capture]\nftype = 3\n[[origins]]", 5, "capture.ftype", "0 to 2"},
		{"device timeout", `[[origins]]`, "[capture]\ntimeout = \"500ms\"\n[[origins]]", 5, "capture.timeout", "from"},
		{"quality", `[[origins]]`, "[capture.quality]\nretry_below = 20\n[[origins]]", 0, "capture.quality.reject_below", "above"},
		{"plain http Eko", `https://staging`, `http://staging`, 9, "eko.base_url", "https"},
		{"production host on uat", `staging.eko.in:25004/ekoapi`, `api.eko.in:25002/ekoicici`, 9, "eko.base_url", "production"},
		{"no time for Eko", `[eko]`, "[eko]\ntimeout = \"50ms\"", 9, "eko.timeout", "from"},
		{"misprinted developer key", `"dev"`, `"becbbbe45f79c6f5109f848acd540567"`, 10, "eko.developer_key", "misprinted"},
		{"developer key with a line break", `"dev"`, `"dev\n"`, 10, "eko.developer_key", "line break"},
		{"initiator", `"9999900000"`, `"99999"`, 11, "eko.initiator_id", "ten digits"},
		{"public key", public, "MIGfMA0", 13, "eko.public_key", ""},
		{"access key in production", `"uat"`, `"production"`, 14, "eko.access_key", "must not stand in this file"},
		{"access key with a line break", `canary-access-key"`, `canary-access-key\n"`, 14, "eko.access_key", "line break"},
		{"hook without address", `[eko]`, "[eko]\nsigner = \"hook\"", 0, "eko.hook_url", "missing"},
		{"amount above NPCI's limit", `[[origins]]`, "[limits]\nmax_amount = 20000\n[[origins]]", 5, "limits.max_amount", "10000"},
		{"update by plain http", `[[origins]]`, "[update]\nurl = \"http://a.example/m.json\"\n[[origins]]", 5, "update.url", "https"},
		{"update without its key", `[[origins]]`, "[update]\nurl = \"https://a.example/m.json\"\n[[origins]]", 0, "update.root_key", "ed25519"},
		{"signer", `[eko]`, "[eko]\nsigner = \"me\"", 9, "eko.signer", `"hook"`},
		{"token on v3", `[eko]`, "[eko]\nmerchant_token = true\napi = \"v3\"", 9, "eko.merchant_token", "v2"},
		{"two factor on v3", `[eko]`, "[eko]\nmerchant_two_factor = true\napi = \"v3\"", 9, "eko.merchant_two_factor", "v2"},
		{"Fino on v3", `[eko]`, "[eko]\nservice_code = \"52\"\napi = \"v3\"", 9, "eko.service_code", "Fingpay"},
	} {
		t.Run(test.name, func(t *testing.T) {
			good := strings.ReplaceAll(base, "%PUBLIC%", public)
			if !strings.Contains(good, test.old) {
				t.Fatalf("the base has no %q", test.old)
			}
			_, problems := daemon.Parse("shop.toml", []byte(strings.Replace(good, test.old, test.new, 1)))
			for _, p := range problems {
				if strings.Contains(p.String(), "canary") || strings.Contains(p.String(), public) {
					t.Errorf("the problem shows a value: %s", p)
				}
				if !p.Warning && p.Line == test.line && p.Key == test.key && strings.Contains(p.Message, test.says) {
					return
				}
			}
			t.Errorf("problems %v; want line %d, key %q, saying %q", problems, test.line, test.key, test.says)
		})
	}
}

func TestParse_TakesAGoodFile(t *testing.T) {
	good := "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(base, "%PUBLIC%", publicKey(t)), "\n", "\r\n")
	cfg, problems := daemon.Parse(filepath.Join("etc", "shop.toml"), []byte(good))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if want := filepath.Join("etc", "data"); cfg.DataDir != want {
		t.Errorf("DataDir = %q, want %q: relative to the file", cfg.DataDir, want)
	}
	if cfg.Eko.Timeout.Duration != 120*time.Second || cfg.Limits.PerAadhaarPerDay != 5 {
		t.Errorf("defaults are not in place: %v, %d", cfg.Eko.Timeout, cfg.Limits.PerAadhaarPerDay)
	}
}

// What is doubtful is said, and the agent starts all the same.
func TestParse_Doubts(t *testing.T) {
	public := publicKey(t)
	for _, test := range []struct {
		name, old, new string
		line           int
		key, says      string
	}{
		{"no scopes", `["device", "transact"]`, `[]`, 6, "origins.0.scopes", "nothing else"},
		{"simulated away from this PC", `"uat"`, `"simulated"`, 9, "eko.base_url", "not on this PC"},
		{"little time for Eko", `[eko]`, "[eko]\ntimeout = \"2s\"", 9, "eko.timeout", "pending"},
	} {
		source := strings.Replace(strings.ReplaceAll(base, "%PUBLIC%", public), test.old, test.new, 1)
		_, problems := daemon.Parse("shop.toml", []byte(source))
		if len(problems) != 1 || !problems[0].Warning || problems[0].Line != test.line || problems[0].Key != test.key || !strings.Contains(problems[0].Message, test.says) {
			t.Errorf("%s: problems %v; want one warning in line %d, key %q, saying %q", test.name, problems, test.line, test.key, test.says)
		}
	}
}

// TestParse_TheContractsExample takes every key that partners were promised, with
// the values they were shown and an account filled in.
func TestParse_TheContractsExample(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "contract.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, problems := daemon.Parse("shop.toml", []byte(strings.ReplaceAll(string(source), "%PUBLIC%", publicKey(t))))
	for _, p := range problems {
		if !p.Warning {
			t.Errorf("the example can't be used: %s", p)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.toml")
	if _, err := daemon.Load(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load of a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("what = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := daemon.Load(path)
	if e, ok := errors.AsType[*daemon.ConfigError](err); !ok || e.Problems[0].Line != 1 || e.Problems[0].Key != "what" {
		t.Errorf("Load = %v, want a ConfigError that names line 1 and what", err)
	}
}

func TestTemplate_IsTheDefaults(t *testing.T) {
	cfg, problems := daemon.Parse("/etc/biobridge/biobridge.toml", []byte(daemon.Template))
	for _, p := range problems {
		t.Errorf("the template has a problem: %s", p)
	}
	want := daemon.Default()
	for _, account := range []struct{ to, from *string }{
		{&want.Eko.BaseURL, &cfg.Eko.BaseURL}, {&want.Eko.DeveloperKey, &cfg.Eko.DeveloperKey},
		{&want.Eko.InitiatorID, &cfg.Eko.InitiatorID}, {&want.Eko.UserCode, &cfg.Eko.UserCode},
		{&want.Eko.PublicKey, &cfg.Eko.PublicKey}, {&want.Eko.AccessKey, &cfg.Eko.AccessKey},
	} {
		*account.to = *account.from
	}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Errorf("the template differs from the defaults (-default +template):\n%s", diff)
	}
}

func TestTemplate_HasEveryKey(t *testing.T) {
	all, err := toml.Marshal(daemon.Default())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		key, _, ok := strings.Cut(line, " = ")
		if !ok || strings.HasPrefix(key, "[") {
			continue
		}
		if key == "origins" || key == "listed_users" { // shown as an example: their default is nothing
			continue
		}
		if !strings.Contains(daemon.Template, "\n"+key+" = ") && !strings.Contains(daemon.Template, "\n# "+key+" = ") {
			t.Errorf("the template doesn't mention %s", key)
		}
	}
}

func TestParse_LooksIntoTheKeysFile(t *testing.T) {
	for _, test := range []struct{ name, content, says string }{
		{"good", "canary-key", ""},
		{"with the editor's line break", "canary-key\r\n", ""},
		{"empty", "", "empty"},
		{"two lines", "canary\nkey\n", "line break"},
		{"byte-order mark", "\ufeffcanary-key\n", "byte-order mark"},
		{"UTF-16", "\xff\xfec\x00a\x00", "UTF-16"},
		{"trailing blank", "canary-key \n", "blank"},
		{"far too long", strings.Repeat("canary", 2000), "too long"},
		{"missing", "", "no such file"},
	} {
		dir := t.TempDir()
		if test.name != "missing" {
			if err := os.WriteFile(filepath.Join(dir, "key"), []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		source := strings.ReplaceAll(base, "%PUBLIC%", publicKey(t))
		source = strings.Replace(source, `access_key = "canary-access-key"`, `access_key_file = "key"`, 1)
		_, problems := daemon.Parse(filepath.Join(dir, "shop.toml"), []byte(source))
		var said string
		for _, p := range problems {
			said += p.String()
		}
		if strings.Contains(said, "canary") {
			t.Errorf("%s: the problem shows the key", test.name)
		}
		if (test.says == "") != (said == "") || !strings.Contains(said, test.says) {
			t.Errorf("%s: problems %q, want one saying %q", test.name, said, test.says)
		}
	}
}
