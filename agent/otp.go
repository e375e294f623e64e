package agent

import (
	"context"
	"errors"

	"biobridge/agent/contract"
	"biobridge/eko"
)

// RequestOTP has Eko send the customer a one-time password for one withdrawal.
// The request is the withdrawal's own without a finger; its client_ref_id plays
// no part, since that belongs to the withdrawal. Each call sends an SMS, so
// nothing here repeats it.
// Errors: invalid_params (also where Eko's API in use knows no OTP),
// limit_exceeded, merchant_auth_required, refused_by_hook, unavailable.
func (a *Agent) RequestOTP(ctx context.Context, c Caller, r TransactRequest) (contract.OTPRequest, error) {
	id, err := a.requestOTP(ctx, c, r)
	if err != nil {
		return contract.OTPRequest{}, a.report(err)
	}
	return contract.OTPRequest{OTPRequestID: id}, nil
}

func (a *Agent) requestOTP(ctx context.Context, c Caller, r TransactRequest) (string, error) {
	r.Service, r.OTP, r.OTPRequestID = contract.CashWithdrawal, "", ""
	if !a.cfg.Eko.Offers(eko.WithdrawalOTP) {
		return "", invalid("otp", keyNoOTPHere)
	}
	r, _, err := a.validate(r)
	if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Code != contract.OTPRequired) {
		return "", err
	}
	if err := a.fit(ctx, c, r); err != nil {
		return "", err
	}
	if r.ClientRefID, err = newReference(a.cfg.Now(), a.cfg.Rand); err != nil {
		return "", err
	}
	if err := a.begin(); err != nil {
		return "", err
	}
	defer a.work.Done()
	free, err := a.claimMerchant(r.UserCode, r.ClientRefID)
	if err != nil {
		return "", err
	}
	defer free()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(a.captures, func() { cancel(errStopping) })()
	o := a.cfg.Eko.RequestOTP(ctx, a.ekoRequest(r))
	a.cfg.Log.Info("the customer's OTP was asked for", "client_ref_id", r.ClientRefID, "state", string(o.State), "reason", o.Reason, "error", o.Err)
	if o.State != eko.Succeeded {
		return "", otpNotSent(o)
	}
	return o.Details.OTPRequestID, nil
}

// otpNotSent says why there is no OTP: Eko's reason where it has one.
func otpNotSent(o eko.Outcome) *Error {
	if e := partnerRefusal(o); e != nil {
		return e
	}
	e := fail(keyOTPNotSent, nil, o.Err).with("eko_reason", o.Reason)
	if o.Message != "" {
		e.Key, e.Message, e.Remedy = "eko."+o.Reason, o.Message, o.Remedy
	}
	if cause := causeOf(o); cause != "" {
		e.with("cause", cause)
	}
	return e
}
