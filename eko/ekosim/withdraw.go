package ekosim

import (
	"slices"
	"strconv"
)

// withdraw serves cash withdrawal and Aadhaar Pay: it admits the transaction,
// lets the bank take its time, and lets the bank decide.
func withdraw(x *exchange) object {
	b := x.openBlock("")
	t, refused := x.admit()
	if refused != nil {
		return refused
	}
	if x.how.hold {
		x.hold(x.delay())
	}
	return x.decide(t, b)
}

// admit checks all that Eko checks before a bank hears of it. From here to
// decide the merchant can't begin another transaction.
func (x *exchange) admit() (*Transaction, object) {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return nil, refused
	}
	if m.busy {
		return nil, alreadyRunning()
	}
	if refused := x.unused(); refused != nil {
		return nil, refused
	}
	if reason := x.merchantDue(m); reason != "" {
		return nil, transactionRefused(reason)
	}
	bank, known := s.bank(x.fields["bank_code"])
	switch {
	case !known:
		return nil, transactionRefused("Transaction Not Completed")
	case bank.Down:
		return nil, refusal(544, "Bank is not available")
	}
	if x.needsOTP() && x.fields["txn_otp_request_id"] == "" {
		return nil, otpSent(s.sendWithdrawalOTP(x, m))
	}
	m.busy = true
	return s.record(x, m), nil
}

// services are the service codes of which the operation needs one: v3's paths
// are Fingpay's, v2's serve Fino and Fingpay (eko-api.md sections 1 and 9).
func (x *exchange) services() []int {
	if x.api == "v3" {
		return []int{ServiceFingpay}
	}
	return []int{ServiceAePS, ServiceFingpay}
}

// merchantOf finds the merchant of a request, who must have one of the services.
// The caller holds s.mu.
func (x *exchange) merchantOf(services ...int) (*merchant, object) {
	m, known := x.s.merchants[x.fields["user_code"]]
	if !known || !slices.ContainsFunc(services, m.may) {
		return nil, refusal(346, "Agent not allowed to this transaction")
	}
	return m, nil
}

// dailyKYCDue has the word by which Eko's pages say that the merchant must
// authenticate (eko-api.md section 6).
const dailyKYCDue = "FP069: Daily KYC is not complete for today"

// merchantDue says what the merchant himself still owes. The caller holds s.mu.
func (x *exchange) merchantDue(m *merchant) string {
	rules := x.s.rules
	if rules.DailyKYC && m.authenticated != day(x.s.now()) {
		return dailyKYCDue
	}
	given := x.fields["reference_tid"]
	if given == "" {
		given = x.fields["reference_id"]
	}
	if given == "" {
		if rules.MerchantAuth && x.api == "v2" {
			return "Merchant authentication is required"
		}
		return ""
	}
	token, known := m.tokens[given]
	delete(m.tokens, given) // good for one use
	if !known || x.s.now().After(token.expires) {
		return "Merchant authentication is not valid or has expired"
	}
	return ""
}

// unused refuses a client_ref_id that Eko has taken before. The caller holds
// s.mu, and takes it once nothing else speaks against the request.
func (x *exchange) unused() object {
	if !x.s.used[x.fields["client_ref_id"]] || x.s.rules.ForgetReferences {
		return nil
	}
	return x.invalidParams([]complaint{{"client_ref_id", "This client_ref_id was used before"}})
}

// record opens a transaction in Eko's books. The caller holds s.mu.
func (s *Server) record(x *exchange, m *merchant) *Transaction {
	s.nextTID++
	s.used[x.fields["client_ref_id"]] = true
	amount, _ := strconv.ParseInt(x.fields["amount"], 10, 64) // digits, by the field's rule
	t := &Transaction{
		TID:          strconv.FormatInt(s.nextTID, 10),
		ClientRefID:  x.fields["client_ref_id"],
		Operation:    x.route.op,
		API:          x.api,
		UserCode:     m.UserCode,
		CustomerID:   x.fields["customer_id"],
		BankCode:     x.fields["bank_code"],
		AadhaarLast4: x.aadhaar[8:],
		Amount:       amount,
		TxStatus:     txAwaited,
		CreatedAt:    s.now(),
		owner:        m,
	}
	s.transactions = append(s.transactions, t)
	return t
}

// decide is the bank's part: the finger, the account, the money.
func (x *exchange) decide(t *Transaction, b block) object {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	t.owner.busy = false
	s.useBlock(&b)
	t.account = s.accounts[accountKey{x.aadhaar, t.BankCode}]
	switch reason := x.objection(t, b); {
	case reason != "":
		declined(reason)(x, t)
	case x.how.bank != nil:
		x.how.bank(x, t)
	default:
		s.become(t, txSuccess)
	}
	return x.withdrawalAnswer(t)
}

// objection is why the bank refuses; "" for none. The caller holds s.mu.
func (x *exchange) objection(t *Transaction, b block) string {
	if reason := x.objectionToHolder(t.account, b); reason != "" {
		return reason
	}
	perDay := x.s.rules.WithdrawalsPerDay
	switch {
	case x.needsOTP() && !x.s.redeemOTP(x, b.opened.OTP):
		return "Transaction Failed"
	case !x.needsOTP() && x.fields["txn_otp_request_id"] != "":
		return "Transaction Failed"
	case perDay > 0 && t.account.withdrawals[day(t.CreatedAt)] >= perDay:
		return "Exceeds withdrawal frequency limit"
	case t.account.Balance < Rupees(t.Amount):
		return "Insufficient funds"
	}
	return ""
}

// objectionToHolder judges the finger and the account. The caller holds s.mu.
func (x *exchange) objectionToHolder(a *account, b block) string {
	bank, _ := x.s.bank(x.fields["bank_code"])
	switch {
	case b.reason != "":
		return b.reason
	case !b.suits(bank.FType):
		return "Biometric format is not accepted by the bank: fType " + strconv.Itoa(bank.FType) + " is"
	case a == nil:
		return "Aadhaar number is not linked to an account of the bank"
	case a.Locked:
		return "UIDAI error 330: biometrics locked by Aadhaar holder"
	case a.Mismatch:
		return "UIDAI error 300: biometric data did not match"
	}
	return ""
}
