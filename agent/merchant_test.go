package agent_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

// oneClock is the time of shop, scanner and Eko alike; a test moves it.
type oneClock struct{ ahead atomic.Int64 }

// standing is a clock that goes on only where the test moves it.
func (c *oneClock) standing() func() time.Time {
	at := time.Now()
	return func() time.Time { return at.Add(time.Duration(c.ahead.Load())) }
}

// toNoon moves it to the next noon in India: no day ends while a test runs.
func (c *oneClock) toNoon() {
	noon := c.now().Truncate(24 * time.Hour).Add(6*time.Hour + 30*time.Minute)
	if noon.Before(c.now()) {
		noon = noon.Add(24 * time.Hour)
	}
	c.moveTo(noon)
}

func (c *oneClock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *oneClock) move(d time.Duration)     { c.ahead.Add(int64(d)) }
func (c *oneClock) moveTo(at time.Time)      { c.move(at.Sub(c.now())) }
func (c *oneClock) scanner(o *rdsim.Options) { o.Clock = c.now }

// counter is a shop on one clock, at noon, whose Eko has rules.
func counter(t *testing.T, rules ekosim.Rules, config func(*agent.Config), api string) (*shop, *oneClock) {
	c := &oneClock{}
	c.toNoon()
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
	sh, clock := counter(t, ekosim.Rules{DailyKYC: true}, requireDaily, "v2")
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
	asked := len(sh.eko.Requests())
	if s, err := sh.agent.Status(t.Context()); err != nil || !s.AuthenticationDue || len(s.Problems) != 1 || s.Problems[0].Code != "merchant_auth_required" {
		t.Errorf("in the morning: status %+v, %v", s, err)
	}
	if len(sh.eko.Requests()) != asked {
		t.Error("the status asks Eko")
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
	if s, err := sh.agent.Status(t.Context()); err != nil || s.AuthenticationDue || len(s.Problems) != 0 {
		t.Errorf("after it: status %+v, %v", s, err)
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
	next.openAgent(setup{now: clock.now, config: requireDaily, client: func(e *eko.Config) { e.Now = clock.now }}, sh.ekoURL)
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
	clock.moveTo(midnight.Add(-4 * time.Minute))
	sh.step(sita(t, ""))
	clock.moveTo(midnight.Add(-2 * time.Minute))
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
