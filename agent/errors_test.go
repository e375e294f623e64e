package agent_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko"
	"biobridge/pid"
	"biobridge/rdservice"
)

// TestAsError is the whole table from what can go wrong below to what a page and
// a shopkeeper are told.
func TestAsError(t *testing.T) {
	_, notPidData := pid.Parse([]byte("<html/>"))
	device := func(code string) error { return &rdservice.DeviceError{Vendor: "mantra", Code: code, Info: "words"} }
	tests := []struct {
		err    error
		code   contract.Code
		reason string
	}{
		{rdservice.ErrGone, contract.NoDevice, "device_gone"},
		{rdservice.ErrBusy, contract.DeviceIsBusy, "device_busy"},
		{rdservice.ErrNotReady, contract.DeviceIsNotReady, "device_not_ready"},
		{rdservice.ErrTimeout, contract.CaptureTimeout, "capture_timeout"},
		{rdservice.ErrUnusable, contract.CaptureFailed, "capture_unusable"},
		{device("700"), contract.CaptureTimeout, "700"},
		{device("710"), contract.DeviceIsBusy, "710"},
		{device("720"), contract.DeviceIsNotReady, "720"},
		{device("730"), contract.CaptureFailed, "730"},
		{device("110"), contract.CaptureFailed, "110"},
		{device("a code nobody knows"), contract.CaptureFailed, "other"},
		{&pid.OptionsError{Attribute: "timeout", Rule: "is too long"}, contract.InvalidParams, "bad_capture_options"},
		{notPidData, contract.CaptureRejected, ""},
		{&eko.HookRefusal{Message: "Wallet is empty"}, contract.RefusedByHook, "partner"},
		{&eko.HookRefusal{}, contract.RefusedByHook, "refused_by_hook"},
		{eko.ErrHook, contract.RefusedByHook, "hook_silent"},
		{eko.ErrNoKey, contract.Unavailable, "key_missing"},
		{eko.ErrAadhaar, contract.InvalidParams, "bad_aadhaar"},
		{journal.ErrNotFound, contract.NotFound, "not_found"},
		{journal.ErrDuplicate, contract.RequestConflict, "request_conflict"},
		{journal.ErrRepeat, contract.RequestConflict, "confirm_repeat"},
		{journal.ErrTransition, contract.RequestConflict, "not_open"},
		{journal.ErrDayLimit, contract.LimitExceeded, "per_aadhaar_per_day"},
		{journal.ErrReplay, contract.CaptureRejected, "capture_used_before"},
		{journal.ErrDamaged, contract.Unavailable, "journal_damaged"},
		{&journal.CorruptError{Path: "p", Detail: "d"}, contract.Unavailable, "journal_damaged"},
		{journal.ErrUnwritable, contract.Unavailable, "journal_unwritable"},
		{journal.ErrCursor, contract.InvalidParams, "bad_cursor"},
		{agent.ErrTooLateToCancel, contract.TooLateToCancel, "too_late_to_cancel"},
		{context.Canceled, contract.Unavailable, "call_ended"},
		{context.DeadlineExceeded, contract.Unavailable, "call_ended"},
		{io.ErrUnexpectedEOF, contract.Internal, "internal"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.err), func(t *testing.T) {
			wrapped := fmt.Errorf("do something: %w", tt.err)
			e := agent.AsError(wrapped)
			if e.Code != tt.code || e.Message == "" || e.Remedy == "" || !errors.Is(e, tt.err) {
				t.Errorf("AsError = %s: %q, %q, wraps %v", e.Code, e.Message, e.Remedy, errors.Is(e, tt.err))
			}
			if tt.reason != "" && e.Reason() != tt.reason {
				t.Errorf("reason %q (key %s), want %q", e.Reason(), e.Key, tt.reason)
			}
			if again := agent.AsError(fmt.Errorf("further up: %w", e)); again != e {
				t.Errorf("an error was translated twice: %v", again)
			}
			// A money-losing sentence would be "nothing was sent" where nobody knows.
			if errors.Is(tt.err, context.Canceled) && strings.Contains(e.Message, "No money") {
				t.Errorf("a call that was broken off says %q", e.Message)
			}
		})
	}
	if agent.AsError(nil) != nil {
		t.Error("AsError(nil) is an error")
	}
}

func TestAsError_Internal(t *testing.T) {
	e := agent.AsError(errors.New("the secret cause"))
	incident, _ := e.Data["incident"].(string)
	if len(incident) != 8 || !strings.Contains(e.Message, incident) || !strings.Contains(e.Error(), "the secret cause") {
		t.Errorf("internal: %v, data %v", e, e.Data)
	}
	if strings.Contains(e.Message+e.Remedy, "secret") {
		t.Errorf("the page is told %q", e.Message)
	}
	if other := agent.AsError(errors.New("x")); other.Data["incident"] == incident {
		t.Error("two incidents have one number")
	}
}

// TestEnglish holds the sentences: every code of the contract has one, and the
// placeholders of all languages agree.
func TestEnglish(t *testing.T) {
	english := agent.English()
	for _, code := range contract.Codes() {
		if code == contract.Unauthorized || code == contract.OriginDenied || code == contract.InvalidParams ||
			code == contract.LimitExceeded || code == contract.Unavailable {
			continue // worded by their finer reasons, or by the door
		}
		if english["agent."+string(code)+".message"] == "" {
			t.Errorf("%s has no sentence", code)
		}
	}
	for key, text := range english {
		if strings.HasSuffix(key, "message") && !strings.HasSuffix(text, ".") {
			t.Errorf("%s is no sentence: %q", key, text)
		}
	}
	for _, key := range []string{"agent.pending.remedy", "agent.sending.remedy", "agent.ask_eko.remedy"} {
		low := strings.ToLower(english[key])
		if !strings.Contains(low, "do not pay out") && !strings.Contains(low, "not pay out") || !strings.Contains(low, "do not repeat") {
			t.Errorf("%s does not keep the shopkeeper from losing money: %q", key, english[key])
		}
	}
}

// TestReasons_Apart: a word of the agent's beside a state must never be shown
// with another package's meaning. "No money was asked for" under a withdrawal
// without an answer would cost a shopkeeper money.
func TestReasons_Apart(t *testing.T) {
	english := agent.English()
	for _, r := range eko.Reasons() {
		own, both := english["agent."+r.Code+".message"]
		switch r.Code {
		case "refund_pending", "otp_required", "refused_by_hook":
			continue // the same meaning in both
		}
		if both {
			t.Errorf("%s is Eko's (%q) and the agent's (%q)", r.Code, r.Message, own)
		}
	}
}

func TestEnglish_Hindi(t *testing.T) {
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	if !c.Has(locale.Hindi, "agent.internal.message") {
		t.Skip("the catalogue has no Hindi of this package")
	}
	english := agent.English()
	for _, fault := range c.Check(locale.Hindi, english) {
		t.Error(fault)
	}
	for _, prefix := range []string{"agent.", "stage.", "receipt."} {
		for _, key := range c.Stray(locale.Hindi, prefix, english) {
			t.Errorf("%s is said by nobody", key)
		}
	}
}
