package browsertest_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

func TestPendingIsUnmistakable(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		s.fault(ekosim.Fault{Behaviour: ekosim.PendingForever})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		if tone := page.verdict(); tone != "wait" {
			t.Fatalf("a pending withdrawal looks %s%s", tone, page.looksLike())
		}
		for _, words := range []string{"Result not final", "Do not pay out. Do not repeat."} {
			if text := page.text("#result .verdict"); !strings.Contains(text, words) {
				t.Errorf("the page says %q, not %q", text, words)
			}
		}
		page.receipt()
		if text := page.text(".receipt .stamp"); !strings.Contains(strings.ToLower(text), "not") {
			t.Errorf("the receipt says %q", text)
		}
		page.picture("pending")
		page.choose("hi")
		page.await("Hindi", "document.querySelector('#result .verdict').innerText.includes('पैसे न दें')")
		page.width(360)
		page.picture("pending-hi-narrow")
		page.width(1200)
		page.choose("en")

		ref := page.receipt()["client_ref_id"]
		s.decide(ref, "0")
		page.await("the bank's word", "document.querySelector('#result .verdict').classList.contains('good')")
		if moved := s.Eko.Moved(ref); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
	})
}

func TestAskingEkoByHand(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		s.fault(ekosim.Fault{Behaviour: ekosim.PendingForever})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.verdict()
		s.decide(page.receipt()["client_ref_id"], "1")
		page.click("#result .verdict button")
		page.await("the bank's refusal", "document.querySelector('#result .verdict').classList.contains('bad')")
	})
}

func TestReloadInTheMiddle(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		eko := holdLine(t)
		s := openShop(t, demo.Options{Change: eko.between})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.await("the bank's step", "document.querySelector('#steps li:nth-child(4).now') !== null")
		until(t, "Eko has the withdrawal", func() bool { return len(s.Eko.Transactions()) == 1 })
		page.picture("asking-the-bank")
		page.reload()
		page.connected() // nobody clicks Connect: the page has learnt that this browser asks nobody
		eko.letGo()
		if tone := page.verdict(); tone != "good" {
			t.Errorf("the recovered withdrawal looks %s%s", tone, page.looksLike())
		}
		if text := page.text("#result"); !strings.Contains(text, "The page was left") {
			t.Errorf("the page says %q", text)
		}
		if moved := s.Eko.Moved(page.receipt()["client_ref_id"]); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
		if all := len(s.Eko.Transactions()); all != 1 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}

func TestTwoTabs(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		one := open(t)
		one.open(s.PageURL)
		one.connect()
		other := one.newTab()
		other.open(s.PageURL)
		other.connected() // the first tab has taught this browser's storage
		one.serve("cash_withdrawal")
		if tone := one.verdict(); tone != "good" {
			t.Fatalf("the withdrawal looks %s%s", tone, one.looksLike())
		}
		other.await("the other tab's history", "document.querySelectorAll('#history li').length === 1")
		if text := other.text("#result"); text != "" {
			t.Errorf("the other tab shows %q as its own", text)
		}
	})
}

func TestCancelling(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		for _, scanner := range s.Scanners {
			scanner.SetFinger(false)
		}
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.await("the finger's step", "document.querySelector('#steps li:nth-child(2).now') !== null")
		page.picture("place-finger")
		page.click("#cancel")
		if tone := page.verdict(); tone != "bad" {
			t.Fatalf("a cancelled withdrawal looks %s", tone)
		}
		if text := page.text("#result"); !strings.Contains(text, "capture_cancelled") {
			t.Errorf("the page says %q", text)
		}
		page.picture("cancelled")
		if all := len(s.Eko.Transactions()); all != 0 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}

func TestDeclinedIsNoError(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.fill("#aadhaar", "999900000016")
		page.setAmount("9000")
		page.serve("cash_withdrawal")
		if tone := page.verdict(); tone != "bad" {
			t.Fatalf("a declined withdrawal looks %s%s", tone, page.looksLike())
		}
		page.picture("declined")
		if row := page.receipt()["result"]; row != "Failed" {
			t.Errorf("the receipt says %q", row)
		}
	})
}

// The bridge is stopped and started again while the bank is being asked. The
// page comes back by itself and learns what became of its transaction.
func TestBridgeRestartedInTheMiddle(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		bank, err := ekosim.New(ekosim.Options{Seed: 1}) // it outlives the shop
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(bank.Close)
		door := httptest.NewServer(bank)
		t.Cleanup(door.Close)
		eko := holdLine(t)
		opts := demo.Options{DataDir: t.TempDir(), Change: func(c *daemon.Config) {
			c.Eko.BaseURL, c.Eko.PublicKey = door.URL+"/ekoapi", bank.PublicKey()
			eko.between(c)
		}}
		first := openShop(t, opts)
		page := open(t)
		page.open(first.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.await("the bank's step", "document.querySelector('#steps li:nth-child(4).now') !== null")
		until(t, "Eko has the withdrawal", func() bool { return len(bank.Transactions()) == 1 })
		first.close()
		page.await("the loss", "document.querySelector('#progress-message').textContent.includes('not sent again')")
		page.picture("bridge-gone")

		opts.Ports = []int{first.Doors.Port}
		if opts.PagePort, err = strconv.Atoi(first.pagePort()); err != nil {
			t.Fatal(err)
		}
		openShop(t, opts)
		eko.letGo()
		page.click("h1") // a page that waits tries at once
		page.verdict()
		page.await("the outcome", "document.querySelector('#result .verdict').classList.contains('good')")
		if moved := bank.Moved(page.receipt()["client_ref_id"]); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
		if all := len(bank.Transactions()); all != 1 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}

// The same withdrawal twice in a row is more often a mistake than a wish.
func TestRepeatingMustBeConfirmed(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.receipt()
		page.serve("cash_withdrawal")
		page.await("the question", "document.querySelector('#result').innerText.includes('request_conflict') || document.querySelectorAll('#history li').length > 1")
		if all := len(s.Eko.Transactions()); all != 1 {
			t.Fatalf("Eko knows %d transactions", all)
		}
		page.picture("repeat")
		page.click("#result button")
		page.receipt()
		if all := len(s.Eko.Transactions()); all != 2 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}

func TestTabClosedInTheMiddle(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		eko := holdLine(t)
		s := openShop(t, demo.Options{Change: eko.between})
		other := open(t)
		page := other.newTab()
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.await("the bank's step", "document.querySelector('#steps li:nth-child(4).now') !== null")
		until(t, "Eko has the withdrawal", func() bool { return len(s.Eko.Transactions()) == 1 })
		page.do("close the tab", page.shut)
		eko.letGo()
		other.open(s.PageURL)
		other.connected()
		other.await("the outcome in the history", "document.querySelector('#history .word.good') !== null")
		other.click("#history button")
		if moved := s.Eko.Moved(other.receipt()["client_ref_id"]); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
	})
}
