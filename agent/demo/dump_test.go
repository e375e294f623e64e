//go:build linux

package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

// counter is what the agent's own process works with.
type counter struct {
	*ekosim.Server
	bank    *httptest.Server
	scanner *rdsim.Server
	// sent gets the PID block that is with Eko, which doesn't answer.
	sent chan string
}

// openCounter runs the simulators. Eko answers everything but a withdrawal.
func openCounter(t *testing.T) *counter {
	t.Helper()
	profile, ok := rdsim.ProfileNamed("mantra-l1")
	if !ok {
		t.Fatal("there is no profile mantra-l1")
	}
	c := &counter{sent: make(chan string, 1)}
	var err error
	if c.Server, err = ekosim.New(ekosim.Options{Seed: 7}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Server.Close)
	c.bank = httptest.NewServer(http.HandlerFunc(c.answer))
	t.Cleanup(c.bank.Close)
	if c.scanner, err = rdsim.New(rdsim.Options{Profile: profile, Seed: 7, FingerDelay: -1, SettleTime: time.Nanosecond, Scheme: "http"}); err != nil {
		t.Fatal(err)
	}
	if err := c.scanner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.scanner.Close() })
	return c
}

func (c *counter) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var sent struct {
		PidData string `json:"piddata"`
	}
	if json.Unmarshal(body, &sent) == nil && sent.PidData != "" {
		c.sent <- sent.PidData
		<-r.Context().Done() // until the agent is no more
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.ServeHTTP(w, r)
}

const pageOrigin = "http://localhost:4000"

// config writes the agent's configuration into a directory of its own.
func (c *counter) config(t *testing.T, dataDir string) (path string) {
	t.Helper()
	text := fmt.Sprintf(`environment = "simulated"
data_dir = %q
[listen]
ports = [0]
[[origins]]
origin = %q
scopes = ["device", "capture", "transact", "history"]
[rdservice]
http_ports = "%d"
https_ports = ""
probe_timeout = "30s"
[capture]
timeout = "60s"
[eko]
api = "v3"
base_url = "%s/ekoapi"
developer_key = %q
access_key = %q
initiator_id = %q
user_code = %q
public_key = %q
latlong = "19.0760,72.8777"
[log]
level = "debug"
`, dataDir, pageOrigin, c.scanner.Port(), c.bank.URL, ekosim.DeveloperKey, ekosim.AccessKey, ekosim.InitiatorID, ekosim.UserCode, c.PublicKey())
	path = filepath.Join(t.TempDir(), "biobridge.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is the program as it is installed.
type process struct {
	*exec.Cmd
	stderr *lockedBuffer
	ended  chan struct{}
}

func startAgent(t *testing.T, config string) *process {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "biobridge")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "biobridge").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), binary, "run", "--config", config), stderr: &lockedBuffer{}, ended: make(chan struct{})}
	p.Env = append(os.Environ(), "GOTRACEBACK=all")
	p.Stdout, p.Stderr = p.stderr, p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(p.ended); _ = p.Wait() }()
	t.Cleanup(func() { _ = p.Process.Kill(); <-p.ended })
	return p
}

// address waits until the agent's own door tells where pages connect.
func (p *process) address(t *testing.T, dataDir string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if client, err := control.Dial(ctx, control.Address(dataDir)); err == nil {
			status, err := client.Status(ctx)
			_ = client.Close()
			if err == nil && len(status.Listen) > 0 {
				return status.Listen[0]
			}
		}
		select {
		case <-tick.C:
		case <-p.ended:
			t.Fatalf("the agent has ended:\n%s", p.stderr)
		case <-ctx.Done():
			t.Fatalf("the agent doesn't open its doors:\n%s", p.stderr)
		}
	}
}

// dump has the process write every goroutine's stack and end.
func (p *process) dump(t *testing.T) string {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		t.Fatal("the agent outlives SIGQUIT")
	}
	return p.stderr.String()
}

// TestStory_CrashDumpHoldsNoSecret crashes the program while a withdrawal is with
// Eko and a finger is asked for.
func TestStory_CrashDumpHoldsNoSecret(t *testing.T) {
	c, dataDir := openCounter(t), t.TempDir()
	p := startAgent(t, c.config(t, dataDir))
	address := p.address(t, dataDir)
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/v1", http.Header{"Origin": {pageOrigin}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	s := &shop{t: t, conn: conn, notes: map[string][]json.RawMessage{}}
	s.mustCall("bridge.hello", map[string]any{"client": map[string]string{"name": "test", "version": "1"}}, nil)
	for ready := false; !ready; {
		var list struct{ Devices []contract.Device }
		s.mustCall("device.list", map[string]any{"refresh": true}, &list)
		ready = len(list.Devices) == 1 && list.Devices[0].Status == contract.DeviceReady
	}

	large := withdrawal("DUMP1", 6000)
	var asked contract.OTPRequest
	s.mustCall("aeps.request_otp", large, &asked)
	otp := c.Inbox()[0].OTP
	large["otp"], large["otp_request_id"] = otp, asked.OTPRequestID
	s.begin("aeps.cash_withdrawal", large)
	var block string
	select {
	case block = <-c.sent:
	case <-p.ended:
		t.Fatalf("the agent has ended:\n%s", p.stderr)
	case <-time.After(time.Minute):
		t.Fatalf("the withdrawal doesn't reach Eko:\n%s", p.stderr)
	}
	c.scanner.SetFinger(false)
	s.notes = map[string][]json.RawMessage{}
	capture := s.begin("capture", map[string]any{"consent": true, "bank_code": "SBIN"})
	s.awaitFinger(capture)

	dump := p.dump(t)
	if !strings.Contains(dump, "SIGQUIT: quit") || !strings.Contains(dump, "rdservice.") || !strings.Contains(dump, "biobridge/eko.") {
		t.Fatalf("this is no dump of an agent at work:\n%s", dump)
	}
	data := strings.Index(block, "<Data")
	if data < 0 || len(block) < data+200 {
		t.Fatal("what Eko got is no PID block")
	}
	canaries := map[string]string{
		"an Aadhaar number": aadhaar, "a PID block": "<Skey", "sealed data": block[data+60 : data+120],
		"the access key": ekosim.AccessKey, "the OTP": otp,
	}
	look := func(name, content string) {
		for what, canary := range canaries {
			if strings.Contains(content, canary) {
				t.Errorf("%s holds %s", name, what)
			}
		}
	}
	look("what the process wrote", dump)
	searched := 0
	err = filepath.WalkDir(dataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		look(filepath.Base(path), string(content))
		searched++
		return err
	})
	if err != nil || searched < 2 {
		t.Errorf("%d files searched, %v", searched, err)
	}
}

// begin makes a call and doesn't wait for its answer.
func (s *shop) begin(method string, params any) (id int) {
	s.t.Helper()
	s.id++
	if err := s.conn.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": s.id, "method": method, "params": params}); err != nil {
		s.t.Fatalf("%s: %v", method, err)
	}
	return s.id
}

// awaitFinger reads until the customer is asked for his finger by a call.
func (s *shop) awaitFinger(id int) {
	s.t.Helper()
	for {
		var m struct {
			ID     *int
			Method string
			Params json.RawMessage
			Error  json.RawMessage
		}
		if err := s.conn.ReadJSON(&m); err != nil {
			s.t.Fatal(err)
		}
		if m.ID != nil {
			s.t.Fatalf("call %d ended: %s", *m.ID, m.Error)
		}
		var progress struct {
			ID    int
			Stage string
		}
		if m.Method == "capture.progress" && json.Unmarshal(m.Params, &progress) == nil && progress.ID == id && progress.Stage == "place_finger" {
			return
		}
	}
}
