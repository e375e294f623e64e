package demo_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"biobridge/agent/cli"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

// run executes a biobridge command line as main does.
func run(ctx context.Context, t *testing.T, out *lockedBuffer, args ...string) error {
	t.Helper()
	root := cli.Root()
	root.AddCommand(demo.Commands()...)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(out)
	return root.ExecuteContext(ctx)
}

// lockedBuffer may be written to by several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestDemo_OncePrintsThreeReceipts(t *testing.T) {
	var out lockedBuffer
	if err := run(t.Context(), t, &out, "demo", "--once"); err != nil {
		t.Fatalf("demo --once: %v\n%s", err, out.String())
	}
	for _, want := range []string{"cash_withdrawal", "balance_enquiry", "mini_statement", "SIMULATED", "500", "7058"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the receipts don't mention %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "999941057058") {
		t.Error("a receipt shows the full Aadhaar number")
	}
}

func TestTemplate_NamesTheSimulatorsAccount(t *testing.T) {
	cfg, problems := daemon.Parse("biobridge.toml", []byte(daemon.Template))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	for name, pair := range map[string][2]string{
		"developer_key": {cfg.Eko.DeveloperKey, ekosim.DeveloperKey},
		"access_key":    {cfg.Eko.AccessKey, ekosim.AccessKey},
		"initiator_id":  {cfg.Eko.InitiatorID, ekosim.InitiatorID},
		"user_code":     {cfg.Eko.UserCode, ekosim.UserCode},
		"public_key":    {cfg.Eko.PublicKey, ekosim.PublicKey()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("the template's %s is %q, the simulator's %q", name, pair[0], pair[1])
		}
	}
}

func TestSim_UnknownWord(t *testing.T) {
	var out lockedBuffer
	err := run(t.Context(), t, &out, "sim", "printer")
	if cli.ExitCode(err) != cli.ExitUnusable {
		t.Errorf("exit code %d (%v), want %d", cli.ExitCode(err), err, cli.ExitUnusable)
	}
}

func TestDemo_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out lockedBuffer
	if err := run(ctx, t, &out, "demo", "--no-browser", "--port", "0"); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("demo under an ended context: %v", err)
	}
}
