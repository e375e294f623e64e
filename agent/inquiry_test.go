package agent_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid"
	"biobridge/rdservice"
)

// signer refuses to sign what refuse says, and signs the rest.
type signer struct {
	eko.Signer
	refuse func(eko.SignRequest) error
}

func (s signer) Sign(ctx context.Context, r eko.SignRequest) (eko.Signature, eko.Approval, error) {
	if err := s.refuse(r); err != nil {
		return eko.Signature{}, eko.Approval{}, err
	}
	return s.Signer.Sign(ctx, r)
}

func refusing(refuse func(eko.SignRequest) error) func(*eko.Config) {
	return func(c *eko.Config) { c.Signer = signer{c.Signer, refuse} }
}

// open makes a transaction that is pending after a fault of Eko's.
func (sh *shop) open(ref string, how ekosim.Behaviour) {
	sh.t.Helper()
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: how}); err != nil {
		sh.t.Fatal(err)
	}
	r := withdraw(sh.t, 500)
	r.ClientRefID, r.ConfirmRepeat = ref, true
	if tx := sh.transact(r); tx.State != contract.Pending {
		sh.t.Fatalf("%s: %s (%s)", how, tx.State, tx.Reason)
	}
}

// TestAgent_Inquire_NotPut cannot put the question to Eko: that says nothing
// about the money, which has moved, and nobody may declare it failed.
func TestAgent_Inquire_NotPut(t *testing.T) {
	for name, why := range map[string]error{
		"refused": &eko.HookRefusal{Message: "no"}, "hook silent": eko.ErrHook, "no key": errors.New("no key"),
	} {
		t.Run(name, func(t *testing.T) {
			sh := openShop(t, setup{still: true, client: refusing(func(r eko.SignRequest) error {
				if r.Service == eko.TransactionInquiry {
					return why
				}
				return nil
			})})
			sh.open("PAID", ekosim.LostAnswer)
			tx, err := sh.agent.Inquire(t.Context(), page, "PAID")
			if err != nil || tx.State != contract.Pending {
				t.Errorf("Inquire: %s (%s), %v", tx.State, tx.Reason, err)
			}
			tx, err = sh.agent.Settle(t.Context(), local, "PAID", "I think it failed")
			if e := sh.is(tx, err, contract.Unavailable); e.Reason() != "eko_not_asked" {
				t.Errorf("Settle: %v", e)
			}
			if tx, err := sh.agent.Get(t.Context(), page, "PAID"); err != nil || tx.State != contract.Pending {
				t.Errorf("it became %s, %v", tx.State, err)
			}
		})
	}
}

// TestProved lets no outcome settle without a tx_status, whatever package eko
// makes of it.
func TestProved(t *testing.T) {
	one := int64(1)
	for name, tt := range map[string]struct {
		o    eko.Outcome
		want eko.State
	}{
		"not sent":           {eko.Outcome{State: eko.Failed, Codes: eko.Codes{TxStatus: &one}}, eko.Pending},
		"no tx_status":       {eko.Outcome{State: eko.Failed, Sent: true}, eko.Pending},
		"paid, no tx_status": {eko.Outcome{State: eko.Succeeded, Sent: true}, eko.Pending},
		"failed":             {eko.Outcome{State: eko.Failed, Sent: true, Codes: eko.Codes{TxStatus: &one}}, eko.Failed},
	} {
		if got := agent.Proved(tt.o).State; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestAgent_Settle_Known declares nothing failed that Eko is working on.
func TestAgent_Settle_Known(t *testing.T) {
	for _, how := range []ekosim.Behaviour{ekosim.PendingForever, ekosim.HoldTx, ekosim.AwaitedTx} {
		t.Run(string(how), func(t *testing.T) {
			sh := openShop(t, setup{still: true})
			sh.open("AWAITED", how)
			tx, err := sh.agent.Settle(t.Context(), local, "AWAITED", "I think it failed")
			if e := sh.is(tx, err, contract.RequestConflict); e.Reason() != "known_to_eko" {
				t.Errorf("Settle: %v", e)
			}
			if tx, err := sh.agent.Get(t.Context(), page, "AWAITED"); err != nil || tx.State != contract.Pending {
				t.Errorf("it became %s, %v", tx.State, err)
			}
		})
	}
}

// TestAgent_Inquire_Fallback asks by the reference where Eko does not find its
// own number.
func TestAgent_Inquire_Fallback(t *testing.T) {
	t.Run("unknown", func(t *testing.T) { inquireFallback(t, ekosim.Behave) })
	t.Run("HTTP 404", func(t *testing.T) { inquireFallback(t, ekosim.HTTP404) })
}

func inquireFallback(t *testing.T, number ekosim.Behaviour) {
	sh := openShop(t, setup{still: true})
	sh.open("PAID", ekosim.LostAnswer)
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: number, Operation: ekosim.Inquiry}); err != nil {
		t.Fatal(err)
	}
	result := journal.Result{TID: "2999999999", Reason: "no_answer"}
	if _, err := sh.journal.Inquired(t.Context(), "PAID", journal.Inquiry{Reason: "test", Result: &result}); err != nil {
		t.Fatal(err)
	}
	tx, err := sh.agent.Inquire(t.Context(), page, "PAID")
	if err != nil || tx.State != contract.Succeeded || sh.asked(ekosim.Inquiry) != 2 {
		t.Errorf("Inquire: %s (%s) after %d inquiries, %v", tx.State, tx.Reason, sh.asked(ekosim.Inquiry), err)
	}
}

// TestAgent_Inquire_TooSoon answers a page that hammers from the journal, and
// leaves Eko alone as long as Eko asked for.
func TestAgent_Inquire_TooSoon(t *testing.T) {
	var c oneClock
	sh := openShop(t, setup{still: true, now: c.standing()})
	sh.open("OPEN", ekosim.PendingForever)
	inquire := func(after time.Duration, times, want int) {
		t.Helper()
		c.move(after)
		for range times {
			if tx, err := sh.agent.Inquire(t.Context(), page, "OPEN"); err != nil || tx.State != contract.Pending {
				t.Fatalf("Inquire: %s, %v", tx.State, err)
			}
		}
		if n := sh.asked(ekosim.Inquiry); n != want {
			t.Errorf("Eko was asked %d times, want %d", n, want)
		}
	}
	inquire(0, 5, 1)
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.TooMany, Operation: ekosim.Inquiry}); err != nil {
		t.Fatal(err)
	}
	inquire(2*time.Second, 5, 2)
	inquire(1500*time.Millisecond, 1, 2)
	inquire(time.Hour, 1, 3)
}

// TestAgent_Inquiry_NotWritten puts its questions at their pace although the
// disk takes nothing, and writes a result as soon as it does.
func TestAgent_Inquiry_NotWritten(t *testing.T) {
	var c oneClock
	sh := openShop(t, setup{still: true, now: c.standing()})
	sh.open("OPEN", ekosim.PendingForever)
	c.move(5 * time.Second)
	free := lockOut(t, sh.path)
	if tx, err := sh.agent.Inquire(t.Context(), page, "OPEN"); err != nil || tx.State != contract.Pending {
		t.Fatalf("Inquire: %s, %v", tx.State, err)
	}
	if wait, err := agent.FollowUp(sh.agent, t.Context()); err != nil || wait > 2*time.Second || sh.asked(ekosim.Inquiry) != 1 {
		t.Errorf("the loop looks again in %s, after %d inquiries, %v", wait, sh.asked(ekosim.Inquiry), err)
	}
	free()
	c.move(5 * time.Second)
	if tx, err := sh.agent.Inquire(t.Context(), page, "OPEN"); err != nil || tx.State != contract.Pending {
		t.Fatalf("Inquire: %s, %v", tx.State, err)
	}
	if r, err := sh.journal.Get(t.Context(), "OPEN"); err != nil || r.InquiryCount != 1 {
		t.Errorf("the journal counts %d inquiries, %v", r.InquiryCount, err)
	}
	free = lockOut(t, sh.path)
	c.move(5 * time.Second)
	if err := sh.eko.Decide("OPEN", "0"); err != nil {
		t.Fatal(err)
	}
	tx, err := sh.agent.Inquire(t.Context(), page, "OPEN")
	if err != nil || tx.State != contract.Pending || tx.Reason != "not_written" {
		t.Fatalf("Inquire: %s (%s), %v", tx.State, tx.Reason, err)
	}
	checkSentences(t, tx)
	tx, err = sh.agent.Settle(t.Context(), local, "OPEN", "I think it failed")
	if err != nil || tx.State != contract.Pending {
		t.Errorf("Settle of what Eko has settled: %s, %v", tx.State, err)
	}
	free()
	if left := agent.PayOwed(sh.agent, t.Context()); left {
		t.Error("the result is still not written")
	}
	if tx, err := sh.agent.Get(t.Context(), page, "OPEN"); err != nil || tx.State != contract.Succeeded || sh.asked(ekosim.Inquiry) != 3 {
		t.Errorf("it became %s after %d inquiries, %v", tx.State, sh.asked(ekosim.Inquiry), err)
	}
}

// TestAgent_Refused_NotWritten does not tell the partner's no as the end while
// the disk says that the transaction is open.
func TestAgent_Refused_NotWritten(t *testing.T) {
	var sh *shop
	sh = openShop(t, setup{still: true,
		client: refusing(func(r eko.SignRequest) error {
			if r.Service == eko.CashWithdrawal {
				return &eko.HookRefusal{Message: "no"}
			}
			return nil
		}),
		config: func(c *agent.Config) {
			c.Failpoint = func(name string) {
				if name == agent.BeforeOutcome {
					t.Cleanup(lockOut(t, sh.path))
				}
			}
		}})
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Pending || tx.Reason != "not_written" {
		t.Errorf("the page was told %s (%s)", tx.State, tx.Reason)
	}
}

// TestAgent_Panic_Value keeps what a panic says out of log and error.
func TestAgent_Panic_Value(t *testing.T) {
	var log bytes.Buffer
	sh := openShop(t, setup{still: true, config: func(c *agent.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Failpoint = func(name string) {
			if name == agent.AfterCaptured {
				panic("customer " + asha)
			}
		}
	}})
	e := sh.refused(withdraw(t, 500), contract.Internal)
	if text := log.String() + e.Error(); bytes.Contains([]byte(text), []byte(asha)) || !bytes.Contains([]byte(text), []byte("broke off")) {
		t.Errorf("it says %s", text)
	}
}

// TestAgent_Upkeep_Clock keeps the book on a PC whose clock was set forward by
// years, and does its work once the years have passed.
func TestAgent_Upkeep_Clock(t *testing.T) {
	var c oneClock
	sh := openShop(t, setup{still: true, now: c.now})
	put := func(ref string, s contract.State) {
		recorded(t, sh.journal, journal.Record{ClientRefID: ref, Origin: page.Origin, User: page.User, Service: contract.CashWithdrawal,
			Amount: 500, BankCode: "SBIN", AadhaarLast4: "1234", CustomerID: "9999912345", UserCode: ekosim.UserCode}, s, journal.Result{Reason: "x"})
	}
	kept := func(want bool) {
		t.Helper()
		agent.Upkeep(sh.agent, t.Context())
		if _, err := sh.journal.Get(t.Context(), "OLD"); (err == nil) != want {
			t.Errorf("the old one: %v", err)
		}
	}
	put("OLD", contract.Succeeded)
	c.move(20 * 365 * 24 * time.Hour)
	kept(true)
	put("NEW", contract.Pending)
	sh.eko.SetSkew(2 * time.Hour)
	if _, err := sh.agent.Inquire(t.Context(), page, "NEW"); err != nil {
		t.Fatal(err)
	}
	kept(true)
	sh.eko.SetSkew(0)
	c.move(time.Hour)
	if _, err := sh.agent.Inquire(t.Context(), page, "NEW"); err != nil {
		t.Fatal(err)
	}
	kept(false)
}

// asleep is a reading of the clock after the PC has slept: the wall clock has
// gone on, the monotonic one has not. Package time offers no way to make one; the
// seconds stand from bit 30 of its first word on.
func asleep(now time.Time, seconds uint64) time.Time {
	*(*uint64)(unsafe.Pointer(&now)) += seconds << 30
	return now
}

// TestAgent_Capture_Slept scans again when the PC has slept after the scan: the
// monotonic clock has stood still meanwhile.
func TestAgent_Capture_Slept(t *testing.T) {
	slept := uint64(0)
	sh := openShop(t, setup{still: true, now: func() time.Time { return asleep(time.Now(), slept) }, config: func(c *agent.Config) {
		c.Policy = pid.Policy{MaxAge: 3 * time.Hour, MaxAhead: 3 * time.Hour}
		c.Failpoint = func(name string) {
			if name == agent.AfterCaptured {
				slept = 3600
			}
		}
	}})
	if tx := sh.transact(withdraw(t, 500)); tx.State != contract.Succeeded || sh.captures() != 2 {
		t.Errorf("%s after %d captures", tx.State, sh.captures())
	}
}

// TestAgent_ColdStart does not wait for a silent port when a scanner is ready.
func TestAgent_ColdStart(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, use := range map[string]func(*shop) error{
		"devices": func(sh *shop) error {
			d, err := sh.agent.Devices(t.Context(), false)
			if err == nil && len(d) != 1 {
				err = errors.New("no scanner")
			}
			return err
		},
		"transact": func(sh *shop) error { sh.transact(withdraw(t, 500)); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			around := openShop(t, setup{still: true})
			sh := &shop{t: t, path: filepath.Join(t.TempDir(), "journal.db"), scanner: around.scanner, eko: around.eko}
			sh.openAgent(setup{still: true, config: func(c *agent.Config) {
				c.Watcher = rdservice.NewWatcher(rdservice.Config{
					HTTPPorts: []int{silent.Addr().(*net.TCPAddr).Port, around.scanner.Port()}, HTTPSPorts: []int{}, ProbeTimeout: time.Hour,
				}, rdservice.WatchConfig{})
			}}, around.ekoURL)
			done := make(chan error, 1)
			go func() { done <- use(sh) }()
			// Only a fault lets this end by time.
			overdue := time.NewTimer(time.Minute)
			defer overdue.Stop()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-overdue.C:
				t.Fatal("it waits for the silent port")
			}
		})
	}
}
