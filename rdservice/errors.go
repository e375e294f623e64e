package rdservice

import "errors"

// What callers branch on. Each is wrapped with what was being done.
var (
	// ErrGone: no service answers there any more, or it is another scanner.
	ErrGone = errors.New("scanner is gone")
	// ErrBusy: somebody else is using the scanner.
	ErrBusy = errors.New("scanner is busy")
	// ErrNotReady: the service runs, but has no scanner it can use.
	ErrNotReady = errors.New("scanner is not ready")
	// ErrTimeout: no answer, or no finger, within the time limit.
	ErrTimeout = errors.New("scanner did not answer in time")
	// ErrUnusable: what answered is not understood.
	ErrUnusable = errors.New("answer can't be used")
)

// DeviceError is the scanner's own refusal of a capture. It is also one of
// [ErrTimeout], [ErrBusy] and [ErrNotReady] where its code means that.
type DeviceError struct {
	// Code is the errCode as sent, trimmed and short; it may be negative. It is
	// [CodeHTTP405] where the service does not know the method CAPTURE.
	Code string
	// Info is the service's own words. With code 999 they are the message.
	Info string
	// Vendor is a word of [pid.Vendor].
	Vendor string
}

// CodeHTTP405 stands for an HTTP 405 in place of an errCode.
const CodeHTTP405 = "http_405"

// maxCode is longer than every code and too short for anything secret.
const maxCode = 16

func newDeviceError(code, info, vendor string) *DeviceError {
	if runes := []rune(printable(code)); len(runes) > maxCode {
		code = string(runes[:maxCode])
	}
	return &DeviceError{Code: printable(code), Info: printable(info), Vendor: vendor}
}

func (e *DeviceError) Error() string { return "scanner answered error " + e.Code }

// Explain looks the error up in the table of codes.
func (e *DeviceError) Explain() Explanation { return Explain(e.Vendor, e.Code, e.Info) }

// Is reports whether target is the sentinel that stands for the code's kind.
func (e *DeviceError) Is(target error) bool {
	switch e.Explain().Kind {
	case KindTimeout:
		return target == ErrTimeout
	case KindBusy:
		return target == ErrBusy
	case KindNotReady:
		return target == ErrNotReady
	}
	return false
}
