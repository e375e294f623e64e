package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/pid"
)

// MerchantConfig says how the retailer proves to Eko who he is (eko-api.md
// section 6). That he must before a withdrawal is [Limits].RequireMerchantAuth.
type MerchantConfig struct {
	// Token: each cash withdrawal carries a merchant authentication of its own,
	// which v2 has.
	Token bool
	// TokenTTL is how long such an authentication may wait for its withdrawal; 0
	// is 75 s. Eko publishes no figure, peers have 90 s.
	TokenTTL time.Duration
	// TwoFactor: the account is of the seeds' time, whose merchants register once
	// (v2's service_type 6) and authenticate by service_type 7.
	TwoFactor bool
	// ServiceCode is "43" (Fingpay) or "52" (Fino); empty is 43.
	ServiceCode string
}

// ekycWadh is base64(SHA-256("2.5FYNNN")), which the eKYC's capture carries and
// no other may (eko-api.md section 4.4).
const ekycWadh = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="

// MerchantRequest asks for one of the merchant's own steps. Aadhaar number,
// mobile number and finger are his own, asked for each time; none of it is kept.
type MerchantRequest struct {
	// Step is empty for an authentication: the day's where that is missing, else,
	// where Eko wants one, that of the next withdrawal.
	Step    contract.MerchantStep
	Aadhaar Aadhaar
	// CustomerID is the merchant's mobile number.
	CustomerID string
	// BankCode is the merchant's bank. All steps with a finger need it but for
	// those of service_type 6 and 7.
	BankCode          string
	UserCode, LatLong string
	Device            string
	// OTP is for MerchantEKYCVerify; OTPRefID and ReferenceTID are what the step
	// before answered.
	OTP                    pid.OTP
	OTPRefID, ReferenceTID string
	// ConfirmRepeat says that the merchant means to do, and pay for, a step again
	// that was done or may have been.
	ConfirmRepeat bool
	// Consent says that the merchant agreed to this use of his number and finger.
	Consent bool
}

// MerchantStep carries out one of the merchant's own steps, once: some are
// charged, so nothing repeats one by itself. Up to the moment of sending it can
// be given up like a transaction. What Eko answered is in the result; an answer
// that proves nothing is Pending there and on disk.
// Errors: those of [Agent.Transact] up to the sending; request_conflict for a
// step that was done, or may have been, and isn't confirmed.
func (a *Agent) MerchantStep(ctx context.Context, c Caller, r MerchantRequest, t *Ticket, p Progress) (contract.MerchantResult, error) {
	if t == nil {
		t = NewTicket()
	}
	res, err := a.merchantStep(ctx, c, r, t, p)
	if err != nil {
		return contract.MerchantResult{}, a.report(err)
	}
	return res, nil
}

func (a *Agent) merchantStep(ctx context.Context, c Caller, r MerchantRequest, t *Ticket, p Progress) (contract.MerchantResult, error) {
	var none contract.MerchantResult
	r, err := a.validateStep(ctx, r)
	if err != nil {
		return none, err
	}
	if err := a.clockFit(ctx); err != nil {
		return none, err
	}
	s := &merchantStep{a: a, caller: c, request: r, service: a.stepService(r.Step)}
	if s.ref, err = newReference(a.cfg.Now(), a.cfg.Rand); err != nil {
		return none, err
	}
	if err := a.begin(); err != nil {
		return none, err
	}
	defer a.work.Done()
	free, err := a.claimMerchant(r.UserCode, s.ref)
	if err != nil {
		return none, err
	}
	defer free()
	g, ctx, end := a.hold(ctx, t)
	defer end()
	if !t.join(g) {
		return none, errLeft
	}
	if err := s.mayRepeat(ctx); err != nil {
		return none, err
	}
	if err := s.finger(ctx, p); err != nil {
		return none, err
	}
	defer s.scan.wipe()
	if s.scan != nil && a.cfg.Now().Sub(s.scan.takenAt).Abs() > a.cfg.Capture.MaxAge {
		return none, fail(keyCaptureStale, nil, nil)
	}
	if !g.commit() {
		return none, context.Cause(ctx)
	}
	return s.send()
}

// merchantStep is one step under way.
type merchantStep struct {
	a       *Agent
	caller  Caller
	request MerchantRequest
	service eko.Service
	ref     string
	device  *contract.DeviceSummary
	// scan is nil for a step without a finger.
	scan *scan
}

// stepService is the step in Eko's words.
func (a *Agent) stepService(s contract.MerchantStep) eko.Service {
	if a.cfg.Merchant.TwoFactor && (s == contract.MerchantDaily || s == contract.MerchantToken) {
		return eko.TwoFactorAuthentication
	}
	return map[contract.MerchantStep]eko.Service{
		contract.MerchantDaily: eko.DailyKYC, contract.MerchantToken: eko.MerchantAuthentication,
		contract.MerchantRegister: eko.TwoFactorRegistration, contract.MerchantEKYCOTP: eko.KYCOTP,
		contract.MerchantEKYCVerify: eko.KYCVerify, contract.MerchantEKYCFinger: eko.KYCBiometric,
	}[s]
}

// stepTakesFinger reports whether the merchant has to come to the scanner. Those
// steps are also the ones that are charged or that count, and are written down.
func stepTakesFinger(s contract.MerchantStep) bool {
	return s != contract.MerchantEKYCOTP && s != contract.MerchantEKYCVerify
}

// finger asks the partner's hook, where there is one, and then takes the finger.
func (s *merchantStep) finger(ctx context.Context, p Progress) error {
	a, r := s.a, s.request
	if !stepTakesFinger(r.Step) {
		return nil
	}
	_, err := a.cfg.Eko.Check(ctx, eko.Request{Service: s.service, ClientRefID: s.ref, Aadhaar: r.Aadhaar,
		BankCode: r.BankCode, CustomerID: r.CustomerID, UserCode: r.UserCode})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	teller(p, s.ref, nil)(contract.StageLooking, 0)
	d, release, err := a.claim(ctx, r.Device, holder{origin: s.caller.Origin, user: s.caller.User, ref: s.ref})
	if err != nil {
		return err
	}
	defer release()
	a.warm()
	s.device = summary(d)
	options := a.fingerOptions(r.BankCode)
	if r.Step == contract.MerchantEKYCFinger {
		options.Wadh = ekycWadh
	}
	s.scan, err = a.scanFinger(ctx, d, options, teller(p, s.ref, s.device))
	return err
}

// send makes the one call of the step. It is on disk before, so that a crash
// leaves an attempt behind that may have been charged, and what came of it is
// on disk before anybody is told.
func (s *merchantStep) send() (contract.MerchantResult, error) {
	a, r := s.a, s.request
	request := eko.MerchantRequest{
		Service: s.service, ClientRefID: s.ref, Aadhaar: r.Aadhaar, UserCode: r.UserCode, CustomerID: r.CustomerID,
		LatLong: r.LatLong, BankCode: r.BankCode, ServiceCode: a.cfg.Merchant.ServiceCode,
		OTP: eko.NewOTP(string(r.OTP)), OTPReference: r.OTPRefID, ReferenceTID: r.ReferenceTID,
	}
	if s.scan != nil {
		entry := journal.MerchantEntry{ClientRefID: s.ref, UserCode: r.UserCode, What: string(r.Step)}
		// A withdrawal's authentication is made many times a day; mayRepeat has
		// looked at the last one.
		confirmed := r.ConfirmRepeat || r.Step == contract.MerchantToken
		if _, err := a.cfg.Journal.BeginMerchant(a.calls, entry, confirmed, s.scan.digests()...); err != nil {
			return contract.MerchantResult{}, err
		}
		request.PidData = s.scan.capture.Bytes()
	}
	sentAt := a.cfg.Now()
	o := a.cfg.Eko.Merchant(a.calls, request)
	s.scan.wipe()
	a.cfg.Log.Info("merchant's step ended", "step", string(r.Step), "client_ref_id", s.ref, "state", string(o.State),
		"reason", o.Reason, "http_status", o.HTTPStatus, "error", o.Err)
	return s.conclude(o, sentAt)
}

// conclude writes the outcome down and words it. Where it can't be written the
// attempt stays as it was sent, and nobody is told more.
func (s *merchantStep) conclude(o eko.Outcome, sentAt time.Time) (contract.MerchantResult, error) {
	a, r := s.a, s.request
	if s.scan != nil {
		if err := a.cfg.Journal.EndMerchant(a.calls, s.ref, entryResult(o)); err != nil {
			a.cfg.Log.Error("the journal could not be written", "client_ref_id", s.ref, "error", err)
			return s.result(contract.Pending, "not_written", reasons["not_written"], o), nil
		}
	}
	if e := partnerRefusal(o); e != nil {
		return contract.MerchantResult{}, e
	}
	if o.State != eko.Succeeded {
		state := contract.Failed
		if unclearStep(o) {
			state = contract.Pending
		}
		return s.result(state, o.Reason, sentence{o.Message, o.Remedy}, o), nil
	}
	res := s.result(contract.Succeeded, o.Reason, reasons[string(r.Step)+"_done"], o)
	if a.cfg.Merchant.Token && (s.service == eko.MerchantAuthentication || s.service == eko.TwoFactorAuthentication) {
		a.tokens.keep(s.caller, r.UserCode, token{o.Details.MerchantReference(), sentAt.Add(a.cfg.Merchant.TokenTTL)})
	}
	return res, nil
}

// unclearStep reports whether a step was sent and its answer doesn't say what
// became of it.
func unclearStep(o eko.Outcome) bool {
	return o.State == eko.Pending || o.Sent && (o.Reason == eko.ReasonStepNoAnswer || o.Reason == eko.ReasonStepUnclear)
}

func entryResult(o eko.Outcome) journal.MerchantResult {
	switch {
	case o.State == eko.Succeeded && o.MerchantAgain():
		return journal.MerchantLapsed
	case o.State == eko.Succeeded:
		return journal.MerchantDone
	case unclearStep(o):
		return journal.MerchantUnclear
	}
	return journal.MerchantFailed
}

func (s *merchantStep) result(state contract.State, reason string, words sentence, o eko.Outcome) contract.MerchantResult {
	res := contract.MerchantResult{
		Step: s.request.Step, ClientRefID: s.ref, State: state, Reason: reason,
		Message: words.message, Remedy: words.remedy, TID: o.TID, Eko: resultOf(o).Eko,
		Device: s.device, Simulated: s.a.cfg.simulated(),
	}
	if state != contract.Succeeded {
		res.Cause = causeOf(o)
	} else if !stepTakesFinger(s.request.Step) {
		// Of a withdrawal's authentication the reference is nobody's but the
		// withdrawal's.
		res.OTPRefID, res.ReferenceTID = o.Details.OTPReference, o.Details.ReferenceTID
	}
	if s.scan != nil {
		res.Warnings = points(s.scan.verdict.Problems)
	}
	if o.MerchantAgain() {
		res.Warnings = append(res.Warnings, warning(warnMerchantAgain, nil))
	}
	return res
}

// causeOf is Eko's own text about a failure.
func causeOf(o eko.Outcome) string {
	if cause := o.Details.Cause(); cause != "" {
		return cause
	}
	return o.EkoMessage
}

// mayRepeat refuses a step that was done, or may have been, unless the merchant
// means it. It is asked before the finger; the journal decides once more.
func (s *merchantStep) mayRepeat(ctx context.Context) error {
	a, r := s.a, s.request
	if r.ConfirmRepeat || !stepTakesFinger(r.Step) {
		return nil
	}
	var before bool
	var err error
	switch r.Step {
	case contract.MerchantDaily:
		before, err = a.sentToday(ctx, r.UserCode, r.Step, journal.MerchantDone, journal.MerchantSent, journal.MerchantUnclear)
	case contract.MerchantToken:
		_, before = a.tokens.fresh(s.caller, r.UserCode, a.cfg.Now())
		if !before {
			before, err = a.lastUnclear(ctx, r.UserCode, r.Step)
		}
	default:
		before, err = a.doneEver(ctx, r.UserCode, r.Step)
		if err == nil && !before {
			before, err = a.lastUnclear(ctx, r.UserCode, r.Step)
		}
	}
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("look for the merchant's earlier steps: %w", err)
	case before:
		return fail(keyMerchantRepeat, nil, nil).with("confirm_repeat", true)
	}
	return nil
}
