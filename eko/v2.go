package eko

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
)

// call is one request in the words of one generation of the API.
type call struct {
	method string
	path   string // below the base address, version included
	query  url.Values
	body   any        // marshalled as JSON; nil for none
	form   url.Values // the body of some v1 addresses instead
}

// dialect turns what is asked into one generation's calls. aadhar is the
// encrypted number.
type dialect interface {
	checkTransaction(r Request) error
	hashParams() []string
	transaction(r Request, aadhar string) call
	inquiry(i Inquiry) call
	checkMerchant(r MerchantRequest) error
	merchant(r MerchantRequest, aadhar string) call
	queries
}

// v2 is the generation of the seeds: one address, told apart by service_type.
type v2 struct {
	initiatorID    string
	referenceField string
}

// v2ServiceTypes: seed AePS page, "Transaction types" and "AePS two factor
// authentication process".
var v2ServiceTypes = map[Service]string{
	CashWithdrawal:          "2",
	BalanceEnquiry:          "3",
	MiniStatement:           "4",
	AadhaarPay:              "5",
	TwoFactorRegistration:   "6",
	TwoFactorAuthentication: "7",
}

// v2Transaction is the body of POST /v2/aeps in the order of the seed's sample
// (eko-api.md section 4.1).
type v2Transaction struct {
	ServiceType    string `json:"service_type"`
	InitiatorID    string `json:"initiator_id"`
	UserCode       string `json:"user_code"`
	CustomerID     string `json:"customer_id"`
	BankCode       string `json:"bank_code,omitempty"`
	Amount         string `json:"amount"`
	ClientRefID    string `json:"client_ref_id"`
	Pipe           string `json:"pipe"`
	Aadhar         string `json:"aadhar"`
	NotifyCustomer string `json:"notify_customer"`
	PidData        string `json:"piddata"`
	LatLong        string `json:"latlong,omitempty"`
	SourceIP       string `json:"source_ip,omitempty"`
	ReferenceTID   string `json:"reference_tid,omitempty"`
	ReferenceID    string `json:"reference_id,omitempty"`
}

func (v v2) checkTransaction(r Request) error {
	if v2ServiceTypes[r.Service] == "" {
		return errors.New("the service is not one of v2's transactions")
	}
	if r.OTPRequestID != "" {
		return errors.New("v2 knows no otp_request_id")
	}
	return nil
}

func (v2) hashParams() []string { return []string{HashAadhaar, HashAmount, HashUserCode} }

func (v v2) transaction(r Request, aadhar string) call {
	body := v2Transaction{
		ServiceType:    v2ServiceTypes[r.Service],
		InitiatorID:    v.initiatorID,
		UserCode:       r.UserCode,
		CustomerID:     r.CustomerID,
		BankCode:       r.BankCode,
		Amount:         r.Amount.Text(),
		ClientRefID:    r.ClientRefID,
		Pipe:           "0",
		Aadhar:         aadhar,
		NotifyCustomer: flag(r.NotifyCustomer),
		PidData:        string(r.PidData),
		LatLong:        r.LatLong,
		SourceIP:       r.SourceIP,
	}
	body.ReferenceTID, body.ReferenceID = v.reference(r.MerchantReference)
	return call{method: http.MethodPost, path: "/v2/aeps", body: body}
}

// reference puts the merchant authentication's token under the configured name.
func (v v2) reference(token string) (tid, id string) {
	if v.referenceField == "reference_id" {
		return "", token
	}
	return token, ""
}

func (v v2) inquiry(i Inquiry) call {
	query := url.Values{"initiator_id": {v.initiatorID}}
	if i.UserCode != "" {
		query.Set("user_code", i.UserCode)
	}
	return call{method: http.MethodGet, path: "/v2/transactions/" + i.key(), query: query}
}

// key is what an inquiry's path ends in; its colon stays as it is (eko-api.md
// section 7).
func (i Inquiry) key() string {
	if i.TID != "" {
		return i.TID
	}
	return "client_ref_id:" + i.ClientRefID
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// The rules that hold for every generation. A reference has at most 20
// characters (eko-api.md section 4.1) and stands in an address, so it holds
// nothing that would have to be escaped there.
var (
	referenceText = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,20}$`)
	tidText       = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)
	otpText       = regexp.MustCompile(`^[0-9]{4,8}$`)
	wordText      = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)
	latlongText   = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{1,12})?, ?-?[0-9]{1,3}(\.[0-9]{1,12})?$`)
)
