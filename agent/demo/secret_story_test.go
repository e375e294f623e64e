package demo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent/cli"
	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/eko/ekosim"
)

// keyless opens a shop whose configuration has no access key.
func keyless(t *testing.T) *shop {
	t.Helper()
	return openShop(t, func(c *daemon.Config) { c.Eko.AccessKey = "" })
}

func (s *shop) door() *control.Client {
	s.t.Helper()
	client, err := control.Dial(s.t.Context(), s.Doors.Control)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = client.Close() })
	return client
}

func (s *shop) complains(client *control.Client, code string) bool {
	s.t.Helper()
	status, err := client.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range status.Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

// An agent without an access key runs, says so, and refuses money before anybody
// gives a finger. Handed the key over the local door it goes on at once, and again
// without it when the key is taken away.
func TestStory_KeyComesWhileTheAgentRuns(t *testing.T) {
	s := keyless(t)
	client := s.door()
	if !s.complains(client, "key_missing") {
		t.Error("the status doesn't say that the key is missing")
	}
	refused := func(ref string) {
		t.Helper()
		e := s.call("aeps.cash_withdrawal", withdrawal(ref, 500), nil)
		if e == nil || e.Data["code"] != string(contract.Unavailable) || !strings.Contains(e.Message, "key") {
			t.Fatalf("without a key: %+v, want unavailable", e)
		}
		if e := s.call("transaction.get", map[string]any{"client_ref_id": ref}, nil); e == nil || e.Data["code"] != string(contract.NotFound) {
			t.Errorf("a refused withdrawal is on record: %+v", e)
		}
		if s.Eko.Attempts(ref) != 0 {
			t.Error("something was sent to Eko")
		}
		for _, r := range s.Scanners[0].Requests() {
			if r.Verb == "CAPTURE" {
				t.Error("the customer was asked for a finger in vain")
			}
		}
	}
	refused("KEY1")

	events, err := client.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "two\nlines", "\ufeff" + ekosim.AccessKey} {
		if _, err := client.SetSecret(t.Context(), "access_key", []byte(wrong)); err == nil {
			t.Errorf("%q was taken as a key", wrong)
		} else if wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("the error shows what was given: %v", err)
		}
	}
	if inUse, err := client.SetSecret(t.Context(), "access_key", []byte(ekosim.AccessKey)); err != nil || !inUse {
		t.Fatalf("SetSecret = %v, %v", inUse, err)
	}
	told(t, events)
	if s.complains(client, "key_missing") {
		t.Error("the status still says that the key is missing")
	}
	s.mustCall("aeps.cash_withdrawal", withdrawal("KEY2", 500), nil)
	if s.Eko.Moved("KEY2") != 1 {
		t.Error("money didn't move")
	}
	if names, err := client.Secrets(t.Context()); err != nil || len(names) != 1 || names[0] != "access_key" {
		t.Errorf("Secrets = %v, %v", names, err)
	}
	s.keyIsSealed()

	s.Scanners[0].ForgetRequests()
	if inUse, err := client.RemoveSecret(t.Context(), "access_key"); err != nil || !inUse {
		t.Fatalf("RemoveSecret = %v, %v", inUse, err)
	}
	refused("KEY3")
	if _, err := client.RemoveSecret(t.Context(), "hash_key"); err == nil {
		t.Error("the agent's own secret could be removed")
	}
}

// told waits for word of a changed problem.
func told(t *testing.T, events <-chan control.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		select {
		case e, open := <-events:
			if !open {
				t.Fatal("the door closed")
			}
			if e.Kind == "problem.changed" {
				return
			}
		case <-ctx.Done():
			t.Fatal("the tray would not look again")
		}
	}
}

// keyIsSealed looks for the key in everything that lies on the disk and in the log.
func (s *shop) keyIsSealed() {
	s.t.Helper()
	err := filepath.WalkDir(s.Config.DataDir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil // the journal's, come and gone
		}
		if strings.Contains(string(content), ekosim.AccessKey) {
			s.t.Errorf("%s holds the key", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	if strings.Contains(s.log.String(), ekosim.AccessKey) {
		s.t.Error("the log holds the key")
	}
}

// The command hands the secret to the running agent, and keeps it itself where
// none runs: the next one uses it.
func TestStory_SecretCommand(t *testing.T) {
	s := keyless(t)
	config := filepath.Join(t.TempDir(), "shop.toml")
	text := strings.Replace(daemon.Template, "# data_dir = \"/var/lib/biobridge\"", "data_dir = '"+s.Config.DataDir+"'", 1)
	if text == daemon.Template {
		t.Fatal("the template has changed")
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := func(want string, args ...string) {
		t.Helper()
		root := cli.Root()
		out := &lockedBuffer{}
		root.SetArgs(append(append([]string{"secret"}, args...), "--config", config))
		root.SetIn(strings.NewReader(ekosim.AccessKey + "\n"))
		root.SetOut(out)
		root.SetErr(out)
		err := root.ExecuteContext(t.Context())
		said := out.String() + cli.Message(err)
		if !strings.Contains(said, want) || strings.Contains(said, ekosim.AccessKey) {
			t.Errorf("secret %v says %q (%v), want %q", args, said, err, want)
		}
	}
	secret("in use", "set", "access_key")
	s.mustCall("aeps.cash_withdrawal", withdrawal("CMD1", 500), nil)
	secret("access_key\n", "list")
	secret("restart", "set", "relay_bearer")
	secret("PEM", "set", "hook_client")
	secret("", "remove", "access_key")
	if !s.complains(s.door(), "key_missing") {
		t.Error("the key was removed and is in use")
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// It may be gone before it could say so.
	if err := s.door().Stop(ctx); err != nil && !errors.Is(err, control.ErrNotRunning) {
		t.Fatal(err)
	}
	for gone := false; !gone; {
		client, err := control.Dial(ctx, s.Doors.Control)
		if gone = errors.Is(err, control.ErrNotRunning); err == nil {
			_ = client.Close()
		} else if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	secret("restart", "set", "access_key")
	secret("access_key\n", "list")
	s.keyIsSealed()
}
