package eko

import (
	"context"
	"errors"
	"strings"
)

// MerchantRequest is one of the merchant's own steps: the Aadhaar number and the
// finger are the merchant's, CustomerID is his mobile number. None of it is
// stored by this package.
type MerchantRequest struct {
	Service     Service
	ClientRefID string
	Aadhaar     Aadhaar
	UserCode    string
	CustomerID  string
	LatLong     string
	// BankCode and PidData go with the steps that take a finger. KYCBiometric
	// wants a capture with wadh, the others one without it (eko-api.md section 4.4).
	BankCode string
	PidData  []byte
	// ServiceCode is "43" (Fingpay) or "52" (Fino); empty means 43.
	ServiceCode string
	// OTP is for KYCVerify. OTPReference and ReferenceTID come from the step
	// before: Details.OTPReference and Details.ReferenceTID.
	OTP          OTP
	OTPReference string
	ReferenceTID string
}

// The providers behind Eko (eko-api.md section 9).
const (
	ServiceFingpay = "43"
	ServiceFino    = "52"
)

func (r MerchantRequest) check() error {
	common := Request{
		Service: r.Service, ClientRefID: r.ClientRefID, Aadhaar: r.Aadhaar, UserCode: r.UserCode, CustomerID: r.CustomerID,
		LatLong: r.LatLong, BankCode: r.BankCode, PidData: r.PidData,
	}
	if err := common.check(); err != nil {
		return err
	}
	switch {
	case !r.Service.merchantStep():
		return errors.New("the service is not one of the merchant's steps")
	case r.Service.takesFinger() && !r.Service.twoFactor() && r.BankCode == "":
		return errors.New("bank_code is missing")
	case r.LatLong == "":
		return errors.New("latlong is missing")
	case r.ServiceCode != "" && r.ServiceCode != ServiceFingpay && r.ServiceCode != ServiceFino:
		return errors.New("service_code must be 43 or 52")
	case r.Service == KYCVerify && !otpText.MatchString(r.OTP.reveal()):
		return errors.New("otp must have 4 to 8 digits")
	case r.Service == KYCVerify && (r.OTPReference == "" || r.ReferenceTID == ""):
		return errors.New("otp_ref_id and reference_tid of the step before are missing")
	case !tidOrNone(r.OTPReference) || !tidOrNone(r.ReferenceTID):
		return errors.New("otp_ref_id or reference_tid can't be used")
	}
	return nil
}

func tidOrNone(text string) bool { return text == "" || tidText.MatchString(text) }

// Merchant carries out one of the merchant's own steps, once. Some are charged,
// so nothing here repeats one by itself. Succeeded is proved by the step's own
// response type where one is published; a day's authentication that was already
// done counts as done. What the next step needs stands in Details, and the token
// for a withdrawal is Details.MerchantReference.
//
// The service types 6 and 7 of v2 are taken here too.
func (c *Client) Merchant(ctx context.Context, r MerchantRequest) Outcome {
	err := r.check()
	if err == nil {
		err = c.dialect.checkMerchant(r)
	}
	if err != nil {
		return unsent(ReasonBadRequest, err)
	}
	if r.Service.twoFactor() {
		return c.Submit(ctx, Request{
			Service: r.Service, ClientRefID: r.ClientRefID, Aadhaar: r.Aadhaar, UserCode: r.UserCode,
			CustomerID: r.CustomerID, LatLong: r.LatLong, BankCode: r.BankCode, PidData: r.PidData,
		})
	}
	aadhar, err := c.key.Encrypt(c.cfg.Rand, r.Aadhaar)
	if err != nil {
		return unsent(ReasonBadRequest, err)
	}
	return c.do(ctx, operation{
		name:   string(r.Service),
		strict: true,
		sign: SignRequest{
			Service: r.Service, ClientRefID: r.ClientRefID, BankCode: r.BankCode, CustomerID: r.CustomerID,
			UserCode: r.UserCode, Aadhaar: r.Aadhaar, EncryptedAadhaar: aadhar,
		},
		build: func(ref string) call {
			r.ClientRefID = ref
			return c.dialect.merchant(r, aadhar)
		},
		evidence: Evidence{Service: r.Service, ClientRefID: r.ClientRefID},
	})
}

// MerchantAgain reports whether Eko wants the merchant to authenticate once more
// today: an answer that mentions FP069 (eko-api.md section 6). That is a code,
// although it stands in a text.
func (o Outcome) MerchantAgain() bool {
	for _, text := range []string{o.EkoMessage, o.Details.Reason, o.Details.Comment} {
		if strings.Contains(text, "FP069") {
			return true
		}
	}
	return false
}

// MerchantReference is the token of a merchant authentication, under whichever
// of its two names it came. It is good for one withdrawal, at once: peers let it
// live 90 seconds (eko-api.md section 6).
func (d Details) MerchantReference() string {
	if d.ReferenceTID != "" {
		return d.ReferenceTID
	}
	return d.ReferenceID
}
