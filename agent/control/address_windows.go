package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// Address returns where the agent of a data directory is reached: a pipe whose
// name depends on the name of the directory alone, so that an agent and a client
// that share a configuration agree.
func Address(dataDir string) string { return `\\.\pipe\biobridge-` + digest(dataDir) }

// Who may open the pipe, in SDDL (MS-DTYP section 2.5.1). The system and the
// administrators may do everything; nobody may come over the network. A service's
// door is open to whoever sits at this computer (IU) for reading and writing,
// without the right to make another instance of the pipe (0x4) and catch what is
// meant for the agent.
const (
	closedPipe   = "D:P(D;;GA;;;NU)(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)"
	everyonePipe = closedPipe + "(A;;0x12019b;;;IU)"
)

// Listen opens the door at an [Address]. With everyone set all users who sit at
// this computer may connect and are told apart by who they are, as a service
// wants it; else only the user of this process, the administrators and the system.
// A pipe that is there already is [ErrInUse].
func Listen(address string, everyone bool) (net.Listener, error) {
	if taken(address) {
		return nil, ErrInUse
	}
	descriptor := closedPipe
	if everyone {
		descriptor = everyonePipe
	}
	l, err := winio.ListenPipe(address, &winio.PipeConfig{SecurityDescriptor: descriptor, InputBufferSize: 64 << 10, OutputBufferSize: 64 << 10})
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) {
		return nil, ErrInUse
	}
	if err != nil {
		return nil, fmt.Errorf("open the control pipe: %w", err)
	}
	if underWine() {
		return tieUpFirst(l, address)
	}
	return l, nil
}

// taken reports whether the pipe is there already: everything but "no such file"
// comes from somebody who has it. The system refuses a second owner as well, but
// not every Wine.
func taken(address string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	conn, err := winio.DialPipeContext(ctx, address)
	if err == nil {
		_ = conn.Close()
	}
	return !errors.Is(err, os.ErrNotExist)
}

// underWine reports whether this is no real Windows.
func underWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// tieUpFirst takes the first instance of the pipe out of the way. go-winio makes
// it only to own the name, so that clients can't reach it; Wine 8 lets them reach
// it, and the first one would wait there for ever.
func tieUpFirst(l net.Listener, address string) (net.Listener, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	first, err := winio.DialPipeContext(ctx, address)
	if err != nil { // a Wine that does as Windows does
		return l, nil
	}
	return &tiedUp{l, first}, nil
}

type tiedUp struct {
	net.Listener
	first net.Conn
}

func (t *tiedUp) Close() error {
	return errors.Join(t.Listener.Close(), t.first.Close())
}

// dial opens the pipe, lends the server this user's identity for nothing but
// being told apart, and makes sure whose pipe it is: its name can be foreseen, and
// whoever makes it first is asked for everything.
func dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := winio.DialPipeAccessImpLevel(ctx, address, windows.GENERIC_READ|windows.GENERIC_WRITE, winio.PipeImpLevelIdentification)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrNotRunning
	case errors.Is(err, os.ErrPermission):
		return nil, ErrNotAllowed
	case err != nil:
		return nil, fmt.Errorf("open the control pipe: %w", err)
	}
	if err := checkOwner(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := conn.Write([]byte{greeting}); err != nil {
		return nil, errors.Join(fmt.Errorf("greet the agent: %w", err), conn.Close())
	}
	return conn, nil
}

// serviceAccount is the account that the installed service runs as.
const serviceAccount = `NT SERVICE\biobridge`

// errForeignPipe says that somebody else has taken the agent's place.
var errForeignPipe = errors.New("another user of this computer has taken biobridge's place: tell whoever looks after this computer")

// checkOwner refuses a pipe that belongs to neither the service, the system, the
// administrators nor this user. Wine says of every pipe that it is a group's.
func checkOwner(conn net.Conn) error {
	if underWine() {
		return nil
	}
	pipe, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return errors.New("the control door is a named pipe")
	}
	descriptor, err := windows.GetSecurityInfo(windows.Handle(pipe.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("ask whose the control pipe is: %w", err)
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return fmt.Errorf("ask whose the control pipe is: %w", err)
	}
	if isOwn(owner) || owner.IsWellKnown(windows.WinLocalSystemSid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) {
		return nil
	}
	if service, _, _, err := windows.LookupSID("", serviceAccount); err == nil && service.Equals(owner) {
		return nil
	}
	return fmt.Errorf("%w (it belongs to %s)", errForeignPipe, owner)
}
