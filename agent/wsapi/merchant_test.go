package wsapi_test

import (
	"context"
	"encoding/json"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
	"biobridge/agent/wsapi"
	"biobridge/eko/ekosim"
)

func (s *shop) Merchant(_ context.Context, c agent.Caller, userCode string) (contract.Merchant, error) {
	s.note(c)
	return contract.Merchant{UserCode: userCode, Service: contract.MerchantService{Code: "43", State: contract.ServiceUnknown},
		Due: []contract.MerchantDue{contract.DueAuthenticate}, Day: "2026-03-14"}, nil
}

func (s *shop) MerchantStep(_ context.Context, c agent.Caller, r agent.MerchantRequest, t *agent.Ticket, p agent.Progress) (contract.MerchantResult, error) {
	s.note(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append(s.steps, r)
	return contract.MerchantResult{Step: contract.MerchantDaily, ClientRefID: "M1", State: contract.Succeeded, Reason: "succeeded", Message: "Done."}, nil
}

func (s *shop) LocaliseStep(r contract.MerchantResult, lang locale.Lang) contract.MerchantResult {
	r.Message = string(lang) + ": " + r.Message
	return r
}

func (s *shop) RequestOTP(_ context.Context, c agent.Caller, r agent.TransactRequest) (contract.OTPRequest, error) {
	s.note(c)
	return contract.OTPRequest{OTPRequestID: "FP1"}, nil
}

// sita is the merchant's own part of a step's parameters.
func sita(more string) string {
	m := ekosim.DefaultMerchants()[0]
	return `{"aadhaar":"` + m.Aadhaar + `","customer_id":"` + m.Mobile + `","consent":true` + more + `}`
}

// TestMerchant_params: each method hands on its own step and what it was given.
func TestMerchant_params(t *testing.T) {
	own := newShop()
	p := open(t, wsapi.Config{Agent: own}).join(t, shopOrigin)
	for _, test := range []struct {
		method, more string
		want         agent.MerchantRequest
	}{
		{"merchant.authenticate", `,"bank_code":"SBIN","device":"d1","confirm_repeat":true,"user_code":"1","latlong":"1,2"`,
			agent.MerchantRequest{BankCode: "SBIN", Device: "d1", ConfirmRepeat: true, UserCode: "1", LatLong: "1,2"}},
		{"merchant.authenticate", `,"step":"withdrawal"`, agent.MerchantRequest{Step: contract.MerchantToken}},
		{"merchant.register", ``, agent.MerchantRequest{Step: contract.MerchantRegister}},
		{"merchant.ekyc.request_otp", ``, agent.MerchantRequest{Step: contract.MerchantEKYCOTP}},
		{"merchant.ekyc.verify_otp", `,"otp":"123456","otp_ref_id":"7","reference_tid":"E1"`,
			agent.MerchantRequest{Step: contract.MerchantEKYCVerify, OTP: "123456", OTPRefID: "7", ReferenceTID: "E1"}},
		{"merchant.ekyc.biometric", `,"otp_ref_id":"7","reference_tid":"E1"`,
			agent.MerchantRequest{Step: contract.MerchantEKYCFinger, OTPRefID: "7", ReferenceTID: "E1"}},
	} {
		answer := p.call(test.method, sita(test.more))
		if answer.Error != nil {
			t.Errorf("%s: %+v", test.method, answer.Error)
			continue
		}
		got := own.steps[len(own.steps)-1]
		m := ekosim.DefaultMerchants()[0]
		if got.Aadhaar.Plain() != m.Aadhaar || got.CustomerID != m.Mobile || !got.Consent {
			t.Errorf("%s: the merchant's own data did not arrive", test.method)
		}
		got.Aadhaar, got.CustomerID, got.Consent = agent.Aadhaar{}, "", false
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", test.method, got, test.want)
		}
	}
	for _, method := range []string{"merchant.authenticate", "merchant.ekyc.request_otp"} {
		if answer := p.call(method, `{"aadhaar":"123412341235","customer_id":"9999900001","consent":true}`); answer.Error != nil {
			t.Errorf("%s: a number that can't be read is the agent's to refuse: %+v", method, answer.Error)
		}
		if got := own.steps[len(own.steps)-1]; !got.Aadhaar.IsZero() {
			t.Errorf("%s took a wrong number", method)
		}
	}
}

// TestMerchant_story is a morning over the socket, against the real agent.
func TestMerchant_story(t *testing.T) {
	shop := openRealShop(t, false)
	p := shop.join(t, shopOrigin)
	status := func() contract.Merchant {
		t.Helper()
		answer := p.call("merchant.status", `{}`)
		var got struct{ Merchant contract.Merchant }
		if answer.Error != nil || json.Unmarshal(answer.Result, &got) != nil {
			t.Fatalf("merchant.status: %+v", answer)
		}
		return got.Merchant
	}
	if m := status(); m.AuthenticatedToday || m.Service.State != contract.ServiceActivated {
		t.Errorf("in the morning: %+v", m)
	}
	answer := p.call("merchant.authenticate", sita(`,"bank_code":"SBIN"`))
	var got struct{ Step contract.MerchantResult }
	if answer.Error != nil || json.Unmarshal(answer.Result, &got) != nil || got.Step.State != contract.Succeeded {
		t.Fatalf("merchant.authenticate: %+v %+v", answer.Error, got)
	}
	m := p.until(func(m message) bool { return m.Method == "capture.progress" })
	var progress contract.CaptureProgress
	if err := json.Unmarshal(m.Params, &progress); err != nil || progress.Stage != contract.StageLooking || progress.ID == nil {
		t.Errorf("progress: %s", m.Params)
	}
	if m := status(); !m.AuthenticatedToday || len(m.Due) != 0 {
		t.Errorf("after it: %+v", m)
	}
	if again := p.call("merchant.authenticate", sita(`,"bank_code":"SBIN"`)); again.Error.code() != "request_conflict" || again.Error.Data["confirm_repeat"] != true {
		t.Errorf("a second one: %+v", again.Error)
	}
	if otp := p.call("aeps.request_otp", realWithdrawal); otp.Error.code() != "invalid_params" || otp.Error.Data["reason"] != "otp_not_known" {
		t.Errorf("aeps.request_otp on v2: %+v", otp.Error)
	}
}

// TestMerchant_cancel gives up the merchant's finger like a customer's.
func TestMerchant_cancel(t *testing.T) {
	shop := openRealShop(t, true)
	p := shop.join(t, shopOrigin)
	id, answered := p.begin("merchant.authenticate", sita(`,"bank_code":"SBIN"`))
	p.until(func(m message) bool {
		var progress contract.CaptureProgress
		return m.Method == "capture.progress" && json.Unmarshal(m.Params, &progress) == nil && progress.Stage == contract.StagePlaceFinger
	})
	p.must("$/cancelRequest", `{"id":`+id+`}`)
	if answer := p.wait(answered); answer.Error.code() != "capture_cancelled" {
		t.Errorf("the answer: %+v", answer)
	}
	for _, r := range shop.eko.Requests() {
		if r.Operation == ekosim.DailyKYC {
			t.Error("it was sent")
		}
	}
}
