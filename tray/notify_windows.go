package tray

import (
	"context"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	shell32         = windows.NewLazySystemDLL("shell32.dll")
	shellNotifyIcon = shell32.NewProc("Shell_NotifyIconW")
	user32          = windows.NewLazySystemDLL("user32.dll")
	findWindowEx    = user32.NewProc("FindWindowExW")
)

// The library's window and the number of its icon (fyne.io/systray v1.12.2,
// systray_windows.go).
const (
	iconClass = "SystrayClass"
	iconID    = 100
)

// notifyIconData is NOTIFYICONDATAW of Windows Vista and later.
type notifyIconData struct {
	Size                       uint32
	Window                     windows.HWND
	ID, Flags, CallbackMessage uint32
	Icon                       windows.Handle
	Tip                        [128]uint16
	State, StateMask           uint32
	Info                       [256]uint16
	Version                    uint32
	InfoTitle                  [64]uint16
	InfoFlags                  uint32
	GUID                       windows.GUID
	BalloonIcon                windows.Handle
}

// notify lets the icon speak. Windows 10 and later turn such a balloon into a
// notification of their own kind.
func (s *shellSeat) notify(_ context.Context, n Notice) error {
	const (
		modify  = 1    // NIM_MODIFY
		hasInfo = 0x10 // NIF_INFO
		info    = 1    // NIIF_INFO
		warning = 2    // NIIF_WARNING
	)
	window := ownWindow()
	if window == 0 {
		return fmt.Errorf("the icon has no window")
	}
	data := notifyIconData{Window: window, ID: iconID, Flags: hasInfo, InfoFlags: info}
	if n.Urgent {
		data.InfoFlags = warning
	}
	put(data.InfoTitle[:], n.Title)
	body := n.Body
	if body == "" {
		body = " " // an empty text takes a balloon away
	}
	put(data.Info[:], body)
	data.Size = uint32(unsafe.Sizeof(data))
	if done, _, err := shellNotifyIcon.Call(modify, uintptr(unsafe.Pointer(&data))); done == 0 {
		return fmt.Errorf("show a notification: %w", err)
	}
	return nil
}

// put writes text with its final zero, cut to what there is room for.
func put(into []uint16, text string) {
	units, err := windows.UTF16FromString(shorten(text, len(into)-1))
	if err == nil {
		copy(into, units)
	}
}

// ownWindow finds the library's window among those of other programs that use it
// as well.
func ownWindow() windows.HWND {
	for window := findWindow(0, iconClass); window != 0; window = findWindow(window, iconClass) {
		var process uint32
		if _, err := windows.GetWindowThreadProcessId(window, &process); err == nil && process == uint32(os.Getpid()) {
			return window
		}
	}
	return 0
}

// findWindow returns the next window of a class after another one, 0 for none.
func findWindow(after windows.HWND, class string) windows.HWND {
	name, err := windows.UTF16PtrFromString(class)
	if err != nil {
		return 0
	}
	window, _, _ := findWindowEx.Call(0, uintptr(after), uintptr(unsafe.Pointer(name)), 0)
	return windows.HWND(window)
}
