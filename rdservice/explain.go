package rdservice

import (
	"slices"
	"strings"
)

// Kind groups codes by what a program does about them.
type Kind string

// The kinds of [Explanation].
const (
	KindOK          Kind = "ok"          // nothing is wrong
	KindTimeout     Kind = "timeout"     // no finger in time
	KindBusy        Kind = "busy"        // somebody else uses the scanner
	KindNotReady    Kind = "not_ready"   // no scanner that can be used, or not yet
	KindFailed      Kind = "failed"      // it began and went wrong
	KindOptions     Kind = "options"     // the driver does not accept the request
	KindUnsupported Kind = "unsupported" // this scanner can't do that at all
	KindDriver      Kind = "driver"      // the driver must be updated, registered or let online
	KindClock       Kind = "clock"       // this computer's or the scanner's time is wrong
	KindNoMatch     Kind = "no_match"    // UIDAI does not know this finger
	KindLocked      Kind = "locked"      // the holder locked the Aadhaar number
	KindBlock       Kind = "block"       // UIDAI can't use the PID block
)

// Explanation says what a code means and what the shopkeeper does about it.
// Cause and Action are in English; Key leads to them in other languages, as
// Key + ".cause" and Key + ".action".
type Explanation struct {
	Key string
	// Code is as it was given; Vendor is set where only that vendor means this.
	Code, Vendor string
	Kind         Kind
	// Retryable says that doing the same again may work, with nothing mended.
	Retryable bool
	Cause     string
	Action    string
	// Info is the service's own words, "" where it had none. They are shown
	// beside Cause: with 999 and with unknown codes they are the message.
	Info string
}

// Explain looks up an errCode of a capture, or an answer of UIDAI that points
// back at the block; the two number ranges don't meet (rd-service.md section 7).
// What a vendor means by a code goes before the common meaning, and what info
// tells goes before what the bare code does. There is always an explanation.
func Explain(vendor, code, info string) Explanation {
	code, info = printable(code), printable(info)
	best, bestFit := unknownCode, 0
	for _, row := range codes {
		if row.code != code || row.vendor != "" && row.vendor != vendor {
			continue
		}
		if fit := row.fit(info); fit > bestFit {
			best, bestFit = row, fit
		}
	}
	e := best.explanation()
	e.Code, e.Info = code, meaningful(info)
	return e
}

// Codes lists the whole table, what a vendor means after what all mean.
func Codes() []Explanation {
	out := make([]Explanation, len(codes))
	for i, row := range codes {
		out[i] = row.explanation()
	}
	return append(out, unknownCode.explanation())
}

// codeRow is a line of the table.
type codeRow struct {
	code   string
	vendor string // "" means all
	// name tells rows of one code apart in keys; words are what the service's
	// text contains, in lower case, for the row to count.
	name   string
	words  []string
	kind   Kind
	retry  bool
	cause  string
	action string
}

// unknownCode is what is said of a code that no row has.
var unknownCode = codeRow{
	code: "other", kind: KindFailed, retry: true,
	cause:  "The scanner reported an error that is not in the list.",
	action: "Try again. If it comes back, unplug the scanner and plug it in again, and tell support the code and the scanner's own words.",
}

// fit returns how well the row describes an error with that text: 0 not at all,
// more the more it knows.
func (r codeRow) fit(info string) int {
	score := 1
	if r.vendor != "" {
		score++
	}
	if len(r.words) == 0 {
		return score
	}
	info = strings.ToLower(info)
	if slices.ContainsFunc(r.words, func(w string) bool { return strings.Contains(info, w) }) {
		return score + 2
	}
	return 0
}

func (r codeRow) key() string {
	parts := []string{"rd"}
	if r.vendor != "" {
		parts = append(parts, r.vendor)
	}
	parts = append(parts, r.code)
	if r.name != "" {
		parts = append(parts, r.name)
	}
	return strings.Join(parts, ".")
}

func (r codeRow) explanation() Explanation {
	return Explanation{
		Key: r.key(), Code: r.code, Vendor: r.vendor, Kind: r.kind, Retryable: r.retry,
		Cause: r.cause, Action: r.action,
	}
}

// meaningful drops the texts that services send when they have nothing to say
// (rd-service.md section 5.1).
func meaningful(info string) string {
	switch strings.ToLower(strings.Trim(info, " .")) {
	case "", "y", "success", "null":
		return ""
	}
	return info
}
