package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// StartTrays starts the tray in every session that a user is signed in to, so that
// an upgrade doesn't leave the shop without its icon until the next login. Only the
// system's own account, as which an installer runs, may do this.
func StartTrays() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	tray := filepath.Join(filepath.Dir(program), "biobridge-tray.exe")
	var sessions *windows.WTS_SESSION_INFO
	var count uint32
	if err := windows.WTSEnumerateSessions(0, 0, 1, &sessions, &count); err != nil {
		return fmt.Errorf("list the sessions: %w", err)
	}
	defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(sessions)))
	var errs []error
	for _, s := range unsafe.Slice(sessions, count) {
		if s.State == windows.WTSActive || s.State == windows.WTSDisconnected {
			errs = append(errs, startIn(s.SessionID, tray))
		}
	}
	return errors.Join(errs...)
}

// startIn starts a program as the user of a session; one without a user is passed
// over.
func startIn(session uint32, program string) error {
	var token windows.Token
	err := windows.WTSQueryUserToken(session, &token)
	if errors.Is(err, windows.ERROR_NO_TOKEN) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find who sits at session %d: %w", session, err)
	}
	defer token.Close()
	var environment *uint16
	if err := windows.CreateEnvironmentBlock(&environment, token, false); err != nil {
		return fmt.Errorf("read the user's environment: %w", err)
	}
	defer windows.DestroyEnvironmentBlock(environment)
	name, err := windows.UTF16PtrFromString(program)
	if err != nil {
		return fmt.Errorf("start the tray: %w", err)
	}
	desktop, err := windows.UTF16PtrFromString(`winsta0\default`)
	if err != nil {
		return fmt.Errorf("start the tray: %w", err)
	}
	startup := windows.StartupInfo{Desktop: desktop}
	startup.Cb = uint32(unsafe.Sizeof(startup))
	var process windows.ProcessInformation
	err = windows.CreateProcessAsUser(token, name, nil, nil, nil, false, windows.CREATE_UNICODE_ENVIRONMENT, environment, nil, &startup, &process)
	if err != nil {
		return fmt.Errorf("start the tray in session %d: %w", session, err)
	}
	return errors.Join(windows.CloseHandle(process.Thread), windows.CloseHandle(process.Process))
}
