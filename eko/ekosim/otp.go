package ekosim

import (
	"strconv"
	"time"
)

// Message is an SMS that the simulated Eko sent, for whoever must type its OTP.
type Message struct {
	At time.Time `json:"at"`
	// To is the mobile number, Purpose the operation that asked for it.
	To      string    `json:"to"`
	Purpose Operation `json:"purpose"`
	// RequestID is what the answer named: fp_transaction_id or otp_ref_id.
	RequestID string `json:"request_id"`
	OTP       string `json:"otp"`
}

// Inbox returns every SMS, oldest first.
func (s *Server) Inbox() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.inbox...)
}

// send sends an SMS with an OTP and returns the OTP. The caller holds s.mu.
func (s *Server) send(x *exchange, requestID string) string {
	otp := digitsOf(x.chance, 6)
	s.inbox = append(s.inbox, Message{At: s.now(), To: x.fields["customer_id"], Purpose: x.route.op,
		RequestID: requestID, OTP: otp})
	return otp
}

// withdrawalOTP is an OTP for one withdrawal of one customer.
type withdrawalOTP struct {
	otp                                 string
	userCode, aadhaar, bankCode, amount string
	expires                             time.Time
}

const (
	otpAbove    = 5_000 // rupees; from here on v3 wants an OTP
	otpLifetime = 5 * time.Minute
)

// needsOTP reports whether a withdrawal is of the kind that v3 wants an OTP for.
func (x *exchange) needsOTP() bool {
	amount, _ := strconv.ParseInt(x.fields["amount"], 10, 64)
	return x.api == "v3" && x.route.op == CashWithdrawal && amount > otpAbove
}

func requestWithdrawalOTP(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(ServiceFingpay)
	if refused != nil {
		return refused
	}
	if x.s.accounts[accountKey{x.aadhaar, x.fields["bank_code"]}] == nil {
		return envelope(1, 1, -1, "Aadhaar number is not linked to an account of the bank", nil)
	}
	return otpSent(x.s.sendWithdrawalOTP(x, m))
}

// sendWithdrawalOTP makes an OTP for exactly this withdrawal and returns the
// reference to it. The caller holds s.mu.
func (s *Server) sendWithdrawalOTP(x *exchange, m *merchant) string {
	id := "FP" + digitsOf(x.chance, 16)
	s.withdrawals[id] = &withdrawalOTP{
		otp:      s.send(x, id),
		userCode: m.UserCode, aadhaar: x.aadhaar, bankCode: x.fields["bank_code"], amount: x.fields["amount"],
		expires: s.now().Add(otpLifetime),
	}
	return id
}

// otpSent says that an OTP is on its way and that nothing else has happened.
func otpSent(fpTransactionID string) object {
	return envelope(0, 0, 1459, "OTP generated successfully. Use the reference ID for your transaction.",
		object{{"fp_transaction_id", fpTransactionID}})
}

// redeemOTP uses up the reference and reports whether it and the OTP inside the
// PID block are those of this withdrawal. The caller holds s.mu.
func (s *Server) redeemOTP(x *exchange, otp string) bool {
	id := x.fields["txn_otp_request_id"]
	w, known := s.withdrawals[id]
	delete(s.withdrawals, id)
	return known && w.otp == otp && !s.now().After(w.expires) &&
		w.userCode == x.fields["user_code"] && w.aadhaar == x.aadhaar &&
		w.bankCode == x.fields["bank_code"] && w.amount == x.fields["amount"]
}
