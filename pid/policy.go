package pid

import "time"

// Severity says whether a problem stops a capture.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is one thing wrong with a capture.
type Problem struct {
	Code     string            `json:"code"`
	Element  string            `json:"element"`
	Severity Severity          `json:"severity"`
	Message  string            `json:"message"`
	Remedy   string            `json:"remedy"`
	Args     map[string]string `json:"args,omitempty"`
}

// Limits are the quality scores of one vendor; zero is no limit.
type Limits struct{ RetryBelow, RejectBelow int }

// Policy decides which captures may be used.
type Policy struct {
	MaxAge, MaxAhead time.Duration
	WarnSkew         time.Duration
	Requested        *Options
	DeviceBefore     *DeviceInfo
	Quality          map[string]Limits
	Seen             func(digest [32]byte) bool
}

// DefaultPolicy is the policy of a shop.
func DefaultPolicy() Policy { return Policy{} }

// Check judges a capture at a moment.
func (p Policy) Check(c *Capture, now time.Time) Verdict { return Verdict{} }

// Verdict is what Check found.
type Verdict struct{ Problems []Problem }

// Accepted reports whether the capture may be used.
func (v Verdict) Accepted() bool { return true }

// Retry reports whether another finger is worth asking for.
func (v Verdict) Retry() bool { return false }

// Problems lists every problem that can be found, in the order of checking.
func Problems() []Problem { return nil }
