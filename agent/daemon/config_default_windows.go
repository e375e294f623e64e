package daemon

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// programData is the machine's directory for programs' data as the system says it.
// The variable of that name is anybody's who starts this program: he could have an
// administrator read another configuration.
func programData() string {
	if dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT); err == nil {
		return dir
	}
	// Where Windows has it that nobody has moved.
	root, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		return `C:\ProgramData`
	}
	return filepath.VolumeName(root) + `\ProgramData`
}
