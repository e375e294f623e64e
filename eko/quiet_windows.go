package eko

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var wsaPoll = windows.NewLazySystemDLL("ws2_32.dll").NewProc("WSAPoll")

// pollFD is WSAPOLLFD.
type pollFD struct {
	socket          uintptr
	events, revents int16
}

const pollIn = 0x0100 | 0x0200 // POLLRDNORM | POLLRDBAND

func pollNothing(socket uintptr) (bool, error) {
	one := pollFD{socket: socket, events: pollIn}
	n, _, err := wsaPoll.Call(uintptr(unsafe.Pointer(&one)), 1, 0)
	if int32(n) < 0 {
		return false, err
	}
	return n == 0, nil
}
