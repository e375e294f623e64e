package journal

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Conditions that callers branch on.
var (
	// ErrNotFound: no transaction has this reference.
	ErrNotFound = errors.New("no such transaction")
	// ErrDuplicate: the reference is taken; see [DuplicateError].
	ErrDuplicate = errors.New("the reference is taken")
	// ErrTransition: the change of state is not one that the life of money allows.
	ErrTransition = errors.New("this change of state is not allowed")
	// ErrReplay: the capture was already used for another call.
	ErrReplay = errors.New("the capture was already used")
	// ErrDayLimit: this Aadhaar holder has had the day's withdrawals.
	ErrDayLimit = errors.New("the day's withdrawals of this Aadhaar number are used up")
	// ErrRepeat: the same withdrawal was made a moment ago; see [RepeatError].
	ErrRepeat = errors.New("the same withdrawal was made a moment ago")
	// ErrLocked: another process holds the journal; see [LockedError].
	ErrLocked = errors.New("the journal is held by another process")
	// ErrCorrupt: the file is damaged; see [CorruptError].
	ErrCorrupt = errors.New("the journal is damaged")
	// ErrDamaged: a damaged journal was set aside and nobody has accepted that yet.
	ErrDamaged = errors.New("a damaged journal waits for a decision")
	// ErrUnwritable: the disk is full, read-only or failing.
	ErrUnwritable = errors.New("the journal cannot be written")
	// ErrNewer: a newer program wrote the file, in a way that this one can't read.
	ErrNewer = errors.New("the journal was written by a newer version")
	// ErrForeign: the file is a database, but not this program's.
	ErrForeign = errors.New("the file is not a journal")
	// ErrCursor: a cursor that [Journal.List] did not hand out.
	ErrCursor = errors.New("unknown cursor")
)

// DuplicateError carries the transaction that already has the reference; it is
// empty where Eko knows another transaction under it.
type DuplicateError struct{ Existing Record }

func (e *DuplicateError) Error() string { return ErrDuplicate.Error() }

// Is reports whether target is [ErrDuplicate].
func (e *DuplicateError) Is(target error) bool { return target == ErrDuplicate }

// RepeatError carries the earlier withdrawal of the same Aadhaar number, bank
// and amount.
type RepeatError struct{ Previous Record }

func (e *RepeatError) Error() string { return ErrRepeat.Error() }

// Is reports whether target is [ErrRepeat].
func (e *RepeatError) Is(target error) bool { return target == ErrRepeat }

// LockedError names the process that holds the journal; PID is 0 where it
// could not be read.
type LockedError struct {
	Path string
	PID  int
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: %v", e.Path, ErrLocked)
	}
	return fmt.Sprintf("%s: the journal is held by process %d", e.Path, e.PID)
}

// Is reports whether target is [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// CorruptError says what SQLite found.
type CorruptError struct {
	Path   string
	Detail string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s: the journal is damaged: %s", e.Path, e.Detail)
}

// Is reports whether target is [ErrCorrupt].
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// classify turns SQLite's result codes into the sentinels above, keeping the
// original error in the chain. Damage that shows while the journal is in use is
// remembered, so that no more money is begun.
func (j *Journal) classify(err error) error {
	if err == nil {
		return nil
	}
	se, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		err = fmt.Errorf("%w: %w", &CorruptError{Path: j.path, Detail: se.Error()}, err)
		if j.inUse.Load() {
			j.markDamaged(err)
		}
		return err
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return err
}

// uniqueViolation reports whether err is a refused second key.
func uniqueViolation(err error) bool {
	se, ok := errors.AsType[*sqlite.Error](err)
	return ok && (se.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || se.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
