package eko_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"biobridge/eko"
)

// Bodies of the shapes in eko-api.md sections 5.1 to 5.3 and 7. Their values are
// synthetic.
const (
	withdrawn = `{"response_status_id":0,"data":{"tx_status":"0","tds":"0.00","shop":"Shop","sender_name":"Asha","tid":"2170003001","bank":"Bank","balance":"1.00","user_code":"20810200","merchantname":"Ravi","aadhar":"XXXX XXXX 1234","customer_balance":"910.00","transaction_time":"01-01-24 10:00:00","commission":"0.40","bank_ref_num":"401210000001","transaction_date":"01-01-24 10:00:00","amount":"500.00","comment":"Request Completed"},"response_type_id":1463,"message":"Transaction Successful","status":0}`

	declined = `{"response_status_id":1,"data":{"tx_status":"1","transaction_date":"01-01-24 10:00:00","reason":"","amount":"500.00","merchant_code":"","shop":"Shop","sender_name":"Asha","tid":"2170003002","auth_code":"","shop_address_line1":"","user_code":"20810200","merchantname":"Ravi","stan":"","aadhar":"XXXX XXXX 1234","customer_balance":"0.00","transaction_time":"01-01-24 10:00:00","comment":"Incorrect merchantId or pin","bank_ref_num":"","terminal_id":""},"response_type_id":1464,"message":"Transaction Fail","status":1464}`

	badBank = `{"response_status_id":1,"data":{"tx_status":"","transaction_date":"","reason":"Transaction Not Completed","amount":"","merchant_code":"","shop":"","sender_name":"","tid":"","auth_code":"","user_code":"","stan":"","aadhar":"","customer_balance":"","comment":"Transaction Not Completed","bank_ref_num":"","terminal_id":""},"response_type_id":1464,"message":"Transaction Fail","status":1464}`

	awaited = `{"response_status_id":2,"data":{"tx_status":"2","reason":"Transaction Pending","amount":"500.00","fee":"","tid":"2170003003","user_code":"20810200","service_tax":"0.00","totalfee":"0.00","aadhar":"XXXX XXXX 1234","customer_balance":"","comment":"Transaction Pending","bank_ref_num":""},"response_type_id":1465,"message":"Transaction Pending","status":0}`

	otpSent = `{"response_status_id":0,"data":{"fp_transaction_id":"FP2609010001234567"},"response_type_id":1459,"message":"OTP generated successfully. Use the reference ID for your transaction.","status":0}`

	balance = `{"response_status_id":0,"data":{"transaction_date":"01-01-24 10:00:00","amount":"0.00","shop":"Shop","sender_name":"Asha","tid":"2170003004","user_code":"20810200","merchantname":"Ravi","aadhar":"XXXX XXXX 1234","customer_balance":"910.00","transaction_time":"01-01-24 10:00:00","comment":"Request Completed"},"response_type_id":1466,"message":"Transaction Successful","status":0}`

	miniStatement = `{"response_status_id":0,"data":{"transaction_date":"01-01-24 10:00:00","mini_statement_list":[{"date":"01/01","amount":"90.00","narration":"MAT/W/000000      ","txnType":"Dr"},{"date":"31/12/2023","amount":"1000.00","narration":"MAT/D/000000","txnType":"Cr"}],"sender_name":"Asha","tid":"2170003005","user_code":"20810200","merchantname":"Ravi","customer_balance":"910.00","transaction_time":"01-01-24 10:00:00","commission":"0.75","terminal_id":"","comment":"Request Completed"},"response_type_id":1527,"message":"Transaction Successful","status":0}`

	statementFailed = `{"response_status_id":1,"data":{"transaction_date":"01-01-24 10:00:00","reason":"","merchant_code":"","merchantname":"Ravi","customer_balance":"","comment":"Incorrect merchantId or pin","bank_ref_num":"","tid":"2170003006","terminal_id":""},"response_type_id":1528,"message":"Transaction Fail","status":1528}`

	invalidAadhaar = `{"response_status_id":1,"invalid_params":{"aadhar":"Please provide the value of the field {2} {3}"},"response_type_id":-1,"message":"Please provide the value of the field","status":97}`

	notAllowed = `{"response_status_id":1,"response_type_id":346,"message":"Agent not allowed to this transaction","status":346}`

	inquired = `{"response_type_id":1472,"data":{"bank_ref_num":"8761099407","account":"","fee":"5.0","client_ref_id":"REF1","gst":"0.76","sender_name":"Asha","timestamp":"2024-01-01 10:00:44","txstatus_desc":"Success","tx_status":"0","tid":"2170003001","amount":"500.0","payment_mode":5},"message":"Sucess! Enquiry success.","status":0,"response_status_id":0}`
)

// edit replaces parts of a body, each of which must be there.
func edit(t *testing.T, body string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(body, pairs[i]) {
			t.Fatalf("%q is not in the body", pairs[i])
		}
		body = strings.Replace(body, pairs[i], pairs[i+1], 1)
	}
	return body
}

type decision struct {
	name   string
	cite   string // section of eko-api.md, or the seed
	body   string
	edits  []string
	change func(*eko.Evidence)
	state  eko.State
	reason string
}

func (d decision) run(t *testing.T, base eko.Evidence) {
	t.Helper()
	t.Run(d.name, func(t *testing.T) {
		e := base
		e.Body = []byte(edit(t, d.body, d.edits...))
		if d.change != nil {
			d.change(&e)
		}
		o := eko.Decide(e)
		if o.State != d.state || o.Reason != d.reason {
			t.Errorf("Decide = %s (%s), want %s (%s): %s", o.State, o.Reason, d.state, d.reason, d.cite)
		}
		if o.Message == "" || (o.State != eko.Succeeded && o.Remedy == "") {
			t.Errorf("no sentence for %q", o.Reason)
		}
	})
}

func httpStatus(status int) func(*eko.Evidence) {
	return func(e *eko.Evidence) { e.HTTPStatus = status }
}

func broken(sent bool, err error) func(*eko.Evidence) {
	return func(e *eko.Evidence) { e.Sent, e.Err, e.HTTPStatus, e.Body = sent, err, 0, nil }
}

// A withdrawal and Aadhaar Pay are decided alike.
func TestDecide_money(t *testing.T) {
	const html = "<html><body>Bad Gateway</body></html>"
	tests := []decision{
		{"1463", "5.2 row 1", withdrawn, nil, nil, eko.Succeeded, "succeeded"},
		{"numbers instead of strings", "5.2, 7: number or string", withdrawn, []string{`"tx_status":"0"`, `"tx_status":0`, `"amount":"500.00"`, `"amount":500.0`, `"status":0`, `"status":"0"`}, nil, eko.Succeeded, "succeeded"},
		{"own reference named", "7", withdrawn, []string{`"tds"`, `"client_ref_id":"REF1","tds"`}, nil, eko.Succeeded, "succeeded"},
		{"no amount named", "5.2", withdrawn, []string{`"amount":"500.00",`, ``}, nil, eko.Succeeded, "succeeded"},
		{"201", "5.4", withdrawn, nil, httpStatus(201), eko.Succeeded, "succeeded"},

		{"1464, tx_status 1", "5.2 row 2", declined, nil, nil, eko.Failed, "declined"},
		{"1464, tx_status empty: a bad bank", "5.2 row 2", badBank, nil, nil, eko.Failed, "not_processed"},
		{"tx_status 1 under status 0", "seed FAQ, mark a transaction, a.ii", declined, []string{`"response_status_id":1,`, ``, `"response_type_id":1464,`, ``, `"status":1464`, `"status":0`}, nil, eko.Failed, "declined"},
		{"1465", "5.2 row 3", awaited, nil, nil, eko.Pending, "awaited"},
		{"1459: an OTP was sent, nothing withdrawn", "issue: OTP answer; 4.3", otpSent, nil, nil, eko.Failed, "otp_required"},
		{"97: the Aadhaar number can't be read", "3, 5.3", invalidAadhaar, nil, nil, eko.Failed, "aadhaar_unreadable"},
		{"97 with the other spelling", "5.1", invalidAadhaar, []string{"invalid_params", "invalid_parameters"}, nil, eko.Failed, "aadhaar_unreadable"},
		{"97 for another field", "5.3", invalidAadhaar, []string{`"aadhar"`, `"latlong"`}, nil, eko.Failed, "field_invalid"},
		{"97 with HTTP 400", "5.1, 5.4", invalidAadhaar, nil, httpStatus(400), eko.Failed, "aadhaar_unreadable"},
		{"346", "5.3", notAllowed, nil, nil, eko.Failed, "agent_not_allowed"},
		{"1297", "5.3", notAllowed, []string{"346", "1297", "346", "1297"}, nil, eko.Failed, "user_not_onboarded"},
		{"463", "5.3", notAllowed, []string{"346", "463", "346", "463"}, nil, eko.Failed, "user_not_onboarded"},
		{"319", "5.3", notAllowed, []string{"346", "319", "346", "319"}, nil, eko.Failed, "initiator_unknown"},
		{"347", "5.3", notAllowed, []string{"346", "347", "346", "347"}, nil, eko.Failed, "wallet_low"},
		{"945", "5.3", notAllowed, []string{"346", "945", "346", "945"}, nil, eko.Failed, "limit_reached"},
		{"544", "5.3", notAllowed, []string{"346", "544", "346", "544"}, nil, eko.Failed, "bank_unavailable"},
		{"55", "5.3", notAllowed, []string{"346", "55", "346", "55"}, nil, eko.Failed, "npci_error"},
		{"302", "5.3", notAllowed, []string{"346", "302", "346", "302"}, nil, eko.Failed, "otp_wrong"},
		{"303", "5.3", notAllowed, []string{"346", "303", "346", "303"}, nil, eko.Failed, "otp_expired"},
		{"a code that nobody has documented", "seed FAQ, mark a transaction, b", notAllowed, []string{"346", "4711", "346", "4711"}, nil, eko.Failed, "refused"},

		{"tx_status 3", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"3"`, "1463", "1464"}, nil, eko.RefundPending, "refund_pending"},
		{"tx_status 4", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"4"`, "1463", "1464"}, nil, eko.Refunded, "refunded"},
		{"tx_status 4 beside 1465", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"4"`, "1463", "1465"}, nil, eko.Pending, "contradictory"},
		{"tx_status 5", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"5"`, "1463", "1465"}, nil, eko.Pending, "on_hold"},
		{"tx_status 6", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"6"`, "1463", "1465"}, nil, eko.Pending, "awaited"},
		{"tx_status 99", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"99"`, "1463", "1465"}, nil, eko.Pending, "unknown_status"},
		{"tx_status -1", "7", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"-1"`, "1463", "1465"}, nil, eko.Pending, "unknown_status"},

		{"status 0 alone", "0.5", withdrawn, []string{`"tx_status":"0",`, ``}, nil, eko.Pending, "unclear"},
		{"tx_status empty under status 0", "0.6", withdrawn, []string{`"tx_status":"0"`, `"tx_status":""`}, nil, eko.Pending, "unclear"},
		{"tx_status null", "0.6", withdrawn, []string{`"tx_status":"0"`, `"tx_status":null`}, nil, eko.Pending, "unclear"},
		{"status missing", "0.6", withdrawn, []string{`,"status":0`, ``}, nil, eko.Pending, "contradictory"},
		{"response_status_id missing", "0.6", withdrawn, []string{`"response_status_id":0,`, ``}, nil, eko.Pending, "contradictory"},
		{"response_type_id missing", "0.6", withdrawn, []string{`"response_type_id":1463,`, ``}, nil, eko.Pending, "contradictory"},
		{"success beside response_status_id 1", "0.6", withdrawn, []string{`"response_status_id":0`, `"response_status_id":1`}, nil, eko.Pending, "contradictory"},
		{"success beside response_status_id 2", "5.1", withdrawn, []string{`"response_status_id":0`, `"response_status_id":2`}, nil, eko.Pending, "contradictory"},
		{"success beside 1465", "5.2", withdrawn, []string{"1463", "1465"}, nil, eko.Pending, "contradictory"},
		{"success beside 1464", "5.2", withdrawn, []string{"1463", "1464"}, nil, eko.Pending, "contradictory"},
		{"success of a balance", "5.2", withdrawn, []string{"1463", "1466"}, nil, eko.Pending, "contradictory"},
		{"success beside status 1464", "5.2", withdrawn, []string{`"status":0}`, `"status":1464}`}, nil, eko.Pending, "contradictory"},
		{"1459 with tx_status 0", "issue: OTP answer", withdrawn, []string{"1463", "1459"}, nil, eko.Pending, "contradictory"},
		{"1459 that failed", "4.3", otpSent, []string{`"response_status_id":0`, `"response_status_id":1`}, nil, eko.Pending, "unclear"},
		{"1463 with tx_status 1", "5.2", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"1"`}, nil, eko.Pending, "contradictory"},
		{"1463 with tx_status 2", "5.2", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"2"`}, nil, eko.Pending, "contradictory"},
		{"failure beside response_status_id 0", "5.2", declined, []string{`"response_status_id":1`, `"response_status_id":0`}, nil, eko.Pending, "contradictory"},
		{"failure beside response_status_id 2", "5.2", declined, []string{`"response_status_id":1`, `"response_status_id":2`}, nil, eko.Pending, "contradictory"},
		{"failure beside 1465", "5.2", declined, []string{"1464,", "1465,"}, nil, eko.Pending, "contradictory"},
		{"1464 without the tx_status that was due", "seed FAQ, suspicious response", badBank, []string{`"tx_status":"",`, ``}, nil, eko.Pending, "unclear"},
		{"refusal that names a success type", "5.2", notAllowed, []string{"346", "1463"}, nil, eko.Pending, "contradictory"},
		{"refusal without response_status_id", "5.1", notAllowed, []string{`"response_status_id":1,`, ``}, nil, eko.Pending, "unclear"},
		{"refusal without response_type_id", "5.1", notAllowed, []string{`"response_type_id":346,`, ``}, nil, eko.Pending, "unclear"},
		{"refusal without status", "5.1", notAllowed, []string{`,"status":346`, ``}, nil, eko.Pending, "unclear"},
		{"another transaction is running", "5.1 row -2", notAllowed, []string{`"response_status_id":1`, `"response_status_id":-2`}, nil, eko.Pending, "already_running"},
		{"No key for response", "0.5, 5.4; seed FAQ", notAllowed, []string{"Agent not allowed to this transaction", "No Key for Response"}, nil, eko.Pending, "unclear"},
		{"No key for response under status 0", "0.5", `{"status":0,"response_status_id":0,"response_type_id":0,"message":"No key for response"}`, nil, nil, eko.Pending, "unclear"},
		{"a duplicate reference: it arrived before", "12", notAllowed, []string{"Agent not allowed to this transaction", "Duplicate client_ref_id"}, nil, eko.Pending, "unclear"},
		{"a duplicate with tx_status 1", "12", declined, []string{"Incorrect merchantId or pin", "Duplicate transaction"}, nil, eko.Pending, "contradictory"},

		{"another amount", "0.6", withdrawn, []string{"500.00", "5000.00"}, nil, eko.Pending, "contradictory"},
		{"an amount with paise", "0.6", withdrawn, []string{"500.00", "500.50"}, nil, eko.Pending, "contradictory"},
		{"an amount that is none", "0.6", withdrawn, []string{"500.00", "5e2"}, nil, eko.Pending, "contradictory"},
		{"another reference", "0.6", withdrawn, []string{`"tds"`, `"client_ref_id":"REF2","tds"`}, nil, eko.Pending, "contradictory"},
		{"another reference beside data", "0.6", withdrawn, []string{`"status":0}`, `"status":0,"client_ref_id":"REF2"}`}, nil, eko.Pending, "contradictory"},
		{"a failure of another reference", "0.6", declined, []string{`"reason"`, `"client_ref_id":"REF2","reason"`}, nil, eko.Pending, "contradictory"},
		{"a failure of another amount", "0.6", declined, []string{"500.00", "700.00"}, nil, eko.Pending, "contradictory"},
		{"a second tx_status beside data", "0.6", withdrawn, []string{`"status":0}`, `"status":0,"tx_status":1}`}, nil, eko.Pending, "contradictory"},

		{"two documents", "issue: two JSON documents", withdrawn, []string{`"status":0}`, `"status":0}{}`}, nil, eko.Pending, "unreadable"},
		{"two successes", "issue: two JSON documents", withdrawn + withdrawn, nil, nil, eko.Pending, "unreadable"},
		{"status twice", "issue: duplicated keys", withdrawn, []string{`"status":0}`, `"status":0,"status":0}`}, nil, eko.Pending, "unreadable"},
		{"tx_status twice", "issue: duplicated keys", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"1","tx_status":"0"`}, nil, eko.Pending, "unreadable"},
		{"tx_status twice, once escaped", "issue: duplicated keys", withdrawn, []string{`"tx_status":"0"`, `"tx\u005fstatus":"1","tx_status":"0"`}, nil, eko.Pending, "unreadable"},
		{"a name twice, deep inside", "issue: duplicated keys", withdrawn, []string{`"tds":"0.00"`, `"tds":{"a":[{"b":1,"b":2}]}`}, nil, eko.Pending, "unreadable"},
		{"text after the end", "0.5", withdrawn + "\nOK", nil, nil, eko.Pending, "unreadable"},
		{"cut", "0.5", withdrawn[:len(withdrawn)-20], nil, nil, eko.Pending, "unreadable"},
		{"cut by its last brace", "0.5", withdrawn[:len(withdrawn)-1], nil, nil, eko.Pending, "unreadable"},
		{"empty", "0.5", "", nil, nil, eko.Pending, "unreadable"},
		{"blanks", "0.5", " \r\n", nil, nil, eko.Pending, "unreadable"},
		{"HTML", "0.5", html, nil, nil, eko.Pending, "unreadable"},
		{"a JSON text", "0.5", `"OK"`, nil, nil, eko.Pending, "unreadable"},
		{"a JSON list", "0.5", "[" + withdrawn + "]", nil, nil, eko.Pending, "unreadable"},
		{"an empty object", "0.5", "{}", nil, nil, eko.Pending, "unclear"},
		{"bottomless nesting", "0.5", strings.Repeat(`{"a":`, 100) + "0" + strings.Repeat("}", 100), nil, nil, eko.Pending, "unreadable"},
		{"other capitals", "5.1", withdrawn, []string{`"tx_status"`, `"TX_STATUS"`}, nil, eko.Pending, "unclear"},
		{"status is true", "5.1", withdrawn, []string{`"status":0}`, `"status":true}`}, nil, eko.Pending, "contradictory"},
		{"status is 0.0", "5.1", withdrawn, []string{`"status":0}`, `"status":0.0}`}, nil, eko.Pending, "contradictory"},
		{"status is -0", "5.1", withdrawn, []string{`"status":0}`, `"status":-0}`}, nil, eko.Pending, "contradictory"},
		{"tx_status is 00", "5.1", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"00"`}, nil, eko.Pending, "contradictory"},
		{"tx_status is a list", "5.1", withdrawn, []string{`"tx_status":"0"`, `"tx_status":["0"]`}, nil, eko.Pending, "contradictory"},
		{"tx_status is a word", "5.1", withdrawn, []string{`"tx_status":"0"`, `"tx_status":"SUCCESS"`}, nil, eko.Pending, "contradictory"},
		{"data is a list", "5.1", `{"status":0,"response_status_id":0,"response_type_id":1463,"data":[{"tx_status":0}]}`, nil, nil, eko.Pending, "contradictory"},
		{"data is a text", "5.1", `{"status":0,"response_status_id":0,"response_type_id":1463,"data":"tx_status=0"}`, nil, nil, eko.Pending, "contradictory"},
		{"tx_status beside an empty data", "5.1", `{"status":0,"response_status_id":0,"response_type_id":1463,"data":"","tx_status":0}`, nil, nil, eko.Pending, "contradictory"},

		{"402", "5.4", "", nil, httpStatus(402), eko.Failed, "developer_key_missing"},
		{"403", "5.4", "", nil, httpStatus(403), eko.Failed, "forbidden"},
		{"403 with HTML", "5.4", html, nil, httpStatus(403), eko.Failed, "forbidden"},
		{"403 with a refusal", "5.4", notAllowed, nil, httpStatus(403), eko.Failed, "forbidden"},
		{"404", "5.4", "No mapping rule matched", nil, httpStatus(404), eko.Failed, "wrong_url"},
		{"405", "5.4", html, nil, httpStatus(405), eko.Failed, "wrong_method"},
		{"415", "5.4", html, nil, httpStatus(415), eko.Failed, "wrong_content_type"},
		{"403 over a success", "0.6", withdrawn, nil, httpStatus(403), eko.Pending, "contradictory"},
		{"404 over a pending", "0.6", awaited, nil, httpStatus(404), eko.Pending, "contradictory"},
		{"403 over garbled codes", "0.6", withdrawn, []string{`"status":0}`, `"status":{}}`}, httpStatus(403), eko.Pending, "contradictory"},
		{"400 over a success", "0.6", withdrawn, nil, httpStatus(400), eko.Pending, "unclear"},
		{"400", "5.4", html, nil, httpStatus(400), eko.Pending, "unreadable"},
		{"401", "5.4", "", nil, httpStatus(401), eko.Pending, "unreadable"},
		{"408", "5.4", "", nil, httpStatus(408), eko.Pending, "unreadable"},
		{"429", "5.4", html, nil, httpStatus(429), eko.Pending, "too_many_requests"},
		{"500", "5.4", html, nil, httpStatus(500), eko.Pending, "server_error"},
		{"502", "0.5", html, nil, httpStatus(502), eko.Pending, "server_error"},
		{"503 over a decline", "0.5", declined, nil, httpStatus(503), eko.Pending, "server_error"},
		{"504 over a success", "0.5", withdrawn, nil, httpStatus(504), eko.Pending, "server_error"},
		{"302 over a success", "0.5", withdrawn, nil, httpStatus(302), eko.Pending, "redirected"},
		{"307", "0.5", "", nil, httpStatus(307), eko.Pending, "redirected"},
		{"204", "0.5", "", nil, httpStatus(204), eko.Pending, "unreadable"},
		{"101", "0.5", withdrawn, nil, httpStatus(101), eko.Pending, "unclear"},

		{"never left this computer", "7", "", nil, broken(false, errors.New("connection refused")), eko.Failed, "not_sent"},
		{"no answer", "0.5, 7", "", nil, broken(true, io.ErrUnexpectedEOF), eko.Pending, "no_answer"},
		{"a success that broke off", "0.5", withdrawn, nil, func(e *eko.Evidence) { e.Err = io.ErrUnexpectedEOF }, eko.Pending, "no_answer"},
		{"a refusal that broke off", "0.5", "", nil, func(e *eko.Evidence) { e.Err, e.HTTPStatus = io.ErrUnexpectedEOF, 403 }, eko.Pending, "no_answer"},
	}
	for _, service := range []eko.Service{eko.CashWithdrawal, eko.AadhaarPay} {
		t.Run(string(service), func(t *testing.T) {
			for _, tt := range tests {
				tt.run(t, eko.Evidence{Service: service, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: 200})
			}
		})
	}
}

// A balance and a mini statement prove themselves, and can't stay open.
func TestDecide_enquiries(t *testing.T) {
	tests := []struct {
		service eko.Service
		decision
	}{
		{eko.BalanceEnquiry, decision{"1466", "5.2 row 4", balance, nil, nil, eko.Succeeded, "succeeded"}},
		{eko.BalanceEnquiry, decision{"response_status_id -1", "5.1", balance, []string{`"response_status_id":0`, `"response_status_id":-1`}, nil, eko.Succeeded, "succeeded"}},
		{eko.BalanceEnquiry, decision{"1464", "5.2 row 2", declined, nil, nil, eko.Failed, "declined"}},
		{eko.BalanceEnquiry, decision{"346", "5.3", notAllowed, nil, nil, eko.Failed, "agent_not_allowed"}},
		{eko.BalanceEnquiry, decision{"status 0 and another type", "5.2", balance, []string{"1466", "1463"}, nil, eko.Failed, "enquiry_unclear"}},
		{eko.BalanceEnquiry, decision{"status missing", "5.2", balance, []string{`,"status":0`, ``}, nil, eko.Failed, "enquiry_unclear"}},
		{eko.BalanceEnquiry, decision{"a tx_status that contradicts", "5.2", balance, []string{`"amount":"0.00"`, `"tx_status":"2"`}, nil, eko.Failed, "enquiry_unclear"}},
		{eko.BalanceEnquiry, decision{"another reference", "0.6", balance, []string{`"amount":"0.00"`, `"client_ref_id":"REF2"`}, nil, eko.Failed, "enquiry_unclear"}},
		{eko.BalanceEnquiry, decision{"an amount of its own is no contradiction", "5.2", balance, []string{`"amount":"0.00"`, `"amount":"910.00"`}, nil, eko.Succeeded, "succeeded"}},
		{eko.BalanceEnquiry, decision{"two documents", "0.5", balance + balance, nil, nil, eko.Failed, "enquiry_unclear"}},
		{eko.BalanceEnquiry, decision{"no answer", "design 7", "", nil, broken(true, io.ErrUnexpectedEOF), eko.Failed, "enquiry_no_answer"}},
		{eko.BalanceEnquiry, decision{"never left", "design 7", "", nil, broken(false, io.EOF), eko.Failed, "not_sent"}},
		{eko.BalanceEnquiry, decision{"500", "5.4", "", nil, httpStatus(500), eko.Failed, "enquiry_no_answer"}},
		{eko.BalanceEnquiry, decision{"403", "5.4", "", nil, httpStatus(403), eko.Failed, "forbidden"}},
		{eko.MiniStatement, decision{"1527", "5.2 row 5", miniStatement, nil, nil, eko.Succeeded, "succeeded"}},
		{eko.MiniStatement, decision{"1528", "5.2 row 6", statementFailed, nil, nil, eko.Failed, "mini_statement_failed"}},
		{eko.MiniStatement, decision{"a balance's answer", "5.2", balance, nil, nil, eko.Failed, "enquiry_unclear"}},
		{eko.MiniStatement, decision{"HTML", "0.5", "<html>", nil, nil, eko.Failed, "enquiry_unclear"}},
		{eko.TwoFactorAuthentication, decision{"handled", "5.1; answers of types 6 and 7 are not published", balance, []string{"1466", "1"}, nil, eko.Succeeded, "succeeded"}},
		{eko.TwoFactorAuthentication, decision{"refused", "5.3", notAllowed, nil, nil, eko.Failed, "agent_not_allowed"}},
		{eko.TwoFactorRegistration, decision{"no answer", "5.1", "", nil, broken(true, io.EOF), eko.Failed, "step_no_answer"}},
		{eko.DailyKYC, decision{"1713", "5.3", balance, []string{"1466", "1713"}, nil, eko.Succeeded, "succeeded"}},
		{eko.DailyKYC, decision{"1969: done before", "5.3", notAllowed, []string{"346", "1969", "346", "1969"}, nil, eko.Succeeded, "succeeded"}},
		{eko.DailyKYC, decision{"1714", "5.3", notAllowed, []string{"346", "1714", "346", "1714"}, nil, eko.Failed, "daily_kyc_failed"}},
		{eko.DailyKYC, decision{"another type", "5.3", balance, []string{"1466", "1605"}, nil, eko.Failed, "step_unclear"}},
		{eko.DailyKYC, decision{"502", "5.4", "", nil, httpStatus(502), eko.Failed, "step_no_answer"}},
		{eko.KYCOTP, decision{"1600", "5.3", balance, []string{"1466", "1600"}, nil, eko.Succeeded, "succeeded"}},
		{eko.KYCOTP, decision{"2133 looks like a failure", "5.3", notAllowed, []string{"346", "2133", "346", "2133"}, nil, eko.Succeeded, "succeeded"}},
		{eko.KYCVerify, decision{"1604", "5.3", balance, []string{"1466", "1604"}, nil, eko.Succeeded, "succeeded"}},
		{eko.KYCVerify, decision{"461", "5.3", notAllowed, []string{"346", "461", "346", "461"}, nil, eko.Failed, "kyc_failed"}},
		{eko.KYCBiometric, decision{"1605", "5.3", balance, []string{"1466", "1605"}, nil, eko.Succeeded, "succeeded"}},
		{eko.WithdrawalOTP, decision{"1459", "4.3", otpSent, nil, nil, eko.Succeeded, "succeeded"}},
		{eko.WithdrawalOTP, decision{"no type", "4.3", `{"response_status_id":1,"message":"failure","status":1}`, nil, nil, eko.Failed, "refused"}},
		{eko.Query, decision{"handled", "5.1", balance, []string{"1466", "1299"}, nil, eko.Succeeded, "succeeded"}},
	}
	for _, tt := range tests {
		t.Run(string(tt.service), func(t *testing.T) {
			tt.run(t, eko.Evidence{Service: tt.service, ClientRefID: "REF1", Sent: true, HTTPStatus: 200})
		})
	}
}

// An inquiry decides on tx_status; "not found" is never a failure.
func TestDecide_inquiry(t *testing.T) {
	tests := []decision{
		{"1472, tx_status 0", "7", inquired, nil, nil, eko.Succeeded, "succeeded"},
		{"a number", "7: number or string", inquired, []string{`"tx_status":"0"`, `"tx_status":0`, `"tid":"2170003001"`, `"tid":2170003001`}, nil, eko.Succeeded, "succeeded"},
		{"the transaction's own answer", "7", withdrawn, nil, nil, eko.Succeeded, "succeeded"},
		{"response_status_id -1", "5.1", inquired, []string{`"response_status_id":0`, `"response_status_id":-1`}, nil, eko.Succeeded, "succeeded"},
		{"tx_status 1", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"1"`}, nil, eko.Failed, "declined"},
		{"tx_status 1 with response_status_id 1", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"1"`, `"response_status_id":0`, `"response_status_id":1`}, nil, eko.Failed, "declined"},
		{"the transaction's own decline", "7", declined, []string{"2170003002", "2170003001"}, nil, eko.Failed, "declined"},
		{"tx_status 2", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"2"`}, nil, eko.Pending, "awaited"},
		{"tx_status 3", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"3"`}, nil, eko.RefundPending, "refund_pending"},
		{"tx_status 4", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"4"`}, nil, eko.Refunded, "refunded"},
		{"tx_status 5", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"5"`}, nil, eko.Pending, "on_hold"},
		{"tx_status 6", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"6"`}, nil, eko.Pending, "awaited"},
		{"tx_status 7", "7", inquired, []string{`"tx_status":"0"`, `"tx_status":"7"`}, nil, eko.Pending, "unknown_status"},
		{"tx_status missing", "seed FAQ, inquiry", inquired, []string{`"tx_status":"0",`, ``}, nil, eko.Pending, "inquiry_unclear"},
		{"tx_status empty", "seed FAQ, inquiry", inquired, []string{`"tx_status":"0"`, `"tx_status":""`}, nil, eko.Pending, "inquiry_unclear"},
		{"not found", "5.3: 168", notAllowed, []string{"346", "168", "346", "168"}, nil, eko.Pending, "unknown_to_eko"},
		{"refused", "5.3: 319", notAllowed, []string{"346", "319", "346", "319"}, nil, eko.Pending, "inquiry_unclear"},
		{"404", "5.4", "", nil, httpStatus(404), eko.Pending, "inquiry_refused"},
		{"403", "5.4", "", nil, httpStatus(403), eko.Pending, "inquiry_refused"},
		{"500", "5.4", "", nil, httpStatus(500), eko.Pending, "inquiry_no_answer"},
		{"HTML", "0.5", "<html>", nil, nil, eko.Pending, "inquiry_unclear"},
		{"no answer", "7", "", nil, broken(true, io.EOF), eko.Pending, "inquiry_no_answer"},
		{"never left", "7", "", nil, broken(false, io.EOF), eko.Pending, "inquiry_no_answer"},
		{"another amount", "0.6", inquired, []string{"500.0", "5000.0"}, nil, eko.Pending, "inquiry_unclear"},
		{"another reference", "0.6", inquired, []string{"REF1", "REF2"}, nil, eko.Pending, "inquiry_unclear"},
		{"another TID", "0.6", inquired, []string{"2170003001", "2170003009"}, nil, eko.Pending, "inquiry_unclear"},
		{"success beside 1464", "0.6", inquired, []string{"1472", "1464"}, nil, eko.Pending, "inquiry_unclear"},
		{"success beside status 168", "0.6", inquired, []string{`"status":0`, `"status":168`}, nil, eko.Pending, "inquiry_unclear"},
		{"refunded beside 1463", "0.6", inquired, []string{`"tx_status":"0"`, `"tx_status":"4"`, "1472", "1463"}, nil, eko.Pending, "inquiry_unclear"},
		{"refunded beside 1465", "0.6", inquired, []string{`"tx_status":"0"`, `"tx_status":"4"`, "1472", "1465"}, nil, eko.Pending, "inquiry_unclear"},
		{"refund pending beside 1463", "0.6", inquired, []string{`"tx_status":"0"`, `"tx_status":"3"`, "1472", "1463"}, nil, eko.Pending, "inquiry_unclear"},
		{"failed under HTTP 400", "5.4", inquired, []string{`"tx_status":"0"`, `"tx_status":"1"`}, httpStatus(400), eko.Pending, "inquiry_unclear"},
		{"failure beside 1463", "0.6", inquired, []string{`"tx_status":"0"`, `"tx_status":"1"`, "1472", "1463"}, nil, eko.Pending, "inquiry_unclear"},
	}
	for _, tt := range tests {
		tt.run(t, eko.Evidence{Inquiry: true, TID: "2170003001", ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: 200})
	}
}

// What an answer holds reaches the outcome, as Eko wrote it.
func TestDecide_details(t *testing.T) {
	o := eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: 200, Body: []byte(withdrawn)})
	if o.TID != "2170003001" || o.BankRefNum != "401210000001" || o.CustomerBalance != "910.00" || o.EkoMessage != "Transaction Successful" {
		t.Errorf("outcome: %+v", o)
	}
	want := eko.Details{Amount: "500.00", Aadhaar: "XXXX XXXX 1234", Bank: "Bank", SenderName: "Asha", MerchantName: "Ravi", UserCode: "20810200",
		Shop: "Shop", TransactionDate: "01-01-24 10:00:00", TransactionTime: "01-01-24 10:00:00", Comment: "Request Completed",
		Commission: "0.40", TDS: "0.00", Balance: "1.00"}
	if got := o.Details; got.InvalidParams != nil || !equalDetails(got, want) {
		t.Errorf("details:\n got %+v\nwant %+v", got, want)
	}
	if c := o.Codes; *c.Status != 0 || *c.ResponseStatusID != 0 || *c.ResponseTypeID != 1463 || *c.TxStatus != 0 {
		t.Errorf("codes: %+v", c)
	}

	o = eko.Decide(eko.Evidence{Service: eko.MiniStatement, Sent: true, HTTPStatus: 200, Body: []byte(miniStatement)})
	if len(o.MiniStatement) != 2 || o.MiniStatement[0] != (eko.StatementLine{Date: "01/01", Amount: "90.00", TxnType: "Dr", Narration: "MAT/W/000000"}) {
		t.Errorf("mini statement: %+v", o.MiniStatement)
	}
	o = eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, Sent: true, HTTPStatus: 200, Body: []byte(otpSent)})
	if o.Details.OTPRequestID != "FP2609010001234567" {
		t.Errorf("OTP request: %+v", o.Details)
	}
	o = eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, Sent: true, HTTPStatus: 200, Body: []byte(invalidAadhaar)})
	if o.Details.InvalidParams["aadhar"] == "" {
		t.Errorf("invalid_params: %+v", o.Details)
	}
	o = eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, ClientRefID: "REF9", Sent: true, HTTPStatus: 200,
		Body: []byte(edit(t, withdrawn, `"tds"`, `"client_ref_id":"REF1","tds"`))})
	if o.TID != "" || o.BankRefNum != "" || o.Details.SenderName != "" {
		t.Errorf("a foreign answer's references were taken over: %+v", o)
	}
}

// A TID will stand in an address; one that can't is not taken over, and the
// reference is asked for instead.
func TestDecide_oddTID(t *testing.T) {
	for _, tid := range []string{"../1", "1 2", "1?x=y", strings.Repeat("1", 41)} {
		o := eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: 200,
			Body: []byte(edit(t, awaited, "2170003003", tid))})
		if o.State != eko.Pending || o.TID != "" {
			t.Errorf("TID %q was taken over as %q (%s)", tid, o.TID, o.State)
		}
	}
}

func equalDetails(a, b eko.Details) bool {
	a.InvalidParams, b.InvalidParams = nil, nil
	return flat(a) == flat(b)
}

// flat is a Details without its map.
func flat(d eko.Details) [29]string {
	return [29]string{d.ClientRefID, d.Amount, d.Aadhaar, d.Bank, d.SenderName, d.MerchantName, d.MerchantCode, d.UserCode, d.Shop,
		d.ShopAddress, d.TerminalID, d.STAN, d.AuthCode, d.TransactionDate, d.TransactionTime, d.Timestamp, d.Reason, d.Comment,
		d.Commission, d.TDS, d.Fee, d.ServiceTax, d.TotalFee, d.GST, d.Balance, d.TxStatusText, d.OTPRequestID, d.OTPReference, d.ReferenceTID}
}

// A settlement moves money too and proves itself by a type of its own.
func TestDecide_settlement(t *testing.T) {
	settled := edit(t, withdrawn, "1463", "1477")
	for _, tt := range []decision{
		{"1477, tx_status 0", "5.3", settled, nil, nil, eko.Succeeded, "succeeded"},
		{"1477, tx_status 1", "5.3", settled, []string{`"tx_status":"0"`, `"tx_status":"1"`, `"response_status_id":0`, `"response_status_id":1`}, nil, eko.Failed, "declined"},
		{"1477, tx_status 2", "5.3", settled, []string{`"tx_status":"0"`, `"tx_status":"2"`}, nil, eko.Pending, "awaited"},
		{"1477, tx_status 3", "5.3", settled, []string{`"tx_status":"0"`, `"tx_status":"3"`}, nil, eko.RefundPending, "refund_pending"},
		{"1477 without tx_status", "5.3", settled, []string{`"tx_status":"0",`, ``}, nil, eko.Pending, "unclear"},
		{"a withdrawal's answer", "5.2", withdrawn, nil, nil, eko.Pending, "contradictory"},
		{"no answer", "0.5", "", nil, broken(true, io.EOF), eko.Pending, "no_answer"},
	} {
		tt.run(t, eko.Evidence{Service: eko.Settlement, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: 200})
	}
}

// Err is for what was not understood; a refusal at the door is understood
// whatever its page says.
func TestDecide_err(t *testing.T) {
	for status, want := range map[int]bool{200: true, 500: true, 403: false, 404: false} {
		o := eko.Decide(eko.Evidence{Service: eko.CashWithdrawal, Sent: true, HTTPStatus: status, Body: []byte("<html>")})
		if errors.Is(o.Err, eko.ErrAnswer) != want {
			t.Errorf("HTTP %d: %v", status, o.Err)
		}
	}
}

// FP069 stands in a text and is a code all the same: the merchant has to
// authenticate a second time that day.
func TestOutcome_MerchantAgain(t *testing.T) {
	failed := edit(t, statementFailed, "1528", "1714", "1528", "1714")
	for body, want := range map[string]bool{
		failed: false,
		edit(t, failed, "Incorrect merchantId or pin", "FP069: authenticate again"): true,
		edit(t, failed, "Transaction Fail", "KYC Fail FP069"):                       true,
		edit(t, failed, `"reason":""`, `"reason":"FP069"`):                          true,
	} {
		o := eko.Decide(eko.Evidence{Service: eko.DailyKYC, Sent: true, HTTPStatus: 200, Body: []byte(body)})
		if o.State != eko.Failed || o.MerchantAgain() != want {
			t.Errorf("%s: again %v, want %v", o.State, o.MerchantAgain(), want)
		}
	}
}

// FuzzDecide: whatever comes back, the process survives, and a withdrawal has
// succeeded only where one document says so in every one of its four codes.
func FuzzDecide(f *testing.F) {
	for _, body := range []string{withdrawn, declined, badBank, awaited, otpSent, balance, miniStatement, statementFailed, invalidAadhaar, notAllowed, inquired,
		"", "<html>", "{", "{}{}", `{"data":{"tx_status":0}}`, `{"status":0,"status":1}`} {
		f.Add([]byte(body), uint16(200), uint8(0))
		f.Add([]byte(body), uint16(403), uint8(1))
	}
	services := []eko.Service{eko.CashWithdrawal, eko.AadhaarPay, eko.BalanceEnquiry, eko.MiniStatement, eko.TwoFactorRegistration, ""}
	f.Fuzz(func(t *testing.T, body []byte, status uint16, kind uint8) {
		e := eko.Evidence{Service: services[int(kind)%len(services)], Inquiry: kind >= 128, ClientRefID: "REF1", Amount: 500, Sent: true, HTTPStatus: int(status), Body: body}
		o := eko.Decide(e)
		if o.Message == "" || o.Reason == "" {
			t.Fatalf("no reason: %+v", o)
		}
		if o.State == eko.Succeeded {
			c := o.Codes
			if status/100 != 2 || c.Status == nil || *c.Status != 0 {
				t.Fatalf("success without proof: %s", body)
			}
			if (e.Service.MovesMoney() || e.Inquiry) && (c.TxStatus == nil || *c.TxStatus != 0) {
				t.Fatalf("money moved without tx_status 0: %s", body)
			}
			if e.Service.MovesMoney() && !e.Inquiry && (c.ResponseTypeID == nil || *c.ResponseTypeID != 1463 || c.ResponseStatusID == nil || *c.ResponseStatusID != 0) {
				t.Fatalf("money moved although codes disagree: %s", body)
			}
		}
		if e.Inquiry && o.State == eko.Failed && (o.Codes.TxStatus == nil || *o.Codes.TxStatus != 1) {
			t.Fatalf("an inquiry failed a transaction without tx_status 1: %s", body)
		}
		if !e.Service.MovesMoney() && !e.Inquiry && o.State != eko.Succeeded && o.State != eko.Failed {
			t.Fatalf("a call that moves no money stays open: %+v", o)
		}
	})
}
