package rdservice

import (
	"context"
	"time"

	"biobridge/pid"
)

// WatchConfig says how often a Watcher looks, and which scanner it prefers.
type WatchConfig struct {
	// Poll is how often known ports are asked, 0 is one second.
	Poll time.Duration
	// Scan is how often the whole range is, 0 is 15 seconds.
	Scan time.Duration
	// Prefer names the configured scanner by serial number, device code,
	// model or vendor; "" is none.
	Prefer string
}

// ChangeKind says what happened to a device.
type ChangeKind string

// The kinds of a Change.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// Change is one change of the table.
type Change struct {
	Kind   ChangeKind
	Device Device
}

// Watcher keeps a table of devices current.
type Watcher struct {
	cfg Config
}

// NewWatcher returns a Watcher.
func NewWatcher(cfg Config, watch WatchConfig) *Watcher { return &Watcher{cfg: cfg.withDefaults()} }

// Run keeps the table current until ctx ends.
func (w *Watcher) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Devices returns the table.
func (w *Watcher) Devices() []Device { return nil }

// Refresh scans now.
func (w *Watcher) Refresh(ctx context.Context) ([]Device, error) { return nil, ctx.Err() }

// Device returns the device with that id.
func (w *Watcher) Device(id string) (Device, bool) { return Device{}, false }

// Capture takes one capture.
func (w *Watcher) Capture(ctx context.Context, id string, o pid.Options) (*pid.Capture, error) {
	return nil, ErrGone
}

// Subscribe returns a channel of changes and a function that ends it.
func (w *Watcher) Subscribe() (<-chan Change, func()) {
	ch := make(chan Change)
	return ch, func() {}
}
