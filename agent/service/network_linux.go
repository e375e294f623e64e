package service

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// hearNetwork calls news at every change that the kernel tells of, until ctx
// ends.
func hearNetwork(ctx context.Context, news func()) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("open a route socket: %w", err)
	}
	socket := os.NewFile(uintptr(fd), "netlink")
	defer socket.Close()
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return fmt.Errorf("listen to the network's changes: %w", err)
	}
	unless := context.AfterFunc(ctx, func() { _ = socket.Close() })
	defer unless()
	// What a message says doesn't matter; the rest of one that is longer is lost.
	message := make([]byte, 512)
	for {
		// ENOBUFS: the kernel had more to tell than the socket holds.
		_, err := socket.Read(message)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !errors.Is(err, unix.ENOBUFS):
			return fmt.Errorf("hear the network's changes: %w", err)
		}
		news()
	}
}
