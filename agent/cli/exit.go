package cli

import (
	"errors"
	"fmt"
)

// The exit codes of every command. A verdict is an answer, so "no" has a code
// of its own beside "could not ask".
const (
	ExitOK       = 0
	ExitNo       = 1 // the answer is no, or the work failed
	ExitUnusable = 2 // the arguments can't be used
)

// ExitError carries the code a command ends with. A nil Err means that the
// command has said all there is to say.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *ExitError) Unwrap() error { return e.Err }

// ExitCode returns the process's exit code for what a command returned.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if e, ok := errors.AsType[*ExitError](err); ok {
		return e.Code
	}
	return ExitNo
}

// unusable says that the arguments can't be used, and why.
func unusable(format string, args ...any) error {
	return &ExitError{Code: ExitUnusable, Err: fmt.Errorf(format, args...)}
}

// Message returns what is to be said about err, "" where a command has said it
// itself.
func Message(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*ExitError](err); ok && e.Err == nil {
		return ""
	}
	return err.Error()
}
