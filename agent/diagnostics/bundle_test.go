package diagnostics_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/agent/diagnostics"
	"biobridge/eko/ekosim"
)

// canaries must be in no bundle.
var canaries = map[string]string{
	"an Aadhaar number": "999941057058", "a mobile number": "9876543210", "a person's name": "Ramesh",
	"the access key": ekosim.AccessKey, "the developer key": ekosim.DeveloperKey, "the initiator": ekosim.InitiatorID,
	"a PID block": "<PidData", "a single transaction": "CANARYREF1",
}

// unpack reads a bundle and fails where it holds a canary.
func unpack(t *testing.T, bundle []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
		for what, canary := range canaries {
			if strings.Contains(string(content), canary) && !(what == "a single transaction" && f.Name == "log.jsonl") {
				t.Errorf("%s holds %s", f.Name, what)
			}
		}
	}
	return files
}

// serve runs a shop with its log on the disk and makes one withdrawal in it.
func serve(t *testing.T) (configPath string) {
	t.Helper()
	dir := t.TempDir()
	cfg := daemon.Default()
	cfg.DataDir = dir
	log, closer, err := daemon.OpenLog(cfg, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	patient := func(c *daemon.Config) { c.RDService.ProbeTimeout.Duration = 30 * time.Second }
	stack, err := demo.NewStack(demo.Options{DataDir: dir, Profiles: []string{"mantra-l1"}, FingerDelay: -1, Change: patient, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- stack.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = closer.Close()
	})
	select {
	case <-stack.Ready():
	case err := <-done:
		done <- err
		t.Fatal(err)
	}
	withdraw(t, stack)
	source, err := toml.Marshal(stack.Config)
	if err != nil {
		t.Fatal(err)
	}
	configPath = filepath.Join(dir, "biobridge.toml")
	if err := os.WriteFile(configPath, source, 0o600); err != nil {
		t.Fatal(err)
	}
	return configPath
}

func withdraw(t *testing.T, stack *demo.Stack) {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+stack.Doors.Pages[0]+"/v1", http.Header{"Origin": {stack.PageURL}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for id, call := range []map[string]any{
		{"method": "bridge.hello", "params": map[string]any{"client": map[string]string{"name": "t", "version": "1"}}},
		{"method": "device.list", "params": map[string]any{"refresh": true}},
		{"method": "aeps.cash_withdrawal", "params": map[string]any{"client_ref_id": "CANARYREF1", "aadhaar": "999941057058",
			"bank_code": "SBIN", "amount": 500, "customer_id": "9876543210", "consent": true}},
	} {
		call["jsonrpc"], call["id"] = "2.0", id
		if err := conn.WriteJSON(call); err != nil {
			t.Fatal(err)
		}
		for {
			var m struct {
				ID    *int
				Error json.RawMessage
			}
			if err := conn.ReadJSON(&m); err != nil {
				t.Fatal(err)
			}
			if m.ID == nil {
				continue
			}
			if m.Error != nil {
				t.Fatalf("%s: %s", call["method"], m.Error)
			}
			break
		}
	}
}

func TestBundle_OfARunningAgentHoldsNothingPersonal(t *testing.T) {
	path := serve(t)
	var bundle bytes.Buffer
	if err := (diagnostics.Request{ConfigPath: path}).Write(t.Context(), &bundle); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, bundle.Bytes())
	for name, want := range map[string]string{
		"versions.json": `"go"`, "configuration.toml": "access_key = '[set]'", "doctor.json": `"scanners"`,
		"status.json": "MFS110", "counts.json": "cash_withdrawal succeeded", "log.jsonl": "listening",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s doesn't hold %q: %s", name, want, files[name])
		}
	}
}

func TestBundle_WithoutAnAgentSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "biobridge.toml")
	source := strings.Replace(daemon.Template, "# data_dir = \"/var/lib/biobridge\"", "data_dir = "+quote(dir), 1)
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "bundle.zip")
	if err := (diagnostics.Request{ConfigPath: path}).File(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	bundle, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, bundle)
	for _, name := range []string{"status.json.missing.txt", "counts.json.missing.txt", "log.jsonl.missing.txt"} {
		if !strings.Contains(files[name], "not running") {
			t.Errorf("%s says %q, not that the agent isn't running", name, files[name])
		}
	}
	if err := (diagnostics.Request{ConfigPath: path}).File(t.Context(), out); err == nil {
		t.Error("an existing file was overwritten")
	}
}

func quote(s string) string { return "'" + s + "'" }
