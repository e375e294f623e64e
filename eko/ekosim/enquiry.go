package ekosim

import "strconv"

// enquiry is what a balance enquiry or a mini statement found out.
type enquiry struct {
	tid       string // Eko's number for it
	owner     *merchant
	account   *account
	objection string // why there is nothing to tell; "" for none
}

// enquire does what both enquiries have in common, and lets tell write the
// answer under s.mu.
func (x *exchange) enquire(tell func(enquiry) object) object {
	b := x.openBlock("")
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	if m.busy {
		return alreadyRunning()
	}
	if refused := x.unused(); refused != nil {
		return refused
	}
	if bank, known := s.bank(x.fields["bank_code"]); known && bank.Down {
		return refusal(544, "Bank is not available")
	}
	s.nextTID++
	s.used[x.fields["client_ref_id"]] = true
	e := enquiry{tid: strconv.FormatInt(s.nextTID, 10), owner: m}
	if s.rules.DailyKYC && m.authenticated != day(s.now()) {
		e.objection = dailyKYCDue
		return tell(e)
	}
	s.useBlock(&b)
	e.account = s.accounts[accountKey{x.aadhaar, x.fields["bank_code"]}]
	e.objection = x.objectionToHolder(e.account, b)
	return tell(e)
}

func enquireBalance(x *exchange) object {
	return x.enquire(func(e enquiry) object {
		if e.objection != "" {
			return x.balanceFailed(e)
		}
		return x.balanceAnswer(e)
	})
}

func miniStatement(x *exchange) object {
	return x.enquire(func(e enquiry) object {
		if e.objection != "" {
			return x.statementFailed(e)
		}
		return x.statementAnswer(e)
	})
}
