package ekosim_test

import (
	"strings"
	"testing"

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
	for _, key := range []string{"tid", "bank_ref_num", "customer_balance", "balance", "bank", "sender_name",
		"merchantname", "shop", "commission", "tds", "transaction_date", "transaction_time", "comment"} {
		if r.data(key) == "" {
			t.Errorf("%s is empty", key)
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
