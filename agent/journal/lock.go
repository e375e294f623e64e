package journal

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// lock is the exclusive right to a journal file for the life of the process.
// The holder's number stands in a second file, because Windows lets nobody read
// a file that is locked.
type lock struct {
	flock  *flock.Flock
	holder string
}

// acquire takes the lock beside path or says who has it. The operating system
// gives it back when the process ends, however it ends.
func acquire(path string) (*lock, error) {
	l := &lock{flock: flock.New(path+".lock", flock.SetPermissions(0o600)), holder: path + ".holder"}
	ok, err := l.flock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the journal: %w: %w", ErrUnwritable, err)
	}
	if !ok {
		return nil, &LockedError{Path: path, PID: readHolder(l.holder)}
	}
	if err := os.WriteFile(l.holder, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		l.flock.Unlock()
		return nil, fmt.Errorf("write the holder of the journal: %w: %w", ErrUnwritable, err)
	}
	return l, nil
}

func readHolder(path string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// release gives the lock back. The lock file itself stays: removing it would
// let two processes lock two different files of the same name.
func (l *lock) release() error {
	os.Remove(l.holder)
	return l.flock.Unlock()
}
