package rdservice

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Finder looks for RD services on the configured ports. It keeps nothing
// between two calls and is safe for concurrent use.
type Finder struct {
	prober *prober
	err    error
}

// NewFinder returns a Finder. What is wrong with cfg is reported when it is
// used; [Config.Validate] tells before.
func NewFinder(cfg Config) *Finder {
	p, err := newProber(cfg.withDefaults())
	return &Finder{p, err}
}

// Find returns every service, the ready ones first, then in the order of ports.
// A scanner that is reached by two doors is listed once. It takes one probe
// timeout at most, unless more ports than [Config].Parallel are silent.
//
// The error is ctx's, or says what is wrong with the configuration.
func (f *Finder) Find(ctx context.Context) ([]Device, error) {
	var devices []Device
	err := f.find(ctx, func(d Device) { devices = merge(devices, d) })
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(devices, func(a, b Device) int {
		return cmp.Or(cmp.Compare(a.Status.rank(), b.Status.rank()), cmp.Compare(a.at.port, b.at.port))
	})
	return devices, nil
}

// FindEach gives each scanner as soon as it is known, from the calling
// goroutine, and returns when all ports are done. One that is reached by two
// doors is given once, by the door that answered first.
func (f *Finder) FindEach(ctx context.Context, found func(Device)) error {
	var given []Device
	return f.find(ctx, func(d Device) {
		if !slices.ContainsFunc(given, func(g Device) bool { return sameScanner(g, d) }) {
			given = append(given, d)
			found(d)
		}
	})
}

func (f *Finder) find(ctx context.Context, found func(Device)) error {
	if f.err != nil {
		return f.err
	}
	err := f.prober.scan(ctx, f.prober.ports(), func(x finding) {
		if x.err != nil {
			f.prober.cfg.Log.DebugContext(ctx, "no rd service", "port", x.port, "error", x.err)
			return
		}
		found(x.device)
	})
	if err != nil {
		return fmt.Errorf("look for rd services: %w", err)
	}
	return nil
}

// merge adds d to devices, unless its scanner is there already by a door that
// is as good.
func merge(devices []Device, d Device) []Device {
	for i, known := range devices {
		if !sameScanner(known, d) {
			continue
		}
		if betterDoor(d, known) {
			devices[i] = d
		}
		return devices
	}
	return append(devices, d)
}
