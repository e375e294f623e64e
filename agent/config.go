package agent

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko"
	"biobridge/pid"
	"biobridge/rdservice"
)

// Config is everything an agent is made of. Journal, Watcher, Eko and HashKey
// must be there; every other field has a working zero value. The agent closes
// none of its parts.
type Config struct {
	Journal *journal.Journal
	Watcher *rdservice.Watcher
	Eko     *eko.Client
	// Catalogue has the languages; nil speaks English.
	Catalogue *locale.Catalogue
	// Policy says which captures are good enough. Without a MaxAge it is
	// [pid.DefaultPolicy], but for the Quality given. What belongs to a single
	// capture (Requested, DeviceBefore, Seen) is the agent's to fill.
	Policy  pid.Policy
	Capture CaptureConfig
	Limits  Limits
	// Banks is the table of banks; nil knows none.
	Banks *Banks
	// Environment is "simulated", "uat" or "production".
	Environment string
	// UserCode and LatLong are the merchant's; empty: the page says them.
	UserCode, LatLong string
	// LatLongWanted refuses a request without a place, before the finger is asked
	// for: Eko's v3 does.
	LatLongWanted bool
	// SourceIP goes to Eko as it is; empty: left out.
	SourceIP string
	// HashKey keys the hashes by which people are recognised: 32 bytes or more
	// from the protected store, the same over the life of the journal.
	HashKey []byte
	// Merchant says how the retailer proves to Eko who he is.
	Merchant MerchantConfig
	// Retention is how long settled transactions are kept; 0 is 400 days.
	Retention time.Duration
	// Upkeep is how often the journal is checked and pruned; 0 is six hours.
	// BanksEvery is how often the table of banks is looked at; 0 is ten seconds.
	Upkeep, BanksEvery time.Duration
	// Grace is how long the end of Run waits for an answer of Eko's before it
	// breaks off; 0 is 5 s. What it breaks off is pending.
	Grace time.Duration

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger
	// Exchanged is given the masked request and answer of every submission, for
	// Eko's sanity test; nil: nobody wants them. It must not block for long.
	Exchanged func(service contract.Service, succeeded bool, x *eko.Exchange)
	// Failpoint is called at every arrow of a transaction's life with one of
	// [Failpoints]; nil outside tests.
	Failpoint func(name string)
}

// CaptureConfig says how a finger is asked for.
type CaptureConfig struct {
	// FType is for banks that the table doesn't know.
	FType pid.FType
	// Timeout is the scanner's own; 0 is 10 s.
	Timeout time.Duration
	// MaxAge is how old a capture may be when it is sent; 0 is 60 s.
	MaxAge time.Duration
}

// Limits bound a transaction. Zero fields have the defaults of
// [DefaultLimits]; a negative number switches a limit off.
type Limits struct {
	// MaxAmount is in rupees a transaction.
	MaxAmount int64
	// PerAadhaarPerDay counts cash withdrawals on a day in India.
	PerAadhaarPerDay int
	// RepeatWithin is how soon after a withdrawal the same one must be confirmed.
	RepeatWithin time.Duration
	// WarnBelow and WarnStep make a warning of an amount that is smaller, or no
	// multiple (eko-api.md section 11: issuers vary).
	WarnBelow, WarnStep int64
	// OTPAbove is the amount from which Eko wants the customer's OTP; 0 is
	// never.
	OTPAbove int64
	// RequireMerchantAuth refuses withdrawals until the merchant has given his
	// own finger today.
	RequireMerchantAuth bool
}

// DefaultLimits are Eko's (eko-api.md section 11).
func DefaultLimits() Limits {
	return Limits{MaxAmount: 10000, PerAadhaarPerDay: 5, RepeatWithin: time.Minute, WarnBelow: 100, WarnStep: 50}
}

// withDefaults fills in what the zero value leaves open.
func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Journal == nil, c.Watcher == nil, c.Eko == nil:
		return c, errors.New("an agent needs a journal, a watcher and an Eko client")
	case len(c.HashKey) < 32:
		return c, fmt.Errorf("the key of the hashes needs 32 bytes, it has %d", len(c.HashKey))
	}
	if c.Policy.MaxAge == 0 {
		quality := c.Policy.Quality
		c.Policy = pid.DefaultPolicy()
		if quality != nil {
			c.Policy.Quality = quality
		}
	}
	if c.Banks == nil {
		c.Banks = &Banks{}
	}
	orDefault(&c.Capture.Timeout, 10*time.Second)
	orDefault(&c.Capture.MaxAge, time.Minute)
	orDefault(&c.Retention, 400*24*time.Hour)
	orDefault(&c.Upkeep, 6*time.Hour)
	orDefault(&c.BanksEvery, 10*time.Second)
	orDefault(&c.Grace, 5*time.Second)
	orDefault(&c.Merchant.TokenTTL, 75*time.Second)
	orDefault(&c.Merchant.ServiceCode, eko.ServiceFingpay)
	d := DefaultLimits()
	orDefault(&c.Limits.MaxAmount, d.MaxAmount)
	orDefault(&c.Limits.PerAadhaarPerDay, d.PerAadhaarPerDay)
	orDefault(&c.Limits.RepeatWithin, d.RepeatWithin)
	orDefault(&c.Limits.WarnBelow, d.WarnBelow)
	orDefault(&c.Limits.WarnStep, d.WarnStep)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Failpoint == nil {
		c.Failpoint = func(string) {}
	}
	return c, nil
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// simulated reports whether no real money moves.
func (c Config) simulated() bool { return c.Environment == "simulated" }
