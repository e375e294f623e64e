package agent_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko/ekosim"
	"biobridge/pid"
)

// unknown is the configuration of a merchant who has done nothing yet.
func unknown(c *agent.Config) { c.UserCode = ekosim.DefaultMerchants()[3].UserCode }

func newcomer(t testing.TB, step contract.MerchantStep) agent.MerchantRequest {
	m, r := ekosim.DefaultMerchants()[3], sita(t, step)
	r.Aadhaar, r.CustomerID = aadhaar(t, m.Aadhaar), m.Mobile
	return r
}

// TestAgent_Merchant_Once takes the steps of a merchant's life in their order.
func TestAgent_Merchant_Once(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		t.Run("ekyc "+api, func(t *testing.T) {
			sh, _ := counter(t, ekosim.Rules{}, unknown, api)
			if res := sh.step(newcomer(t, "")); res.State != contract.Failed {
				t.Errorf("authenticated before the eKYC: %+v", res)
			}
			first := sh.step(newcomer(t, contract.MerchantEKYCOTP))
			if first.State != contract.Succeeded || first.OTPRefID == "" || first.ReferenceTID == "" || sh.captures() != 1 {
				t.Fatalf("OTP: %+v", first)
			}
			verify := newcomer(t, contract.MerchantEKYCVerify)
			verify.OTPRefID, verify.ReferenceTID = first.OTPRefID, first.ReferenceTID
			verify.OTP = "000001"
			if res := sh.step(verify); res.State != contract.Failed {
				t.Errorf("a wrong OTP: %+v", res)
			}
			inbox := sh.eko.Inbox()
			verify.OTP = pid.OTP(inbox[len(inbox)-1].OTP)
			second := sh.step(verify)
			if second.State != contract.Succeeded || second.ReferenceTID == "" {
				t.Fatalf("verify: %+v", second)
			}
			finger := newcomer(t, contract.MerchantEKYCFinger)
			finger.OTPRefID, finger.ReferenceTID = second.OTPRefID, second.ReferenceTID
			if res := sh.step(finger); res.State != contract.Succeeded {
				t.Fatalf("biometric: %+v", res)
			}
			if m := sh.merchant(); !m.EKYCDone || !slices.Equal(m.Due, []contract.MerchantDue{contract.DueAuthenticate}) {
				t.Errorf("status: %+v", m)
			}
			sh.stepRefused(finger, contract.RequestConflict)
			// A capture with wadh would be refused here.
			if res := sh.step(newcomer(t, "")); res.State != contract.Succeeded {
				t.Errorf("authenticated after it: %+v", res)
			}
		})
	}
}

// TestAgent_Merchant_TwoFactor is an account of v2's service types 6 and 7.
func TestAgent_Merchant_TwoFactor(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{DailyKYC: true}, func(c *agent.Config) {
		unknown(c)
		requireDaily(c)
		c.Merchant.TwoFactor = true
	}, "v2")
	if m := sh.merchant(); !slices.Equal(m.Due, []contract.MerchantDue{contract.DueRegister, contract.DueAuthenticate}) {
		t.Errorf("status: %+v", m)
	}
	r := newcomer(t, contract.MerchantRegister)
	r.BankCode = ""
	if res := sh.step(r); res.State != contract.Succeeded {
		t.Fatalf("register: %+v", res)
	}
	sh.stepRefused(r, contract.RequestConflict)
	r.Step = ""
	if res := sh.step(r); res.State != contract.Succeeded || sh.asked(ekosim.TwoFactorAuthentication) != 1 {
		t.Fatalf("authenticate: %+v", res)
	}
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("after it: %s (%s)", tx.State, tx.Message)
	}
}

func TestAgent_Merchant_Refuses(t *testing.T) {
	for name, tt := range map[string]struct {
		api    string
		config func(*agent.Config)
		change func(*agent.MerchantRequest)
		field  string
	}{
		"unknown step":       {change: func(r *agent.MerchantRequest) { r.Step = "dance" }, field: "step"},
		"no token wanted":    {change: func(r *agent.MerchantRequest) { r.Step = contract.MerchantToken }, field: "step"},
		"v3 has no register": {api: "v3", change: func(r *agent.MerchantRequest) { r.Step = contract.MerchantRegister }, field: "step"},
		"Fino has no OTP": {config: func(c *agent.Config) { c.Merchant.ServiceCode = "52" },
			change: func(r *agent.MerchantRequest) { r.Step = contract.MerchantEKYCOTP }, field: "step"},
		"consent":        {change: func(r *agent.MerchantRequest) { r.Consent = false }, field: "consent"},
		"aadhaar":        {change: func(r *agent.MerchantRequest) { r.Aadhaar = agent.Aadhaar{} }, field: "aadhaar"},
		"mobile":         {change: func(r *agent.MerchantRequest) { r.CustomerID = "1" }, field: "customer_id"},
		"no bank":        {change: func(r *agent.MerchantRequest) { r.BankCode = "" }, field: "bank_code"},
		"bank":           {change: func(r *agent.MerchantRequest) { r.BankCode = "s b" }, field: "bank_code"},
		"no place":       {config: func(c *agent.Config) { c.LatLong = "" }, change: func(*agent.MerchantRequest) {}, field: "latlong"},
		"other merchant": {change: func(r *agent.MerchantRequest) { r.UserCode = "1" }, field: "user_code"},
		"otp": {change: func(r *agent.MerchantRequest) {
			r.Step, r.OTP, r.OTPRefID, r.ReferenceTID = contract.MerchantEKYCVerify, "x", "1", "1"
		}, field: "otp"},
		"no otp_ref_id": {change: func(r *agent.MerchantRequest) { r.Step, r.ReferenceTID = contract.MerchantEKYCFinger, "1" }, field: "otp_ref_id"},
		"reference": {change: func(r *agent.MerchantRequest) {
			r.Step, r.OTPRefID, r.ReferenceTID = contract.MerchantEKYCFinger, "1", "a b"
		}, field: "reference_tid"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.api == "" {
				tt.api = "v2"
			}
			sh, _ := counter(t, ekosim.Rules{}, tt.config, tt.api)
			r := sita(t, contract.MerchantDaily)
			tt.change(&r)
			if e := sh.stepRefused(r, contract.InvalidParams); e.Data["field"] != tt.field {
				t.Errorf("field %v", e.Data["field"])
			}
			if len(sh.eko.Requests()) != 0 || sh.captures() != 0 {
				t.Error("something left")
			}
		})
	}
}

// TestAgent_Merchant_Cancel gives the merchant's finger up: nothing is sent or
// written, and the scanner is free.
func TestAgent_Merchant_Cancel(t *testing.T) {
	sh := openShop(t, setup{scanner: noFinger})
	ticket := agent.NewTicket()
	var stages []contract.CaptureStage
	_, err := sh.agent.MerchantStep(t.Context(), page, sita(t, ""), ticket, func(p contract.CaptureProgress) {
		stages = append(stages, p.Stage)
		if p.Stage == contract.StagePlaceFinger {
			go ticket.Cancel()
		}
	})
	sh.is(contract.Transaction{}, err, contract.CaptureCancelled)
	if !slices.Equal(stages, []contract.CaptureStage{contract.StageLooking, contract.StagePlaceFinger}) {
		t.Errorf("stages %v", stages)
	}
	if sh.asked(ekosim.DailyKYC) != 0 {
		t.Error("it was sent")
	}
	ctx, leave := context.WithCancel(t.Context())
	_, err = sh.agent.MerchantStep(ctx, page, sita(t, ""), agent.NewTicket(), func(p contract.CaptureProgress) {
		if p.Stage == contract.StagePlaceFinger {
			leave()
		}
	})
	sh.is(contract.Transaction{}, err, contract.CaptureCancelled)
}

// nowhereOnDisk looks for secrets in everything that the shop has written.
func (sh *shop) nowhereOnDisk(secrets ...string) {
	sh.t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(sh.path), "*"))
	if err != nil || len(files) == 0 {
		sh.t.Fatalf("nothing to search: %v", err)
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			sh.t.Fatal(err)
		}
		for i, secret := range secrets {
			if secret == "" || bytes.Contains(content, []byte(secret)) {
				sh.t.Errorf("%s holds secret %d", filepath.Base(f), i)
			}
		}
	}
}

// TestAgent_Merchant_LeavesNoTrace: number, OTP and token of the merchant are
// nowhere on disk.
func TestAgent_Merchant_LeavesNoTrace(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{MerchantAuth: true}, func(c *agent.Config) { c.Merchant.Token = true }, "v2")
	first := sh.step(sita(t, contract.MerchantEKYCOTP))
	inbox := sh.eko.Inbox()
	verify := sita(t, contract.MerchantEKYCVerify)
	verify.OTPRefID, verify.ReferenceTID, verify.OTP = first.OTPRefID, first.ReferenceTID, pid.OTP(inbox[0].OTP)
	sh.step(verify)
	sh.step(sita(t, contract.MerchantToken))
	sh.transact(withdraw(t, 500))
	m := ekosim.DefaultMerchants()[0]
	sh.nowhereOnDisk(m.Aadhaar, asha, inbox[0].OTP, first.ReferenceTID, "<PidData")
}

// TestAgent_Merchant_LateCancel: until the step is sent it can be given up, even
// with the finger taken; from then on not.
func TestAgent_Merchant_LateCancel(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{}, nil, "v2")
	ticket := agent.NewTicket()
	_, err := sh.agent.MerchantStep(t.Context(), page, sita(t, ""), ticket, func(p contract.CaptureProgress) {
		if p.Stage == contract.StageCaptured {
			ticket.Cancel()
		}
	})
	sh.is(contract.Transaction{}, err, contract.CaptureCancelled)
	if m := sh.merchant(); sh.asked(ekosim.DailyKYC) != 0 || m.Unclear {
		t.Errorf("given up with the finger taken: sent %d times, %+v", sh.asked(ekosim.DailyKYC), m)
	}
	ticket = agent.NewTicket()
	if _, err := sh.agent.MerchantStep(t.Context(), page, sita(t, ""), ticket, nil); err != nil {
		t.Fatal(err)
	}
	if err := ticket.Cancel(); !errors.Is(err, agent.ErrTooLateToCancel) {
		t.Errorf("after it was sent: %v", err)
	}
}

// TestAgent_Merchant_Stale: a finger that has grown old on the way is not sent.
func TestAgent_Merchant_Stale(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{}, nil, "v2")
	_, err := sh.agent.MerchantStep(t.Context(), page, sita(t, ""), agent.NewTicket(), func(p contract.CaptureProgress) {
		if p.Stage == contract.StageCaptured {
			clock.move(61 * time.Second)
		}
	})
	sh.is(contract.Transaction{}, err, contract.CaptureRejected)
	if sh.asked(ekosim.DailyKYC) != 0 {
		t.Error("it was sent")
	}
}

// TestAgent_Merchant_CutOff: an attempt that a crash left behind may have been
// charged.
func TestAgent_Merchant_CutOff(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{}, requireDaily, "v2")
	if _, err := sh.journal.BeginMerchant(t.Context(), journal.MerchantEntry{ClientRefID: "CUT", UserCode: ekosim.UserCode, What: "daily"}, false); err != nil {
		t.Fatal(err)
	}
	if m := sh.merchant(); !m.Unclear || m.AuthenticatedToday {
		t.Errorf("status: %+v", m)
	}
	sh.refused(withdraw(t, 500), contract.MerchantAuthRequired)
	sh.stepRefused(sita(t, ""), contract.RequestConflict)
	if sh.captures() != 0 {
		t.Error("somebody gave a finger for nothing")
	}
}

// TestAgent_LocaliseStep: every step's result has its Hindi words, whatever came
// of it.
func TestAgent_LocaliseStep(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sh, _ := counter(t, ekosim.Rules{}, func(c *agent.Config) { c.Catalogue = catalogue }, "v2")
	results := []contract.MerchantResult{
		{State: contract.Failed, Step: contract.MerchantDaily, Reason: "daily_kyc_failed", Message: "No.", Remedy: "Wait."},
		{State: contract.Pending, Step: contract.MerchantDaily, Reason: "step_no_answer", Message: "No.", Remedy: "Wait."},
		{State: contract.Pending, Step: contract.MerchantDaily, Reason: "not_written", Message: "No.", Remedy: "Wait."},
	}
	for _, step := range []contract.MerchantStep{contract.MerchantDaily, contract.MerchantToken, contract.MerchantRegister,
		contract.MerchantEKYCOTP, contract.MerchantEKYCVerify, contract.MerchantEKYCFinger} {
		results = append(results, contract.MerchantResult{State: contract.Succeeded, Step: step, Reason: "succeeded", Message: "Yes.",
			Warnings: []contract.LocalisedPoint{{Code: "merchant_again", Message: "Again."}}})
	}
	for _, r := range results {
		english := sh.agent.LocaliseStep(r, locale.English)
		if english.Message != r.Message {
			t.Errorf("%s in English: %q", r.Reason, english.Message)
		}
		hindi := sh.agent.LocaliseStep(r, locale.Hindi)
		if hindi.Message == r.Message || hindi.Message == "" || (r.Remedy != "" && hindi.Remedy == r.Remedy) {
			t.Errorf("%s %s: %q, %q", r.Step, r.Reason, hindi.Message, hindi.Remedy)
		}
		if len(hindi.Warnings) > 0 && hindi.Warnings[0].Message == "Again." {
			t.Errorf("%s: the warning stayed English", r.Step)
		}
	}
}
