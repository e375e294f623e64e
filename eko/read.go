package eko

// with puts a verdict and its sentences into the outcome.
func (o Outcome) with(v verdict) Outcome {
	o.State, o.Reason = v.state, v.reason
	o.Message, o.Remedy = explainReason(v.reason)
	return o
}

// read takes over what the answer says. Of a foreign answer only the codes and
// the message are kept: its references belong to somebody else.
func (o *Outcome) read(a answer, foreign bool) {
	o.Codes = Codes{
		Status:           a.status.pointer(),
		ResponseStatusID: a.rsid.pointer(),
		ResponseTypeID:   a.typ.pointer(),
		TxStatus:         a.tx.pointer(),
	}
	o.EkoMessage = sentence(a.message)
	o.Details.InvalidParams = a.invalidParams()
	if foreign {
		return
	}
	if tid := a.member("tid"); tidText.MatchString(tid) {
		o.TID = tid // it will stand in an address
	}
	o.BankRefNum = clean(a.data.text("bank_ref_num"), 40)
	o.CustomerBalance = clean(a.data.text("customer_balance"), 40)
	o.MiniStatement = statement(a.data)
	for field, name := range detailFields(&o.Details) {
		*field = clean(a.data.text(name), maxText)
	}
	o.Details.Aadhaar = sentence(a.data.text("aadhar"))
	o.Details.Reason, o.Details.Comment = sentence(a.data.text("reason")), sentence(a.data.text("comment"))
	o.Details.ClientRefID = clean(a.member("client_ref_id"), 40)
}

// sentence is a text of Eko's that is shown and stored, without any Aadhaar
// number. It is shortened last, so that no number is cut in two.
func sentence(text string) string { return clean(hideAadhaar(clean(text, maxBody)), maxText) }

// detailFields says which member of data fills which field (eko-api.md sections
// 5.2, 5.3 and 7).
func detailFields(d *Details) map[*string]string {
	return map[*string]string{
		&d.Amount:          "amount",
		&d.Aadhaar:         "aadhar",
		&d.Bank:            "bank",
		&d.SenderName:      "sender_name",
		&d.MerchantName:    "merchantname",
		&d.MerchantCode:    "merchant_code",
		&d.UserCode:        "user_code",
		&d.Shop:            "shop",
		&d.ShopAddress:     "shop_address_line1",
		&d.TerminalID:      "terminal_id",
		&d.STAN:            "stan",
		&d.AuthCode:        "auth_code",
		&d.TransactionDate: "transaction_date",
		&d.TransactionTime: "transaction_time",
		&d.Timestamp:       "timestamp",
		&d.Reason:          "reason",
		&d.Comment:         "comment",
		&d.Commission:      "commission",
		&d.TDS:             "tds",
		&d.Fee:             "fee",
		&d.ServiceTax:      "service_tax",
		&d.TotalFee:        "totalfee",
		&d.GST:             "gst",
		&d.Balance:         "balance",
		&d.TxStatusText:    "txstatus_desc",
		&d.OTPRequestID:    "fp_transaction_id",
		&d.OTPReference:    "otp_ref_id",
		&d.ReferenceTID:    "reference_tid",
		&d.ReferenceID:     "reference_id",
		&d.LastUsedOkekey:  "last_used_okekey",
	}
}

// statement reads the rows of a mini statement as the bank wrote them.
func statement(data object) []StatementLine {
	rows, _ := data["mini_statement_list"].([]any)
	var lines []StatementLine
	for _, row := range rows {
		if o, ok := row.(object); ok {
			lines = append(lines, StatementLine{
				Date:      clean(o.text("date"), 40),
				Amount:    clean(o.text("amount"), 40),
				TxnType:   clean(o.text("txnType"), 40),
				Narration: clean(o.text("narration"), maxText),
			})
		}
	}
	return lines
}
