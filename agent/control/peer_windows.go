package control

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/windows"
)

// greeting is the byte that a client sends first: Windows tells who a client is
// only after something was read from him.
const greeting = '\n'

// greetingTime is how long a client may take to send it.
const greetingTime = 5 * time.Second

var impersonateNamedPipeClient = windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")

// peerOf asks the system whose the other end of the pipe is. A service's account
// may not open another user's process, and a process may have ended and its number
// been given to another; so the client's own token is asked for, which he lends
// for identification (see dial). Where that can't be had, as in an old Wine, his
// process is asked.
func peerOf(conn net.Conn) (Peer, error) {
	pipe, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return Peer{}, errors.New("the control door is a named pipe")
	}
	handle := windows.Handle(pipe.Fd())
	if err := readGreeting(conn); err != nil {
		return Peer{}, fmt.Errorf("wait for the caller's greeting: %w", err)
	}
	var process uint32
	if err := windows.GetNamedPipeClientProcessId(handle, &process); err != nil {
		return Peer{}, fmt.Errorf("ask who connected: %w", err)
	}
	token, err := clientToken(handle)
	if err != nil && underWine() {
		token, err = processToken(process)
	}
	if err != nil {
		return Peer{}, err
	}
	defer token.Close()
	owner, err := token.GetTokenUser()
	if err != nil {
		return Peer{}, fmt.Errorf("read the caller's token: %w", err)
	}
	peer := Peer{ID: owner.User.Sid.String(), PID: int(process), Admin: isAdmin(token, owner.User.Sid)}
	if account, domain, _, err := owner.User.Sid.LookupAccount(""); err == nil {
		peer.Name = domain + `\` + account
	}
	return peer, nil
}

func readGreeting(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(greetingTime)); err != nil {
		return err
	}
	var first [1]byte
	if _, err := conn.Read(first[:]); err != nil {
		return err
	}
	if first[0] != greeting {
		return errors.New("the caller is no client of this release")
	}
	return conn.SetReadDeadline(time.Time{})
}

// clientToken borrows the client's identity on this thread for as long as it
// takes to open its token.
func clientToken(pipe windows.Handle) (windows.Token, error) {
	runtime.LockOSThread()
	if r, _, err := impersonateNamedPipeClient.Call(uintptr(pipe)); r == 0 {
		runtime.UnlockOSThread()
		return 0, fmt.Errorf("borrow the caller's identity: %w", err)
	}
	var token windows.Token
	opened := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY|windows.TOKEN_DUPLICATE, true, &token)
	if err := windows.RevertToSelf(); err != nil {
		// The thread stays locked: it ends with this goroutine, and nobody else runs
		// under the client's identity.
		return 0, errors.Join(fmt.Errorf("give the caller's identity back: %w", err), closeToken(token, opened))
	}
	runtime.UnlockOSThread()
	if opened != nil {
		return 0, fmt.Errorf("open the caller's token: %w", opened)
	}
	return token, nil
}

func closeToken(token windows.Token, opened error) error {
	if opened != nil {
		return opened
	}
	return token.Close()
}

func processToken(process uint32) (windows.Token, error) {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, process)
	if err != nil {
		return 0, fmt.Errorf("open the caller's process: %w", err)
	}
	defer windows.CloseHandle(handle)
	var token windows.Token
	if err := windows.OpenProcessToken(handle, windows.TOKEN_QUERY|windows.TOKEN_DUPLICATE, &token); err != nil {
		return 0, fmt.Errorf("open the caller's token: %w", err)
	}
	return token, nil
}

// isAdmin reports whether the caller is the system, an administrator who has
// elevated himself, or the account that this process runs as.
func isAdmin(token windows.Token, sid *windows.SID) bool {
	if sid.IsWellKnown(windows.WinLocalSystemSid) || isOwn(sid) {
		return true
	}
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return false
	}
	// Membership is asked of an impersonation token; without elevation the group
	// is there for denials only and doesn't count.
	var impersonation windows.Token
	if err := windows.DuplicateTokenEx(token, windows.TOKEN_QUERY, nil, windows.SecurityIdentification, windows.TokenImpersonation, &impersonation); err != nil {
		return false
	}
	defer impersonation.Close()
	member, err := impersonation.IsMember(administrators)
	return err == nil && member
}

// isOwn reports whether sid is the account that this process runs as.
func isOwn(sid *windows.SID) bool {
	own, err := windows.GetCurrentProcessToken().GetTokenUser()
	return err == nil && own.User.Sid.Equals(sid)
}
