package agent

import (
	"context"
	"errors"
	"fmt"

	"biobridge/agent/contract"
	"biobridge/agent/locale"
	"biobridge/pid"
	"biobridge/rdservice"
)

// Inspect returns the own answers of the scanner with that id, for comparing
// with another integration. A scanner that is capturing is not asked.
func (a *Agent) Inspect(ctx context.Context, c Caller, device string) (contract.Inspection, error) {
	in, err := a.inspect(ctx, c, device)
	if err != nil {
		return contract.Inspection{}, a.report(err)
	}
	return contract.Inspection{RDService: in.Service, DeviceInfo: in.Info}, nil
}

func (a *Agent) inspect(ctx context.Context, c Caller, device string) (rdservice.Inspection, error) {
	a.mu.Lock()
	by, held := a.scanners[device]
	a.mu.Unlock()
	if held {
		e := fail(keyDeviceBusy, nil, nil)
		if c.owns(by.origin, by.user) {
			e.with("held_by", by.ref)
		}
		return rdservice.Inspection{}, e
	}
	in, err := a.cfg.Watcher.Inspect(ctx, device)
	switch {
	case err == nil:
		return in, nil
	case ctx.Err() != nil:
		return rdservice.Inspection{}, context.Cause(ctx)
	case errors.Is(err, rdservice.ErrTimeout), errors.Is(err, rdservice.ErrUnusable):
		// Those words would speak of a finger, and none was asked for.
		return rdservice.Inspection{}, fail(keyDeviceNotReady, nil, err)
	}
	return rdservice.Inspection{}, fmt.Errorf("inspect scanner: %w", err)
}

// shownOptions is the request of a capture as a page may see it.
func shownOptions(o pid.Options) string {
	if o.OTP != "" {
		o.OTP = pid.OTP(o.OTP.String())
	}
	return string(o.XML())
}

// problems are the remarks on a capture that was accepted, as its tester sees
// them.
func problems(found []pid.Problem) []contract.CaptureProblem {
	out := make([]contract.CaptureProblem, len(found))
	for i, p := range found {
		out[i] = contract.CaptureProblem{
			Code: p.Code, Element: p.Element, Severity: string(p.Severity), Message: p.Message, Remedy: p.Remedy, Args: p.Args,
		}
	}
	return out
}

// LocaliseCapture returns the capture with its remarks in a language; what the
// catalogue doesn't have stays English.
func (a *Agent) LocaliseCapture(r contract.CaptureResult, lang locale.Lang) contract.CaptureResult {
	c := a.cfg.Catalogue
	if lang == locale.English || c == nil {
		return r
	}
	for i, p := range r.Problems {
		stem := "pid." + p.Code
		p.Message = c.Text(lang, stem+".message", p.Message, p.Args)
		p.Remedy = c.Text(lang, stem+".remedy", p.Remedy, p.Args)
		r.Problems[i] = p
		// The warnings are the same remarks in the same order.
		if i < len(r.Capture.Warnings) && r.Capture.Warnings[i].Code == p.Code {
			r.Capture.Warnings[i].Message, r.Capture.Warnings[i].Remedy = p.Message, p.Remedy
		}
	}
	return r
}
