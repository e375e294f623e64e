package rdservice

import (
	"context"

	"biobridge/pid"
)

// Client asks services that were found. It is safe for concurrent use.
type Client struct{ cfg Config }

// NewClient returns a Client.
func NewClient(cfg Config) *Client { return &Client{cfg.withDefaults()} }

// Info asks who the scanner is.
func (c *Client) Info(ctx context.Context, d Device) (Device, error) { return d, ctx.Err() }

// Capture takes one capture.
func (c *Client) Capture(ctx context.Context, d Device, o pid.Options) (*pid.Capture, error) {
	return nil, ErrGone
}
