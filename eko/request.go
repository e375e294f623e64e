package eko

import (
	"context"
	"errors"
	"net"
	"unicode/utf8"
)

// MaxPidData bounds a PID block; real ones have up to about 20 kB.
const MaxPidData = 256 << 10

// Request is one transaction. PidData is sent byte for byte; the caller wipes it
// once Submit has returned.
type Request struct {
	Service     Service
	ClientRefID string
	Aadhaar     Aadhaar
	BankCode    string
	// Amount is 0 for everything that moves no money.
	Amount         Rupees
	CustomerID     string
	UserCode       string
	LatLong        string
	SourceIP       string
	NotifyCustomer bool
	PidData        []byte
	// OTPRequestID names the OTP request that a v3 withdrawal above 5,000 rupees
	// follows. The OTP itself travels inside the PID block, in the capture's otp
	// option, and never beside it.
	OTPRequestID string
	// MerchantReference is the single-use token of a merchant authentication.
	MerchantReference string
	// Adopt, when set, is called before anything is sent if the signing hook names
	// its own client_ref_id. An error stops the request. When nil, another
	// reference is a refusal: nobody may send what is not on disk.
	Adopt func(ctx context.Context, clientRefID string) error
}

// check says what is wrong with a request, naming the field and not its value.
func (r Request) check() error {
	takes := r.Service.takesFinger()
	priced := r.Service.MovesMoney() || r.Service == WithdrawalOTP
	switch {
	case !referenceText.MatchString(r.ClientRefID):
		return errors.New("client_ref_id must have 1 to 20 letters, digits, points, hyphens or underscores")
	case r.Aadhaar.IsZero():
		return errors.New("aadhaar is missing")
	case !wordText.MatchString(r.UserCode):
		return errors.New("user_code must have 1 to 20 letters or digits")
	case !wordText.MatchString(r.CustomerID):
		return errors.New("customer_id must be a mobile number")
	case !wordText.MatchString(r.BankCode) && (r.BankCode != "" || !r.Service.merchantStep()):
		return errors.New("bank_code must have 1 to 20 letters or digits")
	case priced && r.Amount <= 0:
		return errors.New("amount must be more than 0")
	case !priced && r.Amount != 0:
		return errors.New("amount must be 0 for a service that moves no money")
	case takes && (len(r.PidData) == 0 || len(r.PidData) > MaxPidData):
		return errors.New("piddata is missing or too large")
	case !takes && len(r.PidData) != 0:
		return errors.New("piddata goes with a service that takes a finger")
	case !utf8.Valid(r.PidData):
		return errors.New("piddata is not UTF-8")
	case r.LatLong != "" && !latlongText.MatchString(r.LatLong):
		return errors.New(`latlong must look like "28.6139,77.2090"`)
	case r.SourceIP != "" && net.ParseIP(r.SourceIP) == nil:
		return errors.New("source_ip is not an address")
	case r.MerchantReference != "" && !tidText.MatchString(r.MerchantReference):
		return errors.New("the merchant authentication's reference can't be used")
	case r.OTPRequestID != "" && !tidText.MatchString(r.OTPRequestID):
		return errors.New("otp_request_id can't be used")
	}
	return nil
}

// Inquiry asks what became of a transaction. TID is preferred, being faster;
// without it the reference is used (eko-api.md section 7). What is set is
// compared with the answer; Amount 0 is not.
type Inquiry struct {
	TID         string
	ClientRefID string
	UserCode    string
	Amount      Rupees
}

func (i Inquiry) check() error {
	switch {
	case i.TID == "" && i.ClientRefID == "":
		return errors.New("tid or client_ref_id is needed")
	case i.TID != "" && !tidText.MatchString(i.TID):
		return errors.New("tid can't be used")
	case i.ClientRefID != "" && !referenceText.MatchString(i.ClientRefID):
		return errors.New("client_ref_id can't be used")
	case i.UserCode != "" && !wordText.MatchString(i.UserCode):
		return errors.New("user_code can't be used")
	}
	return nil
}
