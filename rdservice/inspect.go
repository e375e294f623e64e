package rdservice

import (
	"context"
	"errors"
	"fmt"
)

// maxShown is how large an answer may be to be shown. Honest ones stay under 8 kB.
const maxShown = 64 << 10

// Inspection is what a service answered, as it was sent.
type Inspection struct {
	// Service is the answer to RDSERVICE.
	Service string
	// Info is the answer to DEVICEINFO; "" where none came that can be understood.
	Info string
}

// Inspect asks the service of the scanner with that id for its status and its
// scanner and returns both answers unread. It takes no finger. Only documents
// that are an RD service's are returned, so that whoever may call this can't read
// what else listens on this computer.
//
// Errors are [ErrGone] for an id of nobody or of another scanner, [ErrBusy] while
// a capture of this Watcher is under way on it, [ErrTimeout], [ErrUnusable] or
// the context's own.
func (w *Watcher) Inspect(ctx context.Context, id string) (Inspection, error) {
	if w.err != nil {
		return Inspection{}, w.err
	}
	d, c, err := w.claimByID(ctx, id)
	if err != nil {
		return Inspection{}, fmt.Errorf("inspect %s: %w", id, err)
	}
	defer w.unclaim(c)
	in, err := w.prober.inspect(ctx, d)
	if errors.Is(err, ErrGone) {
		w.poke()
	}
	if err != nil {
		return Inspection{}, fmt.Errorf("inspect %s: %w", id, err)
	}
	return in, nil
}

// claimByID takes the port of the scanner with that id, once nobody probes it.
func (w *Watcher) claimByID(ctx context.Context, id string) (Device, claim, error) {
	for {
		d, taken, probing, err := w.tryClaimByID(id)
		if err != nil || !probing {
			return d, taken, err
		}
		select {
		case <-taken.done:
		case <-ctx.Done():
			return Device{}, claim{}, context.Cause(ctx)
		}
	}
}

// tryClaimByID returns the claim that was taken, or another's while that one is
// probing.
func (w *Watcher) tryClaimByID(id string) (d Device, c claim, probing bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.table.byID(id)
	if id == "" || e == nil {
		return Device{}, claim{}, false, ErrGone
	}
	if w.table.held(e.device.at.port) {
		return Device{}, claim{}, false, ErrBusy
	}
	if other, probing := w.claims[e.device.at.port]; probing {
		return Device{}, other, true, nil
	}
	return e.device, w.newClaim(e.device.at.port), false, nil
}

// shown is an answer with what it says.
type shown[T any] struct {
	text   string
	parsed T
}

// inspect sends RDSERVICE and DEVICEINFO to the service of d. A scanner that took
// d's place is [ErrGone].
func (p *prober) inspect(ctx context.Context, d Device) (Inspection, error) {
	s, err := within(ctx, p.cfg.ProbeTimeout, func(ctx context.Context) (shown[service], error) {
		return askAny(ctx, p.wire, d.at, methodService, servicePaths, showing(parseService))
	})
	if err != nil {
		return Inspection{}, err
	}
	now := d
	now.setService(s.parsed)
	id, err := within(ctx, p.cfg.InfoTimeout, func(ctx context.Context) (shown[identity], error) {
		return askAny(ctx, p.wire, d.at, methodInfo, candidates(now.paths.info, infoPaths), showing(parseIdentity))
	})
	switch {
	case ctx.Err() != nil:
		return Inspection{}, context.Cause(ctx)
	case errors.Is(err, ErrGone):
		return Inspection{}, err
	case err != nil:
		p.cfg.Log.DebugContext(ctx, "scanner not identified", "port", d.at.port, "error", err)
		return Inspection{Service: s.text}, nil
	}
	if now.setIdentity(id.parsed); !d.mayBe(now) {
		return Inspection{}, fmt.Errorf("another scanner took its place: %w", ErrGone)
	}
	return Inspection{Service: s.text, Info: id.text}, nil
}

// showing is parse that keeps the text, if it is short enough to be shown.
func showing[T any](parse func([]byte) (T, error)) func([]byte) (shown[T], error) {
	return func(raw []byte) (shown[T], error) {
		if len(raw) > maxShown {
			return shown[T]{}, fmt.Errorf("larger than %d bytes: %w", maxShown, ErrUnusable)
		}
		parsed, err := parse(raw)
		return shown[T]{string(raw), parsed}, err
	}
}
