//go:build !windows

package control_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent/control"
)

func TestAddress(t *testing.T) {
	for _, test := range []struct{ dir, want string }{
		{"/home/u/.local/share/biobridge", "/home/u/.local/share/biobridge/control.sock"},
		{"/var/lib/biobridge", "/run/biobridge/control.sock"},
		{"/var/lib/biobridge/", "/run/biobridge/control.sock"},
		{"/var/lib/private/biobridge", "/run/private/biobridge/control.sock"},
	} {
		if got := control.Address(test.dir); got != test.want {
			t.Errorf("Address(%q) = %q, want %q", test.dir, got, test.want)
		}
	}
	long := "/home/u/" + strings.Repeat("long/", 30)
	got := control.Address(long)
	if len(got) > 100 || got != control.Address(long) || got == control.Address(long+"x") {
		t.Errorf("Address of a long directory = %q", got)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if control.Address(".") != control.Address(wd) {
		t.Error("Address depends on how the directory is written")
	}
}

func TestListen_longDirectory(t *testing.T) {
	address := control.Address(filepath.Join(t.TempDir(), strings.Repeat("long/", 30)))
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(address)) })
	l, err := control.Listen(address, false)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{log: &lockedBuffer{}, address: address}
	d.serve(t, control.Config{}, l)
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestListen_rights(t *testing.T) {
	for _, test := range []struct {
		everyone bool
		want     os.FileMode
	}{{false, 0o600}, {true, 0o666}} {
		address := filepath.Join(t.TempDir(), "run", "control.sock")
		l, err := control.Listen(address, test.everyone)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(address)
		if err != nil || info.Mode().Perm() != test.want || info.Mode().Type() != os.ModeSocket {
			t.Errorf("everyone %t: %v, %v, want %v", test.everyone, info.Mode(), err, test.want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(address)); len(entries) != 1 {
			t.Errorf("everyone %t: %d files beside the socket", test.everyone, len(entries)-1)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(address); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("everyone %t: the socket is still there: %v", test.everyone, err)
		}
	}
}

func TestListen_inUse(t *testing.T) {
	d := open(t, control.Config{})
	if _, err := control.Listen(d.address, false); !errors.Is(err, control.ErrInUse) {
		t.Errorf("Listen where another answers = %v, want ErrInUse", err)
	}
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Errorf("the first one: %v", err)
	}
}

func TestListen_closedTwice(t *testing.T) {
	address := newAddress(t)
	first, err := control.Listen(address, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := control.Listen(address, false)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a second Close = %v, want ErrClosed", err)
	}
	if _, err := os.Lstat(address); err != nil {
		t.Errorf("the second listener's socket: %v", err)
	}
}

func TestListen_stale(t *testing.T) {
	address := filepath.Join(t.TempDir(), "control.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close() // as a process leaves it that was killed
	fresh, err := control.Listen(address, false)
	if err != nil {
		t.Fatalf("Listen over a stale socket: %v", err)
	}
	_ = fresh.Close()

	if err := os.WriteFile(address, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(address, false); err == nil {
		t.Error("Listen took a file away that is no socket")
	}
	if kept, _ := os.ReadFile(address); string(kept) != "precious" {
		t.Error("the file is gone")
	}
}

// What is no call ends the connection and nothing else.
func TestHostileLines(t *testing.T) {
	house := newHouse()
	d := open(t, control.Config{Backend: house, Connections: 4})
	for name, line := range map[string]string{
		"no JSON":        "hello\n",
		"batch":          `[{"jsonrpc":"2.0","id":1,"method":"status"}]` + "\n",
		"notification":   `{"jsonrpc":"2.0","method":"stop"}` + "\n",
		"no method":      `{"jsonrpc":"2.0","id":1}` + "\n",
		"a response":     `{"jsonrpc":"2.0","id":1,"result":{}}` + "\n",
		"HTTP":           "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"endless":        strings.Repeat("a", 300<<10),
		"nothing at all": "",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("unix", d.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			_, _ = io.WriteString(conn, line)
			if name != "endless" { // that one must end by its length
				_ = conn.(*net.UnixConn).CloseWrite()
			}
			if answer, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") || len(answer) != 0 {
				t.Errorf("answer = %q, %v, want the end", answer, err)
			}
		})
	}
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Errorf("the next caller: %v", err)
	}
	if house.was("stop") {
		t.Error("a notification stopped the agent")
	}
}

func TestUnknown(t *testing.T) {
	d := open(t, control.Config{})
	conn, err := net.Dial("unix", d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	for _, test := range []struct{ line, want string }{
		{`{"jsonrpc":"2.0","id":1,"method":"rpc.serverInfo"}`, `"not_found"`},
		{`{"jsonrpc":"2.0","id":1,"method":"aeps.cash_withdrawal"}`, `"not_found"`},
		{`{"jsonrpc":"2.0","id":1,"method":"devices","params":{"refresh":true,"all":1}}`, `"invalid_params"`},
		{`{"jsonrpc":"2.0","id":1,"method":"devices","params":[true]}`, `"invalid_params"`},
		{`{"jsonrpc":"2.0","id":1,"method":"devices","params":{"refresh":true}}`, `"d2"`},
	} {
		_, _ = io.WriteString(conn, test.line+"\n")
		answer := make([]byte, 4096)
		n, err := conn.Read(answer)
		if err != nil || !strings.Contains(string(answer[:n]), test.want) {
			t.Errorf("%s: %s, %v, want %s", test.line, answer[:n], err, test.want)
		}
	}
}

// newAddress is an address that no other test uses.
func newAddress(t *testing.T) string {
	t.Helper()
	return control.Address(filepath.Join(t.TempDir(), "data"))
}
