package demo_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"biobridge/agent/cli"
	"biobridge/agent/daemon"
	"biobridge/eko/ekosim"
)

// simEko runs biobridge sim eko until the test ends and returns what it printed.
func simEko(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var out lockedBuffer
	ended := make(chan error, 1)
	args = append([]string{"sim", "eko", "--port", "0"}, args...)
	go func() { ended <- run(ctx, t, &out, args...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("sim eko ended with %v", err)
		}
	})
	for !strings.Contains(out.String(), "Ctrl-C stops it.") {
		select {
		case err := <-ended:
			ended <- nil
			t.Fatalf("sim eko ended at once: %v\n%s", err, out.String())
		default:
		}
	}
	return out.String()
}

func printed(t *testing.T, out, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("nothing printed looks like %s:\n%s", pattern, out)
	}
	return m[1]
}

func getJSON(t *testing.T, url string, v any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if v != nil {
		if err := json.Unmarshal(body, v); err != nil {
			t.Fatalf("%s: %v: %s", url, err, body)
		}
	}
	return resp.StatusCode
}

func TestSimEko_ServesBothDoors(t *testing.T) {
	out := simEko(t, "--seed", "7", "--fault", "lost_answer*2", "--daily-kyc", "--skew", "1h")
	base := printed(t, out, `API +(http://127\.0\.0\.1:\d+/ekoapi)\n`)
	if got := getJSON(t, base+"/v2/transactions/1", nil); got != http.StatusPaymentRequired {
		t.Errorf("without a developer_key: HTTP %d", got)
	}
	management := printed(t, out, `management +(http://127\.0\.0\.1:\d+)\n`)
	var state struct {
		Seed   uint64
		SkewMS int64 `json:"skew_ms"`
		Rules  ekosim.Rules
	}
	getJSON(t, management+"/state", &state)
	if state.Seed != 7 || state.SkewMS != 3_600_000 || !state.Rules.DailyKYC {
		t.Errorf("state %+v", state)
	}
	var faults []ekosim.Fault
	getJSON(t, management+"/faults", &faults)
	if len(faults) != 1 || faults[0].Behaviour != ekosim.LostAnswer || faults[0].Times != 2 {
		t.Errorf("faults %+v", faults)
	}
	for _, want := range []string{"seed 7", "123412341234", "SIMG", "102 ", "lost_answer", ekosim.AccessKey} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not printed", want)
		}
	}
}

// What it prints for the agent's configuration is a configuration.
func TestSimEko_PrintsAConfiguration(t *testing.T) {
	key := filepath.Join(t.TempDir(), "access.key")
	out := simEko(t, "--write-key", key)
	snippet := printed(t, out, `(?s)(environment = .*)\nBANK`)
	cfg, problems := daemon.Parse("biobridge.toml", []byte(snippet))
	if len(problems) > 0 {
		t.Fatalf("problems: %v\n%s", problems, snippet)
	}
	e := cfg.Eko
	if e.DeveloperKey != ekosim.DeveloperKey || e.PublicKey != ekosim.PublicKey() || e.AccessKeyFile != key ||
		e.BaseURL != printed(t, out, `API +(\S+)\n`) {
		t.Errorf("configuration %+v", e)
	}
	text, err := os.ReadFile(key)
	if err != nil || string(text) != ekosim.AccessKey {
		t.Errorf("the key file holds %q, %v", text, err)
	}
}

// The key's file is found from the configuration's directory, too.
func TestSimEko_NamesTheKeysFileWhole(t *testing.T) {
	t.Chdir(t.TempDir())
	snippet := printed(t, simEko(t, "--write-key", "access.key"), `(?s)(environment = .*)\nBANK`)
	cfg, problems := daemon.Parse(filepath.Join("elsewhere", "biobridge.toml"), []byte(snippet))
	if len(problems) > 0 || cfg.Eko.AccessKeyFile == "" {
		t.Errorf("%s, problems %v", cfg.Eko.AccessKeyFile, problems)
	}
}

func TestSimEko_DrawsASeed(t *testing.T) {
	pattern := `seed (\d+):`
	if first, second := printed(t, simEko(t), pattern), printed(t, simEko(t), pattern); first == second {
		t.Errorf("twice the seed %s", first)
	}
}

func TestSimEko_RefusesNonsense(t *testing.T) {
	for _, args := range [][]string{
		{"--fault", "nonsense"}, {"--chaos", "2"}, {"--v3-hash", "both"}, {"--withdrawals-per-day", "-1"},
	} {
		var out lockedBuffer
		err := run(t.Context(), t, &out, append([]string{"sim", "eko"}, args...)...)
		if cli.ExitCode(err) != cli.ExitUnusable {
			t.Errorf("%v: exit code %d (%v)", args, cli.ExitCode(err), err)
		}
	}
}

func TestSimEko_ExplainsEveryFault(t *testing.T) {
	var out lockedBuffer
	if err := run(t.Context(), t, &out, "sim", "eko", "--help"); err != nil {
		t.Fatal(err)
	}
	for _, line := range ekosim.Behaviours() {
		if !strings.Contains(out.String(), string(line.Behaviour)) || !strings.Contains(out.String(), line.Help) {
			t.Errorf("%s is not explained", line.Behaviour)
		}
	}
	for _, op := range ekosim.Operations() {
		if !strings.Contains(out.String(), string(op)) {
			t.Errorf("operation %s is not named", op)
		}
	}
}
