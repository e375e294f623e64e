package wsapi

import (
	"context"
	"fmt"
	"net"
	"slices"
)

// Users says which users of this computer may have a page connected.
type Users struct {
	// Mode is "any" (or empty), "active" (the user who sits at the computer now)
	// or "listed".
	Mode string
	// Listed has the names or ids ("uid:1000", a SID) for mode "listed".
	Listed []string
}

// OSUser is the user whose process holds the other end of a connection.
type OSUser struct {
	// ID is "uid:1000" on Linux and a SID on Windows; empty where the system
	// doesn't tell.
	ID   string
	Name string
}

// Allows reports whether the user may come in. Where the mode limits users and
// the system doesn't tell who it is, he may not.
func (u Users) Allows(ctx context.Context, user OSUser) (bool, error) {
	switch u.Mode {
	case "", "any":
		return true, nil
	case "listed":
		return user.ID != "" && (slices.Contains(u.Listed, user.ID) || (user.Name != "" && slices.Contains(u.Listed, user.Name))), nil
	case "active":
		active, err := activeUser(ctx)
		if err != nil {
			return false, fmt.Errorf("find the active user: %w", err)
		}
		return user.ID != "" && user.ID == active, nil
	}
	return false, fmt.Errorf("there is no user mode %q", u.Mode)
}

// CheckUsers says what is wrong with a setting.
func CheckUsers(u Users) error {
	switch u.Mode {
	case "", "any", "active":
		return nil
	case "listed":
		if len(u.Listed) == 0 {
			return fmt.Errorf("user mode %q names no user", u.Mode)
		}
		return nil
	}
	return fmt.Errorf("there is no user mode %q: it is any, active or listed", u.Mode)
}

// tcpPair is a connection seen from the other end: their address is local there.
func tcpPair(theirs, ours net.Addr) (peer, own *net.TCPAddr, ok bool) {
	peer, ok = theirs.(*net.TCPAddr)
	if !ok {
		return nil, nil, false
	}
	own, ok = ours.(*net.TCPAddr)
	return peer, own, ok
}
