package eko_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/eko"
)

// startTinyproxy starts Debian's tinyproxy with a user name and a password. It
// lets CONNECT through to one port. Where it is not installed the test is
// skipped with the reason, and in CI it fails.
func startTinyproxy(t *testing.T, user, password, target string) (address string) {
	t.Helper()
	binary, err := exec.LookPath("tinyproxy")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tinyproxy is not installed (Debian's package tinyproxy-bin)")
		}
		t.Skip("a real forward proxy is needed: tinyproxy (Debian's package tinyproxy-bin) is not installed")
	}
	for range 5 { // it takes a port and names none of its own choice
		port := freePort(t)
		config := filepath.Join(t.TempDir(), "tinyproxy.conf")
		text := fmt.Sprintf("Port %d\nListen 127.0.0.1\nTimeout 30\nMaxClients 10\nLogLevel Info\nBasicAuth %s %s\nConnectPort %s\n", port, user, password, target)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), binary, "-d", "-c", config)
		said, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ready := false
		lines := bufio.NewScanner(said)
		for !ready && lines.Scan() {
			ready = strings.Contains(lines.Text(), "Accepting connections")
		}
		if ready {
			drained := make(chan struct{})
			go func() {
				defer close(drained)
				for lines.Scan() {
				}
			}()
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				<-drained
				_ = cmd.Wait()
			})
			return fmt.Sprintf("127.0.0.1:%d", port)
		}
		_ = cmd.Wait()
	}
	t.Fatal("tinyproxy does not start")
	return ""
}

// Transactions through a real forward proxy, which has the allow-listed address:
// with its password they arrive, over one kept connection; without it nothing is
// sent, and the password shows nowhere.
func TestSubmit_throughTinyproxy(t *testing.T) {
	config, pool := authority(t)
	s := newWireServer(t, config, always(withdrawn))
	_, port, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(s.url(), "https://"), "/ekoapi"), ":")
	proxy := startTinyproxy(t, "shop", "s3cretproxy", port)
	cfg := testConfig(t, s.url())
	cfg.Roots = pool
	cfg.Proxy = mustURL(t, "http://shop:s3cretproxy@"+proxy)
	c := newClient(t, cfg)
	if err := c.Reach(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		wantState(t, c.Submit(t.Context(), withdrawal(t)), eko.Succeeded)
	}
	if s.connections() != 1 || len(s.seen()) != 3 {
		t.Errorf("%d requests on %d connections, want 3 on 1", len(s.seen()), s.connections())
	}
	if _, there := s.seen()[0].header("Proxy-Authorization"); there {
		t.Error("the proxy's password went to Eko")
	}
	for name, address := range map[string]string{
		"no password":      "http://" + proxy,
		"a wrong password": "http://shop:wr0ngproxy@" + proxy,
	} {
		cfg.Proxy = mustURL(t, address)
		o := newClient(t, cfg).Submit(t.Context(), withdrawal(t))
		if o.State != eko.Failed || o.Reason != "not_sent" || o.Sent || containsAny(fmt.Sprintf("%+v", o), "wr0ngproxy", "s3cretproxy") {
			t.Errorf("%s: %s (%s, sent %v): %v", name, o.State, o.Reason, o.Sent, o.Err)
		}
	}
	cfg.Proxy, cfg.BaseURL = mustURL(t, "http://shop:s3cretproxy@"+proxy), "https://127.0.0.1:1/ekoapi"
	if o := newClient(t, cfg).Submit(t.Context(), withdrawal(t)); o.State != eko.Failed || o.Sent {
		t.Errorf("a port that the proxy does not let through: %s (%s)", o.State, o.Reason)
	}
}
