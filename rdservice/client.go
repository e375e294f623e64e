package rdservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"biobridge/pid"
)

// Client asks services that a [Finder] or a [Watcher] found. It is safe for
// concurrent use, but a scanner takes one capture at a time; only a [Watcher]
// sees to that.
type Client struct {
	prober *prober
	err    error
}

// NewClient returns a Client. What is wrong with cfg is reported when it is used.
func NewClient(cfg Config) *Client {
	p, err := newProber(cfg.withDefaults())
	return &Client{p, err}
}

// Info asks the service who its scanner is and returns d with the answer filled
// in. A service that names no scanner is no error: it is [NotReady].
//
// Errors are [ErrGone], [ErrTimeout], [ErrUnusable] or the context's own.
func (c *Client) Info(ctx context.Context, d Device) (Device, error) {
	if c.err != nil {
		return Device{}, c.err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.prober.cfg.InfoTimeout, ErrTimeout)
	defer cancel()
	id, err := c.prober.identity(ctx, d)
	if err != nil {
		return Device{}, fmt.Errorf("identify scanner: %w", err)
	}
	d.setIdentity(id)
	return d, nil
}

// Capture asks the scanner for one capture and waits for it: for the finger, at
// most o.Timeout and [Config].CaptureGrace. When ctx ends it closes the
// connection, and with that the driver gives the scanner free.
//
// Errors are a *[DeviceError] where the scanner itself refused, [ErrGone],
// [ErrTimeout], [ErrUnusable], o's own or the context's. The caller owns the
// capture and wipes it.
func (c *Client) Capture(ctx context.Context, d Device, o pid.Options) (*pid.Capture, error) {
	if c.err != nil {
		return nil, c.err
	}
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout+c.prober.cfg.CaptureGrace, ErrTimeout)
	defer cancel()
	a, err := c.sendCapture(ctx, d, o.XML())
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	defer clear(a.body)
	capture, err := pid.Parse(a.body)
	if err != nil {
		return nil, fmt.Errorf("capture: %w: %w", err, ErrUnusable)
	}
	if refusal, ok := errors.AsType[*pid.RespError](capture.Err()); ok {
		vendor := pid.Vendor(capture.Device())
		if vendor == "" {
			vendor = d.Vendor
		}
		capture.Wipe()
		return nil, fmt.Errorf("capture: %w", newDeviceError(refusal.Code, refusal.Info, vendor))
	}
	return capture, nil
}

// sendCapture sends CAPTURE where the service wants it. Where it advertised
// nothing, or a path it does not know, the usual paths are tried: an HTTP status
// of that kind proves that no capture was begun.
func (c *Client) sendCapture(ctx context.Context, d Device, options []byte) (answer, error) {
	status := 0
	for _, path := range candidates(d.paths.capture, capturePaths) {
		a, err := c.prober.wire.exchange(ctx, d.at, methodCapture, path, options)
		if err != nil {
			return answer{}, err
		}
		if a.status == http.StatusOK {
			return a, nil
		}
		clear(a.body)
		if status != http.StatusMethodNotAllowed {
			status = a.status
		}
		if a.status != http.StatusNotFound && (a.status != http.StatusMethodNotAllowed || path == d.paths.capture) {
			break
		}
	}
	if status == http.StatusMethodNotAllowed {
		return answer{}, newDeviceError(CodeHTTP405, "", d.Vendor)
	}
	return answer{}, fmt.Errorf("HTTP status %d: %w", status, ErrUnusable)
}
