package ekosim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

func TestWithdrawal_succeeds(t *testing.T) {
	s := open(t, ekosim.Options{})
	before, _ := s.sim.Balance(ramesh, "SBIN")
	f := s.v2("2", "500")
	r := s.aeps(f).want(0, 0, 1463)
	for key, want := range map[string]string{
		"tx_status": "0", "amount": "500.00", "aadhar": "XXXX XXXX 7058", "user_code": ekosim.UserCode,
	} {
		if got := r.data(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	after, _ := s.sim.Balance(ramesh, "SBIN")
	if before-after != ekosim.Rupees(500) {
		t.Errorf("the account lost %s", (before - after).Text())
	}
	if r.data("customer_balance") != after.Text() {
		t.Errorf("customer_balance is %s, want %s", r.data("customer_balance"), after.Text())
	}
	s.wantMoved(refOf(f), 1, 1)
	if !strings.Contains(text(r.doc["message"]), "SIMULATED") {
		t.Errorf("the message hides who speaks: %v", r.doc["message"])
	}
}

// The members of data that the published samples have (eko-api.md section 5.2).
var (
	successKeys = []string{"aadhar", "amount", "balance", "bank", "bank_ref_num", "comment", "commission",
		"customer_balance", "merchantname", "sender_name", "shop", "tds", "tid", "transaction_date",
		"transaction_time", "tx_status", "user_code"}
	v2Keys      = []string{"auth_code", "stan", "terminal_id"}
	failureKeys = []string{"aadhar", "amount", "auth_code", "bank_ref_num", "comment", "customer_balance",
		"merchant_code", "merchantname", "reason", "sender_name", "shop", "shop_address_line1", "stan",
		"terminal_id", "tid", "transaction_date", "transaction_time", "tx_status", "user_code"}
	pendingKeys   = append(slices.Clone(failureKeys), "fee", "service_tax", "totalfee")
	balanceKeys   = []string{"aadhar", "amount", "comment", "customer_balance", "merchantname", "sender_name", "shop", "tid", "transaction_date", "transaction_time", "user_code"}
	statementKeys = []string{"comment", "commission", "customer_balance", "merchantname", "mini_statement_list",
		"sender_name", "terminal_id", "tid", "transaction_date", "transaction_time", "user_code"}
	statementFailureKeys = []string{"bank_ref_num", "comment", "customer_balance", "merchant_code", "merchantname",
		"reason", "sender_name", "terminal_id", "tid", "transaction_date", "transaction_time"}
)

func TestAnswers_haveThePublishedShapes(t *testing.T) {
	s := open(t, ekosim.Options{})
	tests := []struct {
		name                                     string
		send                                     func(*shop) reply
		status, responseStatusID, responseTypeID int
		txStatus                                 any // nil: absent
		keys                                     []string
	}{
		{"v2 withdrawal", func(s *shop) reply { return s.aeps(s.v2("2", "100")) }, 0, 0, 1463, "0", slices.Concat(successKeys, v2Keys)},
		{"v2 Aadhaar Pay", func(s *shop) reply { return s.aeps(s.v2("5", "100")) }, 0, 0, 1463, "0", slices.Concat(successKeys, v2Keys)},
		{"v2 withdrawal failed", func(s *shop) reply { return s.aeps(s.v2("2", "147")) }, 1464, 1, 1464, "1", failureKeys},
		{"v2 withdrawal at an unknown bank", func(s *shop) reply { return s.aeps(s.v2("2", "100").with("bank_code", "XXXX")) }, 1464, 1, 1464, "", failureKeys},
		{"v2 withdrawal pending", func(s *shop) reply { return s.aeps(s.v2("2", "142")) }, 0, 2, 1465, "2", pendingKeys},
		{"v2 balance", func(s *shop) reply { return s.aeps(s.v2("3", "0")) }, 0, 0, 1466, nil, balanceKeys},
		{"v2 balance failed", func(s *shop) reply { return s.aeps(s.v2("3", "0").with("bank_code", "HDFC")) }, 1464, 1, 1464, "1", failureKeys},
		{"v2 mini statement", func(s *shop) reply { return s.aeps(s.v2("4", "0")) }, 0, 0, 1527, nil, statementKeys},
		{"v2 mini statement failed", func(s *shop) reply { return s.aeps(s.v2("4", "0").with("bank_code", "HDFC")) }, 1528, 1, 1528, nil, statementFailureKeys},
		{"v3 withdrawal", func(s *shop) reply { return s.v3Send("cash-withdrawl", s.v3(100)) }, 0, 0, 1463, "0", successKeys},
		{"v3 withdrawal failed", func(s *shop) reply { return s.v3Send("cash-withdrawl", s.v3(147)) }, 1464, 1, 1464, "1", failureKeys},
		{"v3 withdrawal pending", func(s *shop) reply { return s.v3Send("cash-withdrawl", s.v3(142)) }, 0, 2, 1465, "2", pendingKeys},
		{"v3 balance", func(s *shop) reply { return s.v3Send("balance-enquiry", s.v3(0)) }, 0, 0, 1466, nil, balanceKeys},
		{"v3 mini statement", func(s *shop) reply { return s.v3Send("mini-statement", s.v3(0)) }, 0, 0, 1527, nil, statementKeys},
		{"v3 OTP", func(s *shop) reply { return s.v3Send("cash-withdrawl", s.v3(6000)) }, 0, 0, 1459, nil, []string{"fp_transaction_id"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := s.in(t)
			r := test.send(s).want(test.status, test.responseStatusID, test.responseTypeID)
			data, _ := r.doc["data"].(map[string]any)
			var got []string
			for key, value := range data {
				got = append(got, key)
				if _, isText := value.(string); !isText && key != "mini_statement_list" {
					t.Errorf("%s is no text: %v", key, value)
				}
			}
			want := slices.Clone(test.keys)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("data has\n%v, want\n%v", got, want)
			}
			if data["tx_status"] != test.txStatus {
				t.Errorf("tx_status is %v, want %v", data["tx_status"], test.txStatus)
			}
			if at := r.data("transaction_date"); at != "" {
				if _, err := time.Parse("02-01-06 15:04:05", at); err != nil {
					t.Errorf("transaction_date is %q", at)
				}
			}
		})
	}
}

func TestTimes_areIndian(t *testing.T) {
	at := time.Date(2026, 11, 21, 20, 15, 30, 0, time.UTC)
	s := open(t, ekosim.Options{Clock: func() time.Time { return at }})
	s.clock = func() time.Time { return at }
	r := s.aeps(s.v2("2", "100")).want(0, 0, 1463)
	if got := r.data("transaction_time"); got != "22-11-26 01:45:30" {
		t.Errorf("transaction_time is %q", got)
	}
	if got := r.header.Get("Date"); got != "Sat, 21 Nov 2026 20:15:30 GMT" {
		t.Errorf("Date is %q", got)
	}
}

func TestMiniStatement_isTheBanksOwnText(t *testing.T) {
	s := open(t, ekosim.Options{})
	r := s.aeps(s.v2("4", "0")).want(0, 0, 1527)
	var doc struct {
		Data struct {
			List []struct{ Date, Amount, TxnType, Narration string } `json:"mini_statement_list"`
		} `json:"data"`
	}
	if err := json.Unmarshal(r.body, &doc); err != nil {
		t.Fatalf("decode: %v", err)
	}
	rows := doc.Data.List
	if len(rows) != 5 || rows[0].Date != "14/11" || rows[1].Date != "09/11/2026" || !strings.HasSuffix(rows[1].Narration, "  ") {
		t.Errorf("rows %+v", rows)
	}
	none := s.v2("4", "0").with("aadhaar", "999900000059").with("bank_code", "HDFC")
	if r := s.aeps(none).want(0, 0, 1527); !strings.Contains(string(r.body), `"mini_statement_list":[]`) {
		t.Errorf("an account without history: %s", r.body)
	}
}

func TestDeclines_sayWhyAndMoveNothing(t *testing.T) {
	s := open(t, ekosim.Options{Rules: ekosim.Rules{WithdrawalsPerDay: 2}})
	for range 2 {
		s.aeps(s.v2("2", "100").with("aadhaar", asha)).want(0, 0, 1463)
	}
	tests := []struct {
		name, comment string
		form          form
	}{
		{"the finger does not match", "300", s.v2("2", "500").with("aadhaar", "999900000028")},
		{"the holder has locked his biometrics", "330", s.v2("2", "500").with("aadhaar", "999900000037")},
		{"too little money", "Insufficient funds", s.v2("2", "500").with("aadhaar", "999900000016")},
		{"no account at the bank", "not linked", s.v2("2", "500").with("bank_code", "HDFC")},
		{"too often today", "frequency", s.v2("2", "100").with("aadhaar", asha)},
		{"fType 2 at a bank that wants 0", "fType 0", s.v2("2", "100").with("aadhaar", asha).with("bank_code", "SIMG")},
		{"fType 0 at a bank that wants 2", "fType 2", s.v2("2", "100").with("piddata", s.scan(finger{fType: "0"}))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := s.in(t)
			r := s.aeps(test.form).want(1464, 1, 1464)
			if r.data("tx_status") != "1" || r.data("bank_ref_num") != "" {
				t.Errorf("tx_status %q, bank_ref_num %q", r.data("tx_status"), r.data("bank_ref_num"))
			}
			if !strings.Contains(r.data("comment"), test.comment) {
				t.Errorf("comment %q does not say %q", r.data("comment"), test.comment)
			}
			s.wantMoved(refOf(test.form), 0, 1)
			if got := s.inquire(refOf(test.form)).want(0, 0, 1472).data("tx_status"); got != "1" {
				t.Errorf("inquiry says %q", got)
			}
		})
	}
}

func TestFType0_isTakenWhereTheBankWantsIt(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "100").with("aadhaar", asha).with("bank_code", "SIMG").with("piddata", s.scan(finger{fType: "0"}))
	s.aeps(f).want(0, 0, 1463)
	s.wantMoved(refOf(f), 1, 1)
}

func TestRefusals_beforeABankHeardOfIt(t *testing.T) {
	s := open(t, ekosim.Options{})
	tests := []struct {
		name                                     string
		form                                     form
		status, responseStatusID, responseTypeID int
	}{
		{"the service is pending", s.v2("2", "100").with("user_code", "99990002"), 346, 1, 346},
		{"the service was never asked for", s.v2("2", "100").with("user_code", "99990003"), 346, 1, 346},
		{"the merchant is unknown", s.v2("2", "100").with("user_code", "11111111"), 346, 1, 346},
		{"the bank is down", s.v2("2", "100").with("bank_code", "SIMD"), 544, 1, 544},
		{"balance without the service", s.v2("3", "0").with("user_code", "99990003"), 346, 1, 346},
		{"balance at a bank that is down", s.v2("3", "0").with("bank_code", "SIMD"), 544, 1, 544},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := s.in(t)
			s.aeps(test.form).want(test.status, test.responseStatusID, test.responseTypeID)
			if got := s.sim.Moved(refOf(test.form)); got != 0 {
				t.Errorf("money moved %d times", got)
			}
		})
	}
}

func TestDoubleSubmission_isCountedAndMovesNothing(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	s.aeps(f).want(0, 0, 1463)
	again := f.with("piddata", s.scan(finger{}))
	s.aeps(again).wantInvalid("client_ref_id")
	s.wantMoved(refOf(f), 1, 2)
	totals := s.sim.Totals()
	if !slices.Equal(totals.DoubledAttempts, []string{refOf(f)}) || len(totals.DoubledMoney) != 0 {
		t.Errorf("totals %+v", totals)
	}
	if totals.Attempts != 2 || totals.Movements != 1 || totals.Withdrawn != ekosim.Rupees(500) {
		t.Errorf("totals %+v", totals)
	}
}

func TestReferences_areUsedUpByEnquiriesToo(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("3", "0")
	s.aeps(f).want(0, 0, 1466)
	ref := refOf(f)
	s.aeps(s.v2("4", "0").with("client_ref_id", ref)).wantInvalid("client_ref_id")
	s.aeps(s.v2("2", "500").with("client_ref_id", ref)).wantInvalid("client_ref_id")
	s.wantMoved(ref, 0, 1)

	// What Eko did not take can be sent again.
	refused := s.v2("2", "500").with("user_code", "99990003")
	s.aeps(refused).want(346, 1, 346)
	s.aeps(refused.with("user_code", ekosim.UserCode)).want(0, 0, 1463)
}

func TestForgottenReferences_moveMoneyTwice(t *testing.T) {
	s := open(t, ekosim.Options{Rules: ekosim.Rules{ForgetReferences: true}})
	f := s.v2("2", "500")
	s.aeps(f).want(0, 0, 1463)
	s.aeps(f.with("piddata", s.scan(finger{}))).want(0, 0, 1463)
	s.wantMoved(refOf(f), 2, 2)
	if got := s.sim.Totals().DoubledMoney; !slices.Equal(got, []string{refOf(f)}) {
		t.Errorf("doubled money %v", got)
	}
}

func TestOneAtATime(t *testing.T) {
	s := open(t, ekosim.Options{})
	if err := s.sim.SetFault(ekosim.Fault{Behaviour: ekosim.SlowBank, DelayMS: 60_000}); err != nil {
		t.Fatal(err)
	}
	first, second := s.v2("2", "500"), s.v2("2", "500")
	done := make(chan reply)
	go func() { done <- s.aeps(first) }()
	for s.sim.Attempts(refOf(first)) == 0 || len(s.sim.Transactions()) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the first one never arrived")
		}
	}
	s.aeps(second).want(0, -2, -1)
	s.aeps(s.v2("3", "0")).want(0, -2, -1)
	s.wantMoved(refOf(first), 0, 1)
	s.wantMoved(refOf(second), 0, 1)
	if got := s.inquire(refOf(first)).want(0, 0, 1472).data("tx_status"); got != "6" {
		t.Errorf("while the bank thinks, inquiry says %q", got)
	}
	s.sim.Close() // the bank decides now
	(<-done).want(0, 0, 1463)
	s.wantMoved(refOf(first), 1, 1)
}
