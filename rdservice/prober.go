package rdservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// headStart is how long a port that may speak both schemes is left alone with
// the plain one. A TLS service answers plain HTTP with an error in well under
// that, and a hanging one must not cost two time limits one after the other.
const headStart = 200 * time.Millisecond

// The paths to try where a service does not say, or says what it does not mean
// (rd-service.md sections 2 and 2.1).
var (
	servicePaths = []string{"/", "/rd/info"}
	infoPaths    = []string{"/rd/info", "/getDeviceInfo"}
	capturePaths = []string{"/rd/capture", "/capture"}
)

// prober asks ports what is behind them.
type prober struct {
	cfg  Config
	wire *wire
}

func newProber(cfg Config) (*prober, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("rd services: %w", err)
	}
	w, err := newWire(cfg)
	if err != nil {
		return nil, fmt.Errorf("rd services: %w", err)
	}
	return &prober{cfg, w}, nil
}

// ports returns every configured port once.
func (p *prober) ports() []int {
	all := slices.Clone(p.cfg.HTTPPorts)
	for _, port := range p.cfg.HTTPSPorts {
		if !slices.Contains(all, port) {
			all = append(all, port)
		}
	}
	return all
}

// finding is what was found on one port: a device or the reason why not.
type finding struct {
	port   int
	device Device
	err    error
}

// scan probes ports side by side and gives each finding as soon as it is known.
// It calls found from this goroutine only, and returns when all ports are done
// or ctx has ended, with the context's cause.
func (p *prober) scan(ctx context.Context, ports []int, found func(finding)) error {
	ctx, cancel := context.WithCancel(ctx)
	var probes sync.WaitGroup
	defer probes.Wait()
	defer cancel()

	queue := make(chan int, len(ports))
	for _, port := range ports {
		queue <- port
	}
	close(queue)
	findings := make(chan finding, len(ports))
	for range min(p.cfg.Parallel, len(ports)) {
		probes.Go(func() {
			for port := range queue {
				device, err := p.probePort(ctx, port)
				findings <- finding{port, device, err}
			}
		})
	}
	for range ports {
		select {
		case f := <-findings:
			found(f)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	// What was found while ctx ended may be the end's doing.
	return context.Cause(ctx)
}

// probePort asks one port by each scheme it is configured for, all within one
// probe timeout.
func (p *prober) probePort(ctx context.Context, port int) (Device, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.cfg.ProbeTimeout, ErrTimeout)
	defer cancel()
	plain, secure := endpoint{"http", port}, endpoint{"https", port}
	switch {
	case !slices.Contains(p.cfg.HTTPSPorts, port):
		return p.probe(ctx, plain)
	case !slices.Contains(p.cfg.HTTPPorts, port):
		return p.probe(ctx, secure)
	}
	return p.probeBoth(ctx, plain, secure)
}

// probeBoth asks by first, and by second when first has failed or is silent.
func (p *prober) probeBoth(ctx context.Context, first, second endpoint) (Device, error) {
	ctx, cancel := context.WithCancel(ctx)
	var probes sync.WaitGroup
	defer probes.Wait()
	defer cancel()

	findings := make(chan finding, 2)
	ask := func(at endpoint) {
		probes.Go(func() {
			device, err := p.probe(ctx, at)
			findings <- finding{at.port, device, err}
		})
	}
	ask(first)
	silent := time.NewTimer(headStart)
	defer silent.Stop()
	var failures []error
	for asked := 1; ; {
		select {
		case f := <-findings:
			// A closed port is closed to both schemes.
			if f.err == nil || errors.Is(f.err, errRefused) {
				return f.device, f.err
			}
			failures = append(failures, f.err)
			if len(failures) == 2 {
				return Device{}, errors.Join(failures...)
			}
		case <-silent.C:
		}
		if asked == 1 {
			asked = 2
			ask(second)
		}
	}
}

// probe asks one endpoint for its service and, in what is left of the time, for
// its scanner. A service that answers RDSERVICE only is a device all the same.
func (p *prober) probe(ctx context.Context, at endpoint) (Device, error) {
	s, err := p.service(ctx, at)
	if err != nil {
		return Device{}, err
	}
	d := Device{ID: newID(), at: at}
	d.setService(s)
	id, err := p.identity(ctx, d)
	if err != nil {
		p.cfg.Log.DebugContext(ctx, "scanner not identified", "port", at.port, "error", err)
		return d, nil
	}
	d.setIdentity(id)
	return d, nil
}

// check asks a known endpoint again: always for its status, and for its scanner
// if that is wanted or the status changed. It reports whether DEVICEINFO was
// asked, and in the device whether it was answered.
func (p *prober) check(ctx context.Context, d Device, identify bool) (now Device, asked bool, err error) {
	s, err := within(ctx, p.cfg.ProbeTimeout, func(ctx context.Context) (service, error) { return p.service(ctx, d.at) })
	if err != nil {
		return Device{}, false, err
	}
	before := d.Status
	d.setService(s)
	if !identify && d.Status == before {
		return d, false, nil
	}
	id, err := within(ctx, p.cfg.InfoTimeout, func(ctx context.Context) (identity, error) { return p.identity(ctx, d) })
	switch {
	case err == nil:
		d.setIdentity(id)
	case errors.Is(err, ErrGone):
		return Device{}, true, err
	default:
		d.asked = false
	}
	return d, true, nil
}

// within calls ask with a time limit of its own.
func within[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrTimeout)
	defer cancel()
	return ask(ctx)
}

// service sends RDSERVICE.
func (p *prober) service(ctx context.Context, at endpoint) (service, error) {
	return askAny(ctx, p.wire, at, methodService, servicePaths, parseService)
}

// identity sends DEVICEINFO.
func (p *prober) identity(ctx context.Context, d Device) (identity, error) {
	return askAny(ctx, p.wire, d.at, methodInfo, candidates(d.paths.info, infoPaths), parseIdentity)
}

// candidates returns the path that a service advertised, if any, and the usual
// ones.
func candidates(advertised string, usual []string) []string {
	if advertised == "" {
		return usual
	}
	others := slices.DeleteFunc(slices.Clone(usual), func(p string) bool { return p == advertised })
	return append([]string{advertised}, others...)
}

// askAny sends a method that changes nothing to one path after the other, until
// an answer is understood.
func askAny[T any](ctx context.Context, w *wire, at endpoint, method string, paths []string, parse func([]byte) (T, error)) (T, error) {
	var none T
	var failure error
	for _, path := range paths {
		a, err := w.exchange(ctx, at, method, path, nil)
		switch {
		case errors.Is(err, errNotHTTP), err != nil && !errors.Is(err, ErrUnusable):
			return none, err
		case err == nil && a.status != http.StatusOK:
			err = fmt.Errorf("%s on port %d: HTTP status %d: %w", method, at.port, a.status, ErrUnusable)
		case err == nil:
			var parsed T
			if parsed, err = parse(a.body); err == nil {
				return parsed, nil
			}
			err = fmt.Errorf("%s on port %d: %w", method, at.port, err)
		}
		failure = errors.Join(failure, err)
	}
	return none, failure
}
