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
}
