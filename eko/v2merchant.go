package eko

import (
	"errors"
	"net/http"
)

// merchantBody is the body of a merchant's step, alike in v2 and v3 but for the
// fields that only one of them knows (eko-api.md sections 4.2 and 4.3).
type merchantBody struct {
	InitiatorID  string `json:"initiator_id"`
	UserCode     string `json:"user_code"`
	CustomerID   string `json:"customer_id"`
	ClientRefID  string `json:"client_ref_id"`
	Aadhar       string `json:"aadhar"`
	LatLong      string `json:"latlong"`
	BankCode     string `json:"bank_code,omitempty"`
	PidData      string `json:"piddata,omitempty"`
	OTP          string `json:"otp,omitempty"`
	OTPRefID     string `json:"otp_ref_id,omitempty"`
	ReferenceTID string `json:"reference_tid,omitempty"`
	ServiceCode  string `json:"service_code,omitempty"`
	EKYCFlag     string `json:"ekyc_flag,omitempty"`
}

func newMerchantBody(initiatorID, aadhar string, r MerchantRequest) merchantBody {
	body := merchantBody{
		InitiatorID: initiatorID, UserCode: r.UserCode, CustomerID: r.CustomerID, ClientRefID: r.ClientRefID,
		Aadhar: aadhar, LatLong: r.LatLong, OTPRefID: r.OTPReference, ReferenceTID: r.ReferenceTID,
	}
	if r.Service.takesFinger() {
		body.BankCode, body.PidData = r.BankCode, string(r.PidData)
	}
	if r.Service == KYCVerify {
		body.OTP = r.OTP.reveal()
	}
	return body
}

var v2MerchantPaths = map[Service]string{
	MerchantAuthentication: "/v2/aeps/aepsmerchantauth",
	KYCOTP:                 "/v2/aeps/otp",
	KYCVerify:              "/v2/aeps/otp/verify",
	KYCBiometric:           "/v2/aeps/kyc",
	DailyKYC:               "/v2/aeps/dailyKyc",
}

func (v v2) checkMerchant(r MerchantRequest) error {
	if r.ServiceCode == ServiceFino && (r.Service == KYCOTP || r.Service == KYCVerify) {
		return errors.New("the eKYC of Fino has no OTP: begin with the finger")
	}
	if r.ServiceCode != ServiceFino && r.Service == KYCBiometric && (r.OTPReference == "" || r.ReferenceTID == "") {
		return errors.New("otp_ref_id and reference_tid of the step before are missing")
	}
	return nil
}

// merchant: these addresses take no request_hash (eko-api.md section 4.2). The
// daily step is sent as JSON like its neighbours; Eko's page shows a form.
func (v v2) merchant(r MerchantRequest, aadhar string) call {
	body := newMerchantBody(v.initiatorID, aadhar, r)
	switch {
	case r.Service == DailyKYC:
		body.ServiceCode = serviceCode(r.ServiceCode)
	case r.Service == KYCBiometric && r.ServiceCode == ServiceFino:
		body.EKYCFlag = "1"
	}
	return call{method: http.MethodPost, path: v2MerchantPaths[r.Service], body: body}
}

func serviceCode(code string) string {
	if code == "" {
		return ServiceFingpay
	}
	return code
}
