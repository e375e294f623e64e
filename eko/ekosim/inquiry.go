package ekosim

import (
	"slices"
	"time"
)

// inquire serves the transaction inquiry, by Eko's number or by the partner's.
func inquire(x *exchange) object {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleDue()
	t := s.find(x)
	if t == nil {
		return refusal(168, "Transaction not found")
	}
	if t.hidden > 0 {
		t.hidden--
		t.Inquiries++
		return refusal(168, "Transaction not found")
	}
	s.inquired(t)
	return envelope(0, 0, 1472, "Sucess! Enquiry success.", x.inquiryData(t))
}

// find returns the transaction asked for, the last one where a reference was
// used twice. The caller holds s.mu.
func (s *Server) find(x *exchange) *Transaction {
	tid, ref := x.vars["tid"], x.vars["client_ref_id"]
	code := x.fields["user_code"]
	for _, t := range slices.Backward(s.transactions) {
		mine := code == "" || code == t.UserCode
		if mine && (ref != "" && t.ClientRefID == ref || tid != "" && t.TID == tid) {
			return t
		}
	}
	return nil
}

// inquiryData has the members of the published sample that AePS can have. Which
// are numbers and which text is not to be relied on (eko-api.md section 7).
func (x *exchange) inquiryData(t *Transaction) object {
	bank, _ := x.s.bank(t.BankCode)
	rrn := t.BankRefNum
	if t.TxStatus != txSuccess && t.TxStatus != txRefunded {
		rrn = ""
	}
	return object{
		{"tx_status", loose(t.TxStatus)}, {"txstatus_desc", txDescription(t.TxStatus)},
		{"tid", loose(t.TID)}, {"client_ref_id", t.ClientRefID},
		{"amount", loose(Rupees(t.Amount).Text())}, {"fee", "0.0"}, {"gst", "0.0"},
		{"bank_ref_num", rrn}, {"sender_name", t.owner.Name}, {"bank", bank.Name},
		{"payment_mode", loose("5")}, {"user_code", t.UserCode},
		{"timestamp", t.CreatedAt.In(ist).Format(time.DateTime)},
	}
}
