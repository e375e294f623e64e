package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/pid"
	"biobridge/rdservice"
)

// maxAttempts is how often a finger is asked for in one capture: Eko's own
// applications retry a low score twice (rd-service.md section 6).
const maxAttempts = 3

// scan is one capture that was judged.
type scan struct {
	capture *pid.Capture
	verdict pid.Verdict
	// options are those that the scanner was sent.
	options pid.Options
	// takenAt is this PC's time when the scanner answered.
	takenAt time.Time
}

// age is how old the capture is by the wall clock: the monotonic one stands still
// while the PC sleeps.
func (s *scan) age(now time.Time) time.Duration { return now.Round(0).Sub(s.takenAt.Round(0)) }

// better reports whether s is worth more than the other one.
func (s *scan) better(other *scan) bool {
	if other == nil || s.verdict.Accepted() != other.verdict.Accepted() {
		return other == nil || s.verdict.Accepted()
	}
	mine, scored := s.capture.Resp().LowestQScore()
	theirs, theirsScored := other.capture.Resp().LowestQScore()
	return scored && (!theirsScored || mine > theirs)
}

func (s *scan) wipe() {
	if s != nil {
		s.capture.Wipe()
	}
}

// digests are what the guard against replays remembers of a capture.
func (s *scan) digests() []journal.Hash {
	return []journal.Hash{s.capture.Digest(), s.capture.SkeyDigest()}
}

// scanFinger asks for a finger until a capture is good enough, three times at
// most, and returns the best one. The caller wipes it. tell is told each stage.
func (a *Agent) scanFinger(ctx context.Context, d rdservice.Device, o pid.Options, tell func(contract.CaptureStage, int)) (*scan, error) {
	o = suited(o, d)
	policy := a.policy(ctx, d, &o)
	var best *scan
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		if attempt > 1 {
			tell(contract.StageRetry, attempt)
		}
		tell(contract.StagePlaceFinger, attempt)
		c, err := a.cfg.Watcher.Capture(ctx, d.ID, o)
		if ctx.Err() != nil {
			if c != nil {
				c.Wipe()
			}
			best.wipe()
			return nil, context.Cause(ctx)
		}
		if err != nil && best == nil {
			return nil, fmt.Errorf("capture: %w", err)
		}
		if err != nil {
			// The finger was lifted or the scanner gave up on the further try: what
			// was there before still counts.
			break
		}
		s := &scan{capture: c, verdict: policy.Check(c, a.cfg.Now()), options: o, takenAt: a.cfg.Now()}
		if s.better(best) {
			best.wipe()
			best = s
		} else {
			s.wipe()
		}
		if !s.verdict.Retry() {
			break
		}
	}
	if !best.verdict.Accepted() {
		best.wipe()
		return nil, rejected(best.verdict.Problems, nil)
	}
	tell(contract.StageCaptured, 0)
	return best, nil
}

// suited is what this kind of scanner is asked for.
func suited(o pid.Options, d rdservice.Device) pid.Options {
	if d.Modality == rdservice.Iris {
		o.FCount, o.ICount = 0, 1
	}
	return o
}

// policy is the configured one, completed for one capture.
func (a *Agent) policy(ctx context.Context, d rdservice.Device, o *pid.Options) pid.Policy {
	p := a.cfg.Policy
	before := d.PIDInfo()
	p.Requested, p.DeviceBefore = o, &before
	p.Seen = func(digest [32]byte) bool {
		used, err := a.cfg.Journal.CaptureUsed(ctx, digest)
		if err != nil && !errors.Is(err, context.Canceled) {
			// The journal decides again, for good, when the capture is used up.
			a.cfg.Log.Warn("the guard against replays could not be asked", "error", err)
		}
		return used
	}
	return p
}

// Capture takes one capture for a page that wants the block itself. The device
// is released when t is cancelled or ctx ends. The block is marked as used: the
// agent itself will not send it.
func (a *Agent) Capture(ctx context.Context, c Caller, r CaptureRequest, t *Ticket, p Progress) (contract.CaptureResult, error) {
	res, err := a.capture(ctx, c, r, t, p)
	if err != nil {
		return contract.CaptureResult{}, a.report(err)
	}
	return res, nil
}

func (a *Agent) capture(ctx context.Context, c Caller, r CaptureRequest, t *Ticket, p Progress) (contract.CaptureResult, error) {
	var none contract.CaptureResult
	o, err := a.captureOptions(r)
	if err != nil {
		return none, err
	}
	if err := a.begin(); err != nil {
		return none, err
	}
	defer a.work.Done()
	if t == nil {
		t = NewTicket()
	}
	g, ctx, end := a.hold(ctx, t)
	defer end()
	if !t.join(g) {
		return none, errLeft
	}
	tell := teller(p, "", nil)
	tell(contract.StageLooking, 0)
	d, release, err := a.claim(ctx, r.Device, holder{origin: c.Origin, user: c.User})
	if err != nil {
		return none, err
	}
	defer release()
	s, err := a.scanFinger(ctx, d, o, teller(p, "", summary(d)))
	if err != nil {
		return none, asking(err, suited(o, d), d)
	}
	defer s.wipe()
	if err := a.cfg.Journal.UseCapture(ctx, s.digests()...); err != nil {
		return none, err
	}
	a.cfg.Log.Info("capture handed out", "origin", c.Origin, "purpose", r.Purpose, "vendor", d.Vendor, "model", d.Model)
	return contract.CaptureResult{
		Capture: captureSummary(s, d, s.options), PidData: string(s.capture.Bytes()),
		PidOptions: shownOptions(s.options), Problems: problems(s.verdict.Problems),
	}, nil
}

// hold makes the gate of a call and the context that ends when everybody has
// left it, when the caller's context ends, or when the agent stops.
func (a *Agent) hold(ctx context.Context, t *Ticket) (*gate, context.Context, func()) {
	captures, cancel := context.WithCancelCause(a.captures)
	g := &gate{cancel: cancel}
	unhook := context.AfterFunc(ctx, func() { t.Cancel() })
	return g, captures, func() {
		unhook()
		cancel(nil)
	}
}

func captureSummary(s *scan, d rdservice.Device, o pid.Options) contract.CaptureSummary {
	out := contract.CaptureSummary{Device: *summary(d), FType: int(o.FType), FCount: o.FCount, Warnings: points(s.verdict.Problems)}
	out.TakenAt, _ = s.capture.TakenAt()
	if v, ok := s.capture.Resp().LowestQScore(); ok {
		out.QScore = &v
	}
	if v, ok := s.capture.Resp().LowestNmPoints(); ok {
		out.NmPoints = &v
	}
	return out
}

// points are the remarks on a capture that was accepted.
func points(problems []pid.Problem) []contract.LocalisedPoint {
	var out []contract.LocalisedPoint
	for _, p := range problems {
		out = append(out, contract.LocalisedPoint{Code: p.Code, Message: p.Message, Remedy: p.Remedy, Args: p.Args})
	}
	return out
}

// teller words the stages of a capture for whoever asked; p may be nil.
func teller(p Progress, ref string, d *contract.DeviceSummary) func(contract.CaptureStage, int) {
	return func(stage contract.CaptureStage, attempt int) {
		if p != nil {
			p(contract.CaptureProgress{ClientRefID: ref, Stage: stage, Device: d, Attempt: attempt, Message: stages[stage]})
		}
	}
}
