package ekosim

import "strconv"

// The answers to transactions, with the members that the published samples have
// (eko-api.md section 5.2). Every number in data is text. The callers hold s.mu.

// withdrawalAnswer tells what became of a withdrawal.
func (x *exchange) withdrawalAnswer(t *Transaction) object {
	switch t.TxStatus {
	case txSuccess, txUnheardOf:
		return envelope(0, 0, 1463, "Transaction Successful", x.successData(t))
	case txFailed:
		return transactionFailed(x.failureData(t))
	case txRefundPending, txRefunded, txHold:
		id, _ := strconv.Atoi(t.TxStatus) // response_status_id counts alike from 3 to 5
		return envelope(0, id, 1465, "Transaction "+txDescription(t.TxStatus), x.pendingData(t))
	default:
		return envelope(0, 2, 1465, "Transaction Pending", x.pendingData(t))
	}
}

// transactionFailed is a withdrawal or a balance enquiry that failed.
func transactionFailed(data object) object {
	return envelope(1464, 1, 1464, "Transaction Fail", data)
}

// transactionRefused is a transaction that no bank heard of: everything in it is
// empty, the tx_status too.
func transactionRefused(comment string) object {
	data := object{{"reason", comment}, {"comment", comment}}
	for _, key := range []string{"tx_status", "transaction_date", "amount", "merchant_code", "shop", "sender_name",
		"tid", "auth_code", "shop_address_line1", "user_code", "merchantname", "stan", "aadhar", "customer_balance",
		"transaction_time", "bank_ref_num", "terminal_id"} {
		data = append(data, member{key, ""})
	}
	return transactionFailed(data)
}

func alreadyRunning() object {
	return envelope(0, -2, -1, "Another transaction of this kind is already running", nil)
}

func (x *exchange) successData(t *Transaction) object {
	bank, _ := x.s.bank(t.BankCode)
	commission := commissionOf(t)
	data := append(x.commonData(t.owner, t.TID, t.account.Name, t.AadhaarLast4),
		member{"tx_status", t.TxStatus},
		member{"amount", Rupees(t.Amount).Text()},
		member{"bank", bank.Name},
		member{"bank_ref_num", t.BankRefNum},
		member{"balance", t.account.Balance.Text()},
		member{"customer_balance", t.account.Balance.Text()},
		member{"commission", commission.Text()},
		member{"tds", (commission / 20).Text()},
		member{"comment", "Request Completed"})
	if x.api != "v3" {
		data = append(data, member{"auth_code", digitsOf(x.chance, 6)}, member{"stan", digitsOf(x.chance, 6)},
			member{"terminal_id", "SIM00001"})
	}
	return data
}

func (x *exchange) failureData(t *Transaction) object {
	data := append(x.commonData(t.owner, t.TID, holder(t.account), t.AadhaarLast4),
		member{"tx_status", t.TxStatus},
		member{"amount", Rupees(t.Amount).Text()},
		member{"bank_ref_num", ""},
		member{"customer_balance", ""},
		member{"auth_code", ""}, member{"stan", ""}, member{"terminal_id", ""},
		member{"merchant_code", ""}, member{"shop_address_line1", t.owner.Address})
	return x.withReason(data, t.Reason)
}

func (x *exchange) pendingData(t *Transaction) object {
	return append(x.commonData(t.owner, t.TID, "", t.AadhaarLast4),
		member{"tx_status", t.TxStatus},
		member{"amount", Rupees(t.Amount).Text()},
		member{"bank_ref_num", ""}, member{"customer_balance", ""},
		member{"auth_code", ""}, member{"stan", ""}, member{"terminal_id", ""},
		member{"merchant_code", ""}, member{"shop_address_line1", ""},
		member{"fee", ""}, member{"service_tax", "0.00"}, member{"totalfee", "0.00"},
		member{"reason", "Transaction Pending"}, member{"comment", "Transaction Pending"})
}

// commonData is what most answers have.
func (x *exchange) commonData(m *merchant, tid, name, last4 string) object {
	at := stamp(x.s.now())
	return object{
		{"tid", tid}, {"aadhar", "XXXX XXXX " + last4}, {"sender_name", name},
		{"merchantname", m.Name}, {"shop", m.Shop}, {"user_code", m.UserCode},
		{"transaction_date", at}, {"transaction_time", at},
	}
}

// withReason puts the cause where Eko puts it: in comment, and in reason only
// sometimes.
func (x *exchange) withReason(data object, why string) object {
	reason := why
	if x.chance.IntN(2) == 0 {
		reason = ""
	}
	return append(data, member{"reason", reason}, member{"comment", why})
}

func (x *exchange) balanceAnswer(e enquiry) object {
	data := append(x.commonData(e.owner, e.tid, e.account.Name, x.aadhaar[8:]),
		member{"amount", "0.00"},
		member{"customer_balance", e.account.Balance.Text()},
		member{"comment", "Request Completed"})
	return envelope(0, 0, 1466, "Transaction Successful", data)
}

func (x *exchange) balanceFailed(e enquiry) object {
	data := append(x.commonData(e.owner, e.tid, "", x.aadhaar[8:]),
		member{"tx_status", txFailed}, member{"amount", "0.00"}, member{"bank_ref_num", ""},
		member{"customer_balance", ""}, member{"auth_code", ""}, member{"stan", ""}, member{"terminal_id", ""},
		member{"merchant_code", ""}, member{"shop_address_line1", ""})
	return transactionFailed(x.withReason(data, e.objection))
}

func (x *exchange) statementAnswer(e enquiry) object {
	rows := []object{}
	for _, row := range e.account.Statement {
		rows = append(rows, object{{"date", row.Date}, {"amount", row.Amount}, {"txnType", row.TxnType},
			{"narration", row.Narration}})
	}
	at := stamp(x.s.now())
	return envelope(0, 0, 1527, "Transaction Successful", object{
		{"tid", e.tid}, {"sender_name", e.account.Name}, {"merchantname", e.owner.Name}, {"user_code", e.owner.UserCode},
		{"transaction_date", at}, {"transaction_time", at},
		{"customer_balance", e.account.Balance.Text()}, {"commission", "0.75"}, {"terminal_id", ""},
		{"mini_statement_list", rows}, {"comment", "Request Completed"},
	})
}

func (x *exchange) statementFailed(e enquiry) object {
	at := stamp(x.s.now())
	data := object{
		{"tid", e.tid}, {"sender_name", ""}, {"merchantname", e.owner.Name}, {"merchant_code", ""},
		{"transaction_date", at}, {"transaction_time", at},
		{"customer_balance", ""}, {"bank_ref_num", ""}, {"terminal_id", ""},
	}
	return envelope(1528, 1, 1528, "Transaction Fail", x.withReason(data, e.objection))
}

// commissionOf is the merchant's part: 0.4 % up to ₹3,000, then ₹13 (eko-api.md
// section 11).
func commissionOf(t *Transaction) Paise {
	switch {
	case t.Amount <= 100 || t.Operation != CashWithdrawal:
		return 0
	case t.Amount <= 3000:
		return Rupees(t.Amount) * 4 / 1000
	default:
		return Rupees(13)
	}
}

func holder(a *account) string {
	if a == nil {
		return ""
	}
	return a.Name
}
