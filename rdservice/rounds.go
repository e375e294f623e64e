package rdservice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// identifyEvery is how often the scanner behind a known service is asked
	// for, so that one that was swapped in a blink is noticed.
	identifyEvery = 5 * time.Second
	// identifyAfterFailure is the same for a service that could not say; while
	// it is asked, its status is not.
	identifyAfterFailure = 30 * time.Second
	// eagerFor is how long all ports are probed often after a service went
	// away: a driver that restarts may come back on another port.
	eagerFor = 30 * time.Second
	// rememberFor is how long a port that lost its service is polled like a
	// known one.
	rememberFor = 5 * time.Minute
)

// Run keeps the table current until ctx ends, then returns nil. It returns at
// once what is wrong with the configuration. One Run at a time.
func (w *Watcher) Run(ctx context.Context) error {
	if w.err != nil {
		return w.err
	}
	ctx, cancel := context.WithCancel(ctx)
	var rounds sync.WaitGroup
	defer rounds.Wait()
	defer cancel()

	ticker := time.NewTicker(w.watch.Poll)
	defer ticker.Stop()
	s := schedule{rare: w.watch.Scan, often: 2 * w.watch.Poll}
	for {
		w.look(ctx, &s, &rounds)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-w.wake:
		}
	}
}

// look starts what is due. None of it is waited for, as one silent port must not
// keep the others from being asked; a port that is being probed is left out.
func (w *Watcher) look(ctx context.Context, s *schedule, rounds *sync.WaitGroup) {
	now := time.Since(w.start)
	woke := s.woke(w.prober.cfg.Now(), now)
	if woke {
		w.prober.cfg.Log.Info("clock jumped: looking for scanners anew")
		w.doubt()
	}
	all, some := s.due(now, w.takeRescan() || woke, w.eager())
	switch {
	case all:
		rounds.Go(func() { w.sweep(ctx, w.prober.ports()) })
	case some:
		rounds.Go(func() { w.sweep(ctx, w.answering()) })
	}
	for _, port := range w.lately() {
		rounds.Go(func() { w.poll(ctx, port) })
	}
}

// schedule decides when all ports are probed. Times are of the monotonic clock.
type schedule struct {
	rare, often   time.Duration // between two sweeps
	lastAll, last time.Duration
	begun         bool
	wallThen      time.Time
	monotonicThen time.Duration
}

// clockSlack is how far the two clocks may drift apart between two looks. A
// correction of the time of day by more is taken for a sleep, at the cost of one
// sweep.
const clockSlack = 3 * time.Second

// woke reports whether the time of day ran on without the monotonic clock, which
// stands still while a computer sleeps.
func (s *schedule) woke(wall time.Time, monotonic time.Duration) bool {
	wall = wall.Round(0)
	jump := wall.Sub(s.wallThen) - (monotonic - s.monotonicThen)
	first := s.wallThen.IsZero()
	s.wallThen, s.monotonicThen = wall, monotonic
	return !first && jump.Abs() > clockSlack
}

// due reports whether it is time to probe all ports, or those of them that
// usually answer.
func (s *schedule) due(now time.Duration, atOnce, eager bool) (all, some bool) {
	switch {
	case !s.begun, atOnce, now-s.lastAll >= s.rare:
		s.begun, s.lastAll, s.last = true, now, now
		return true, false
	case eager && now-s.last >= s.often:
		s.last = now
		return false, true
	}
	return false, false
}

// takeRescan reports whether all ports are to be probed because a service went
// away, once.
func (w *Watcher) takeRescan() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	rescan := w.rescan
	w.rescan = false
	return rescan
}

// eager reports whether somebody may be waiting for a scanner to appear.
func (w *Watcher) eager() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, since := range w.gone {
		if time.Since(since) < eagerFor {
			return true
		}
	}
	return len(w.listed) == 0 || w.listed[0].Status != Ready
}

// doubt has every scanner identified at the next look.
func (w *Watcher) doubt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.table.entries {
		e.identifyAt = time.Time{}
	}
}

// answering returns the ports that answered or refused when last probed.
func (w *Watcher) answering() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ports []int
	for _, p := range w.prober.ports() {
		if !w.silent[p] {
			ports = append(ports, p)
		}
	}
	return ports
}

// lately returns the ports that have a service or had one not long ago.
func (w *Watcher) lately() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ports []int
	for p := range w.table.entries {
		ports = append(ports, p)
	}
	for p, since := range w.gone {
		if time.Since(since) > rememberFor {
			delete(w.gone, p)
			continue
		}
		ports = append(ports, p)
	}
	return ports
}

// poll asks one port that has or had a service.
func (w *Watcher) poll(ctx context.Context, port int) {
	c, known, identify, ok := w.claimOne(port)
	if !ok {
		return
	}
	defer w.unclaim(c)
	f, asked := finding{port: port}, true
	if known.ID == "" {
		f.device, f.err = w.prober.probePort(ctx, port)
	} else {
		f.device, asked, f.err = w.prober.check(ctx, known, identify)
	}
	if ctx.Err() == nil {
		w.observe(f, asked)
	}
}

// sweep probes ports and enters what they say as it comes. It also waits for
// those that somebody else is probing at the moment, but not for longer than a
// probe of its own would take.
func (w *Watcher) sweep(ctx context.Context, ports []int) error {
	claims, others := w.claim(ports)
	err := w.prober.scan(ctx, slices.Collect(maps.Keys(claims)), func(f finding) {
		if ctx.Err() == nil {
			w.observe(f, true)
		}
		// At once, and never while waiting below: others wait for this.
		w.unclaim(claims[f.port])
	})
	for _, c := range claims {
		w.unclaim(c)
	}
	waiting, cancel := context.WithTimeout(ctx, w.prober.cfg.ProbeTimeout)
	defer cancel()
	for _, other := range others {
		select {
		case <-other.done:
		case <-waiting.Done():
		}
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("look for rd services: %w", err)
	}
	return nil
}

// claim is the right to probe a port. At any time one goroutine has it, so that
// what is entered last was said last.
type claim struct {
	port int
	done chan struct{}
}

// claim takes those of ports that nobody probes or captures from, and returns
// the claims of others on the rest.
func (w *Watcher) claim(ports []int) (claims map[int]claim, others []claim) {
	w.mu.Lock()
	defer w.mu.Unlock()
	claims = map[int]claim{}
	for _, p := range ports {
		if other, probing := w.claims[p]; probing {
			others = append(others, other)
		} else if !w.table.held(p) {
			claims[p] = w.newClaim(p)
		}
	}
	return claims, others
}

// claimOne takes one port for polling and returns what is known of it, the zero
// Device if nothing is, and whether its scanner is to be identified.
func (w *Watcher) claimOne(port int) (c claim, known Device, identify, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, probing := w.claims[port]; probing || w.table.held(port) {
		return claim{}, Device{}, false, false
	}
	if e := w.table.entries[port]; e != nil {
		known, identify = e.device, !time.Now().Before(e.identifyAt)
	}
	return w.newClaim(port), known, identify, true
}

func (w *Watcher) newClaim(port int) claim {
	c := claim{port, make(chan struct{})}
	w.claims[port] = c
	return c
}

// unclaim gives a claim back. Giving it back again does nothing.
func (w *Watcher) unclaim(c claim) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.claims[c.port] == c {
		close(c.done)
		delete(w.claims, c.port)
	}
}

// observe enters what a probe found.
func (w *Watcher) observe(f finding, asked bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.table.held(f.port) {
		// A capture began meanwhile: what the port said before is old, and
		// what it says now is about that capture.
		return
	}
	if f.err == nil {
		delete(w.silent, f.port)
		delete(w.gone, f.port)
		w.table.seen(f.device, time.Now(), asked)
		w.publish()
		return
	}
	w.silent[f.port] = errors.Is(f.err, ErrTimeout)
	if w.table.failed(f.port, errors.Is(f.err, ErrGone), errors.Is(f.err, ErrUnusable)) {
		w.lost(f.port)
	}
	w.publish()
}
