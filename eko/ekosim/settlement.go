package ekosim

import (
	"strconv"
)

// maxRecipients and maxSettlement are the rules of the seed's settlement answers
// and of eko-api.md section 9.
const (
	maxRecipients = 3
	maxSettlement = 200_000
	// mismatchAccount and namelessAccount are account numbers whose verification
	// fails in the two documented ways.
	mismatchAccount = "900000001335"
	namelessAccount = "900000001334"
)

// addSettlementAccount verifies the holder's name and remembers the account.
func addSettlementAccount(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(ServiceSettlement)
	if refused != nil {
		return refused
	}
	switch {
	case x.fields["account"] == namelessAccount:
		return refusal(1334, "Account verification fail name not returned by bank")
	case x.fields["account"] == mismatchAccount:
		return envelope(1335, 1, 1335, "Account verification fail, Name not matched",
			object{{"sender_name", m.Name}, {"recipient_name", "Somebody Else"}})
	case len(m.recipients) == maxRecipients:
		return refusal(1335, "You can add upto 3 recipients")
	}
	x.s.nextAccount++
	m.recipients = append(m.recipients, recipient{id: x.s.nextAccount, name: m.Name,
		account: x.fields["account"], ifsc: x.fields["ifsc"]})
	return envelope(0, 0, 1336, "Account added", object{{"recipient_id", x.s.nextAccount}})
}

func settlementAccounts(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(ServiceSettlement)
	if refused != nil {
		return refused
	}
	list := []object{}
	for _, r := range m.recipients {
		list = append(list, object{{"recipient_id", strconv.Itoa(r.id)}, {"name", r.name},
			{"account", r.account}, {"ifsc", r.ifsc}})
	}
	return envelope(0, -1, 1321, "List of fund transfer recipients", object{
		{"unsettled_fund", m.Unsettled.Text()}, {"remaining_limit", strconv.Itoa(maxSettlement)},
		{"fund_transfer_list", list}})
}

// settle pays a merchant out, up to what AePS earned him. Eko's office hours
// (weekdays, 10 to 17 o'clock) are left out.
func settle(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.settleDue()
	m, refused := x.merchantOf(ServiceSettlement)
	if refused != nil {
		return refused
	}
	if refused := x.unused(); refused != nil {
		return refused
	}
	amount, _ := strconv.ParseInt(x.fields["amount"], 10, 64) // digits, by the field's rule
	var to *recipient
	for i := range m.recipients {
		if strconv.Itoa(m.recipients[i].id) == x.fields["recipient_id"] {
			to = &m.recipients[i]
		}
	}
	switch {
	case to == nil:
		return x.invalidParams([]complaint{{"recipient_id", "Please provide a valid value of the field"}})
	case amount == 0 || amount > maxSettlement || Rupees(amount) > m.Unsettled:
		return refusal(347, "You can settle upto "+min(m.Unsettled, Rupees(maxSettlement)).Text())
	}
	x.s.used[x.fields["client_ref_id"]] = true
	m.Unsettled -= Rupees(amount)
	x.s.nextTID++
	fee := settlementFee(amount)
	return envelope(0, 0, 1477, "Transaction processed successfully", object{
		{"tx_status", txSuccess}, {"txstatus_desc", "Success"}, {"amount", Rupees(amount).Text()},
		{"fee", fee.Text()}, {"gst", (fee * 18 / 118).Text()}, {"totalfee", fee.Text()},
		{"sender_name", m.Name}, {"recipient_name", to.name}, {"account", to.account}, {"ifsc", to.ifsc},
		{"tid", strconv.FormatInt(x.s.nextTID, 10)}, {"client_ref_id", x.fields["client_ref_id"]},
		{"balance", m.Unsettled.Text()}, {"user_code", m.UserCode}, {"bank_ref_num", ""}, {"timestamp", ""}})
}

// settlementFee is ₹5 up to ₹25,000 and ₹10 above, with 18 % tax.
func settlementFee(amount int64) Paise {
	if amount <= 25_000 {
		return 590
	}
	return 1180
}
