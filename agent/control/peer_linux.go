package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"
)

// peerOf asks the kernel who connected (unix(7), SO_PEERCRED).
func peerOf(conn net.Conn) (Peer, error) {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return Peer{}, errors.New("the control door is a Unix socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return Peer{}, fmt.Errorf("ask who connected: %w", err)
	}
	var credentials *unix.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) {
		credentials, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return Peer{}, fmt.Errorf("ask who connected: %w", err)
	}
	if asked != nil {
		return Peer{}, fmt.Errorf("ask who connected: %w", asked)
	}
	uid := strconv.FormatUint(uint64(credentials.Uid), 10)
	peer := Peer{
		ID:    "uid:" + uid,
		PID:   int(credentials.Pid),
		Admin: credentials.Uid == 0 || int(credentials.Uid) == os.Geteuid(),
	}
	if account, err := user.LookupId(uid); err == nil {
		peer.Name = account.Username
	}
	return peer, nil
}
