package ekosim

import "time"

// Transaction is a movement of money as the simulated Eko knows it. Only what
// reached the bank has one.
type Transaction struct {
	TID          string    `json:"tid"`
	ClientRefID  string    `json:"client_ref_id"`
	Operation    Operation `json:"operation"`
	API          string    `json:"api"`
	UserCode     string    `json:"user_code"`
	CustomerID   string    `json:"customer_id"`
	BankCode     string    `json:"bank_code"`
	AadhaarLast4 string    `json:"aadhaar_last4"`
	// Amount is whole rupees.
	Amount   int64  `json:"amount"`
	TxStatus string `json:"tx_status"`
	// BankRefNum is the RRN; the bank gives one only where it moved money.
	BankRefNum string `json:"bank_ref_num"`
	Reason     string `json:"reason,omitempty"`
	// Moved counts debits of the account, Refunded how many were given back.
	Moved     int       `json:"moved"`
	Refunded  int       `json:"refunded"`
	Inquiries int       `json:"inquiries"`
	CreatedAt time.Time `json:"created_at"`

	account *account
	owner   *merchant
	hidden  int      // so many more inquiries don't find it
	plan    []change // what becomes of it, in this order
}

// account is an Account as the server keeps it.
type account struct {
	Account
	withdrawals map[string]int // by day
}

// change is a step in a transaction's later life. It is due after so many
// inquiries or, where at is set, from that time on.
type change struct {
	inquiries int
	at        time.Time
	to        string // the tx_status
}

// settleDue takes every step that is due by the clock. The caller holds s.mu.
func (s *Server) settleDue() {
	now := s.now()
	for _, t := range s.transactions {
		for len(t.plan) > 0 && !t.plan[0].at.IsZero() && !t.plan[0].at.After(now) {
			s.become(t, t.plan[0].to)
			t.plan = t.plan[1:]
		}
	}
}

// inquired counts an inquiry and takes the step that was waiting for it.
func (s *Server) inquired(t *Transaction) {
	t.Inquiries++
	if len(t.plan) == 0 || !t.plan[0].at.IsZero() {
		return
	}
	t.plan[0].inquiries--
	if t.plan[0].inquiries <= 0 {
		s.become(t, t.plan[0].to)
		t.plan = t.plan[1:]
	}
}

// become gives a transaction its new state and moves the money that goes with
// it: what succeeds has debited the account, what failed or was refunded has not.
func (s *Server) become(t *Transaction, txStatus string) {
	t.TxStatus = txStatus
	standing := t.Moved - t.Refunded
	switch {
	case txStatus == txSuccess && standing == 0:
		s.debit(t)
	case (txStatus == txFailed || txStatus == txRefunded) && standing > 0:
		s.giveBack(t)
	}
}

func (s *Server) debit(t *Transaction) {
	t.Moved++
	t.account.Balance -= Rupees(t.Amount)
	t.account.withdrawals[day(t.CreatedAt)]++
	t.owner.Unsettled += Rupees(t.Amount)
	if t.BankRefNum == "" {
		t.BankRefNum = digitsOf(s.chanceFor("rrn", t.TID), 12)
	}
}

func (s *Server) giveBack(t *Transaction) {
	t.Refunded++
	t.account.Balance += Rupees(t.Amount)
	t.owner.Unsettled -= Rupees(t.Amount)
}

// The values of tx_status (eko-api.md section 7).
const (
	txSuccess       = "0"
	txFailed        = "1"
	txPending       = "2"
	txRefundPending = "3"
	txRefunded      = "4"
	txHold          = "5"
	txAwaited       = "6"
	txUnheardOf     = "9" // in no document
)

// txDescription is the inquiry's txstatus_desc.
func txDescription(txStatus string) string {
	switch txStatus {
	case txSuccess:
		return "Success"
	case txFailed:
		return "Failed"
	case txPending:
		return "Initiated"
	case txRefundPending:
		return "Refund Pending"
	case txRefunded:
		return "Refunded"
	case txHold:
		return "Hold"
	case txAwaited:
		return "Response Awaited"
	default:
		return ""
	}
}
