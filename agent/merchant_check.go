package agent

import (
	"context"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
)

// validateStep checks a step and fills in what the configuration knows.
func (a *Agent) validateStep(ctx context.Context, r MerchantRequest) (MerchantRequest, error) {
	switch {
	case !r.Consent:
		return r, invalid("consent", keyMerchantConsent)
	case r.Aadhaar.IsZero():
		return r, invalid("aadhaar", keyMerchantAadhaar)
	case !mobileShape.MatchString(r.CustomerID):
		return r, invalid("customer_id", keyMerchantMobile)
	}
	place, err := a.place(TransactRequest{UserCode: r.UserCode, LatLong: r.LatLong})
	if err != nil {
		return r, err
	}
	r.UserCode, r.LatLong = place.UserCode, place.LatLong
	if r.LatLong == "" {
		// All of the merchant's steps want the place, v2's too (eko-api.md section 4.1).
		return r, invalid("latlong", keyBadLatLong)
	}
	if r.Step == "" {
		if r.Step, err = a.authenticationDue(ctx, r.UserCode); err != nil {
			return r, err
		}
	}
	return r, a.checkStep(r)
}

// authenticationDue is which authentication a merchant means who names none.
func (a *Agent) authenticationDue(ctx context.Context, userCode string) (contract.MerchantStep, error) {
	if !a.cfg.Merchant.Token {
		return contract.MerchantDaily, nil
	}
	done, err := a.sentToday(ctx, userCode, contract.MerchantDaily, journal.MerchantDone)
	if done {
		return contract.MerchantToken, err
	}
	return contract.MerchantDaily, err
}

func (a *Agent) checkStep(r MerchantRequest) error {
	service := a.stepService(r.Step)
	fino := a.cfg.Merchant.ServiceCode == eko.ServiceFino
	followsOTP := r.Step == contract.MerchantEKYCVerify || r.Step == contract.MerchantEKYCFinger && !fino
	wantsBank := stepTakesFinger(r.Step) && service != eko.TwoFactorRegistration && service != eko.TwoFactorAuthentication
	switch {
	case service == "" || !a.cfg.Eko.Offers(service), fino && !stepTakesFinger(r.Step),
		r.Step == contract.MerchantToken && !a.cfg.Merchant.Token:
		return invalid("step", keyMerchantStep)
	case r.BankCode != "" && !bankShape.MatchString(r.BankCode), wantsBank && r.BankCode == "":
		return invalid("bank_code", keyMerchantBank)
	case r.Step == contract.MerchantEKYCVerify && !otpShape.MatchString(string(r.OTP)):
		return invalid("otp", keyMerchantOTP)
	case (r.OTPRefID != "" || followsOTP) && !otpIDShape.MatchString(r.OTPRefID):
		return invalid("otp_ref_id", keyEKYCReference)
	case (r.ReferenceTID != "" || followsOTP) && !otpIDShape.MatchString(r.ReferenceTID):
		return invalid("reference_tid", keyEKYCReference)
	}
	return nil
}
