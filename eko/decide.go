package eko

import (
	"regexp"
	"strconv"
	"strings"
)

// Evidence is all that is known of one call when its outcome is decided.
type Evidence struct {
	Service Service
	// Inquiry says that the call asked about an earlier transaction.
	Inquiry bool
	// TID, ClientRefID and Amount are what was asked for; empty and 0 are not
	// compared.
	TID         string
	ClientRefID string
	Amount      Rupees

	// Sent is false only where no byte of the request can have left.
	Sent bool
	// Err is why there is no complete answer; nil where Body is all of it.
	Err        error
	HTTPStatus int
	Body       []byte
}

// verdict is a state and the reason for it.
type verdict struct {
	state  State
	reason string
}

// Decide is the one place where an answer becomes an outcome. It is a pure
// function of the evidence.
//
// A service that moves money has succeeded only where tx_status 0 says so and
// nothing in the answer contradicts it: status 0, response_status_id 0, response
// type 1463, the same reference and the same amount where the answer names them.
// It has failed only where a complete answer says so, where Eko's door refused
// the request, or where nothing was sent. Everything else is pending.
//
// A balance or mini statement moves no money and carries no tx_status; its own
// response type proves it. There is nothing to inquire into afterwards, so
// without a usable answer it has failed, with a reason of its own
// (enquiry_no_answer, enquiry_unclear), and may simply be asked for again. A
// merchant's own step is decided alike; since it may be charged, its reasons
// (step_no_answer, step_unclear) send the merchant to his status first.
//
// An inquiry is decided on the tx_status of an answer under HTTP 2xx alone;
// Pending means that it settled nothing. "Not found" is never a failure: the
// transaction may still arrive. Nor is an inquiry that could not be signed or
// sent.
//
// Sources: eko-api.md sections 5.1 to 5.4 and 7; seed: FAQ, "How can I mark the
// transaction as success or fail?".
func Decide(e Evidence) Outcome {
	o := Outcome{HTTPStatus: e.HTTPStatus, Sent: e.Sent, Err: e.Err}
	if e.Err != nil {
		if e.Sent {
			return o.with(e.settle(verdict{Pending, ReasonNoAnswer}))
		}
		return o.with(e.settle(verdict{Failed, ReasonNotSent}))
	}
	a, err := readAnswer(e.Body)
	if err == nil {
		o.read(a, e.foreign(a))
	} else if httpRefusals[e.HTTPStatus] == "" {
		o.Err = err
	}
	return o.with(e.settle(e.decide(a, err == nil)))
}

// decide weighs the HTTP status first, then the envelope.
func (e Evidence) decide(a answer, readable bool) verdict {
	switch {
	case httpRefusals[e.HTTPStatus] != "":
		if readable && a.claimsMore() {
			return verdict{Pending, ReasonContradictory}
		}
		return verdict{Failed, httpRefusals[e.HTTPStatus]}
	case e.HTTPStatus >= 500:
		return verdict{Pending, ReasonServerError}
	case e.HTTPStatus == 429:
		return verdict{Pending, ReasonBusy}
	case e.HTTPStatus >= 300 && e.HTTPStatus < 400:
		return verdict{Pending, ReasonRedirected}
	case !readable:
		return verdict{Pending, ReasonUnreadable}
	case e.HTTPStatus < 200:
		return verdict{Pending, ReasonUnclear}
	case a.garbled || e.foreign(a):
		return verdict{Pending, ReasonContradictory}
	}
	v := e.weigh(a)
	if (e.Inquiry || v.state != Failed) && e.HTTPStatus/100 != 2 {
		return verdict{Pending, ReasonUnclear}
	}
	return v
}

func (e Evidence) weigh(a answer) verdict {
	switch {
	case e.Inquiry:
		return inquired(a)
	case e.Service.MovesMoney():
		return moneyMoved(a, success(e.Service))
	case e.Service == DailyKYC && a.typ.is(typeDailyDoneBefore), e.Service == KYCOTP && a.typ.is(typeOTPSentLater):
		// Done all the same: their status and response_status_id look like a failure
		// (eko-api.md section 5.3).
		return verdict{Succeeded, ReasonSucceeded}
	case proofs[e.Service] != nil:
		return enquired(a, proofs[e.Service])
	}
	return handled(a)
}

// The HTTP codes with which Eko's door refuses a request before anything is done
// (eko-api.md section 5.4).
var httpRefusals = map[int]string{
	402: ReasonDeveloperKey,
	403: ReasonForbidden,
	404: ReasonWrongURL,
	405: ReasonWrongMethod,
	415: ReasonWrongType,
}

// The response types that decide (eko-api.md section 5.2; 1459: the OTP of a v3
// withdrawal; 1472: section 7; the others: section 5.3).
const (
	typeWithdrawn       = 1463
	typeNotDone         = 1464
	typeAwaited         = 1465
	typeBalance         = 1466
	typeStatement       = 1527
	typeStatementFailed = 1528
	typeOTPSent         = 1459
	typeInquired        = 1472
	typeKYCOTPSent      = 1600
	typeOTPSentLater    = 2133
	typeKYCOTPRight     = 1604
	typeKYCDone         = 1605
	typeDailyDone       = 1713
	typeDailyDoneBefore = 1969
	typeSettled         = 1477
	codeTIDUnknown      = 168
)

// success is the response type of a service that moves money.
func success(s Service) int64 {
	if s == Settlement {
		return typeSettled
	}
	return typeWithdrawn
}

// notFailures are the types under which no failure is published.
var notFailures = []int64{typeWithdrawn, typeAwaited, typeBalance, typeStatement, typeOTPSent, typeInquired}

// moneyMoved decides a withdrawal or Aadhaar Pay.
func moneyMoved(a answer, success int64) verdict {
	if a.tx.present {
		return byTxStatus(a, success)
	}
	switch {
	case a.typ.is(typeOTPSent) && a.status.is(0) && a.rsid.is(0):
		return verdict{Failed, ReasonOTPRequired}
	case a.rsid.is(-2):
		// It does not say that the other transaction is not this one.
		return verdict{Pending, ReasonAlreadyRunning}
	case a.typ.is(typeAwaited), a.status.is(0) && a.rsid.is(2):
		return verdict{Pending, ReasonAwaited}
	case !a.status.present || a.status.n == 0:
		return verdict{Pending, ReasonUnclear}
	case !a.rsid.is(1) || !a.typ.present:
		return verdict{Pending, ReasonUnclear}
	case a.typ.in(notFailures...):
		return verdict{Pending, ReasonContradictory}
	case a.typ.is(typeNotDone) && !a.tx.empty:
		// A tx_status was due and is missing: it may have been cut out on its way.
		return verdict{Pending, ReasonUnclear}
	case a.doubtful():
		return verdict{Pending, ReasonUnclear}
	}
	return verdict{Failed, a.refusal()}
}

// byTxStatus decides where a submission's answer has a tx_status.
func byTxStatus(a answer, success int64) verdict {
	if a.typ.is(typeWithdrawn) && a.tx.n != 0 || a.typ.is(typeAwaited) && a.tx.n == 4 {
		return verdict{Pending, ReasonContradictory}
	}
	switch a.tx.n {
	case 0:
		if a.status.is(0) && a.rsid.is(0) && a.typ.is(success) {
			return verdict{Succeeded, ReasonSucceeded}
		}
		return verdict{Pending, ReasonContradictory}
	case 1:
		if a.status.present && (a.rsid.is(1) || !a.rsid.present) && !a.typ.in(notFailures...) && !a.doubtful() {
			return verdict{Failed, a.refusal()}
		}
		return verdict{Pending, ReasonContradictory}
	}
	return openStatus(a.tx.n)
}

// openStatus is what the values of tx_status mean that are neither success nor
// failure (eko-api.md section 7).
func openStatus(txStatus int64) verdict {
	switch txStatus {
	case 2, 6:
		return verdict{Pending, ReasonAwaited}
	case 3:
		return verdict{RefundPending, ReasonRefundPending}
	case 4:
		return verdict{Refunded, ReasonRefunded}
	case 5:
		return verdict{Pending, ReasonOnHold}
	}
	return verdict{Pending, ReasonUnknownStatus}
}

// inquired decides an inquiry: on tx_status, as long as the envelope does not
// say the opposite.
func inquired(a answer) verdict {
	if !a.tx.present {
		if a.typ.is(codeTIDUnknown) || a.status.is(codeTIDUnknown) {
			return verdict{Pending, ReasonUnknownToEko}
		}
		return verdict{Pending, ReasonInquiryUnclear}
	}
	switch a.tx.n {
	case 0:
		if a.status.is(0) && (!a.rsid.present || a.rsid.in(0, -1)) && !a.typ.in(typeNotDone, typeAwaited, typeStatementFailed, typeOTPSent) {
			return verdict{Succeeded, ReasonSucceeded}
		}
		return verdict{Pending, ReasonContradictory}
	case 1:
		if !a.typ.in(typeWithdrawn, typeAwaited) && !a.rsid.in(2, -2) {
			return verdict{Failed, ReasonDeclined}
		}
		return verdict{Pending, ReasonContradictory}
	case 3, 4:
		if a.typ.is(typeWithdrawn) || a.tx.n == 4 && a.typ.is(typeAwaited) {
			return verdict{Pending, ReasonContradictory}
		}
	}
	return openStatus(a.tx.n)
}

// enquired decides a balance, a mini statement or a merchant's step by its
// response type.
func enquired(a answer, proof []int64) verdict {
	if a.status.is(0) && a.rsid.in(0, -1) && a.typ.in(proof...) && (!a.tx.present || a.tx.n == 0) {
		return verdict{Succeeded, ReasonSucceeded}
	}
	return handled(a).unlessProved()
}

// handled decides an operation whose success type is not published: Eko's
// envelope says "handled" and nothing speaks against it.
func handled(a answer) verdict {
	switch {
	case a.status.is(0) && a.rsid.in(0, -1) && (!a.tx.present || a.tx.n == 0):
		return verdict{Succeeded, ReasonSucceeded}
	case a.status.present && a.status.n != 0 && a.rsid.present && a.rsid.n != 0:
		return verdict{Failed, a.refusal()}
	}
	return verdict{Pending, ReasonUnclear}
}

// unlessProved takes a success away that only the envelope asserts.
func (v verdict) unlessProved() verdict {
	if v.state == Succeeded {
		return verdict{Pending, ReasonUnclear}
	}
	return v
}

// settle fits a verdict to what was asked. An inquiry can't fail by itself, and
// a call that moves no money can't stay open.
func (e Evidence) settle(v verdict) verdict {
	switch {
	case e.Inquiry:
		return inquirySettles(v)
	case e.Service.MovesMoney(), v.state == Succeeded, v.state == Failed:
		return v
	}
	silent := v.reason == ReasonNoAnswer || v.reason == ReasonServerError || v.reason == ReasonBusy
	switch step := e.Service.merchantStep(); {
	case silent && step:
		return verdict{Failed, ReasonStepNoAnswer}
	case step:
		return verdict{Failed, ReasonStepUnclear}
	case silent:
		return verdict{Failed, ReasonEnquiryNoAnswer}
	}
	return verdict{Failed, ReasonEnquiryUnclear}
}

// inquirySettles keeps what [inquired] found in tx_status and turns everything
// else, known here or not, into "nothing new".
func inquirySettles(v verdict) verdict {
	switch v.reason {
	case ReasonSucceeded, ReasonDeclined, ReasonRefundPending, ReasonRefunded,
		ReasonAwaited, ReasonOnHold, ReasonUnknownStatus, ReasonUnknownToEko:
		return v
	case ReasonNotSent, ReasonNotSigned, ReasonRefusedByHook, ReasonHookUnavailable, ReasonNotAdopted, ReasonClockSkew,
		ReasonBadRequest, ReasonNoAnswer, ReasonServerError, ReasonBusy:
		return verdict{Pending, ReasonInquiryNoAnswer}
	case ReasonDeveloperKey, ReasonForbidden, ReasonClockRefused, ReasonWrongURL, ReasonWrongMethod, ReasonWrongType:
		return verdict{Pending, ReasonInquiryRefused}
	}
	return verdict{Pending, ReasonInquiryUnclear}
}

// claimsMore reports whether an answer that came with a refusing HTTP status
// says that the request was handled all the same.
func (a answer) claimsMore() bool {
	return a.garbled || a.status.is(0) || (a.tx.present && a.tx.n != 1) || a.rsid.in(0, 2, 3, 4, 5, -2) ||
		a.typ.in(typeWithdrawn, typeAwaited, typeBalance, typeStatement, typeOTPSent)
}

// doubtful reports whether the text says that the failure is not one. Texts are
// never matched to find a success or a failure, only to doubt one (seed: FAQ,
// "No Key for Response"; a duplicate reference means that it arrived before).
func (a answer) doubtful() bool {
	text := strings.ToLower(a.message + " " + a.data.text("reason") + " " + a.data.text("comment"))
	return strings.Contains(text, "no key for response") || strings.Contains(text, "duplicate")
}

// foreign reports whether the answer names another transaction or amount than
// the one asked about.
func (e Evidence) foreign(a answer) bool {
	for _, in := range []object{a.doc, a.data} {
		if ref := in.text("client_ref_id"); ref != "" && e.ClientRefID != "" && ref != e.ClientRefID {
			return true
		}
		if tid := in.text("tid"); tid != "" && e.TID != "" && tid != e.TID {
			return true
		}
		if e.Amount != 0 && (e.Inquiry || e.Service.MovesMoney()) {
			if amount := in.text("amount"); amount != "" && !sameAmount(amount, e.Amount) {
				return true
			}
		}
	}
	return false
}

// Eko answers "100", "100.00" and 100.0 for one and the same amount.
var amountText = regexp.MustCompile(`^([0-9]{1,12})(\.0+)?$`)

func sameAmount(text string, want Rupees) bool {
	m := amountText.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && Rupees(n) == want
}
