package rdservice

// Kind groups the codes by what an agent does about them.
type Kind string

// The kinds.
const (
	KindOK          Kind = "ok"
	KindTimeout     Kind = "timeout"
	KindBusy        Kind = "busy"
	KindNotReady    Kind = "not_ready"
	KindFailed      Kind = "failed"
	KindOptions     Kind = "options"
	KindUnsupported Kind = "unsupported"
	KindDriver      Kind = "driver"
	KindClock       Kind = "clock"
	KindNoMatch     Kind = "no_match"
	KindLocked      Kind = "locked"
	KindBlock       Kind = "block"
)

// Explanation says what a code means and what to do.
type Explanation struct {
	Code, Vendor, Cause, Action string
	Kind                        Kind
	Retryable                   bool
	Info                        string
	Key                         string
}

// Explain looks a code up.
func Explain(vendor, code, info string) Explanation {
	return Explanation{Code: code, Vendor: vendor, Info: info, Kind: KindFailed}
}

// Codes lists every code.
func Codes() []Explanation { return nil }
