package contract

import "time"

// Service names what is asked of Eko. The names are the WebSocket methods'
// without their prefix.
type Service string

// The services of AePS that a page can ask for.
const (
	CashWithdrawal Service = "cash_withdrawal"
	BalanceEnquiry Service = "balance_enquiry"
	MiniStatement  Service = "mini_statement"
	AadhaarPay     Service = "aadhaar_pay"
)

// Services lists every service once.
func Services() []Service {
	return []Service{CashWithdrawal, BalanceEnquiry, MiniStatement, AadhaarPay}
}

// MovesMoney reports whether the service debits the customer's account. Only
// such a transaction carries a tx_status and can be inquired into.
func (s Service) MovesMoney() bool { return s == CashWithdrawal || s == AadhaarPay }

// State is where a transaction stands in its life.
type State string

// The states of a transaction. Only [Pending], [RefundPending] and [Sending]
// are waiting for Eko's word.
const (
	Started       State = "started"
	Captured      State = "captured"
	Sending       State = "sending"
	Succeeded     State = "succeeded"
	Failed        State = "failed"
	Pending       State = "pending"
	RefundPending State = "refund_pending"
	Refunded      State = "refunded"
	Abandoned     State = "abandoned"
)

// States lists every state once.
func States() []State {
	return []State{Started, Captured, Sending, Succeeded, Failed, Pending, RefundPending, Refunded, Abandoned}
}

// Settled reports whether nothing more will happen to a transaction in this
// state.
func (s State) Settled() bool {
	return s == Succeeded || s == Failed || s == Refunded || s == Abandoned
}

// Transaction is one request to Eko as its owner may see it. The Aadhaar number
// is there by its last four digits only.
type Transaction struct {
	ClientRefID string  `json:"client_ref_id"`
	Service     Service `json:"service"`
	State       State   `json:"state"`
	// Amount is whole rupees; 0 for a balance enquiry or a mini statement.
	Amount       int64  `json:"amount"`
	BankCode     string `json:"bank_code"`
	AadhaarLast4 string `json:"aadhaar_last4"`
	CustomerID   string `json:"customer_id"`
	UserCode     string `json:"user_code,omitempty"`
	// TID is Eko's own number of the transaction, BankRefNum the bank's RRN.
	TID        string `json:"tid"`
	BankRefNum string `json:"bank_ref_num"`
	// CustomerBalance is Eko's text in rupees, never a float; it may be empty.
	CustomerBalance string          `json:"customer_balance"`
	MiniStatement   []StatementLine `json:"mini_statement"`
	// Message is a sentence for the shopkeeper in the caller's language, Remedy
	// what he does next; Reason is a stable word for programs.
	Message   string           `json:"message"`
	Remedy    string           `json:"remedy,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Eko       EkoCodes         `json:"eko"`
	Device    *DeviceSummary   `json:"device"`
	Simulated bool             `json:"simulated,omitempty"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
	Warnings  []LocalisedPoint `json:"warnings,omitempty"`
}

// EkoCodes are the four codes that decide together, as Eko sent them last; nil
// where the answer had none. Eko mixes 0 and "0": both are the number here.
type EkoCodes struct {
	Status           *int64 `json:"status"`
	ResponseStatusID *int64 `json:"response_status_id"`
	ResponseTypeID   *int64 `json:"response_type_id"`
	TxStatus         *int64 `json:"tx_status"`
}

// StatementLine is a row of a mini statement. All of it is the bank's own text:
// dates come without a year or with one, narrations padded with blanks.
type StatementLine struct {
	Date      string `json:"date"`
	Amount    string `json:"amount"`
	TxnType   string `json:"txn_type"`
	Narration string `json:"narration"`
}

// LocalisedPoint is a remark that did not stop anything.
type LocalisedPoint struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	// Args fill the {names} in the sentences, for another language.
	Args map[string]string `json:"-"`
}
