package rdservice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"biobridge/pid"
)

// settlingFor is how long after it appeared a scanner may say that it is not
// ready without being taken at its word: drivers answer -1509 or 720 for some
// seconds after a plug was put in (rd-service.md section 8).
const settlingFor = 15 * time.Second

// codeChecking is Mantra's "still checking, try again" (rd-service.md section
// 7.2). It is worth a retry whenever it comes.
const codeChecking = "-1509"

// probeEndsWithin is how long a capture waits for a probe of its scanner. A
// service that takes longer for an answer is stuck, or at something else.
const probeEndsWithin = 250 * time.Millisecond

// Capture takes one capture from the scanner with that id, as [Client.Capture]
// does. Before it asks for a finger it makes sure that the scanner is still the
// one the id was given for.
//
// A scanner that answers that it is not ready yet is asked again, until
// o.Timeout has passed: always after -1509, and after 720, its like and an empty
// identity if it appeared only a moment ago. No other answer is followed by a
// second request.
//
// Beside the errors of [Client.Capture]: [ErrGone] for an id of nobody or of
// another scanner, [ErrBusy] while another capture of this Watcher is under way
// on the scanner, [ErrNotReady] for one that is there and can't be used. Whether
// a scanner that is in use elsewhere gives way, it is asked itself.
func (w *Watcher) Capture(ctx context.Context, id string, o pid.Options) (*pid.Capture, error) {
	if w.err != nil {
		return nil, w.err
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	d, since, err := w.hold(id)
	if err != nil {
		return nil, fmt.Errorf("capture from %s: %w", id, err)
	}
	defer w.release(d.at.port)
	w.letProbeEnd(ctx, d.at.port)
	capture, err := w.captureHeld(ctx, d, o, since)
	if err != nil {
		return nil, fmt.Errorf("capture from %s: %w", id, err)
	}
	return capture, nil
}

// letProbeEnd waits a moment for a probe that was under way when the scanner was
// taken: no other begins now.
func (w *Watcher) letProbeEnd(ctx context.Context, port int) {
	w.mu.Lock()
	c, probing := w.claims[port]
	w.mu.Unlock()
	if !probing {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeEndsWithin)
	defer cancel()
	select {
	case <-c.done:
	case <-ctx.Done():
	}
}

// captureHeld asks a scanner that is held until it is ready or time is up.
func (w *Watcher) captureHeld(ctx context.Context, d Device, o pid.Options, since time.Time) (*pid.Capture, error) {
	begin := time.Now()
	for {
		capture, err := w.captureOnce(ctx, d, o)
		if err == nil || !notYet(err, since) || time.Since(begin)+w.watch.RetryPause > o.Timeout {
			return capture, err
		}
		w.prober.cfg.Log.InfoContext(ctx, "scanner not ready yet, asking again", "device", d.ID, "error", err)
		pause := time.NewTimer(w.watch.RetryPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

func (w *Watcher) captureOnce(ctx context.Context, d Device, o pid.Options) (*pid.Capture, error) {
	now, verified, err := w.confirm(ctx, d)
	if err != nil {
		return nil, err
	}
	capture, err := w.client.Capture(ctx, now, o)
	if errors.Is(err, ErrGone) {
		w.lose(d.at.port)
	}
	if err != nil {
		return nil, err
	}
	if dc := capture.Device().DC; !verified && d.DC != "" && dc != "" && dc != d.DC {
		capture.Wipe()
		return nil, fmt.Errorf("another scanner took the capture: %w", ErrGone)
	}
	return capture, nil
}

// notYet reports whether err may pass by itself in a moment.
func notYet(err error, since time.Time) bool {
	if refusal, ok := errors.AsType[*DeviceError](err); ok && refusal.Code == codeChecking {
		return true
	}
	return errors.Is(err, ErrNotReady) && time.Since(since) < settlingFor
}

// confirm makes sure that d is still the scanner its id was given for, and asks
// one that was not ready whether it is now. A service that can't say who its
// scanner is may capture unverified: then the PidData tells.
func (w *Watcher) confirm(ctx context.Context, d Device) (now Device, verified bool, err error) {
	now, verified, err = w.identifyAgain(ctx, d)
	switch {
	case errors.Is(err, ErrGone):
		w.lose(d.at.port)
		return Device{}, false, err
	case err != nil:
		return Device{}, false, err
	case verified && !d.mayBe(now):
		w.replace(now)
		return Device{}, false, fmt.Errorf("another scanner took its place: %w", ErrGone)
	case now.Status == NotReady:
		return Device{}, false, ErrNotReady
	}
	return now, verified, nil
}

// identifyAgain sends DEVICEINFO, which costs nothing on the sensor. A service
// that was not ready, and one that does not answer this, is asked for its status
// too: one that is stuck altogether is not worth a customer's finger.
func (w *Watcher) identifyAgain(ctx context.Context, d Device) (now Device, verified bool, err error) {
	if d.Status == Ready {
		id, err := within(ctx, w.prober.cfg.ProbeTimeout, func(ctx context.Context) (identity, error) { return w.prober.identity(ctx, d) })
		if err == nil {
			d.setIdentity(id)
			return d, true, nil
		}
		if errors.Is(err, ErrGone) || ctx.Err() != nil {
			return Device{}, false, err
		}
	}
	now, asked, err := w.prober.check(ctx, d, d.Status != Ready)
	if err != nil {
		return Device{}, false, err
	}
	if asked && now.asked {
		return now, true, nil
	}
	now.adoptIdentity(d)
	return now, false, nil
}

// hold keeps the scanner with that id for one capture.
func (w *Watcher) hold(id string) (d Device, since time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.table.byID(id)
	switch {
	case id == "" || e == nil:
		return Device{}, time.Time{}, ErrGone
	case w.table.held(e.device.at.port):
		return Device{}, time.Time{}, ErrBusy
	}
	e.capturing = true
	w.table.lastUsed = e.device.key()
	w.publish()
	return e.device, e.since, nil
}

// release gives the scanner on port free and has it looked at.
func (w *Watcher) release(port int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.table.entries[port]; e != nil {
		e.capturing = false
		w.publish()
	}
	w.poke()
}

// lose removes the service on port, which a capture found gone.
func (w *Watcher) lose(port int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.table.entries, port)
	w.lost(port)
	w.publish()
}

// replace enters the scanner that a capture found in another's place.
func (w *Watcher) replace(now Device) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.table.entries[now.at.port]; e != nil {
		w.table.seen(now, time.Now(), true)
		w.publish()
	}
}
