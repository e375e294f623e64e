package ekosim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

func TestV3_fieldsAreV3s(t *testing.T) {
	s := open(t, ekosim.Options{})
	for name, test := range map[string]struct {
		field string
		form  form
	}{
		"amount as text":              {"amount", s.v3(500).with("amount", "500")},
		"amount with decimals":        {"amount", s.v3(500).with("amount", 500.5)},
		"amount above 10,000":         {"amount", s.v3(10_001)},
		"no latlong":                  {"latlong", s.v3(500).with("latlong", nil)},
		"service_type of v2":          {"service_type", s.v3(500).with("service_type", "2")},
		"pipe of v2":                  {"pipe", s.v3(500).with("pipe", "0")},
		"customer_id belongs in path": {"customer_id", s.v3(500).with("customer_id", "9876543210")},
		"the OTP belongs in the PID":  {"otp", s.v3(6000).with("otp", "123456")},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			s.v3Send("cash-withdrawl", test.form).wantInvalid(test.field)
		})
	}
	s.send(http.MethodPost, "/v3/customer/collection/aeps-fingpay/cash-withdrawl/12", s.v3(500)).wantInvalid("customer_id")
	s.v3Send("balance-enquiry", s.v3(500)).wantInvalid("amount")
}

func TestV3_hashIsASetting(t *testing.T) {
	for rule, want := range map[string]struct{ none, plain, encrypted int }{
		"none":      {200, 200, 200},
		"plain":     {403, 200, 403},
		"encrypted": {403, 403, 200},
	} {
		t.Run(rule, func(t *testing.T) {
			s := open(t, ekosim.Options{Rules: ekosim.Rules{V3Hash: rule}})
			status := func(sign func(aadhar, stamp string) string) int {
				f := s.v3(500)
				aadhar := s.encrypt(ramesh)
				s.header = func(h http.Header) {
					name := "secret-key-timestamp" // as written, not as Go would
					stamp := h[name][0]
					h["request_hash"] = []string{hmac64(ekosim.AccessKey, sign(aadhar, stamp))}
				}
				return s.v3Send("cash-withdrawl", f.with("aadhaar", nil).with("aadhar", aadhar)).status
			}
			if got := status(func(_, _ string) string { return "x" }); got != want.none {
				t.Errorf("a wrong hash: HTTP %d", got)
			}
			if got := status(func(_, stamp string) string { return stamp + ramesh + "500" + ekosim.UserCode }); got != want.plain {
				t.Errorf("over the plain number: HTTP %d", got)
			}
			if got := status(func(aadhar, stamp string) string { return stamp + aadhar + "500" + ekosim.UserCode }); got != want.encrypted {
				t.Errorf("over the encrypted number: HTTP %d", got)
			}
		})
	}
}

// requestOTP asks for an OTP and returns its reference and the OTP in the SMS.
func (s *shop) requestOTP(amount int) (id, otp string) {
	s.t.Helper()
	r := s.v3Send("cash-withdrawal/otp", s.v3(amount).with("piddata", nil)).want(0, 0, 1459)
	if r.hasData("tx_status") {
		s.t.Errorf("an OTP has a tx_status: %s", r.body)
	}
	return r.data("fp_transaction_id"), s.smsFor(r.data("fp_transaction_id"))
}

func (s *shop) smsFor(id string) string {
	s.t.Helper()
	for _, m := range s.sim.Inbox() {
		if m.RequestID == id {
			return m.OTP
		}
	}
	s.t.Fatalf("no SMS for %s", id)
	return ""
}

func TestWithdrawalOTP(t *testing.T) {
	s := open(t, ekosim.Options{})
	id, otp := s.requestOTP(6000)
	f := s.v3(6000).with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: otp}))
	s.v3Send("cash-withdrawl", f).want(0, 0, 1463)
	s.wantMoved(refOf(f), 1, 1)

	again := s.v3(6000).with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: otp}))
	s.v3Send("cash-withdrawl", again).want(1464, 1, 1464) // good for one withdrawal
	s.wantMoved(refOf(again), 0, 1)
}

func TestWithdrawalOTP_skippedSendsOneAndMovesNothing(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v3(5001)
	r := s.v3Send("cash-withdrawl", f).want(0, 0, 1459)
	s.wantMoved(refOf(f), 0, 1)
	s.inquire(refOf(f)).want(168, 1, 168)

	// The way out is the same withdrawal with the OTP that the customer now has.
	id := r.data("fp_transaction_id")
	f = f.with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: s.smsFor(id)}))
	s.v3Send("cash-withdrawl", f).want(0, 0, 1463)
	s.wantMoved(refOf(f), 1, 2)

	small := s.v3(5000)
	s.v3Send("cash-withdrawl", small).want(0, 0, 1463)
	v2 := s.v2("2", "6000")
	s.aeps(v2).want(0, 0, 1463) // v2 knows no OTP
}

func TestWithdrawalOTP_thatIsNotThisWithdrawals(t *testing.T) {
	now := time.Now()
	s := open(t, ekosim.Options{Clock: func() time.Time { return now }})
	s.clock = func() time.Time { return now }
	for name, change := range map[string]func(form, string) form{
		"a wrong OTP": func(f form, otp string) form {
			return f.with("piddata", s.scan(finger{otp: strings.Map(func(r rune) rune { return '9' - (r - '0') }, otp)}))
		},
		"no OTP in the block":        func(f form, otp string) form { return f.with("piddata", s.scan(finger{})) },
		"another amount":             func(f form, otp string) form { return f.with("amount", 6050) },
		"another bank":               func(f form, otp string) form { return f.with("bank_code", "PUNB") },
		"a reference never heard of": func(f form, otp string) form { return f.with("txn_otp_request_id", "FP1") },
	} {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			id, otp := s.requestOTP(6000)
			f := change(s.v3(6000).with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: otp})), otp)
			s.v3Send("cash-withdrawl", f).want(1464, 1, 1464)
			s.wantMoved(refOf(f), 0, 1)
		})
	}
	id, otp := s.requestOTP(6000)
	now = now.Add(5*time.Minute + time.Second)
	f := s.v3(6000).with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: otp}))
	s.v3Send("cash-withdrawl", f).want(1464, 1, 1464) // expired
}

func TestWithdrawalOTP_isRefused(t *testing.T) {
	s := open(t, ekosim.Options{})
	ask := func(f form) reply { return s.v3Send("cash-withdrawal/otp", f.with("piddata", nil)) }
	ask(s.v3(6000).with("bank_code", "HDFC")).want(1, 1, -1)
	ask(s.v3(6000).with("user_code", "99990003")).want(346, 1, 346)
	s.v3Send("cash-withdrawal/otp", s.v3(6000)).wantInvalid("piddata")
	if n := len(s.sim.Inbox()); n != 0 {
		t.Errorf("%d SMS were sent", n)
	}
}
