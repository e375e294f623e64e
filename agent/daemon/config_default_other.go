//go:build !windows

package daemon

// programData is a Windows directory.
func programData() string { return "" }
