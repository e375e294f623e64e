package wsapi

import (
	"context"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// merchantMethods are the retailer's own steps. The ticket holds all but the
// status, so that a page can give up a finger and never what is on its way.
func merchantMethods() map[string]method {
	only := scopes(contract.ScopeMerchant)
	return map[string]method{
		"merchant.status":           {anyOf: only, run: (*conn).merchantStatus},
		"merchant.authenticate":     {anyOf: only, held: true, run: merchantStep("")},
		"merchant.register":         {anyOf: only, held: true, run: merchantStep(contract.MerchantRegister)},
		"merchant.ekyc.request_otp": {anyOf: only, held: true, run: merchantStep(contract.MerchantEKYCOTP)},
		"merchant.ekyc.verify_otp":  {anyOf: only, held: true, run: merchantStep(contract.MerchantEKYCVerify)},
		"merchant.ekyc.biometric":   {anyOf: only, held: true, run: merchantStep(contract.MerchantEKYCFinger)},
		"aeps.request_otp":          {anyOf: scopes(contract.ScopeTransact), run: (*conn).requestOTP},
	}
}

// stepResult is the envelope of a merchant's step.
type stepResult struct {
	Step contract.MerchantResult `json:"step"`
}

func (c *conn) merchantStatus(ctx context.Context, _ *call, p *object) (any, error) {
	userCode := p.text("user_code", 40)
	if err := p.end(); err != nil {
		return nil, err
	}
	m, err := c.server.cfg.Agent.Merchant(ctx, c.caller(), userCode)
	if err != nil {
		return nil, err
	}
	return map[string]contract.Merchant{"merchant": m}, nil
}

// merchantStep is the method of one step; the empty one is an authentication.
func merchantStep(step contract.MerchantStep) func(*conn, context.Context, *call, *object) (any, error) {
	return func(c *conn, ctx context.Context, running *call, p *object) (any, error) {
		in, err := readStep(step, p)
		if err != nil {
			return nil, err
		}
		res, err := c.server.cfg.Agent.MerchantStep(ctx, c.caller(), in, running.ticket, c.progress(running.id))
		if err != nil {
			return nil, err
		}
		return stepResult{c.server.cfg.Agent.LocaliseStep(res, c.language())}, nil
	}
}

func readStep(step contract.MerchantStep, p *object) (agent.MerchantRequest, error) {
	in := agent.MerchantRequest{
		Step:       step,
		CustomerID: p.needText("customer_id", 20),
		UserCode:   p.text("user_code", 40),
		LatLong:    p.text("latlong", 60),
		Consent:    p.flag("consent"),
	}
	number := p.needText("aadhaar", 40)
	if step == "" {
		in.Step = contract.MerchantStep(p.choice("step", string(contract.MerchantDaily), string(contract.MerchantToken)))
	}
	if step != contract.MerchantEKYCOTP && step != contract.MerchantEKYCVerify {
		in.BankCode, in.Device, in.ConfirmRepeat = p.text("bank_code", 20), p.text("device", 100), p.flag("confirm_repeat")
	}
	if step == contract.MerchantEKYCVerify {
		fill(&in.OTP, p.needText("otp", 20))
	}
	if step == contract.MerchantEKYCVerify || step == contract.MerchantEKYCFinger {
		in.OTPRefID, in.ReferenceTID = p.text("otp_ref_id", 100), p.text("reference_tid", 100)
	}
	if err := p.end(); err != nil {
		return agent.MerchantRequest{}, err
	}
	// One that can't be read stays empty, and the agent says whose it is.
	in.Aadhaar, _ = agent.ParseAadhaar(number)
	return in, nil
}

// requestOTP takes what the withdrawal takes, so that a page sends one object
// twice.
func (c *conn) requestOTP(ctx context.Context, _ *call, p *object) (any, error) {
	in, err := readTransact(contract.CashWithdrawal, p)
	if err != nil {
		return nil, err
	}
	return c.server.cfg.Agent.RequestOTP(ctx, c.caller(), in)
}

// merchantBackend is the part of [Backend] behind these methods.
type merchantBackend interface {
	Merchant(ctx context.Context, caller agent.Caller, userCode string) (contract.Merchant, error)
	MerchantStep(context.Context, agent.Caller, agent.MerchantRequest, *agent.Ticket, agent.Progress) (contract.MerchantResult, error)
	// LocaliseStep words a step's result in a language.
	LocaliseStep(contract.MerchantResult, locale.Lang) contract.MerchantResult
	RequestOTP(context.Context, agent.Caller, agent.TransactRequest) (contract.OTPRequest, error)
}
