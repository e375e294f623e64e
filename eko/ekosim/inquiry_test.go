package ekosim_test

import (
	"fmt"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

func TestInquiry_inAllThreeSpellings(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	tid := s.aeps(f).want(0, 0, 1463).data("tid")
	for _, path := range []string{
		"/v1/transactions/" + tid, "/v1/transactions/client_ref_id:" + refOf(f),
		"/v2/transactions/" + tid, "/v2/transactions/client_ref_id:" + refOf(f),
		"/v3/tools/reference/transaction/" + tid, "/v3/tools/reference/transaction/client_ref_id:" + refOf(f),
	} {
		r := s.get(path).want(0, 0, 1472)
		for key, want := range map[string]string{"tx_status": "0", "txstatus_desc": "Success", "tid": tid, "client_ref_id": refOf(f)} {
			if got := r.data(key); got != want {
				t.Errorf("%s: %s is %q, want %q", path, key, got, want)
			}
		}
		if amount := r.data("amount"); amount != "500" && amount != "500.00" {
			t.Errorf("%s: amount is %q", path, amount)
		}
		if _, err := time.Parse(time.DateTime, r.data("timestamp")); err != nil {
			t.Errorf("%s: timestamp is %q", path, r.data("timestamp"))
		}
		if r.data("bank_ref_num") == "" || r.hasData("customer_balance") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	tx, _ := s.sim.Transaction(refOf(f))
	if tx.Inquiries != 6 {
		t.Errorf("%d inquiries were counted", tx.Inquiries)
	}
}

func TestInquiry_mixesNumbersAndText(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	s.aeps(f).want(0, 0, 1463)
	seen := map[string]bool{}
	for range 40 {
		data, _ := s.inquire(refOf(f)).want(0, 0, 1472).doc["data"].(map[string]any)
		for _, key := range []string{"tx_status", "tid", "amount"} {
			seen[fmt.Sprintf("%s %T", key, data[key])] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("seen %v", seen)
	}
}

func TestInquiry_thatFindsNothing(t *testing.T) {
	s := open(t, ekosim.Options{})
	balance := s.v2("3", "0")
	tid := s.aeps(balance).want(0, 0, 1466).data("tid")
	f := s.v2("2", "500")
	s.aeps(f).want(0, 0, 1463)
	for name, r := range map[string]reply{
		"a reference never heard of": s.inquire("NEVER1"),
		"a tid never heard of":       s.get("/v2/transactions/1"),
		"a balance enquiry":          s.inquire(refOf(balance)),
		"its tid":                    s.get("/v2/transactions/" + tid),
		"another merchant's":         s.get("/v2/transactions/client_ref_id:"+refOf(f), "user_code", "99990002"),
	} {
		if r.want(168, 1, 168); r.doc["data"] != nil {
			t.Errorf("%s: %s", name, r.body)
		}
	}
}

func TestInquiry_wantsItsParameters(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.get("/v2/transactions/1", "initiator_id", "").wantInvalid("initiator_id")
	s.get("/v2/transactions/1", "user_code", "").wantInvalid("user_code")
	s.get("/v2/transactions/1", "amount", "500").wantInvalid("amount")
	s.get("/v2/transactions/abc").wantInvalid("tid")
	s.get("/v2/transactions/client_ref_id:" + "x23456789012345678901").wantInvalid("client_ref_id")
	s.get("/v2/transactions/1", "initiator_id", "9962981729").wantRefused(403)
	s.get("/v1/transactions/1", "user_code", "").want(168, 1, 168)
	s.get("/v3/tools/reference/transaction/1", "user_code", "").want(168, 1, 168)
}

func TestDecide_endsWhatIsPending(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "144")
	s.aeps(f).want(0, 2, 1465)
	if err := s.sim.Decide(refOf(f), "1"); err != nil {
		t.Fatal(err)
	}
	if got := s.inquire(refOf(f)).data("tx_status"); got != "1" {
		t.Errorf("inquiry says %q", got)
	}
	if tx, _ := s.sim.Transaction(refOf(f)); tx.Moved != 1 || tx.Refunded != 1 {
		t.Errorf("moved %d, refunded %d", tx.Moved, tx.Refunded)
	}
	if s.sim.Decide("NEVER1", "0") == nil || s.sim.Decide(refOf(f), "7") == nil {
		t.Error("nonsense was decided")
	}
}
