package agent_test

import (
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko/ekosim"
	"biobridge/pid"
)

func requireOTP(c *agent.Config) { c.Limits.OTPAbove = 5000 }

func (sh *shop) otp(r agent.TransactRequest) agent.TransactRequest {
	sh.t.Helper()
	ask := r
	ask.OTP, ask.OTPRequestID = "none yet", "?" // of no account here
	o, err := sh.agent.RequestOTP(sh.t.Context(), page, ask)
	if err != nil || o.OTPRequestID == "" {
		sh.t.Fatalf("RequestOTP: %+v, %v", o, err)
	}
	inbox := sh.eko.Inbox()
	last := inbox[len(inbox)-1]
	if last.To != r.CustomerID || last.RequestID != o.OTPRequestID {
		sh.t.Errorf("the SMS: to %s about %s, want %s about %s", last.To, last.RequestID, r.CustomerID, o.OTPRequestID)
	}
	r.OTPRequestID, r.OTP = o.OTPRequestID, pid.OTP(last.OTP)
	return r
}

// TestAgent_OTP: above 5,000 rupees v3 wants the customer's OTP. It is asked for
// before the finger and travels inside the block.
func TestAgent_OTP(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{}, requireOTP, "v3")
	r := withdraw(t, 6000)
	r.ClientRefID = "MINE"
	if e := sh.refused(r, contract.OTPRequired); sh.captures() != 0 || e.Data["limit"] != int64(5000) {
		t.Errorf("%d captures, data %v", sh.captures(), e.Data)
	}
	half := r
	half.OTP = "123456"
	sh.refused(half, contract.OTPRequired)
	r = sh.otp(r)
	if sh.captures() != 0 {
		t.Error("the OTP took a finger")
	}
	if tx := sh.transact(r); tx.State != contract.Succeeded || tx.ClientRefID != "MINE" || sh.eko.Moved("MINE") != 1 {
		t.Errorf("with the OTP: %s (%s)", tx.State, tx.Message)
	}
	wrong := sh.otp(withdraw(t, 7000))
	wrong.OTP = "000001"
	if tx := sh.transact(wrong); tx.State != contract.Failed || sh.eko.Moved(tx.ClientRefID) != 0 {
		t.Errorf("a wrong OTP: %s (%s)", tx.State, tx.Reason)
	}
	if tx := sh.transact(withdraw(t, 5000)); tx.State != contract.Succeeded {
		t.Errorf("at the limit: %s (%s)", tx.State, tx.Message)
	}
	sh.nowhereOnDisk(string(r.OTP), r.OTPRequestID, asha)
}

// TestAgent_OTP_Answer1459: Eko says "OTP sent" where a withdrawal was asked for.
// No money has moved, and nobody is told otherwise.
func TestAgent_OTP_Answer1459(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{}, nil, "v3")
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.OTPAnswer}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Failed || tx.Reason != "otp_required" || sh.eko.Moved(tx.ClientRefID) != 0 {
		t.Errorf("%s (%s)", tx.State, tx.Reason)
	}
}

func TestAgent_RequestOTP_Refuses(t *testing.T) {
	v2, _ := counter(t, ekosim.Rules{}, nil, "v2")
	_, err := v2.agent.RequestOTP(t.Context(), page, withdraw(t, 6000))
	v2.is(contract.Transaction{}, err, contract.InvalidParams)

	sh, _ := counter(t, ekosim.Rules{}, func(c *agent.Config) { requireOTP(c); requireDaily(c) }, "v3")
	none := contract.Transaction{}
	_, err = sh.agent.RequestOTP(t.Context(), page, withdraw(t, 6000))
	sh.is(none, err, contract.MerchantAuthRequired)
	sh.step(sita(t, ""))
	for field, change := range map[string]func(*agent.TransactRequest){
		"consent":     func(r *agent.TransactRequest) { r.Consent = false },
		"aadhaar":     func(r *agent.TransactRequest) { r.Aadhaar = agent.Aadhaar{} },
		"customer_id": func(r *agent.TransactRequest) { r.CustomerID = "1" },
		"amount":      func(r *agent.TransactRequest) { r.Amount = 0 },
	} {
		r := withdraw(t, 6000)
		change(&r)
		_, err := sh.agent.RequestOTP(t.Context(), page, r)
		if e := sh.is(none, err, contract.InvalidParams); e.Data["field"] != field {
			t.Errorf("%s: field %v", field, e.Data["field"])
		}
	}
	_, err = sh.agent.RequestOTP(t.Context(), page, withdraw(t, 10001))
	sh.is(none, err, contract.LimitExceeded)
	unlinked := withdraw(t, 6000)
	unlinked.Aadhaar = aadhaar(t, ekosim.DefaultMerchants()[3].Aadhaar)
	_, err = sh.agent.RequestOTP(t.Context(), page, unlinked)
	if e := sh.is(none, err, contract.Unavailable); e.Data["eko_reason"] == "" {
		t.Errorf("data %v", e.Data)
	}
	if len(sh.eko.Inbox()) != 0 {
		t.Error("an SMS went out")
	}
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.HTTP500, Operation: ekosim.WithdrawalOTP}); err != nil {
		t.Fatal(err)
	}
	_, err = sh.agent.RequestOTP(t.Context(), page, withdraw(t, 6000))
	sh.is(none, err, contract.Unavailable)
}
