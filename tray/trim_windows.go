package tray

import (
	"runtime/debug"

	"golang.org/x/sys/windows"
)

// trim gives back the memory that starting took: most of it is used once, by the
// start of packages that the tray doesn't need.
func trim() {
	debug.FreeOSMemory()
	const all = ^uintptr(0) // SetProcessWorkingSetSize: empty it as far as possible
	_ = windows.SetProcessWorkingSetSizeEx(windows.CurrentProcess(), all, all, 0)
}
