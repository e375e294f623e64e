package eko

import "time"

// State is what is known of a call after it: the words are the public
// contract's.
type State string

// The states of an outcome. Of an inquiry, Pending means "no news": the answer
// did not settle what was asked about.
const (
	Succeeded     State = "succeeded"
	Failed        State = "failed"
	Pending       State = "pending"
	RefundPending State = "refund_pending"
	Refunded      State = "refunded"
)

// Codes are the four codes that decide together, as Eko sent them; nil where the
// answer had none, or none that is a whole number (eko-api.md section 5.1).
type Codes struct {
	Status           *int64
	ResponseStatusID *int64
	ResponseTypeID   *int64
	TxStatus         *int64
}

// Outcome is all that is known after one call. There is never an error beside
// it: every answer, and every failure to get one, is one Outcome.
type Outcome struct {
	State State
	// Reason is a stable word for programs, one of [Reasons]; Message and Remedy
	// are English sentences for the shopkeeper, keyed "eko.<reason>.message" and
	// "eko.<reason>.remedy" in the catalogues.
	Reason  string
	Message string
	Remedy  string

	Codes           Codes
	TID             string
	BankRefNum      string
	CustomerBalance string
	MiniStatement   []StatementLine
	Details         Details

	// EkoMessage is Eko's own text, never translated and never matched on.
	EkoMessage string
	HTTPStatus int
	// RetryAfter is how long Eko asks to be left alone, zero where it said nothing.
	RetryAfter time.Duration
	// Sent is false only where it is proved that no byte of the request left.
	Sent bool
	// Causes says, after a refusal of the credentials, which of the possible
	// causes this computer could exclude. Empty otherwise.
	Causes []Cause
	// Err is the transport's or the reader's error, nil where Eko's answer was
	// understood. It holds nothing secret.
	Err error
	// Exchange is the request and the answer with everything personal masked, nil
	// where nothing was built.
	Exchange *Exchange
}

// StatementLine is a row of a mini statement: the bank's own text, blanks at the
// ends taken off. Dates come with a year or without one (eko-api.md section 5.2).
type StatementLine struct {
	Date      string
	Amount    string
	TxnType   string
	Narration string
}

// Details is the rest of an answer's data, all of it text as Eko sent it
// (eko-api.md section 5.2; the last block: sections 4.2, 4.3 and 5.3). Aadhaar is
// Eko's own masked form. Dates are "DD-MM-YY HH:MM:SS", presumably Indian time.
type Details struct {
	ClientRefID     string
	Amount          string
	Aadhaar         string
	Bank            string
	SenderName      string
	MerchantName    string
	MerchantCode    string
	UserCode        string
	Shop            string
	ShopAddress     string
	TerminalID      string
	STAN            string
	AuthCode        string
	TransactionDate string
	TransactionTime string
	Timestamp       string
	// Reason and Comment: the true cause of a failure may stand in Comment while
	// Reason is empty.
	Reason     string
	Comment    string
	Commission string
	TDS        string
	Fee        string
	ServiceTax string
	TotalFee   string
	GST        string
	// Balance is of unsure meaning: the customer's in one document, the merchant's
	// wallet in others. Never show it to a customer.
	Balance       string
	TxStatusText  string
	InvalidParams map[string]string

	// OTPRequestID is v3's fp_transaction_id: the txn_otp_request_id of the
	// withdrawal that follows.
	OTPRequestID   string
	OTPReference   string
	ReferenceTID   string
	ReferenceID    string
	LastUsedOkekey string
}

// Cause is the text in which Eko names the cause of a failure, empty where it
// names none.
func (d Details) Cause() string {
	if d.Reason != "" {
		return d.Reason
	}
	return d.Comment
}
