//go:build !windows

package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The longest path of the socket: sun_path of sockaddr_un has 108 bytes with its
// final zero (unix(7)), and the name under which Listen makes it is 6 longer.
const maxSocketPath = 100

// shortDir is where the socket of a data directory with a very long name lies.
const shortDir = "/tmp"

// Address returns where the agent of a data directory is reached. It depends on
// the name of the directory alone, so that an agent and a client that share a
// configuration agree: control.sock in the directory, the same name below /run
// for one below /var/lib (a service's data is nobody else's to enter), or a short
// name where the path is too long for a socket.
func Address(dataDir string) string {
	if absolute, err := filepath.Abs(dataDir); err == nil {
		dataDir = absolute
	}
	path := filepath.Join(dataDir, socketName)
	if name, ok := strings.CutPrefix(filepath.Clean(dataDir), "/var/lib/"); ok {
		path = filepath.Join("/run", name, socketName)
	}
	if len(path) > maxSocketPath {
		path = filepath.Join(shortDir, "biobridge-"+digest(dataDir), socketName)
	}
	return path
}

const socketName = "control.sock"

// Listen opens the door at an [Address]. With everyone set all local users may
// connect and are told apart by who they are, as a service wants it; else only
// the user of this process. A socket that somebody answers is [ErrInUse]; one
// that nobody answers is taken away.
func Listen(address string, everyone bool) (net.Listener, error) {
	if err := makeDir(filepath.Dir(address), everyone); err != nil {
		return nil, err
	}
	if err := clearStale(address); err != nil {
		return nil, err
	}
	// The socket must never be there with wider rights than it shall have, so it
	// is made under another name in a directory of its own and moved into place.
	cell, err := os.MkdirTemp(filepath.Dir(address), ".door-")
	if err != nil {
		return nil, fmt.Errorf("make room for the control socket: %w", err)
	}
	defer os.RemoveAll(cell)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(cell, "s"), Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	l.SetUnlinkOnClose(false)
	mode := os.FileMode(0o600)
	if everyone {
		mode = 0o666
	}
	if err := errors.Join(os.Chmod(filepath.Join(cell, "s"), mode), os.Rename(filepath.Join(cell, "s"), address)); err != nil {
		return nil, errors.Join(fmt.Errorf("put the control socket in its place: %w", err), l.Close())
	}
	return &placed{l, address}, nil
}

// placed takes the socket's file away when the listener is closed, and not once
// more later, when the file may be another agent's.
type placed struct {
	*net.UnixListener
	path string
}

func (p *placed) Close() error {
	if err := p.UnixListener.Close(); err != nil {
		return err
	}
	if err := os.Remove(p.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (p *placed) Addr() net.Addr { return &net.UnixAddr{Name: p.path, Net: "unix"} }

func makeDir(dir string, everyone bool) error {
	mode := os.FileMode(0o700)
	if everyone {
		mode = 0o755
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("make the directory of the control socket: %w", err)
	}
	return checkDir(dir)
}

// checkDir refuses a directory in a shared place that somebody else has made to
// catch what is meant for the agent.
func checkDir(dir string) error {
	if !strings.HasPrefix(dir, shortDir+"/biobridge-") {
		return nil
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || (int(owner.Uid) != os.Geteuid() && owner.Uid != 0) {
		return fmt.Errorf("the directory %s belongs to somebody else", dir)
	}
	return nil
}

// clearStale removes a socket that nobody answers, and nothing else.
func clearStale(address string) error {
	info, err := os.Lstat(address)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the control socket: %w", err)
	}
	if info.Mode().Type() != os.ModeSocket {
		return fmt.Errorf("%s is in the way: it is not a socket", address)
	}
	conn, err := net.Dial("unix", address)
	if err == nil {
		_ = conn.Close()
		return ErrInUse
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("try the control socket: %w", err)
	}
	if err := os.Remove(address); err != nil {
		return fmt.Errorf("take away the old control socket: %w", err)
	}
	return nil
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	if err := checkDir(filepath.Dir(address)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", address)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNotRunning
	case errors.Is(err, os.ErrPermission):
		return nil, ErrNotAllowed
	case err != nil:
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	return conn, nil
}
