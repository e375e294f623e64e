package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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

// asking completes the error of a capture for its tester: which scanner was asked
// for what goes along. Options that can't be sent were asked of nobody.
func asking(err error, o pid.Options, d rdservice.Device) error {
	e := *AsError(err)
	if e.Code == contract.InvalidParams {
		return err
	}
	e.Data = maps.Clone(e.Data)
	return e.with("device", summary(d)).with("pid_options", shownOptions(o))
}

// Details is Data in a language: the problems of a refused capture are sentences,
// too. What the catalogue doesn't have stays English.
func (e *Error) Details(c *locale.Catalogue, lang locale.Lang) map[string]any {
	found, ok := e.Data["problems"].([]pid.Problem)
	if !ok {
		return e.Data
	}
	worded := slices.Clone(found)
	for i, p := range found {
		worded[i].Message, worded[i].Remedy = remark(c, lang, p.Code, p.Message, p.Remedy, p.Args)
	}
	data := maps.Clone(e.Data)
	data["problems"] = worded
	return data
}

// remark words a remark of the checks; message and remedy are its English.
func remark(c *locale.Catalogue, lang locale.Lang, code, message, remedy string, args map[string]string) (string, string) {
	stem := "pid." + code
	return c.Text(lang, stem+".message", message, args), c.Text(lang, stem+".remedy", remedy, args)
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
		p.Message, p.Remedy = remark(c, lang, p.Code, p.Message, p.Remedy, p.Args)
		r.Problems[i] = p
	}
	for i, w := range r.Capture.Warnings {
		r.Capture.Warnings[i] = localisePoint(c, lang, w)
	}
	return r
}
