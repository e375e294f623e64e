package eko

import (
	"errors"
	"net"
	"syscall"
)

// quiet reports whether the computer holds nothing for a connection: neither a
// byte nor the other side's end. It asks the system itself, because a read with a
// deadline may return without having looked where the computer is busy.
func quiet(conn net.Conn) (bool, error) {
	for {
		inner, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = inner.NetConn()
	}
	system, ok := conn.(syscall.Conn)
	if !ok {
		return false, errors.New("the connection is not the system's")
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return false, err
	}
	nothing, failed := false, error(nil)
	err = raw.Control(func(socket uintptr) { nothing, failed = pollNothing(socket) })
	return nothing, errors.Join(err, failed)
}
