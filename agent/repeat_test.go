package agent_test

import (
	"sync"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

func TestAgent_Transact_SameReference(t *testing.T) {
	sh := openShop(t, setup{})
	r := withdraw(t, 500)
	r.ClientRefID = "SAME-REF_1"
	first := sh.transact(r)
	t.Run("same content", func(t *testing.T) {
		again := r
		again.LatLong, again.ConfirmRepeat = "28.6139,77.2090", true
		if tx := sh.transact(again); tx.TID != first.TID || tx.State != contract.Succeeded || tx.UpdatedAt != first.UpdatedAt {
			t.Errorf("the second call returned %+v", tx)
		}
	})
	for name, change := range map[string]func(*agent.TransactRequest){
		"another amount":   func(r *agent.TransactRequest) { r.Amount = 600 },
		"another bank":     func(r *agent.TransactRequest) { r.BankCode = "HDFC" },
		"another person":   func(r *agent.TransactRequest) { r.Aadhaar = aadhaar(t, ramesh) },
		"another service":  func(r *agent.TransactRequest) { r.Service = contract.AadhaarPay },
		"another customer": func(r *agent.TransactRequest) { r.CustomerID = "9999912346" },
	} {
		t.Run(name, func(t *testing.T) {
			other := r
			change(&other)
			if e := sh.refused(other, contract.RequestConflict); e.Reason() != "request_conflict" {
				t.Errorf("reason %s", e.Reason())
			}
		})
	}
	for name, caller := range map[string]agent.Caller{
		"another page": {Origin: "https://other.example", User: "shop"},
		"another user": {Origin: page.Origin, User: "flat-mate"},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := sh.agent.Transact(t.Context(), caller, r, agent.NewTicket(), nil)
			e := sh.is(tx, err, contract.RequestConflict)
			if len(e.Data) != 1 { // the reason alone
				t.Errorf("a stranger is told %v", e.Data)
			}
		})
	}
	if sh.eko.Attempts("SAME-REF_1") != 1 || sh.eko.Moved("SAME-REF_1") != 1 {
		t.Errorf("%d attempts, money moved %d times", sh.eko.Attempts("SAME-REF_1"), sh.eko.Moved("SAME-REF_1"))
	}
}

// TestAgent_Transact_Together calls with one reference many times at once.
func TestAgent_Transact_Together(t *testing.T) {
	sh := openShop(t, setup{scanner: func(o *rdsim.Options) { o.FingerDelay = 30 * time.Millisecond }})
	r := withdraw(t, 500)
	r.ClientRefID = "TOGETHER"
	var (
		calls sync.WaitGroup
		mu    sync.Mutex
		tids  = map[string]int{}
	)
	for range 20 {
		calls.Go(func() {
			tx, err := sh.agent.Transact(t.Context(), page, r, agent.NewTicket(), nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			tids[tx.TID]++
		})
	}
	calls.Wait()
	if len(tids) != 1 || sh.eko.Attempts("TOGETHER") != 1 {
		t.Errorf("tids %v, %d attempts", tids, sh.eko.Attempts("TOGETHER"))
	}
}

func TestAgent_Transact_ConfirmRepeat(t *testing.T) {
	sh := openShop(t, setup{})
	first := sh.transact(withdraw(t, 500))
	e := sh.refused(withdraw(t, 500), contract.RequestConflict)
	if e.Data["confirm_repeat"] != true || e.Data["previous"] != first.ClientRefID {
		t.Errorf("data %v", e.Data)
	}
	stranger := agent.Caller{Origin: "https://other.example", User: "shop"}
	tx, err := sh.agent.Transact(t.Context(), stranger, withdraw(t, 500), agent.NewTicket(), nil)
	if e := sh.is(tx, err, contract.RequestConflict); e.Data["confirm_repeat"] != true || e.Data["previous"] != nil {
		t.Errorf("a stranger is told %v", e.Data)
	}
	again := withdraw(t, 500)
	again.ConfirmRepeat = true
	if tx := sh.transact(again); tx.State != contract.Succeeded || tx.ClientRefID == first.ClientRefID {
		t.Errorf("confirmed: %+v", tx)
	}
}

func TestAgent_Transact_DayLimit(t *testing.T) {
	sh, _ := counter(t, ekosim.Rules{}, func(c *agent.Config) { c.Limits.PerAadhaarPerDay = 2 }, "v2")
	sh.transact(withdraw(t, 500))
	sh.transact(withdraw(t, 600))
	e := sh.refused(withdraw(t, 700), contract.LimitExceeded)
	if e.Reason() != "per_aadhaar_per_day" || e.Data["limit"] != 2 {
		t.Errorf("limit: %s %v", e.Reason(), e.Data)
	}
	other := withdraw(t, 700)
	other.Aadhaar = aadhaar(t, ramesh)
	sh.transact(other)
	balance := withdraw(t, 0)
	balance.Service = contract.BalanceEnquiry
	sh.transact(balance)
}

// TestAgent_Transact_OneAtATime starts a second withdrawal of the merchant while
// the first waits for the finger.
func TestAgent_Transact_OneAtATime(t *testing.T) {
	sh := openShop(t, setup{scanner: func(o *rdsim.Options) { o.NoFinger = true }})
	waiting := make(chan struct{})
	done := make(chan error, 1)
	first := withdraw(t, 500)
	go func() {
		_, err := sh.agent.Transact(t.Context(), page, first, agent.NewTicket(), func(p contract.CaptureProgress) {
			if p.Stage == contract.StagePlaceFinger {
				close(waiting)
			}
		})
		done <- err
	}()
	<-waiting
	second := withdraw(t, 600)
	if e := sh.refused(second, contract.Unavailable); e.Reason() != "merchant_busy" {
		t.Errorf("reason %s", e.Reason())
	}
	_, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, agent.NewTicket(), nil)
	e := sh.is(contract.Transaction{}, err, contract.DeviceIsBusy)
	if held, _ := e.Data["held_by"].(string); len(held) != 20 {
		t.Errorf("its own page is told %v", e.Data)
	}
	_, err = sh.agent.Capture(t.Context(), agent.Caller{Origin: "https://other.example"}, agent.CaptureRequest{Consent: true}, agent.NewTicket(), nil)
	if e := sh.is(contract.Transaction{}, err, contract.DeviceIsBusy); e.Data["held_by"] != nil {
		t.Errorf("a stranger is told %v", e.Data)
	}
	sh.scanner.SetFinger(true)
	if err := <-done; err != nil {
		t.Errorf("the first: %v", err)
	}
}

// TestAgent_Restart carries an open transaction into the next process.
func TestAgent_Restart(t *testing.T) {
	sh := openShop(t, setup{still: true})
	var lost int64
	for _, b := range ekosim.Behaviours() {
		if b.Behaviour == ekosim.LostAnswer {
			lost = b.Amount
		}
	}
	r := withdraw(t, lost)
	r.ClientRefID = "RESTARTED"
	if tx := sh.transact(r); tx.State != contract.Pending {
		t.Fatalf("answer lost: %s (%s)", tx.State, tx.Reason)
	}
	sh.stop()
	next := &shop{t: t, path: sh.path, scanner: sh.scanner, eko: sh.eko}
	next.openAgent(setup{}, sh.ekoURL)
	if tx := next.settled("RESTARTED"); tx.State != contract.Succeeded {
		t.Errorf("after the restart: %s (%s)", tx.State, tx.Reason)
	}
	if tx := next.transact(r); tx.State != contract.Succeeded || sh.eko.Attempts("RESTARTED") != 1 {
		t.Errorf("the repeated call: %s, %d attempts", tx.State, sh.eko.Attempts("RESTARTED"))
	}
	states := []contract.State{}
	for _, e := range next.trail("RESTARTED") {
		states = append(states, e.To)
	}
	if len(states) < 5 || states[3] != contract.Pending || states[len(states)-1] != contract.Succeeded {
		t.Errorf("trail %v", states)
	}
}
