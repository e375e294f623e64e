package service

import "context"

// Work is what a service does until ctx ends. It calls ready once, when it can
// be used.
type Work func(ctx context.Context, ready func()) error

// Events are what the system tells a running service; nil fields are ignored.
type Events struct {
	// Resumed is called when the PC wakes up, or a user logs on or switches:
	// scanners may have come or gone.
	Resumed func()
	// NetworkChanged is called when an address or a link of this PC came or went,
	// at most once a second, on a goroutine of its own and on Linux and Windows
	// only. The last call has returned when Run does.
	NetworkChanged func()
	// NetworkUnwatched is called where NetworkChanged won't be (again), with the
	// cause. The work goes on.
	NetworkUnwatched func(error)
}
