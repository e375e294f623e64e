package wsapi

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	errNoUser = errors.New("the connection is not in the system's table")

	getExtendedTCPTable = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
)

// Values of iprtrmib.h and the sizes of its rows, which have no padding.
const (
	tcpTableOwnerPIDConnections = 4
	rowSize4                    = 24 // MIB_TCPROW_OWNER_PID
	rowSize6                    = 56 // MIB_TCP6ROW_OWNER_PID
)

// userOf finds the user who owns the other end of a loopback connection: its
// process from the system's table, the user from the process's token. A service
// needs to run as LocalSystem to see into another user's process.
func userOf(theirs, ours net.Addr) (OSUser, error) {
	peer, own, ok := tcpPair(theirs, ours)
	if !ok {
		return OSUser{}, errNoUser
	}
	process, err := processOf(plain(peer.AddrPort()), plain(own.AddrPort()))
	if err != nil {
		return OSUser{}, err
	}
	return processUser(process)
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// processOf looks in both tables: an IPv4 connection of an IPv6 socket stands in
// the second one.
func processOf(local, remote netip.AddrPort) (uint32, error) {
	for _, kind := range []struct {
		family  uint32
		rowSize int
	}{{windows.AF_INET, rowSize4}, {windows.AF_INET6, rowSize6}} {
		table, err := tcpTable(kind.family)
		if err != nil {
			return 0, err
		}
		if len(table) < 4 {
			continue
		}
		count := int(binary.LittleEndian.Uint32(table))
		for rows := table[4:]; count > 0 && len(rows) >= kind.rowSize; rows, count = rows[kind.rowSize:], count-1 {
			if process, ok := matchRow(rows[:kind.rowSize], local, remote); ok {
				return process, nil
			}
		}
	}
	return 0, errNoUser
}

// matchRow compares one row of the table. Addresses and ports stand there in
// network order, a port in the first two bytes of its word.
func matchRow(row []byte, local, remote netip.AddrPort) (uint32, bool) {
	at := func(addr, port, size int) netip.AddrPort {
		ip, _ := netip.AddrFromSlice(row[addr : addr+size])
		return netip.AddrPortFrom(ip.Unmap(), binary.BigEndian.Uint16(row[port:]))
	}
	if len(row) == rowSize4 {
		return binary.LittleEndian.Uint32(row[20:]), at(4, 8, 4) == local && at(12, 16, 4) == remote
	}
	return binary.LittleEndian.Uint32(row[52:]), at(0, 20, 16) == local && at(24, 44, 16) == remote
}

func tcpTable(family uint32) ([]byte, error) {
	size := uint32(64 << 10)
	for range 8 { // the table may grow between two calls
		table := make([]byte, size)
		code, _, _ := getExtendedTCPTable.Call(
			uintptr(unsafe.Pointer(&table[0])), uintptr(unsafe.Pointer(&size)),
			0, uintptr(family), tcpTableOwnerPIDConnections, 0)
		switch windows.Errno(code) {
		case 0:
			return table[:min(int(size), len(table))], nil
		case windows.ERROR_INSUFFICIENT_BUFFER:
			size += 16 << 10
		default:
			return nil, fmt.Errorf("read the table of connections: %w", windows.Errno(code))
		}
	}
	return nil, errors.New("read the table of connections: it kept growing")
}

func processUser(process uint32) (OSUser, error) {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, process)
	if err != nil {
		return OSUser{}, fmt.Errorf("open the process of the connection: %w", err)
	}
	defer windows.CloseHandle(handle)
	var token windows.Token
	if err := windows.OpenProcessToken(handle, windows.TOKEN_QUERY, &token); err != nil {
		return OSUser{}, fmt.Errorf("open the token of the connection's process: %w", err)
	}
	defer token.Close()
	return tokenUser(token)
}

func tokenUser(token windows.Token) (OSUser, error) {
	owner, err := token.GetTokenUser()
	if err != nil {
		return OSUser{}, fmt.Errorf("read the user of a token: %w", err)
	}
	found := OSUser{ID: owner.User.Sid.String()}
	if account, domain, _, err := owner.User.Sid.LookupAccount(""); err == nil {
		found.Name = domain + `\` + account
	}
	return found, nil
}

// activeUser returns the user of the session that has the screen. It needs the
// rights of LocalSystem.
func activeUser(context.Context) (string, error) {
	session := windows.WTSGetActiveConsoleSessionId()
	if session == 0xFFFFFFFF {
		return "", errors.New("nobody is signed in at the screen")
	}
	var token windows.Token
	if err := windows.WTSQueryUserToken(session, &token); err != nil {
		return "", fmt.Errorf("ask for the user of the screen's session: %w", err)
	}
	defer token.Close()
	user, err := tokenUser(token)
	return user.ID, err
}
