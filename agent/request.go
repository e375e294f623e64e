package agent

import (
	"time"

	"biobridge/agent/contract"
	"biobridge/eko"
	"biobridge/pid"
)

// Aadhaar is a person's number; it redacts itself wherever it is shown.
type Aadhaar = eko.Aadhaar

// ParseAadhaar reads twelve digits with a valid check digit. The error is an
// [*Error] with code invalid_params that never holds the text.
func ParseAadhaar(text string) (Aadhaar, error) {
	a, err := eko.ParseAadhaar(text)
	if err != nil {
		return Aadhaar{}, invalid("aadhaar", keyBadAadhaar)
	}
	return a, nil
}

// Caller is who asks. The door that the call came through fills it in; nothing
// in it comes from the call itself.
type Caller struct {
	// Origin is the page's, empty for the local door.
	Origin string
	// User is the user of this PC whose browser the page runs in.
	User string
	// Local is the control door: the PC's own user, who sees everything.
	Local  bool
	Scopes []contract.Scope
}

// owns reports whether what origin and user asked for is the caller's to see.
func (c Caller) owns(origin, user string) bool {
	return c.Local || (c.Origin == origin && c.User == user)
}

// TransactRequest asks for one AePS transaction of a customer.
type TransactRequest struct {
	Service contract.Service
	// ClientRefID is 1 to 20 letters, digits, "-" or "_"; empty: made here.
	ClientRefID string
	Aadhaar     Aadhaar
	BankCode    string
	// Amount is whole rupees; 0 for a balance enquiry or a mini statement.
	Amount int64
	// CustomerID is the customer's mobile number.
	CustomerID string
	// LatLong and UserCode may be empty where the configuration has them; where
	// it does they must agree with it.
	LatLong, UserCode string
	// Device is an id of [Agent.Devices]; empty: the agent chooses.
	Device         string
	NotifyCustomer bool
	// ConfirmRepeat says that the shopkeeper knows of an equal withdrawal just
	// before and means a second one.
	ConfirmRepeat bool
	OTP           pid.OTP
	OTPRequestID  string
	// Consent says that the Aadhaar holder agreed to this scan. It must be true.
	Consent bool
}

// CaptureRequest asks for one capture that the page wants to have itself.
type CaptureRequest struct {
	Device, BankCode string
	// Purpose is "transaction" (or empty), "daily_auth" or "ekyc". Only ekyc
	// may have a Wadh.
	Purpose string
	Wadh    string
	OTP     pid.OTP
	// Timeout is the scanner's; 0 is the configured one.
	Timeout time.Duration
	Consent bool
}

// Progress is told the stages of a capture, in order, from one goroutine. It
// must not block.
type Progress func(contract.CaptureProgress)

// Filter selects transactions of the day's book; zero fields select all.
type Filter struct {
	States   []contract.State
	Services []contract.Service
	// Date is one day in India; or From and To, both included. YYYY-MM-DD.
	Date, From, To string
	// Origin selects one page's; only the local door may ask for it.
	Origin string
	Cursor string
	// Limit is at most 500; 0 is 50.
	Limit int
}

// Page is a part of a list, newest first. Next is the cursor of the following
// part, empty after the last.
type Page struct {
	Transactions []contract.Transaction `json:"transactions"`
	Next         string                 `json:"next,omitempty"`
}
