package agent_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid"
	"biobridge/rdservice/rdsim"
)

// oneClock is the time of shop, scanner and Eko alike; a test moves it.
type oneClock struct{ ahead atomic.Int64 }

func (c *oneClock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *oneClock) move(d time.Duration)     { c.ahead.Add(int64(d)) }
func (c *oneClock) moveTo(at time.Time)      { c.move(at.Sub(c.now())) }
func (c *oneClock) scanner(o *rdsim.Options) { o.Clock = c.now }

// counter is a shop on one clock, whose Eko has rules.
func counter(t *testing.T, rules ekosim.Rules, config func(*agent.Config), api string) (*shop, *oneClock) {
	c := &oneClock{}
	s := setup{now: c.now, config: config, scanner: c.scanner,
		eko:    func(o *ekosim.Options) { o.Clock, o.Rules = c.now, rules },
		client: func(e *eko.Config) { e.API, e.Now = api, c.now },
	}
	return openShop(t, s), c
}

func requireDaily(c *agent.Config) { c.Limits.RequireMerchantAuth = true }

// sita is the merchant with his own Aadhaar and mobile number.
func sita(t testing.TB, step contract.MerchantStep) agent.MerchantRequest {
	m := ekosim.DefaultMerchants()[0]
	return agent.MerchantRequest{Step: step, Aadhaar: aadhaar(t, m.Aadhaar), CustomerID: m.Mobile, BankCode: "SBIN", Consent: true}
}

func (sh *shop) step(r agent.MerchantRequest) contract.MerchantResult {
	sh.t.Helper()
	res, err := sh.agent.MerchantStep(sh.t.Context(), page, r, agent.NewTicket(), nil)
	if err != nil {
		sh.t.Fatalf("%s: %v", r.Step, err)
	}
	return res
}

func (sh *shop) stepRefused(r agent.MerchantRequest, code contract.Code) *agent.Error {
	sh.t.Helper()
	_, err := sh.agent.MerchantStep(sh.t.Context(), page, r, agent.NewTicket(), nil)
	return sh.is(contract.Transaction{}, err, code)
}

func (sh *shop) merchant() contract.Merchant {
	sh.t.Helper()
	m, err := sh.agent.Merchant(sh.t.Context(), page, "")
	if err != nil {
		sh.t.Fatal(err)
	}
	return m
}

// asked counts what Eko was asked on a path.
func (sh *shop) asked(op ekosim.Operation) int {
	n := 0
	for _, r := range sh.eko.Requests() {
		if r.Operation == op {
			n++
		}
	}
	return n
}

// TestAgent_Merchant_Morning: no money before the merchant's own finger, one
// charged authentication a day, and what is done stays done over a restart.
func TestAgent_Merchant_Morning(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{DailyKYC: true}, requireDaily, "v2")
	for _, service := range []contract.Service{contract.CashWithdrawal, contract.AadhaarPay} {
		r := withdraw(t, 500)
		r.Service = service
		e := sh.refused(r, contract.MerchantAuthRequired)
		if due, _ := e.Data["due"].([]contract.MerchantDue); !slices.Equal(due, []contract.MerchantDue{contract.DueAuthenticate}) {
			t.Errorf("%s: data %v", service, e.Data)
		}
	}
	if sh.captures() != 0 {
		t.Errorf("%d customers gave a finger for nothing", sh.captures())
	}
	m := sh.merchant()
	if m.AuthenticatedToday || m.Service != (contract.MerchantService{Code: "43", State: contract.ServiceActivated}) ||
		!slices.Equal(m.Due, []contract.MerchantDue{contract.DueEKYC, contract.DueAuthenticate}) {
		t.Errorf("in the morning: %+v", m)
	}
	stranger := sita(t, "")
	stranger.Aadhaar = aadhaar(t, asha)
	if res := sh.step(stranger); res.State != contract.Failed || res.Message == "" || res.Remedy == "" || res.Cause == "" || res.Eko.ResponseTypeID == nil {
		t.Errorf("another person: %+v", res)
	}
	if res := sh.step(sita(t, "")); res.State != contract.Succeeded || res.Step != contract.MerchantDaily || res.Device == nil || !res.Simulated {
		t.Fatalf("the merchant: %+v", res)
	}
	m = sh.merchant()
	if !m.AuthenticatedToday || m.AuthenticatedAt == nil || !m.EKYCDone || len(m.Due) != 0 {
		t.Errorf("after it: %+v", m)
	}
	before, charged := sh.captures(), sh.asked(ekosim.DailyKYC)
	if e := sh.stepRefused(sita(t, ""), contract.RequestConflict); e.Data["confirm_repeat"] != true {
		t.Errorf("a second one: data %v", e.Data)
	}
	if sh.captures() != before || sh.asked(ekosim.DailyKYC) != charged {
		t.Error("a second one that nobody confirmed went on")
	}
	again := sita(t, "")
	again.ConfirmRepeat = true
	if res := sh.step(again); res.State != contract.Succeeded || sh.asked(ekosim.DailyKYC) != charged+1 {
		t.Errorf("confirmed: %+v", res)
	}
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("the customer: %s (%s)", tx.State, tx.Message)
	}
	sh.stop()
	next := &shop{t: t, path: sh.path, scanner: sh.scanner, eko: sh.eko}
	next.openAgent(setup{config: requireDaily}, sh.ekoURL)
	if m := next.merchant(); !m.AuthenticatedToday {
		t.Errorf("a restart forgot it: %+v", m)
	}
	if tx := next.transact(withdraw(t, 600)); tx.State != contract.Succeeded {
		t.Errorf("after the restart: %s (%s)", tx.State, tx.Message)
	}
}

// TestAgent_Merchant_Midnight: the day ends at midnight in India, not after 24
// hours and not at midnight UTC.
func TestAgent_Merchant_Midnight(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{DailyKYC: true}, requireDaily, "v2")
	midnight := clock.now().Add(time.Hour).Truncate(24 * time.Hour).Add(42*time.Hour + 30*time.Minute)
	day, next := journal.Day(midnight.Add(-1)), journal.Day(midnight)
	if day == next {
		t.Fatalf("%s is no midnight in India", midnight)
	}
	clock.moveTo(midnight.Add(-2 * time.Minute))
	sh.step(sita(t, ""))
	clock.moveTo(midnight.Add(-20 * time.Second))
	if m := sh.merchant(); !m.AuthenticatedToday || m.Day != day {
		t.Errorf("just before: %+v", m)
	}
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("just before: %s (%s)", tx.State, tx.Message)
	}
	clock.moveTo(midnight)
	if m := sh.merchant(); m.AuthenticatedToday || m.AuthenticatedAt != nil || m.Day != next || !m.EKYCDone {
		t.Errorf("at midnight: %+v", m)
	}
	sh.refused(withdraw(t, 500), contract.MerchantAuthRequired)
	if res := sh.step(sita(t, "")); res.State != contract.Succeeded {
		t.Errorf("the new day's needs no confirmation: %+v", res)
	}
	clock.moveTo(midnight.Add(6 * time.Hour)) // past midnight UTC
	if m := sh.merchant(); !m.AuthenticatedToday {
		t.Errorf("in the morning: %+v", m)
	}
}

// TestAgent_Merchant_Unclear: an answer that proves nothing is told as that,
// doesn't open the till, and is not repeated unless somebody means it.
func TestAgent_Merchant_Unclear(t *testing.T) {
	for _, behaviour := range []ekosim.Behaviour{ekosim.LostAnswer, ekosim.HTTP500After, ekosim.HTMLAfter, ekosim.CutBody} {
		t.Run(string(behaviour), func(t *testing.T) {
			sh, _ := counter(t, ekosim.Rules{}, requireDaily, "v3")
			if err := sh.eko.SetFault(ekosim.Fault{Behaviour: behaviour, Operation: ekosim.DailyKYC}); err != nil {
				t.Fatal(err)
			}
			res := sh.step(sita(t, ""))
			if res.State != contract.Pending || res.Message == "" || res.Remedy == "" {
				t.Fatalf("the answer: %+v", res)
			}
			if m := sh.merchant(); m.AuthenticatedToday || !m.Unclear {
				t.Errorf("status: %+v", m)
			}
			sh.refused(withdraw(t, 500), contract.MerchantAuthRequired)
			sh.stepRefused(sita(t, ""), contract.RequestConflict)
			if sh.asked(ekosim.DailyKYC) != 1 {
				t.Errorf("asked %d times", sh.asked(ekosim.DailyKYC))
			}
			again := sita(t, "")
			again.ConfirmRepeat = true
			if res := sh.step(again); res.State != contract.Succeeded {
				t.Errorf("confirmed: %+v", res)
			}
			if m := sh.merchant(); !m.AuthenticatedToday || m.Unclear {
				t.Errorf("after it: %+v", m)
			}
		})
	}
}

// TestAgent_Merchant_Again: an answer with FP069 ends the day's authentication;
// the next one needs no confirmation, since Eko asks for it.
func TestAgent_Merchant_Again(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{}, requireDaily, "v2")
	sh.step(sita(t, ""))
	// Eko forgets: its rule comes into force, and its day is another one.
	clock.move(time.Second)
	if err := sh.eko.AddMerchant(ekosim.DefaultMerchants()[0]); err != nil {
		t.Fatal(err)
	}
	if err := sh.eko.SetRules(ekosim.Rules{DailyKYC: true}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Failed || !slices.ContainsFunc(tx.Warnings, func(p contract.LocalisedPoint) bool { return p.Code == "merchant_again" && p.Remedy != "" }) {
		t.Errorf("the customer: %s, warnings %v", tx.State, tx.Warnings)
	}
	if m := sh.merchant(); m.AuthenticatedToday {
		t.Errorf("status: %+v", m)
	}
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired)
	if res := sh.step(sita(t, "")); res.State != contract.Succeeded {
		t.Errorf("again: %+v", res)
	}
	if tx := sh.transact(withdraw(t, 600)); tx.State != contract.Succeeded {
		t.Errorf("after it: %s (%s)", tx.State, tx.Message)
	}
}

// TestAgent_Merchant_Token: an authentication is good for one withdrawal of one
// page, and not for long.
func TestAgent_Merchant_Token(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{MerchantAuth: true}, func(c *agent.Config) {
		requireDaily(c)
		c.Merchant.Token = true
	}, "v2")
	if res := sh.step(sita(t, "")); res.Step != contract.MerchantDaily || res.State != contract.Succeeded {
		t.Fatalf("the first one of the day: %+v", res)
	}
	if m := sh.merchant(); !m.TokenNeeded || !slices.Equal(m.Due, []contract.MerchantDue{contract.DueToken}) {
		t.Errorf("status: %+v", m)
	}
	before := sh.captures()
	if e := sh.refused(withdraw(t, 500), contract.MerchantAuthRequired); e.Reason() != "merchant_token_required" || sh.captures() != before {
		t.Errorf("without: %s, %d captures", e.Reason(), sh.captures()-before)
	}
	res := sh.step(sita(t, ""))
	if res.Step != contract.MerchantToken || res.State != contract.Succeeded || res.ReferenceTID != "" {
		t.Fatalf("before the withdrawal: %+v", res)
	}
	sh.stepRefused(sita(t, ""), contract.RequestConflict) // one lies ready
	balance := withdraw(t, 0)
	balance.Service = contract.BalanceEnquiry
	if tx := sh.transact(balance); tx.State != contract.Succeeded {
		t.Errorf("a balance needs none: %s", tx.State)
	}
	other := agent.Caller{Origin: "https://other.example", User: "shop"}
	_, err := sh.agent.Transact(t.Context(), other, withdraw(t, 500), agent.NewTicket(), nil)
	sh.is(contract.Transaction{}, err, contract.MerchantAuthRequired)
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Fatalf("with it: %s (%s)", tx.State, tx.Message)
	}
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired) // it is used up
	sh.step(sita(t, ""))
	clock.move(75 * time.Second)
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired)
	if m := sh.merchant(); !m.TokenNeeded {
		t.Errorf("after its time: %+v", m)
	}
}

// TestAgent_Merchant_TokenRunsOut: the customer takes so long that it ends
// between the two fingers. Nothing is sent.
func TestAgent_Merchant_TokenRunsOut(t *testing.T) {
	sh, clock := counter(t, ekosim.Rules{MerchantAuth: true}, func(c *agent.Config) {
		c.Merchant.Token, c.Merchant.TokenTTL = true, 30*time.Second
	}, "v2")
	sh.step(sita(t, contract.MerchantToken))
	r := withdraw(t, 500)
	r.ClientRefID = "SLOW"
	_, err := sh.agent.Transact(t.Context(), page, r, agent.NewTicket(), func(p contract.CaptureProgress) {
		if p.Stage == contract.StageCaptured {
			clock.move(31 * time.Second)
		}
	})
	sh.is(contract.Transaction{}, err, contract.MerchantAuthRequired)
	if tx, err := sh.agent.Get(t.Context(), page, "SLOW"); err != nil || tx.State != contract.Abandoned || sh.eko.Attempts("SLOW") != 0 {
		t.Errorf("on record: %s, %v, sent %d times", tx.State, err, sh.eko.Attempts("SLOW"))
	}
}

// TestAgent_Merchant_Once takes the steps of a merchant's life in their order.
func TestAgent_Merchant_Once(t *testing.T) {
	unknown := func(o *agent.Config) { o.UserCode = "99990004" }
	newcomer := ekosim.DefaultMerchants()[3]
	as := func(step contract.MerchantStep) agent.MerchantRequest {
		r := sita(t, step)
		r.Aadhaar, r.CustomerID = aadhaar(t, newcomer.Aadhaar), newcomer.Mobile
		return r
	}
	for _, api := range []string{"v2", "v3"} {
		t.Run("ekyc "+api, func(t *testing.T) {
			sh, _ := counter(t, ekosim.Rules{}, unknown, api)
			if res := sh.step(as("")); res.State != contract.Failed {
				t.Errorf("authenticated before the eKYC: %+v", res)
			}
			first := sh.step(as(contract.MerchantEKYCOTP))
			if first.State != contract.Succeeded || first.OTPRefID == "" || first.ReferenceTID == "" || sh.captures() != 1 {
				t.Fatalf("OTP: %+v", first)
			}
			verify := as(contract.MerchantEKYCVerify)
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
			finger := as(contract.MerchantEKYCFinger)
			finger.OTPRefID, finger.ReferenceTID = second.OTPRefID, second.ReferenceTID
			if res := sh.step(finger); res.State != contract.Succeeded {
				t.Fatalf("biometric: %+v", res)
			}
			if m := sh.merchant(); !m.EKYCDone || !slices.Equal(m.Due, []contract.MerchantDue{contract.DueAuthenticate}) {
				t.Errorf("status: %+v", m)
			}
			sh.stepRefused(finger, contract.RequestConflict)
			// A capture with wadh would be refused here.
			if res := sh.step(as("")); res.State != contract.Succeeded {
				t.Errorf("authenticated after it: %+v", res)
			}
		})
	}
	t.Run("two factor", func(t *testing.T) {
		sh, _ := counter(t, ekosim.Rules{DailyKYC: true}, func(c *agent.Config) {
			unknown(c)
			requireDaily(c)
			c.Merchant.TwoFactor = true
		}, "v2")
		if m := sh.merchant(); !slices.Equal(m.Due, []contract.MerchantDue{contract.DueRegister, contract.DueAuthenticate}) {
			t.Errorf("status: %+v", m)
		}
		r := as(contract.MerchantRegister)
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
	})
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

// TestAgent_Merchant_Service words what Eko says of the service; a silent Eko is
// no reason to keep the status back.
func TestAgent_Merchant_Service(t *testing.T) {
	for code, want := range map[string]string{
		ekosim.UserCode: contract.ServiceActivated, "99990002": contract.ServicePending, "99990003": contract.ServiceNotRequested,
	} {
		sh, _ := counter(t, ekosim.Rules{}, func(c *agent.Config) { c.UserCode, c.Merchant.ServiceCode = code, "52" }, "v2")
		m := sh.merchant()
		if m.Service != (contract.MerchantService{Code: "52", State: want}) || slices.Contains(m.Due, contract.DueService) != (want != contract.ServiceActivated) {
			t.Errorf("%s: %+v", code, m)
		}
	}
	sh, _ := counter(t, ekosim.Rules{}, nil, "v2")
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.HTTP500, Operation: ekosim.UserServices, Times: -1}); err != nil {
		t.Fatal(err)
	}
	if m := sh.merchant(); m.Service.State != contract.ServiceUnknown || slices.Contains(m.Due, contract.DueService) {
		t.Errorf("a silent Eko: %+v", m)
	}
	_, err := sh.agent.Merchant(t.Context(), page, "99990002")
	sh.is(contract.Transaction{}, err, contract.InvalidParams)
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

// moody is a partner's hook that refuses when it is told to.
type moody struct {
	eko.Signer
	check, sign atomic.Bool
}

var errNo = &eko.HookRefusal{Message: "not today"}

func (m *moody) Check(context.Context, eko.SignRequest) (eko.Approval, error) {
	if m.check.Load() {
		return eko.Approval{}, errNo
	}
	return eko.Approval{}, nil
}

func (m *moody) Sign(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
	if m.sign.Load() {
		return eko.Signature{}, eko.Approval{}, errNo
	}
	return m.Signer.Sign(ctx, r)
}

// TestAgent_Merchant_Hook: the partner's no comes before the merchant's finger; a
// later one leaves nothing unclear, and a token of which no byte left is still
// good.
func TestAgent_Merchant_Hook(t *testing.T) {
	m := &moody{}
	sh := openShop(t, setup{
		config: func(c *agent.Config) { c.Merchant.Token = true },
		eko:    func(o *ekosim.Options) { o.Rules.MerchantAuth = true },
		client: func(c *eko.Config) { m.Signer, c.Signer = c.Signer, m },
	})
	m.check.Store(true)
	sh.stepRefused(sita(t, contract.MerchantToken), contract.RefusedByHook)
	if sh.captures() != 0 {
		t.Error("the finger was taken before the partner was asked")
	}
	m.check.Store(false)
	m.sign.Store(true)
	sh.stepRefused(sita(t, contract.MerchantToken), contract.RefusedByHook)
	if s := sh.merchant(); s.Unclear || sh.asked(ekosim.MerchantAuth) != 0 {
		t.Errorf("after a late no: %+v", s)
	}
	m.sign.Store(false)
	sh.step(sita(t, contract.MerchantToken))
	m.sign.Store(true)
	sh.refused(withdraw(t, 500), contract.RefusedByHook)
	m.sign.Store(false)
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded {
		t.Errorf("with the token that was not sent: %s (%s)", tx.State, tx.Message)
	}
	sh.refused(withdraw(t, 600), contract.MerchantAuthRequired)
}
