package eko

import (
	"errors"
	"net/http"
	"net/url"
)

// v3 is Eko's current generation: a path for each operation, Fingpay behind it
// (eko-api.md section 4.3). service_type, pipe, notify_customer, source_ip and
// the merchant authentication's token are gone.
type v3 struct {
	initiatorID string
	hash        string // "none", "plain" or "encrypted"
}

const (
	v3Customer = "/v3/customer/collection/aeps-fingpay/"
	v3KYC      = "/v3/user/collection/aeps-fingpay/kyc/"
)

// v3Paths: the withdrawal's misspelling is the provider's; the OTP's address is
// spelled right.
var v3Paths = map[Service]string{
	CashWithdrawal: v3Customer + "cash-withdrawl/",
	WithdrawalOTP:  v3Customer + "cash-withdrawal/otp/",
	BalanceEnquiry: v3Customer + "balance-enquiry/",
	MiniStatement:  v3Customer + "mini-statement/",
}

// v3Transaction: the amount is a number here, and there only where money moves.
type v3Transaction struct {
	InitiatorID     string  `json:"initiator_id"`
	ClientRefID     string  `json:"client_ref_id"`
	UserCode        string  `json:"user_code"`
	BankCode        string  `json:"bank_code"`
	Aadhar          string  `json:"aadhar"`
	LatLong         string  `json:"latlong"`
	PidData         string  `json:"piddata,omitempty"`
	Amount          *Rupees `json:"amount,omitempty"`
	TxnOTPRequestID string  `json:"txn_otp_request_id,omitempty"`
}

func (v v3) checkTransaction(r Request) error {
	switch {
	case v3Paths[r.Service] == "":
		return errors.New("the service is not one of v3's: Aadhaar Pay and the two-factor services are in v2 only")
	case r.LatLong == "":
		return errors.New("latlong is missing: v3 wants it")
	case r.MerchantReference != "":
		return errors.New("v3 knows no merchant authentication reference")
	}
	return nil
}

// hashParams is the switch of eko-api.md section 2.2: today's documents want no
// hash, earlier ones did, over one form of the number or the other.
func (v v3) hashParams() []string {
	switch v.hash {
	case "plain":
		return []string{HashAadhaar, HashAmount, HashUserCode}
	case "encrypted":
		return []string{HashEncryptedAadhaar, HashAmount, HashUserCode}
	}
	return nil
}

func (v v3) transaction(r Request, aadhar string) call {
	body := v3Transaction{
		InitiatorID:     v.initiatorID,
		ClientRefID:     r.ClientRefID,
		UserCode:        r.UserCode,
		BankCode:        r.BankCode,
		Aadhar:          aadhar,
		LatLong:         r.LatLong,
		PidData:         string(r.PidData),
		TxnOTPRequestID: r.OTPRequestID,
	}
	if r.Amount != 0 {
		body.Amount = &r.Amount
	}
	return call{method: http.MethodPost, path: v3Paths[r.Service] + r.CustomerID, body: body}
}

// MarshalJSON writes the same digits that Text gives.
func (r Rupees) MarshalJSON() ([]byte, error) { return []byte(r.Text()), nil }

func (v v3) inquiry(i Inquiry) call {
	return call{
		method: http.MethodGet,
		path:   "/v3/tools/reference/transaction/" + i.key(),
		query:  url.Values{"initiator_id": {v.initiatorID}},
	}
}

var v3MerchantCalls = map[Service]struct{ method, path string }{
	KYCOTP:       {http.MethodPost, v3KYC + "otp"},
	KYCVerify:    {http.MethodPut, v3KYC + "otp/verify"},
	KYCBiometric: {http.MethodPut, v3KYC + "biometric"},
	DailyKYC:     {http.MethodPut, v3KYC + "biometric/daily"},
}

func (v v3) checkMerchant(r MerchantRequest) error {
	switch {
	case v3MerchantCalls[r.Service].path == "":
		return errors.New("v3 has no such step: the merchant authenticates once a day")
	case r.ServiceCode == ServiceFino:
		return errors.New("v3's steps are Fingpay's (43)")
	case r.Service == KYCBiometric && (r.OTPReference == "" || r.ReferenceTID == ""):
		return errors.New("otp_ref_id and reference_tid of the step before are missing")
	}
	return nil
}

func (v v3) merchant(r MerchantRequest, aadhar string) call {
	c := v3MerchantCalls[r.Service]
	return call{method: c.method, path: c.path, body: newMerchantBody(v.initiatorID, aadhar, r)}
}
