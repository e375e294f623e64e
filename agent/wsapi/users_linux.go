package wsapi

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/user"
	"strconv"
	"strings"
)

var errNoUser = errors.New("the connection is not in the system's table")

// userOf finds the user who owns the other end of a loopback connection, from
// the kernel: the user of the process that opened that socket.
func userOf(theirs, ours net.Addr) (OSUser, error) {
	peer, own, ok := tcpPair(theirs, ours)
	if !ok {
		return OSUser{}, errNoUser
	}
	uid, err := ownerOf(plain(peer.AddrPort()), plain(own.AddrPort()))
	if err != nil {
		return OSUser{}, err
	}
	found := OSUser{ID: "uid:" + uid}
	if account, err := user.LookupId(uid); err == nil {
		found.Name = account.Username
	}
	return found, nil
}

func ownerOf(local, remote netip.AddrPort) (uid string, err error) {
	if uid, err = diagnosed(local, remote); err == nil {
		return uid, nil
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		uid, err = ownerIn(table, local, remote)
		if err == nil || !(errors.Is(err, errNoUser) || errors.Is(err, os.ErrNotExist)) {
			return uid, err
		}
	}
	return "", errNoUser
}

// ownerIn reads one of the tables described in proc_net_tcp.rst of the kernel's
// documentation: columns sl, local_address, rem_address, st, queues, tr, retrnsmt,
// uid. A listener may close before we look; state is not compared.
func ownerIn(table string, local, remote netip.AddrPort) (string, error) {
	f, err := os.Open(table)
	if err != nil {
		return "", fmt.Errorf("read the table of connections: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		columns := strings.Fields(lines.Text())
		if len(columns) < 8 {
			continue
		}
		if tableAddr(columns[1]) == local && tableAddr(columns[2]) == remote {
			return columns[7], nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("read the table of connections: %w", err)
	}
	return "", errNoUser
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// tableAddr reads "0100007F:5265": words of the address in the machine's byte
// order, then the port.
func tableAddr(text string) netip.AddrPort {
	host, port, ok := strings.Cut(text, ":")
	if !ok {
		return netip.AddrPort{}
	}
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(number))
}

// activeUser returns the user whose session has the first seat's screen and
// keyboard, from logind's state file (sd_seat_get_active(3) reads the same).
func activeUser(context.Context) (string, error) {
	raw, err := os.ReadFile("/run/systemd/seats/seat0")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(raw)) {
		if uid, ok := strings.CutPrefix(strings.TrimSpace(line), "ACTIVE_UID="); ok {
			return "uid:" + uid, nil
		}
	}
	return "", errors.New("nobody is signed in at the screen")
}
