package agent

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko"
	"biobridge/pid"
	"biobridge/rdservice"
)

// Error is every error that leaves this package: a code for programs, a
// sentence and a remedy for the shopkeeper, and the cause for the log. Err may
// be shown to support staff; it holds nothing secret.
type Error struct {
	Code contract.Code
	// Key is the stem of the catalogues' keys: "agent.device_busy",
	// "rd.mantra.-1509", "pid.stale".
	Key string
	// Message and Remedy are English.
	Message, Remedy string
	// Data goes to the page beside code, message and remedy.
	Data map[string]any
	Err  error
	args map[string]string
}

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code) + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s (%v)", e.Code, e.Message, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Text returns message and remedy in a language, English where the catalogue
// has none.
func (e *Error) Text(c *locale.Catalogue, lang locale.Lang) (message, remedy string) {
	m, r := ".message", ".remedy"
	if strings.HasPrefix(e.Key, "rd.") {
		m, r = ".cause", ".action"
	}
	return c.Text(lang, e.Key+m, e.Message, e.args), c.Text(lang, e.Key+r, e.Remedy, e.args)
}

// Reason is the last part of the key: a stable word for programs, finer than
// the code.
func (e *Error) Reason() string { return e.Key[strings.LastIndexByte(e.Key, '.')+1:] }

// fail makes an error from the table of texts. args fill the placeholders of
// its sentences.
func fail(key string, args map[string]string, cause error) *Error {
	t, ok := texts[key]
	if !ok {
		t = texts[keyInternal]
	}
	var c *locale.Catalogue
	return &Error{
		Code: t.code, Key: "agent." + key,
		Message: c.Text(locale.English, "", t.message, args),
		Remedy:  c.Text(locale.English, "", t.remedy, args),
		Data:    map[string]any{"reason": key},
		Err:     cause, args: args,
	}
}

// invalid says that a parameter can't be used, naming it and never its value.
func invalid(field, key string) *Error {
	e := fail(key, nil, nil)
	e.Data["field"] = field
	return e
}

func (e *Error) with(key string, value any) *Error {
	e.Data[key] = value
	return e
}

// AsError turns any error into one of this package's; nil stays nil. What is
// unknown becomes internal, with an incident number that stands in Data and in
// Err, so that the log and the shopkeeper's screen can be matched.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e := known(err); e != nil {
		return e
	}
	var b [4]byte
	rand.Read(b[:])
	incident := hex.EncodeToString(b[:])
	return fail(keyInternal, map[string]string{"incident": incident}, fmt.Errorf("incident %s: %w", incident, err)).
		with("incident", incident)
}

// sentinels is the table from the errors of the packages below to the keys of
// the texts. The first that matches counts, so the finer ones stand first.
var sentinels = []struct {
	err error
	key string
}{
	{ErrTooLateToCancel, keyTooLate},
	{errLeft, keyCancelled},
	{errLeftOthers, keyCallEnded},
	{errStopping, keyStopping},
	{journal.ErrNotFound, keyNotFound},
	{journal.ErrDuplicate, keyConflict},
	{journal.ErrDayLimit, keyDayLimit},
	{journal.ErrMerchantRepeat, keyMerchantRepeat},
	{journal.ErrRepeat, keyRepeat},
	{journal.ErrReplay, keyReplay},
	{journal.ErrDamaged, keyDamaged},
	{journal.ErrCorrupt, keyDamaged},
	{journal.ErrUnwritable, keyUnwritable},
	{journal.ErrCursor, keyBadCursor},
	{journal.ErrTransition, keySettled},
	{rdservice.ErrGone, keyDeviceGone},
	{rdservice.ErrBusy, keyDeviceBusy},
	{rdservice.ErrNotReady, keyDeviceNotReady},
	{rdservice.ErrTimeout, keyCaptureTimeout},
	{rdservice.ErrUnusable, keyCaptureUnusable},
	{eko.ErrAadhaar, keyBadAadhaar},
	{eko.ErrHook, keyHookSilent},
	{eko.ErrNoKey, keyNoKey},
	// Last, and saying nothing about money: nobody knows here how far the call
	// had come.
	{context.Canceled, keyCallEnded},
	{context.DeadlineExceeded, keyCallEnded},
}

// known maps the errors of the packages below; nil for one it doesn't know.
func known(err error) *Error {
	if d, ok := errors.AsType[*rdservice.DeviceError](err); ok {
		return deviceRefusal(d, err)
	}
	if h, ok := errors.AsType[*eko.HookRefusal](err); ok {
		e := fail(keyHookRefused, nil, err)
		if h.Message != "" {
			// The partner's own sentence, in the partner's own language.
			e.Message, e.Key = h.Message, "partner"
		}
		return e
	}
	if o, ok := errors.AsType[*pid.OptionsError](err); ok {
		return fail(keyBadOptions, nil, err).with("field", strings.ToLower(o.Attribute))
	}
	if p, ok := errors.AsType[*pid.ParseError](err); ok {
		return rejected([]pid.Problem{p.Problem()}, err)
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return fail(s.key, nil, err)
		}
	}
	return nil
}

// deviceRefusal keeps the code that the scanner's kind of refusal has and takes
// the sentences from the table of the scanners' own codes.
func deviceRefusal(d *rdservice.DeviceError, cause error) *Error {
	key := keyCaptureFailed
	switch {
	case errors.Is(d, rdservice.ErrTimeout):
		key = keyCaptureTimeout
	case errors.Is(d, rdservice.ErrBusy):
		key = keyDeviceBusy
	case errors.Is(d, rdservice.ErrNotReady):
		key = keyDeviceNotReady
	}
	e := fail(key, nil, cause).with("rd_code", d.Code).with("rd_info", d.Info)
	if x := d.Explain(); x.Key != "" && x.Cause != "" {
		e.Key, e.Message, e.Remedy = x.Key, x.Cause, x.Action
	}
	return e
}

// rejected says why a capture was not used. The first problem that stops it
// speaks; all of them go along.
func rejected(problems []pid.Problem, cause error) *Error {
	e := fail(keyCaptureRejected, nil, cause).with("problems", problems)
	for _, p := range problems {
		if p.Severity == pid.SeverityError && p.Message != "" {
			e.Key, e.Message, e.Remedy, e.args = "pid."+p.Code, p.Message, p.Remedy, p.Args
			break
		}
	}
	return e
}
