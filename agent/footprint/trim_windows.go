package footprint

import (
	"runtime/debug"

	"golang.org/x/sys/windows"
)

// Trim gives back the memory that starting took: most of it is used once, by the
// start of packages that this program doesn't need.
func Trim() {
	debug.FreeOSMemory()
	const all = ^uintptr(0) // SetProcessWorkingSetSize: empty it as far as possible
	_ = windows.SetProcessWorkingSetSizeEx(windows.CurrentProcess(), all, all, 0)
}
