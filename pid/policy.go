package pid

import "time"

// Policy decides which captures may be used. The zero value compares nothing
// with clocks, requests or other captures; [DefaultPolicy] is a shop's. A
// Policy is not changed by checking and may be shared if Seen may be.
type Policy struct {
	// MaxAge and MaxAhead are how far a capture's time may lie behind and ahead
	// of the PC's clock; zero is no limit. UIDAI refuses both kinds (561, 562).
	MaxAge, MaxAhead time.Duration
	// WarnSkew is the deviation, either way, from which on a warning is given;
	// zero is never. Certificate dates may be missed by as much without one.
	WarnSkew time.Duration

	// Requested is what the capture was asked for; nil compares nothing.
	Requested *Options
	// DeviceBefore is the device as it was before the capture; nil compares
	// nothing.
	DeviceBefore *DeviceInfo

	// Quality holds the limits by vendor, as [Vendor] names it; those under ""
	// are for vendors without their own.
	Quality map[string]Limits

	// Seen reports whether a capture with this digest was used before. It is
	// asked for both [Capture.Digest] and [Capture.SkeyDigest], so both are to
	// be remembered. Nil asks nobody. The policy never remembers by itself.
	Seen func(digest [32]byte) bool
}

// Limits are qScore limits. Zero is no limit.
type Limits struct {
	RetryBelow  int // another try is worth asking for
	RejectBelow int // not to be used
}

// DefaultPolicy returns the policy of a shop: ten minutes of clock difference
// (a vendor's own limit), Eko's production limits for quality, and none for the
// vendors whose scores are known to lie elsewhere on good captures
// (rd-service.md section 6): Morpho gave 27 and 35, Tatvik 2, Evolute "null".
// That IDEMIA, which Morpho became, counts as Morpho does is an inference.
// nmPoints never decides.
func DefaultPolicy() Policy {
	return Policy{
		MaxAge:   10 * time.Minute,
		MaxAhead: 10 * time.Minute,
		WarnSkew: 2 * time.Minute,
		Quality: map[string]Limits{
			"":        {RetryBelow: 45, RejectBelow: 25},
			"morpho":  {},
			"idemia":  {},
			"tatvik":  {},
			"evolute": {},
		},
	}
}

func (p Policy) limits(vendor string) Limits {
	if limits, own := p.Quality[vendor]; own {
		return limits
	}
	return p.Quality[""]
}

// Verdict is what a check found: errors first, each kind in the order of checking.
type Verdict struct {
	Problems []Problem
}

// Accepted reports whether the capture may be used: no problem is an error.
func (v Verdict) Accepted() bool { return len(v.Errors()) == 0 }

// Errors returns the problems that stop the capture.
func (v Verdict) Errors() []Problem { return v.having(SeverityError) }

// Warnings returns the problems that do not.
func (v Verdict) Warnings() []Problem { return v.having(SeverityWarning) }

func (v Verdict) having(s Severity) []Problem {
	var list []Problem
	for _, p := range v.Problems {
		if p.Severity == s {
			list = append(list, p)
		}
	}
	return list
}

// Retry reports whether a better finger would help: the score is low, and
// nothing else stops the capture. It may be true of an accepted one.
func (v Verdict) Retry() bool {
	low := false
	for _, p := range v.Problems {
		switch {
		case p.Code == "quality_low" || p.Code == "quality_too_low":
			low = true
		case p.Severity == SeverityError:
			return false
		}
	}
	return low
}
