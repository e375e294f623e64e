//go:build !linux && !windows

package footprint

import "runtime/debug"

// Trim gives back the memory that starting took.
func Trim() { debug.FreeOSMemory() }
