package ekosim

import (
	"log/slog"
	"time"
)

// Options say what the simulator is like. The zero value is a simulator with
// the credentials, banks, merchants and accounts of this package.
type Options struct {
	// Seed decides everything that is left to chance: the same seed and the
	// same requests give the same answers, byte for byte but for times.
	Seed uint64
	// Clock is the simulator's time; nil is time.Now.
	Clock func() time.Time
	// Tolerance is how far secret-key-timestamp may be from the clock, either
	// way; 0 is five minutes. Eko publishes no figure.
	Tolerance time.Duration
	Log       *slog.Logger
}
