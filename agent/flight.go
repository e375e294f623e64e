package agent

import (
	"context"
	"errors"
	"strconv"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/rdservice"
)

// flight is one transaction under way, however many calls wait for it.
type flight struct {
	a       *Agent
	caller  Caller
	request TransactRequest
	content journal.Hash
	told    Progress

	gate *gate
	// ctx ends when everybody has left before the gate was closed.
	ctx context.Context
	end func()

	// done is closed when record, remarks and err stand.
	done    chan struct{}
	record  journal.Record
	remarks []contract.LocalisedPoint
	err     error
}

func newFlight(a *Agent, c Caller, r TransactRequest, content journal.Hash, p Progress) *flight {
	ctx, cancel := context.WithCancelCause(a.captures)
	return &flight{
		a: a, caller: c, request: r, content: content, told: p,
		gate: &gate{cancel: cancel}, ctx: ctx, end: func() { cancel(nil) },
		done: make(chan struct{}),
	}
}

// same reports whether a call is about this very request.
func (f *flight) same(c Caller, content journal.Hash) bool {
	return c.Origin == f.caller.Origin && c.User == f.caller.User && content == f.content
}

// carry is the life of a transaction, step by step. Up to the gate every error
// means that nothing was sent.
func (f *flight) carry() (journal.Record, error) {
	a, ref := f.a, f.request.ClientRefID

	// 1. Whatever this reference already led to is the answer.
	existing, err := a.cfg.Journal.Get(f.ctx, ref)
	switch {
	case err == nil:
		return a.recall(existing, f)
	case !errors.Is(err, journal.ErrNotFound):
		return journal.Record{}, err
	}

	// 2. What would stop it later stops it before anybody gives a finger.
	if err := a.fit(f.ctx, f.caller, f.request); err != nil {
		return journal.Record{}, f.orLeft(err)
	}
	freeMerchant, err := a.claimMerchant(f.request.UserCode, ref)
	if err != nil {
		return journal.Record{}, err
	}
	defer freeMerchant()
	if _, err := a.cfg.Eko.Check(f.ctx, a.ekoRequest(f.request)); err != nil {
		return journal.Record{}, f.orLeft(err)
	}
	teller(f.told, ref, nil)(contract.StageLooking, 0)
	d, freeScanner, err := a.claim(f.ctx, f.request.Device, holder{f.caller.Origin, f.caller.User, ref})
	if err != nil {
		return journal.Record{}, err
	}
	defer freeScanner()

	// 3. From here on it is on record.
	if err := f.start(d); err != nil {
		return journal.Record{}, err
	}
	a.warm()
	s, err := f.scan(d)
	freeScanner() // Eko may take minutes; the scanner is done
	if err != nil {
		return f.abandon(err)
	}
	defer s.wipe()

	// 4. The last moment at which it can be given up.
	if !f.gate.commit() {
		return f.abandon(context.Cause(f.ctx))
	}
	return f.send(s)
}

// orLeft replaces an error that is only the echo of everybody's leaving.
func (f *flight) orLeft(err error) error {
	if f.ctx.Err() != nil {
		return context.Cause(f.ctx)
	}
	return err
}

// start writes the transaction down.
func (f *flight) start(d rdservice.Device) error {
	a, r := f.a, f.request
	a.cfg.Failpoint(BeforeStarted)
	record, err := a.cfg.Journal.Begin(f.ctx, journal.Record{
		ClientRefID: r.ClientRefID, Origin: f.caller.Origin, User: f.caller.User,
		Service: r.Service, Amount: r.Amount, BankCode: r.BankCode,
		AadhaarLast4: r.Aadhaar.Last4(), AadhaarHash: a.hashes.person(r.Aadhaar), ContentHash: f.content,
		CustomerID: r.CustomerID, UserCode: r.UserCode, Device: summary(d), Simulated: a.cfg.simulated(),
		Result: journal.Result{Reason: "started"},
	}, journal.Guard{
		PerAadhaarPerDay: a.cfg.Limits.PerAadhaarPerDay,
		RepeatWithin:     a.cfg.Limits.RepeatWithin, ConfirmRepeat: r.ConfirmRepeat,
	})
	if err != nil {
		return f.orLeft(f.refusedStart(err))
	}
	a.cfg.Failpoint(AfterStarted)
	a.tell(record)
	return nil
}

// refusedStart adds what the page may know of why the journal said no.
func (f *flight) refusedStart(err error) error {
	if repeat, ok := errors.AsType[*journal.RepeatError](err); ok {
		e := fail(keyRepeat, nil, err).with("confirm_repeat", true)
		if f.caller.owns(repeat.Previous.Origin, repeat.Previous.User) {
			e.with("previous", repeat.Previous.ClientRefID)
		}
		return e
	}
	if errors.Is(err, journal.ErrDayLimit) {
		n := f.a.cfg.Limits.PerAadhaarPerDay
		return fail(keyDayLimit, map[string]string{"limit": strconv.Itoa(n)}, err).with("limit", n)
	}
	return err
}

// scan takes the finger and records it. A capture that has grown old on the way
// (the PC slept, the disk was slow) is taken again.
func (f *flight) scan(d rdservice.Device) (*scan, error) {
	a, ref := f.a, f.request.ClientRefID
	tell := teller(f.told, ref, summary(d))
	options := a.fingerOptions(f.request.BankCode)
	// The customer's OTP travels inside the block and never beside it.
	options.OTP = f.request.OTP
	s, err := a.scanFinger(f.ctx, d, options, tell)
	if err != nil {
		return nil, err
	}
	a.cfg.Failpoint(BeforeCaptured)
	_, err = a.advance(f.ctx, ref, journal.Change{To: contract.Captured, By: "agent", Reason: "captured",
		Result: &journal.Result{Reason: "captured"}})
	if err != nil {
		s.wipe()
		return nil, err
	}
	a.cfg.Failpoint(AfterCaptured)
	for old := 0; s.age(a.cfg.Now()).Abs() > a.cfg.Capture.MaxAge; old++ {
		s.wipe()
		if old == maxAttempts {
			return nil, fail(keyCaptureStale, nil, nil)
		}
		if s, err = a.scanFinger(f.ctx, d, options, tell); err != nil {
			return nil, err
		}
	}
	f.remarks = append(points(s.verdict.Problems), a.clockWarnings()...)
	return s, nil
}

// abandon records that nothing was sent and why, and returns why.
func (f *flight) abandon(cause error) (journal.Record, error) {
	a, ref := f.a, f.request.ClientRefID
	e := AsError(f.orLeft(cause))
	// The trail keeps the finest word there is, the row one that has a sentence
	// of this package's.
	reason := string(e.Code)
	if _, ours := texts[e.Reason()]; ours {
		reason = e.Reason()
	}
	c := journal.Change{To: contract.Abandoned, By: "agent", Reason: e.Reason(),
		Result: &journal.Result{Reason: reason, Message: e.Message, Remedy: e.Remedy}}
	a.cfg.Failpoint(BeforeAbandoned)
	if _, err := a.advance(f.ctx, ref, c); err != nil {
		a.owe(ref, c)
	}
	a.cfg.Failpoint(AfterAbandoned)
	return journal.Record{}, e
}

// send makes the one submission of this reference. From the first line on
// nobody's leaving matters any more.
func (f *flight) send(s *scan) (journal.Record, error) {
	a, ref := f.a, f.request.ClientRefID
	if err := a.clockFit(f.ctx); err != nil {
		return f.abandon(err)
	}
	merchant, giveBack, err := f.takeToken()
	if err != nil {
		return f.abandon(err)
	}
	a.cfg.Failpoint(BeforeSending)
	record, err := a.advance(f.ctx, ref, journal.Change{To: contract.Sending, By: "agent", Reason: "sending",
		Digests: s.digests(), Result: &journal.Result{Reason: "sending"}})
	if err != nil {
		giveBack()
		return f.abandon(err)
	}
	a.cfg.Failpoint(AfterSending)
	request := a.ekoRequest(f.request)
	request.PidData, request.MerchantReference = s.capture.Bytes(), merchant
	request.Adopt = func(ctx context.Context, ekoRef string) error {
		return a.cfg.Journal.Adopt(ctx, ref, ekoRef)
	}
	outcome := a.cfg.Eko.Submit(a.calls, request)
	s.wipe()
	if !outcome.Sent {
		giveBack()
	}
	f.merchantAgain(outcome)
	a.cfg.Failpoint(AfterAnswer)
	record, err = a.conclude(record, outcome)
	if a.cfg.Exchanged != nil && outcome.Exchange != nil {
		a.cfg.Exchanged(f.request.Service, outcome.State == eko.Succeeded, outcome.Exchange)
	}
	if e := partnerRefusal(outcome); err == nil && e != nil && record.State == contract.Failed {
		return journal.Record{}, e
	}
	return record, err
}

// partnerRefusal is the error of a transaction that was not signed: it failed
// without having been sent, and the partner's hook says why, or the key had just
// been taken away.
func partnerRefusal(o eko.Outcome) *Error {
	_, refused := errors.AsType[*eko.HookRefusal](o.Err)
	if o.State == eko.Failed && !o.Sent && (refused || errors.Is(o.Err, eko.ErrHook) || errors.Is(o.Err, eko.ErrNoKey)) {
		return known(o.Err)
	}
	return nil
}

// conclude writes the outcome down and returns what may be told: the outcome
// if it is on disk, else that it isn't known.
func (a *Agent) conclude(r journal.Record, o eko.Outcome) (journal.Record, error) {
	c := changeOf(o, a.cfg.Now().Add(firstInquiry))
	if o.RetryAfter > 0 && o.State == eko.Pending {
		a.remember(r.ClientRefID, o)
	}
	if o.Err != nil {
		a.cfg.Log.Warn("no usable answer from Eko", "client_ref_id", r.ClientRefID, "reason", o.Reason, "http_status", o.HTTPStatus, "error", o.Err)
	}
	a.cfg.Failpoint(BeforeOutcome)
	written, err := a.advance(a.calls, r.ClientRefID, c)
	if err != nil {
		a.owe(r.ClientRefID, c)
		r.State, r.Reason = contract.Pending, "not_written"
		return r, nil
	}
	a.cfg.Failpoint(AfterOutcome)
	if !written.State.Settled() {
		a.poke()
	}
	return written, nil
}

// firstInquiry is how soon after an unclear answer Eko is asked.
const firstInquiry = time.Second

// ekoRequest is a request in Eko's words, as yet without the finger.
func (a *Agent) ekoRequest(r TransactRequest) eko.Request {
	return eko.Request{
		Service: eko.Service(r.Service), ClientRefID: r.ClientRefID, Aadhaar: r.Aadhaar, BankCode: r.BankCode,
		Amount: eko.Rupees(r.Amount), CustomerID: r.CustomerID, UserCode: r.UserCode, LatLong: r.LatLong,
		SourceIP: a.cfg.SourceIP, NotifyCustomer: r.NotifyCustomer, OTPRequestID: r.OTPRequestID,
	}
}
