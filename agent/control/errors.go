package control

import (
	"errors"

	"biobridge/agent/contract"
)

// Error is a refusal or a failure as the client sees it.
type Error struct {
	Code    contract.Code `json:"code"`
	Message string        `json:"message"`
	Remedy  string        `json:"remedy,omitempty"`
}

func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.Message
	}
	return e.Message + " " + e.Remedy
}

// ErrNotRunning means that nobody answers at the address: the agent isn't
// running, or runs with another data directory.
var ErrNotRunning = errors.New("biobridge is not running here: start it with \"biobridge service start\" (or \"biobridge run\"), or name its configuration with --config")

// ErrInUse means that another agent answers at the address.
var ErrInUse = errors.New("another biobridge is already running on this data directory")

// ErrNotAllowed means that somebody answers at the address and this user may not
// talk to him.
var ErrNotAllowed = errors.New("biobridge runs here for another user: ask as that user or as an administrator")
