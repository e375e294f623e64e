package eko

import (
	"net/http"
	"sync"
	"time"
)

// Limits of the clock. Eko publishes no tolerance (eko-api.md section 2.5).
const (
	// WarnSkew is the skew above which the user should be told.
	WarnSkew = time.Minute
	// MaxSkew is the skew above which nothing that moves money is sent.
	MaxSkew = 10 * time.Minute
	// A reading is thrown away once wall clock and running time have moved apart by
	// more than this since: somebody set the clock, or the machine slept.
	clockStep = 5 * time.Second
)

// clock knows how far the server's clock is from this computer's. Its zero
// reading is "unknown".
type clock struct {
	now     func() time.Time
	started time.Time

	mu      sync.Mutex
	known   bool
	skew    time.Duration // server minus this computer
	wall    time.Time     // when it was read, by the clock that can be set
	running time.Duration // the same moment, by the one that can't
}

func newClock(now func() time.Time) *clock {
	return &clock{now: now, started: time.Now()}
}

// read takes the Date header of an answer whose header arrived that long ago. It
// has whole seconds, so half a second is added. One that a cache has kept is
// ignored.
func (c *clock) read(h http.Header, age time.Duration) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return
	}
	wall := c.now().Round(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = true
	c.skew = date.Add(500*time.Millisecond + age).Sub(wall)
	c.wall, c.running = wall, time.Since(c.started)
}

// measured is the skew, unless it is unknown or no longer holds.
func (c *clock) measured() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return 0, false
	}
	step := c.now().Round(0).Sub(c.wall) - (time.Since(c.started) - c.running)
	if step.Abs() > clockStep {
		c.known = false
		return 0, false
	}
	return c.skew, true
}

// stampMS is the time to sign with: the server's as far as it is known. Below a
// second the reading says nothing, and this computer's clock is taken.
func (c *clock) stampMS() int64 {
	skew, _ := c.measured()
	if skew.Abs() <= time.Second {
		skew = 0
	}
	return c.now().Add(skew).UnixMilli()
}
