package eko_test

import (
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"biobridge/eko"
)

// wallClock is a clock that can be set.
type wallClock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *wallClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *wallClock) set(offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = offset
}

// dated answers with the true time in its Date header.
func dated(body string, header ...string) func(net.Conn, wireRequest) bool {
	return func(c net.Conn, _ wireRequest) bool {
		return respond(c, 200, "application/json", body, append(header, "Date: "+time.Now().UTC().Format(http.TimeFormat))...)
	}
}

// stamp is the time of a request's signature.
func stamp(t *testing.T, r wireRequest) time.Time {
	t.Helper()
	text, _ := r.header("secret-key-timestamp")
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("timestamp %q", text)
	}
	return time.UnixMilli(ms)
}

// outside is by how much a moment lies outside of the time since begin.
func outside(moment, begin time.Time) time.Duration {
	return max(begin.Sub(moment), -time.Since(moment), 0)
}

// slack is what the Date header's whole seconds may cost.
const slack = 2 * time.Second

// The first call goes by this computer's clock; the answer tells by how much it
// is wrong, and the next signature has the true time.
func TestClock_correctsSignatures(t *testing.T) {
	for _, offset := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
		begin := time.Now()
		clock := &wallClock{offset: offset}
		s := newWireServer(t, nil, dated(withdrawn))
		cfg := testConfig(t, s.url())
		cfg.Now = clock.Now
		c := newClient(t, cfg)
		if _, known := c.Skew(); known {
			t.Error("the skew is known before there was an answer")
		}
		for range 2 {
			if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
				t.Fatalf("%s (%s): %v", o.State, o.Reason, o.Err)
			}
		}
		skew, known := c.Skew()
		if !known || (skew+offset).Abs() > slack+time.Since(begin) {
			t.Errorf("clock wrong by %v: skew %v, known %v", offset, skew, known)
		}
		seen := s.seen()
		if off := outside(stamp(t, seen[0]).Add(-offset), begin); off > slack {
			t.Errorf("first signature is %v off, want this computer's clock", off)
		}
		if off := outside(stamp(t, seen[1]), begin); off > slack {
			t.Errorf("second signature is %v off, want the true time", off)
		}
	}
}

// Above ten minutes nothing that moves money is sent; inquiries still are, with
// the corrected time. Setting the clock right helps at once.
func TestClock_refusesAboveTenMinutes(t *testing.T) {
	begin := time.Now()
	clock := &wallClock{offset: -11 * time.Minute}
	s := newWireServer(t, nil, dated(inquired))
	cfg := testConfig(t, s.url())
	cfg.Now = clock.Now
	c := newClient(t, cfg)
	inquire := func() eko.Outcome { return c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"}) }
	if o := inquire(); o.State != eko.Succeeded {
		t.Fatalf("%s (%s)", o.State, o.Reason)
	}
	o := c.Submit(t.Context(), withdrawal(t))
	if o.State != eko.Failed || o.Reason != "clock_skew" || o.Sent || o.Remedy == "" {
		t.Errorf("%s (%s, sent %v)", o.State, o.Reason, o.Sent)
	}
	if o := inquire(); o.State != eko.Succeeded || outside(stamp(t, s.seen()[1]), begin) > slack {
		t.Errorf("inquiry: %s (%s), signature %v off", o.State, o.Reason, outside(stamp(t, s.seen()[1]), begin))
	}
	if n := len(s.seen()); n != 2 {
		t.Fatalf("%d requests, want the two inquiries", n)
	}

	clock.set(0)
	if skew, known := c.Skew(); known {
		t.Errorf("after the clock was set the skew is still %v", skew)
	}
	if o := c.Submit(t.Context(), withdrawal(t)); o.Reason == "clock_skew" || !o.Sent {
		t.Errorf("after the clock was set: %s (%s)", o.State, o.Reason)
	}
}

// The Date of an answer is that of its header: a body that comes slowly makes
// the reading no worse.
func TestClock_slowBody(t *testing.T) {
	date := fixedTime.UTC().Format(http.TimeFormat)
	for age, want := range map[time.Duration]time.Duration{0: 500 * time.Millisecond, 90 * time.Second: 90500 * time.Millisecond} {
		if got := eko.ReadSkew(fixedTime, date, age); got != want {
			t.Errorf("header %v ago: skew %v, want %v", age, got, want)
		}
	}
}

func TestClock_ignoresUnusableDates(t *testing.T) {
	for name, header := range map[string]string{
		"none": "X: y", "junk": "Date: yesterday", "from a cache": "Age: 60",
	} {
		t.Run(name, func(t *testing.T) {
			answer := always(withdrawn, header)
			if name == "from a cache" {
				answer = dated(withdrawn, header)
			}
			s := newWireServer(t, nil, answer)
			c := newClient(t, testConfig(t, s.url()))
			if o := c.Submit(t.Context(), withdrawal(t)); o.State != eko.Succeeded {
				t.Fatalf("%s (%s)", o.State, o.Reason)
			}
			if skew, known := c.Skew(); known {
				t.Errorf("skew %v", skew)
			}
		})
	}
}
