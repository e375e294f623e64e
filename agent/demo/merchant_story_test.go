package demo_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/eko/ekosim"
)

// sita is what the merchant gives for each of his own steps.
func sita() map[string]any {
	m := ekosim.DefaultMerchants()[0]
	return map[string]any{"aadhaar": m.Aadhaar, "customer_id": m.Mobile, "bank_code": "SBIN", "consent": true}
}

func (s *shop) authenticate() contract.MerchantResult {
	s.t.Helper()
	var got struct{ Step contract.MerchantResult }
	s.mustCall("merchant.authenticate", sita(), &got)
	if got.Step.State != contract.Succeeded {
		s.t.Errorf("the merchant's step: %+v", got.Step)
	}
	return got.Step
}

// TestStory_MerchantsDay runs a v2 shop whose Eko wants the merchant's finger
// once a day and before each withdrawal, through the configuration.
func TestStory_MerchantsDay(t *testing.T) {
	s := openShop(t, func(c *daemon.Config) { c.Eko.RequireMerchantAuth, c.Eko.MerchantToken = true, true })
	if err := s.Eko.SetRules(ekosim.Rules{DailyKYC: true, MerchantAuth: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []contract.MerchantStep{contract.MerchantDaily, contract.MerchantToken} {
		if err := s.call("aeps.cash_withdrawal", withdrawal("", 500), nil); err == nil || err.Data["code"] != "merchant_auth_required" {
			t.Fatalf("before the step %s: %+v", want, err)
		}
		if got := s.authenticate(); got.Step != want {
			t.Errorf("the step %s was done, %s was due", got.Step, want)
		}
	}
	var got struct{ Transaction contract.Transaction }
	s.mustCall("aeps.cash_withdrawal", withdrawal("DAY1", 500), &got)
	if got.Transaction.State != contract.Succeeded || s.Eko.Moved("DAY1") != 1 {
		t.Errorf("after both: %s (%s)", got.Transaction.State, got.Transaction.Message)
	}
	var status struct{ Merchant contract.Merchant }
	s.mustCall("merchant.status", nil, &status)
	if m := status.Merchant; !m.AuthenticatedToday || !m.TokenNeeded || len(m.Due) != 1 || m.Due[0] != contract.DueToken {
		t.Errorf("status: %+v", m)
	}
	s.nothingLeft(map[string]string{
		"the merchant's Aadhaar number": ekosim.DefaultMerchants()[0].Aadhaar, "the customer's": aadhaar, "a PID block": "<Skey",
	})
}

// TestStory_CustomersOTP runs a v3 shop: a large withdrawal needs the OTP from
// the customer's telephone.
func TestStory_CustomersOTP(t *testing.T) {
	s := openShop(t, func(c *daemon.Config) { c.Eko.API = "v3" })
	large := withdrawal("OTP1", 6000)
	if err := s.call("aeps.cash_withdrawal", large, nil); err == nil || err.Data["code"] != "otp_required" {
		t.Fatalf("without: %+v", err)
	}
	if notes := s.notes["capture.progress"]; len(notes) != 0 {
		t.Errorf("the finger was asked for: %s", notes)
	}
	var asked contract.OTPRequest
	s.mustCall("aeps.request_otp", large, &asked)
	inbox := s.Eko.Inbox()
	if len(inbox) != 1 || inbox[0].RequestID != asked.OTPRequestID {
		t.Fatalf("the customer's telephone: %d messages, asked %+v", len(inbox), asked)
	}
	large["otp"], large["otp_request_id"] = inbox[0].OTP, asked.OTPRequestID
	var got struct{ Transaction contract.Transaction }
	s.mustCall("aeps.cash_withdrawal", large, &got)
	if got.Transaction.State != contract.Succeeded || s.Eko.Moved("OTP1") != 1 {
		t.Errorf("with it: %s (%s)", got.Transaction.State, got.Transaction.Message)
	}
	s.nothingLeft(map[string]string{"the OTP": inbox[0].OTP, "an Aadhaar number": aadhaar})
}

// nothingLeft looks for canaries in the log and in everything on disk.
func (s *shop) nothingLeft(canaries map[string]string) {
	s.t.Helper()
	searched := 0
	look := func(name string, content []byte) {
		searched++
		for what, canary := range canaries {
			if bytes.Contains(content, []byte(canary)) {
				s.t.Errorf("%s holds %s", name, what)
			}
		}
	}
	look("the log", []byte(s.log.String()))
	err := filepath.WalkDir(s.Config.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		look(filepath.Base(path), content)
		return err
	})
	if err != nil || searched < 3 {
		s.t.Errorf("%d places searched, %v", searched, err)
	}
}
