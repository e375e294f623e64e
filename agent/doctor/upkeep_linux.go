package doctor

import "golang.org/x/sys/unix"

// unsynchronised is STA_UNSYNC of adjtimex(2).
const unsynchronised = 0x40

// clockKept reports whether the kernel's clock follows a time server.
func clockKept() (bool, error) {
	var now unix.Timex
	if _, err := unix.Adjtimex(&now); err != nil {
		return false, err
	}
	return now.Status&unsynchronised == 0, nil
}
