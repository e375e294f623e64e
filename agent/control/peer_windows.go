package control

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/windows"
)

// peerOf asks the system which process opened the pipe and whose it is.
func peerOf(conn net.Conn) (Peer, error) {
	pipe, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return Peer{}, errors.New("the control door is a named pipe")
	}
	var process uint32
	if err := windows.GetNamedPipeClientProcessId(windows.Handle(pipe.Fd()), &process); err != nil {
		return Peer{}, fmt.Errorf("ask who connected: %w", err)
	}
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, process)
	if err != nil {
		return Peer{}, fmt.Errorf("open the caller's process: %w", err)
	}
	defer windows.CloseHandle(handle)
	var token windows.Token
	if err := windows.OpenProcessToken(handle, windows.TOKEN_QUERY|windows.TOKEN_DUPLICATE, &token); err != nil {
		return Peer{}, fmt.Errorf("open the caller's token: %w", err)
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

// isAdmin reports whether the caller is the system, an administrator who has
// elevated himself, or the account that this process runs as.
func isAdmin(token windows.Token, sid *windows.SID) bool {
	if sid.IsWellKnown(windows.WinLocalSystemSid) {
		return true
	}
	if own, err := windows.GetCurrentProcessToken().GetTokenUser(); err == nil && own.User.Sid.Equals(sid) {
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
