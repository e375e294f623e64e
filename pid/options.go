package pid

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FType says which records of a finger a block holds.
type FType int

// The record types (rd-service.md section 4.1). Eko wants FMRFIR, but for the
// banks that are not live with it, which want FMR.
const (
	FMR    FType = 0 // minutiae
	FIR    FType = 1 // image
	FMRFIR FType = 2 // both in one block
)

// The limits of a capture's timeout. One vendor asks for more than a second and
// another takes five digits of milliseconds at most (rd-service.md section 4.1).
const (
	timeoutAbove = time.Second
	timeoutBelow = 100 * time.Second
)

// Options is what a capture is asked for. The zero value asks for nothing and
// is refused by [Options.Validate].
type Options struct {
	// FCount is how many fingers, 0 to 10; at most 2 when FType wants images.
	FCount int
	FType  FType
	// ICount is how many irises, 0 to 2. With FCount 0 the request takes the
	// form that iris services expect.
	ICount int
	// Timeout is how long the driver waits for the customer: more than 1 s and
	// less than 100 s. The HTTP call takes longer than this.
	Timeout time.Duration
	// OTP is the customer's, where one goes along with the finger; else empty.
	OTP OTP
	// Wadh is the base64 SHA-256 that an eKYC endpoint asks for, and empty for
	// a transaction and for daily authentication (rd-service.md section 4.2).
	Wadh string
	// Posh names the positions, comma between; empty is UNKNOWN: any of them.
	Posh string
	// Env is P, PP or S; empty is P, the only value all vendors take.
	Env string
}

// OptionsError names the attribute of PidOptions that no RD service would take,
// and why. It does not hold the value.
type OptionsError struct {
	Attribute string
	Rule      string
}

func (e *OptionsError) Error() string { return "pid options: " + e.Attribute + " " + e.Rule }

// Validate checks every value against the ranges of rd-service.md section 4.1
// and returns an *OptionsError for the first that is outside.
func (o Options) Validate() error {
	if err := o.validateCounts(); err != nil {
		return err
	}
	if o.Timeout <= timeoutAbove || o.Timeout >= timeoutBelow {
		return &OptionsError{"timeout", "must be more than 1 s and less than 100 s"}
	}
	if !validOTP(o.OTP) {
		return &OptionsError{"otp", "must be at most 16 letters or digits"}
	}
	if !validWadh(o.Wadh) {
		return &OptionsError{"wadh", "must be the base64 of 32 bytes"}
	}
	if err := o.validatePosh(); err != nil {
		return err
	}
	switch o.Env {
	case "", "P", "PP", "S":
		return nil
	}
	return &OptionsError{"env", "must be P, PP or S"}
}

func (o Options) validateCounts() error {
	switch {
	case o.FType < FMR || o.FType > FMRFIR:
		return &OptionsError{"fType", "must be 0, 1 or 2"}
	case o.FCount < 0 || o.FCount > 10:
		return &OptionsError{"fCount", "must be 0 to 10"}
	case o.FType != FMR && o.FCount > 2:
		return &OptionsError{"fCount", "must be at most 2 where images are asked for"}
	case o.ICount < 0 || o.ICount > 2:
		return &OptionsError{"iCount", "must be 0 to 2"}
	case o.FCount == 0 && o.ICount == 0:
		return &OptionsError{"fCount", "must be at least 1 where no iris is asked for"}
	}
	return nil
}

func validOTP(otp OTP) bool {
	if len(otp) > 16 {
		return false
	}
	for _, c := range []byte(otp) {
		if !isDigit(c) && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func validWadh(wadh string) bool {
	if wadh == "" {
		return true
	}
	// DecodeString skips line breaks, which an attribute must not hold.
	sum, err := base64.StdEncoding.Strict().DecodeString(wadh)
	return err == nil && len(sum) == 32 && len(wadh) == base64.StdEncoding.EncodedLen(32)
}

// fingers are the names of a hand's positions behind LEFT_ and RIGHT_.
var fingers = []string{"INDEX", "LITTLE", "MIDDLE", "RING", "THUMB"}

// validatePosh wants each named position once, and as many of each kind as the
// counts say; else a driver answers 170.
func (o Options) validatePosh() error {
	if o.Posh == "" || o.Posh == "UNKNOWN" {
		return nil
	}
	names := strings.Split(o.Posh, ",")
	named := make(map[string]bool, len(names))
	var fingersNamed, irisesNamed int
	for _, name := range names {
		if named[name] {
			return &OptionsError{"posh", "must not name a position twice"}
		}
		named[name] = true
		switch kindOfPosition(name) {
		case "finger":
			fingersNamed++
		case "iris":
			irisesNamed++
		default:
			return &OptionsError{"posh", "must be UNKNOWN or a comma list of positions"}
		}
	}
	if fingersNamed != o.FCount || irisesNamed != o.ICount {
		return &OptionsError{"posh", "must name as many positions as are asked for"}
	}
	return nil
}

func kindOfPosition(name string) string {
	_, part, _ := strings.Cut(name, "_")
	if name != "LEFT_"+part && name != "RIGHT_"+part {
		return ""
	}
	if part == "IRIS" {
		return "iris"
	}
	if slices.Contains(fingers, part) {
		return "finger"
	}
	return ""
}

// XML returns the PidOptions document in the form that Eko's production client
// sends, which every vendor takes: one line, no XML declaration, no CustOpts,
// wadh only where there is one (rd-service.md section 4.1). It expects valid
// options.
func (o Options) XML() []byte {
	var b strings.Builder
	b.WriteString(`<PidOptions ver="1.0"><Opts`)
	if o.FCount > 0 || o.ICount == 0 {
		attribute(&b, "fCount", strconv.Itoa(o.FCount))
		attribute(&b, "fType", strconv.Itoa(int(o.FType)))
	}
	if o.ICount > 0 {
		attribute(&b, "iCount", strconv.Itoa(o.ICount))
		attribute(&b, "iType", "0")
	}
	attribute(&b, "format", "0")
	attribute(&b, "pidVer", "2.0")
	attribute(&b, "timeout", strconv.FormatInt(o.Timeout.Milliseconds(), 10))
	attribute(&b, "otp", string(o.OTP))
	if o.Wadh != "" {
		attribute(&b, "wadh", o.Wadh)
	}
	attribute(&b, "posh", orElse(o.Posh, "UNKNOWN"))
	attribute(&b, "env", orElse(o.Env, "P"))
	b.WriteString(` /></PidOptions>`)
	return []byte(b.String())
}

func attribute(b *strings.Builder, name, value string) {
	fmt.Fprintf(b, ` %s="`, name)
	xml.EscapeText(b, []byte(value)) // a strings.Builder returns no error
	b.WriteByte('"')
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
