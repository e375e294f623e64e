package footprint

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// Trim gives back the memory that starting took. What the kernel has mapped of
// the program's own file counts as the process's memory; most of it is used once,
// by the start of packages that this program doesn't need, and it is read again where
// it is needed after all.
func Trim() {
	debug.FreeOSMemory()
	own, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		// 00400000-00f2e000 r-xp 00000000 fe:01 1234  /usr/bin/biobridge
		var from, to uintptr
		var rights string
		if !strings.HasSuffix(lines.Text(), " "+own) {
			continue
		}
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %4s", &from, &to, &rights); err != nil || strings.Contains(rights, "w") {
			continue // what can be written is not in the file
		}
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
	}
}
