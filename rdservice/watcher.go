package rdservice

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// The defaults of [WatchConfig].
const (
	DefaultPoll       = time.Second
	DefaultScan       = 15 * time.Second
	DefaultRetryPause = 1500 * time.Millisecond
)

// WatchConfig says how often a [Watcher] looks, and which scanner it prefers.
// The zero value suits a shop.
type WatchConfig struct {
	// Poll is how often services that are known, or were, are asked for their
	// status; 0 is [DefaultPoll].
	Poll time.Duration
	// Scan is how often all ports are probed while a scanner is ready, 0 is
	// [DefaultScan]. While none is, and for some time after one went away, it
	// is every second Poll, without the ports that never answer.
	Scan time.Duration
	// RetryPause is waited before a capture is sent again to a scanner that
	// said it was not ready yet; 0 is [DefaultRetryPause], which is what clients
	// in the field wait (rd-service.md section 7.2).
	RetryPause time.Duration
	// Prefer names the configured scanner by its serial number, device code,
	// model or vendor; "" is none.
	Prefer string
}

func (c WatchConfig) withDefaults() WatchConfig {
	if c.Poll <= 0 {
		c.Poll = DefaultPoll
	}
	if c.Scan <= 0 {
		c.Scan = DefaultScan
	}
	if c.RetryPause <= 0 {
		c.RetryPause = DefaultRetryPause
	}
	return c
}

// ChangeKind says what happened to a device.
type ChangeKind string

// The kinds of [Change].
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// Change is one change of a [Watcher]'s table. A scanner that was plugged in
// again comes as Removed and Added, as its id is another.
type Change struct {
	Kind   ChangeKind
	Device Device
}

// changesKept is how many changes wait for a subscriber before the oldest is
// dropped.
const changesKept = 64

// Watcher keeps a table of scanners current and takes captures from them, one at
// a time each. [Watcher.Run] is the only thing in it that runs by itself; all
// methods are safe for concurrent use and work without it, from the table of the
// last [Watcher.Refresh].
type Watcher struct {
	prober *prober
	client *Client
	watch  WatchConfig
	err    error
	start  time.Time     // of the monotonic clock
	wake   chan struct{} // asks Run for a look now

	mu     sync.Mutex
	table  table
	claims map[int]claim     // ports being probed
	silent map[int]bool      // ports that did not even refuse
	gone   map[int]time.Time // ports that lost their service, and when
	rescan bool              // all ports are to be probed at the next look
	listed []Device          // what Devices returns
	subs   map[chan Change]bool
}

// NewWatcher returns a Watcher with an empty table. What is wrong with cfg is
// reported by Run, Refresh and Capture.
func NewWatcher(cfg Config, watch WatchConfig) *Watcher {
	p, err := newProber(cfg.withDefaults())
	return &Watcher{
		prober: p,
		client: &Client{p, err},
		watch:  watch.withDefaults(),
		err:    err,
		start:  time.Now(),
		wake:   make(chan struct{}, 1),
		table:  table{entries: map[int]*entry{}},
		claims: map[int]claim{},
		silent: map[int]bool{},
		gone:   map[int]time.Time{},
		subs:   map[chan Change]bool{},
	}
}

// Devices returns the table from memory, the device to choose first: ready ones
// before busy ones before those that are not ready, and among equals the
// configured one, fingers before irises, then the one used last.
func (w *Watcher) Devices() []Device {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.listed)
}

// Device returns the device with that id, if it is still there.
func (w *Watcher) Device(id string) (Device, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.listed {
		if d.ID == id {
			return d, true
		}
	}
	return Device{}, false
}

// Refresh probes all ports now and returns the table. It takes one probe timeout
// at most. A port on which a capture is under way is not probed.
func (w *Watcher) Refresh(ctx context.Context) ([]Device, error) {
	if w.err != nil {
		return nil, w.err
	}
	if err := w.sweep(ctx, w.prober.ports()); err != nil {
		return nil, err
	}
	return w.Devices(), nil
}

// FirstReady returns the table as soon as a scanner in it is ready, or the
// configured one is if there is one: at once if that is so already, and at the
// latest when all ports have been probed. A silent port does not hold it up.
func (w *Watcher) FirstReady(ctx context.Context) ([]Device, error) {
	if w.err != nil {
		return nil, w.err
	}
	changes, end := w.Subscribe()
	defer end()
	if devices := w.Devices(); w.usable(devices) {
		return devices, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	var sweeping sync.WaitGroup
	defer sweeping.Wait()
	defer cancel()
	swept := make(chan error, 1)
	sweeping.Go(func() { swept <- w.sweep(ctx, w.prober.ports()) })
	for {
		select {
		case <-changes:
			if devices := w.Devices(); w.usable(devices) {
				return devices, nil
			}
		case err := <-swept:
			if err != nil {
				return nil, err
			}
			return w.Devices(), nil
		}
	}
}

// usable reports whether the device to choose is known.
func (w *Watcher) usable(devices []Device) bool {
	return len(devices) > 0 && devices[0].Status == Ready &&
		(w.watch.Prefer == "" || devices[0].answersTo(w.watch.Prefer))
}

// Subscribe returns a channel of the changes from now on, and a function that
// ends it and closes the channel. Nobody waits for a slow subscriber: it loses
// the oldest changes, and [Watcher.Devices] tells how things stand.
func (w *Watcher) Subscribe() (<-chan Change, func()) {
	ch := make(chan Change, changesKept)
	w.mu.Lock()
	w.subs[ch] = true
	w.mu.Unlock()
	return ch, sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subs, ch)
		close(ch)
	})
}

// publish works out the list anew and tells subscribers what changed. Callers
// hold w.mu.
func (w *Watcher) publish() {
	before := w.listed
	w.listed = w.table.list(before, w.watch.Prefer)
	for _, change := range differences(before, w.listed) {
		level := slog.LevelInfo
		if change.Kind == Changed {
			level = slog.LevelDebug
		}
		d := change.Device
		w.prober.cfg.Log.Log(context.Background(), level, "scanner "+string(change.Kind), "device", d.ID, "port", d.at.port,
			"vendor", d.Vendor, "model", d.Model, "status", string(d.Status))
		for ch := range w.subs {
			offer(ch, change)
		}
	}
}

// offer puts c into ch, in place of the oldest if it is full. Only the holder of
// the Watcher's lock sends, so this ends.
func offer(ch chan Change, c Change) {
	for {
		select {
		case ch <- c:
			return
		default:
		}
		select {
		case <-ch:
		default:
		}
	}
}

// lost notes that port has no service any more. Callers hold w.mu.
func (w *Watcher) lost(port int) {
	w.gone[port] = time.Now()
	w.rescan = true
	w.poke()
}

// poke asks Run for a look now.
func (w *Watcher) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
