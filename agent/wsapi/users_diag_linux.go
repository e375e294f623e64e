package wsapi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Sizes and places of sock_diag(7): nlmsghdr, inet_diag_req_v2 with its
// inet_diag_sockid, and inet_diag_msg.
const (
	diagHeader  = 16
	diagRequest = 56
	diagID      = 8  // of the sockid in the request
	diagUID     = 64 // of the uid in the answer
	diagByID    = 20 // SOCK_DIAG_BY_FAMILY
)

// diagnosed asks the kernel for one socket by its addresses. It takes
// microseconds where /proc/net/tcp, the text of the same table, grows with every
// connection of the computer. A kernel without the interface answers an error
// that is not errNoUser.
func diagnosed(local, remote netip.AddrPort) (uid string, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return "", fmt.Errorf("ask the kernel for a socket: %w", err)
	}
	defer unix.Close(fd)
	limit := unix.NsecToTimeval(int64(time.Second))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit); err != nil {
		return "", fmt.Errorf("ask the kernel for a socket: %w", err)
	}
	if err := unix.Sendto(fd, diagQuestion(local, remote), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return "", fmt.Errorf("ask the kernel for a socket: %w", err)
	}
	answer := make([]byte, os.Getpagesize())
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil {
		return "", fmt.Errorf("ask the kernel for a socket: %w", err)
	}
	return diagAnswer(answer[:n])
}

func diagQuestion(local, remote netip.AddrPort) []byte {
	q := make([]byte, diagHeader+diagRequest)
	binary.NativeEndian.PutUint32(q[0:], uint32(len(q)))
	binary.NativeEndian.PutUint16(q[4:], diagByID)
	binary.NativeEndian.PutUint16(q[6:], unix.NLM_F_REQUEST)
	body := q[diagHeader:]
	body[0], body[1] = unix.AF_INET, unix.IPPROTO_TCP
	if local.Addr().Is6() {
		body[0] = unix.AF_INET6
	}
	binary.NativeEndian.PutUint32(body[4:], ^uint32(0)) // in any state
	id := body[diagID:]
	binary.BigEndian.PutUint16(id[0:], local.Port())
	binary.BigEndian.PutUint16(id[2:], remote.Port())
	copy(id[4:20], local.Addr().AsSlice())
	copy(id[20:36], remote.Addr().AsSlice())
	binary.NativeEndian.PutUint64(id[40:], ^uint64(0)) // no cookie
	return q
}

func diagAnswer(a []byte) (uid string, err error) {
	if len(a) < diagHeader+4 {
		return "", errors.New("the kernel's answer about a socket is too short")
	}
	body := a[diagHeader:]
	switch kind := binary.NativeEndian.Uint16(a[4:]); {
	case kind == unix.NLMSG_ERROR:
		code := unix.Errno(-int32(binary.NativeEndian.Uint32(body)))
		if code == unix.ENOENT {
			return "", errNoUser
		}
		return "", fmt.Errorf("ask the kernel for a socket: %w", code)
	case kind != diagByID || len(body) < diagUID+4:
		return "", errors.New("the kernel's answer about a socket is not understood")
	}
	return strconv.FormatUint(uint64(binary.NativeEndian.Uint32(body[diagUID:])), 10), nil
}
