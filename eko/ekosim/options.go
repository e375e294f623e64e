package ekosim

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"biobridge/pid/pidtest"
)

// Options say what the simulator is like. The zero value is a simulator with
// the credentials, banks, merchants and accounts of this package that behaves.
type Options struct {
	// Seed decides everything that is left to chance: the same seed and the
	// same requests give the same answers, byte for byte but for times.
	Seed uint64
	// Chaos is the probability, 0 to 1, that a request to move money meets a
	// fault drawn by the seed.
	Chaos float64
	// Faults are set from the start, as by [Server.SetFault].
	Faults []Fault
	Rules  Rules

	// UIDAI opens the PID blocks; nil is [pidtest.Simulated].
	UIDAI *pidtest.UIDAI
	// Clock is the simulator's time; nil is time.Now.
	Clock func() time.Time
	// Tolerance is how far secret-key-timestamp may be from the clock, either
	// way; 0 is five minutes. Eko publishes no figure.
	Tolerance time.Duration
	// PIDMaxAge and PIDMaxAhead are when UIDAI answers 561 and 562; 0 is ten
	// minutes and five.
	PIDMaxAge, PIDMaxAhead time.Duration

	// Credentials must be visibly simulated; the zero value is those of this
	// package.
	Credentials Credentials
	Banks       []Bank     // nil: [DefaultBanks]
	Accounts    []Account  // nil: [DefaultAccounts]
	Merchants   []Merchant // nil: [DefaultMerchants]

	// Log gets a line for each request; nil discards them.
	Log *slog.Logger
}

// Credentials are what a partner is given.
type Credentials struct {
	DeveloperKey, AccessKey, InitiatorID string
}

// Rules are what Eko's documents leave to the account or contradict each other
// about. The zero value is the easiest for a client.
type Rules struct {
	// DailyKYC wants a merchant's daily authentication before a transaction.
	DailyKYC bool `json:"daily_kyc"`
	// MerchantAuth wants a fresh reference of merchant authentication with each
	// v2 withdrawal.
	MerchantAuth bool `json:"merchant_auth"`
	// WithdrawalsPerDay is how many an Aadhaar number may do at a bank; 0 is
	// any number, the seed says 5.
	WithdrawalsPerDay int `json:"withdrawals_per_day"`
	// V3Hash is what request_hash covers on v3: "" or "none" (not looked at),
	// "plain" or "encrypted" Aadhaar.
	V3Hash string `json:"v3_hash"`
	// ForgetReferences lets a client_ref_id that was used move money again, so
	// that a client that submits twice pays twice.
	ForgetReferences bool `json:"forget_references"`
}

func (r Rules) check() error {
	switch r.V3Hash {
	case "", "none", "plain", "encrypted":
	default:
		return errors.New("v3_hash is none, plain or encrypted")
	}
	if r.WithdrawalsPerDay < 0 {
		return errors.New("withdrawals_per_day can't be negative")
	}
	return nil
}

// SetRules changes the rules from the next request on.
func (s *Server) SetRules(r Rules) error {
	if err := r.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = r
	return nil
}

func (s *Server) rulesNow() Rules {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules
}

func (o Options) withDefaults() Options {
	if o.UIDAI == nil {
		o.UIDAI = pidtest.Simulated()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Tolerance == 0 {
		o.Tolerance = 5 * time.Minute
	}
	if o.PIDMaxAge == 0 {
		o.PIDMaxAge = 10 * time.Minute
	}
	if o.PIDMaxAhead == 0 {
		o.PIDMaxAhead = 5 * time.Minute
	}
	if o.Credentials == (Credentials{}) {
		o.Credentials = Credentials{DeveloperKey, AccessKey, InitiatorID}
	}
	if o.Banks == nil {
		o.Banks = DefaultBanks()
	}
	if o.Accounts == nil {
		o.Accounts = DefaultAccounts()
	}
	if o.Merchants == nil {
		o.Merchants = DefaultMerchants()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) check() error {
	c := o.Credentials
	for _, key := range []string{c.DeveloperKey, c.AccessKey} {
		if !strings.HasPrefix(key, simulatedPrefix) {
			return fmt.Errorf("a simulator takes only keys that begin with %s: real ones don't belong here", simulatedPrefix)
		}
	}
	if !mobile(c.InitiatorID) {
		return errors.New("initiator_id is a mobile number of ten digits")
	}
	if o.Chaos < 0 || o.Chaos > 1 {
		return errors.New("chaos is a probability from 0 to 1")
	}
	for _, f := range o.Faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	return o.Rules.check()
}
