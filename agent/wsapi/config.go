package wsapi

import (
	"log/slog"
	"time"

	"biobridge/agent/locale"
)

// Protocol is the version of the WebSocket API. It grows when a page could
// notice; additions alone don't raise it.
const Protocol = 1

// Config is what a [Server] is made of. Agent must be there; everything else has
// a working zero value.
type Config struct {
	Agent Backend
	// Origins is the list of pages that may connect; [Server.SetOrigins] changes
	// it later.
	Origins []Origin
	// Approvals asks the local user about pages that are not on the list. Nil:
	// nobody is asked.
	Approvals *Approvals
	// Users limits which users of this computer may have a page connected.
	Users Users
	// Catalogue has the languages; nil speaks English.
	Catalogue *locale.Catalogue
	// Version is the bridge's, for bridge.hello.
	Version string
	// Environment is "simulated", "uat" or "production".
	Environment string
	Limits      Limits
	// Asking is told how many browsers seem to be asking their user for
	// permission, whenever that changes. It must not block.
	Asking func(count int)
	// Log gets no parameter of any call; nil discards.
	Log *slog.Logger
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	c.Limits = c.Limits.withDefaults()
	if c.Environment == "" {
		c.Environment = "simulated"
	}
	if c.Asking == nil {
		c.Asking = func(int) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Page is an origin with open connections under one user.
type Page struct {
	Origin, User string
	Connections  int
}
