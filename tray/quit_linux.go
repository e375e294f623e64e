package tray

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Quit has every tray of this program leave that the caller may tell: root those
// of all users, everybody else his own. It returns how many it has told, when
// they have ended or ctx has.
func Quit(ctx context.Context) (int, error) {
	own, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	var told []int
	defer func() {
		for _, fd := range told {
			_ = unix.Close(fd)
		}
	}()
	for _, dir := range processes {
		fd, ok, err := tell(dir, own)
		if err != nil {
			return len(told), err
		}
		if ok {
			told = append(told, fd)
		}
	}
	for _, fd := range told {
		if err := awaitEnd(ctx, fd); err != nil {
			return len(told), err
		}
	}
	return len(told), nil
}

// tell asks the process to leave if it is a tray of this program. The handle is
// opened before the process is looked at, so that the number can't have gone to
// another one in between.
func tell(dir, own string) (fd int, ok bool, err error) {
	id, err := strconv.Atoi(filepath.Base(dir))
	if err != nil || id == os.Getpid() {
		return 0, false, nil
	}
	fd, err = unix.PidfdOpen(id, 0)
	if err != nil {
		return 0, false, nil // it has gone
	}
	if !isTray(dir, own) {
		return 0, false, unix.Close(fd)
	}
	err = unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0)
	if err == nil {
		return fd, true, nil
	}
	_ = unix.Close(fd)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EPERM) {
		return 0, false, nil
	}
	return 0, false, fmt.Errorf("tell a tray to leave: %w", err)
}

// isTray reports whether the process runs this program's command tray. A program
// that was replaced by an upgrade is called "… (deleted)".
func isTray(dir, own string) bool {
	program, err := os.Readlink(dir + "/exe")
	if err != nil || strings.TrimSuffix(program, " (deleted)") != own {
		return false
	}
	line, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return false
	}
	words := bytes.Split(line, []byte{0})
	return len(words) > 1 && string(words[1]) == "tray"
}

// awaitEnd waits for a process to end.
func awaitEnd(ctx context.Context, fd int) error {
	const step = 100 // milliseconds after which ctx is looked at
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, step)
		switch {
		case n > 0:
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("wait for a tray: %w", err)
		case ctx.Err() != nil:
			return fmt.Errorf("a tray was told to leave and is still there: %w", ctx.Err())
		}
	}
}
