package agent_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko/ekosim"
)

// TestBackoff is the pace of inquiries: quick at first, slower after an hour,
// slow after a day, never at all times the same.
func TestBackoff(t *testing.T) {
	tests := []struct {
		n    int
		age  time.Duration
		want time.Duration
	}{
		{0, 0, time.Second},
		{1, time.Second, 2 * time.Second},
		{2, 3 * time.Second, 4 * time.Second},
		{5, time.Minute, 32 * time.Second},
		{6, 2 * time.Minute, time.Minute},
		{60, 59 * time.Minute, time.Minute},
		{3, time.Hour, 10 * time.Minute},
		{100, 23 * time.Hour, 10 * time.Minute},
		{200, 24 * time.Hour, time.Hour},
		{1 << 30, 400 * 24 * time.Hour, time.Hour},
		{0, -time.Hour, time.Second}, // the clock was set back
	}
	now := fixed()
	for _, tt := range tests {
		different := map[time.Time]bool{}
		for range 50 {
			at := agent.NextInquiry(now, tt.n, tt.age, 0)
			different[at] = true
			if wait := at.Sub(now); wait < tt.want*8/10 || wait > tt.want*12/10 {
				t.Errorf("inquiry %d at age %s: %s, want about %s", tt.n, tt.age, wait, tt.want)
			}
		}
		if len(different) < 2 {
			t.Errorf("inquiry %d at age %s: no jitter", tt.n, tt.age)
		}
	}
	if wait := agent.NextInquiry(now, 0, 0, 90*time.Second).Sub(now); wait != 90*time.Second {
		t.Errorf("Retry-After of 90 s: %s", wait)
	}
	if wait := agent.NextInquiry(now, 0, 0, 1000*time.Hour).Sub(now); wait != time.Hour {
		t.Errorf("Retry-After of 1000 h: %s", wait)
	}
}

// TestAgent_RetryAfter does not ask while Eko wants to be left alone.
func TestAgent_RetryAfter(t *testing.T) {
	var c oneClock
	sh := openShop(t, setup{still: true, now: c.standing()})
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.TooMany}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Pending {
		t.Fatalf("429: %s", tx.State)
	}
	r, err := sh.journal.Get(t.Context(), tx.ClientRefID)
	if wait := r.NextInquiryAt.Sub(r.ScheduledAt); err != nil || wait < 2*time.Second {
		t.Errorf("the next inquiry is %s later, %v", wait, err)
	}
}

// TestAgent_InterruptedEnquiry ends a balance that was on its way when the
// process died: no money was asked for, nobody is left waiting.
func TestAgent_InterruptedEnquiry(t *testing.T) {
	sh := openShop(t, setup{still: true})
	r := journal.Record{ClientRefID: "BALANCE", Origin: page.Origin, User: page.User, Service: contract.BalanceEnquiry,
		BankCode: "SBIN", AadhaarLast4: "1234", CustomerID: "9999912345", UserCode: ekosim.UserCode}
	if _, err := sh.journal.Begin(t.Context(), r, journal.Guard{}); err != nil {
		t.Fatal(err)
	}
	for _, to := range []contract.State{contract.Captured, contract.Sending} {
		if _, err := sh.journal.Advance(t.Context(), "BALANCE", journal.Change{To: to}); err != nil {
			t.Fatal(err)
		}
	}
	sh.stop()
	next := &shop{t: t, path: sh.path, scanner: sh.scanner, eko: sh.eko}
	next.openAgent(setup{}, sh.ekoURL)
	tx := next.settled("BALANCE")
	if tx.State != contract.Failed || tx.Reason != "enquiry_interrupted" || !strings.Contains(tx.Message, "No money") {
		t.Errorf("it became %+v", tx)
	}
	if len(sh.eko.Requests()) != 0 {
		t.Error("Eko was asked about it")
	}
}

// TestAgent_LeavesNothingBehind counts goroutines before and after a busy life.
func TestAgent_LeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		sh := openShop(t, setup{})
		if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostAnswer}); err != nil {
			t.Fatal(err)
		}
		ref := sh.transact(withdraw(t, 500)).ClientRefID
		sh.settled(ref)
		sh.scanner.SetFinger(false)
		ticket := agent.NewTicket()
		done := sh.started(t.Context(), withdraw(t, 600), ticket)
		ticket.Cancel()
		<-done
		sh.stop()
		sh.close()
	}()
	for range 6000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		// Connections of net/http end a moment after they were closed.
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
}
