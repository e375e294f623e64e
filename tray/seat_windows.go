package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The names by which the trays of a session and those who send them away find
// each other. Mutexes are the session's own; events are the machine's, so that an
// installer in another session reaches them.
const (
	mutexName   = `Local\biobridge-tray`
	eventPrefix = `Global\biobridge-tray-leave-`
)

// Who may send the tray away, in SDDL: the system, administrators, its user.
const eventRights = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)"

// shellSeat is the session's mutex with the event that ends the tray.
type shellSeat struct {
	mutex, event, stop windows.Handle
	gone               chan struct{}
	wait               sync.WaitGroup
}

// takeSeat waits for the taskbar: at sign-in the tray may be there first, and the
// library gives up where it finds none.
func takeSeat(ctx context.Context, log *slog.Logger) (seat, error) {
	s := &shellSeat{gone: make(chan struct{})}
	name, err := windows.UTF16PtrFromString(mutexName)
	if err != nil {
		return nil, err
	}
	s.mutex, err = windows.CreateMutex(nil, false, name)
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) || errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		if s.mutex != 0 {
			_ = windows.CloseHandle(s.mutex)
		}
		return nil, ErrAlreadyRunning
	}
	if err != nil {
		return nil, fmt.Errorf("take the session's place for an icon: %w", err)
	}
	if s.stop, err = windows.CreateEvent(nil, 1, 0, nil); err != nil {
		_ = windows.CloseHandle(s.mutex)
		return nil, fmt.Errorf("prepare to leave: %w", err)
	}
	if s.event, err = leaveEvent(); err != nil {
		log.Warn("the tray can't be told to leave; an installer will end it", "error", err)
	}
	s.wait.Go(s.watch)
	if err := s.awaitTaskbar(ctx, log); err != nil {
		s.leave()
		return nil, err
	}
	return s, nil
}

// leaveEvent makes the event of this session.
func leaveEvent() (windows.Handle, error) {
	var session uint32
	if err := windows.ProcessIdToSessionId(uint32(os.Getpid()), &session); err != nil {
		return 0, err
	}
	name, err := windows.UTF16PtrFromString(fmt.Sprint(eventPrefix, session))
	if err != nil {
		return 0, err
	}
	descriptor, err := windows.SecurityDescriptorFromString(eventRights)
	if err != nil {
		return 0, err
	}
	rights := windows.SecurityAttributes{SecurityDescriptor: descriptor}
	rights.Length = uint32(unsafe.Sizeof(rights))
	event, err := windows.CreateEvent(&rights, 1, 0, name)
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		// Somebody is just telling the tray before us: he will wait for us as well.
		return event, nil
	}
	return event, err
}

func (s *shellSeat) watch() {
	handles := []windows.Handle{s.stop}
	if s.event != 0 {
		handles = append(handles, s.event)
	}
	which, err := windows.WaitForMultipleObjects(handles, false, windows.INFINITE)
	if err == nil && which == windows.WAIT_OBJECT_0+1 {
		close(s.gone)
	}
}

func (s *shellSeat) left() <-chan struct{} { return s.gone }

// panel: takeSeat has waited for it.
func (s *shellSeat) panel() <-chan struct{} {
	there := make(chan struct{})
	close(there)
	return there
}

func (s *shellSeat) leave() {
	_ = windows.SetEvent(s.stop)
	s.wait.Wait()
	for _, h := range []windows.Handle{s.stop, s.event, s.mutex} {
		if h != 0 {
			_ = windows.CloseHandle(h)
		}
	}
}

// awaitTaskbar returns when the Explorer shows its taskbar.
func (s *shellSeat) awaitTaskbar(ctx context.Context, log *slog.Logger) error {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for told := false; findWindow(0, "Shell_TrayWnd") == 0; {
		if !told {
			told = true
			log.Info("waiting for the taskbar")
		}
		select {
		case <-ticker.C:
		case <-s.gone:
			return ErrNoSession
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Quit has every tray of this computer leave that the caller may tell: an
// administrator those of all users, everybody else his own. It returns how many
// it has told, when they have ended or ctx has.
func Quit(ctx context.Context) (int, error) {
	var told []uint32
	for _, session := range sessions() {
		there, err := signal(session, true)
		if err != nil {
			return len(told), err
		}
		if there {
			told = append(told, session)
		}
	}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for _, id := range told {
		for {
			there, err := signal(id, false)
			if err != nil || !there {
				break
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return len(told), fmt.Errorf("a tray was told to leave and is still there: %w", ctx.Err())
			}
		}
	}
	return len(told), nil
}

// sessions are all of this computer's, or the own one where the system doesn't
// list them.
func sessions() []uint32 {
	var list *windows.WTS_SESSION_INFO
	var count uint32
	if err := windows.WTSEnumerateSessions(0, 0, 1, &list, &count); err == nil && count > 0 {
		defer windows.WTSFreeMemory(uintptr(unsafe.Pointer(list)))
		ids := make([]uint32, 0, count)
		for _, session := range unsafe.Slice(list, count) {
			ids = append(ids, session.SessionID)
		}
		return ids
	}
	var own uint32
	if err := windows.ProcessIdToSessionId(uint32(os.Getpid()), &own); err != nil {
		return nil
	}
	return []uint32{own}
}

// signal reports whether a session has a tray that may be told, and tells it.
func signal(session uint32, tell bool) (bool, error) {
	name, err := windows.UTF16PtrFromString(fmt.Sprint(eventPrefix, session))
	if err != nil {
		return false, err
	}
	event, err := windows.OpenEvent(windows.EVENT_MODIFY_STATE, false, name)
	if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) || errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reach a tray: %w", err)
	}
	defer windows.CloseHandle(event)
	if !tell {
		return true, nil
	}
	return true, windows.SetEvent(event)
}
