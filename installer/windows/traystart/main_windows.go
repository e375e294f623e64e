// Command traystart becomes biobridge-tray.exe: it starts "biobridge.exe tray" from
// its own directory without a console window and leaves. biobridge.exe itself is a
// console program, because people type its commands; a second copy of it for the
// tray alone would double the installer.
package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

func main() {
	if err := start(); err != nil {
		// There is no console to write to, and the user has clicked on something.
		text, _ := windows.UTF16PtrFromString("biobridge's icon could not be started: " + err.Error())
		caption, _ := windows.UTF16PtrFromString("biobridge")
		_, _ = windows.MessageBox(0, text, caption, windows.MB_OK|windows.MB_ICONERROR)
		os.Exit(1)
	}
}

func start() error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	program := filepath.Join(filepath.Dir(own), "biobridge.exe")
	cmd := exec.Command(program, append([]string{"tray"}, os.Args[1:]...)...)
	cmd.Dir = filepath.Dir(own)
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
