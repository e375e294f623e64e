//go:build unix

package eko

import (
	"errors"

	"golang.org/x/sys/unix"
)

func pollNothing(socket uintptr) (bool, error) {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(socket), Events: unix.POLLIN}}, 0)
		if !errors.Is(err, unix.EINTR) {
			return n == 0, err
		}
	}
}
