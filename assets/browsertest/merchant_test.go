package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

func (b *tab) merchantSays(name, words string) {
	b.t.Helper()
	b.await("the merchant's "+name, "document.querySelector('[data-merchant="+name+"]')?.innerText.includes('"+words+"')")
}

func TestMerchantAuthenticates(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) { c.Eko.RequireMerchantAuth = true }})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.click("#tab-merchant")
		page.merchantSays("service", "43: activated")
		page.merchantSays("today", "no")
		page.merchantSays("due", "authentication of the day")
		if eval[bool](page, "document.querySelector('#aadhaar').checkVisibility()") {
			t.Error("the customer's number is asked for")
		}
		page.picture("merchant-due")

		page.serve("merchant")
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the authentication looks %s%s", tone, page.looksLike())
		}
		page.merchantSays("today", "yes · ")
		if due := page.text("[data-merchant=due]"); strings.Contains(due, "authentication") {
			t.Errorf("afterwards %q is due", due)
		}
		const asked = "document.querySelector('#frames').textContent.split('\"merchant.status\"').length - 1"
		before := eval[int](page, asked)
		page.click("#merchant-refresh")
		page.await("another question for the status", fmt.Sprintf("%s === %d", asked, before+1))
		page.merchantSays("today", "yes · ")
		merchant := ekosim.DefaultMerchants()[0]
		if shown := eval[string](page, "document.body.innerText + document.querySelector('#frames').textContent"); strings.Contains(shown, merchant.Aadhaar) {
			t.Error("the merchant's Aadhaar number stands on the screen")
		}
		page.fits("merchant-done")
	})
}

func TestWithdrawalWithOTP(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) { c.Eko.API = "v3" }})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.setAmount("6000")
		page.serve("cash_withdrawal")
		if tone := page.verdict(); tone != "bad" {
			t.Fatalf("a withdrawal without its OTP looks %s%s", tone, page.looksLike())
		}
		page.click("#send-otp")
		page.await("the field for the OTP", "document.activeElement.id === 'otp'")
		inbox := s.Eko.Inbox()
		if len(inbox) != 1 {
			t.Fatalf("the customer was sent %d messages", len(inbox))
		}
		page.fill("#otp", inbox[0].OTP)
		page.fits("otp")
		page.click("#otp-go")
		page.await("the withdrawal", "document.querySelector('.receipt') !== null")
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the withdrawal looks %s%s", tone, page.looksLike())
		}
		if moved := s.Eko.Moved(page.receipt()["client_ref_id"]); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
	})
}

// fits says what can't be read or used on a small telephone, in both languages.
func (b *tab) fits(name string) {
	b.t.Helper()
	b.width(320)
	for _, language := range []string{"hi", "en"} {
		b.choose(language)
		if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > 320 {
			b.t.Errorf("%s in %s needs %d pixels", name, language, wide)
		}
		for _, fault := range append(eval[[]string](b, faintTexts), eval[[]string](b, nameless)...) {
			b.t.Errorf("%s in %s: %s", name, language, fault)
		}
		b.picture(name + "-320-" + language)
	}
	b.width(1200)
}

// answerOTP types what an SMS says, or something else.
func (b *tab) answerOTP(otp string) {
	b.t.Helper()
	b.fill("#otp", otp)
	b.click("#otp-go")
}

// A merchant whom Eko has not met: an OTP on his telephone, which he mistypes
// once, then his finger; after that he authenticates.
func TestMerchantsEKYC(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		newcomer := ekosim.DefaultMerchants()[3]
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) { c.Eko.UserCode = newcomer.UserCode }})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		if eval[bool](page, "document.querySelector('#ekyc').checkVisibility()") {
			t.Error("a customer's service offers the merchant's eKYC")
		}
		page.click("#tab-merchant")
		page.merchantSays("due", "eKYC")
		page.click("#ekyc")
		page.await("the mistake", "document.activeElement.id === 'consent' && !document.querySelector('#mistake').hidden")
		page.click("#consent")
		page.click("#ekyc")
		page.click("#send-otp")
		page.await("the field for the OTP", "document.activeElement.id === 'otp'")
		page.click("#otp-go")
		if text := awaitValue[string](page, "the mistake", "document.querySelector('#otp-trouble')?.innerText ?? null"); text != "The OTP consists of digits." {
			t.Errorf("without an OTP the page says %q", text)
		}
		page.fits("ekyc-otp")
		inbox := s.Eko.Inbox()
		if len(inbox) != 1 || inbox[0].To != newcomer.Mobile {
			t.Fatalf("messages were sent: %+v", inbox)
		}
		page.answerOTP("000001")
		page.await("the refusal", "document.querySelector('#otp-trouble') && !document.querySelector('#otp-go').disabled")
		page.answerOTP(inbox[0].OTP)
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the eKYC looks %s%s", tone, page.looksLike())
		}
		page.merchantSays("ekyc", "done")
		page.await("the end of the offer", "!document.querySelector('#ekyc').checkVisibility()")
		page.fits("ekyc-done")
		page.serve("merchant")
		page.merchantSays("today", "yes · ")
		shown := eval[string](page, "document.body.innerText + document.querySelector('#frames').textContent")
		for what, secret := range map[string]string{"Aadhaar number": newcomer.Aadhaar, "OTP": inbox[0].OTP} {
			if strings.Contains(shown, secret) {
				t.Errorf("the merchant's %s stands on the screen", what)
			}
		}
	})
}

// A withdrawal is refused before the merchant's finger of the day; an answer that
// says nothing leaves his step open, and another one is paid for on purpose only.
func TestMerchantsStepWithoutAClearAnswer(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) { c.Eko.RequireMerchantAuth = true }})
		s.fault(ekosim.Fault{Behaviour: ekosim.HTTP500, Operation: ekosim.DailyKYC, Times: 1})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("cash_withdrawal")
		page.verdict()
		if text := page.text("#result"); !strings.Contains(text, "merchant_auth_required") {
			t.Errorf("the page says %q", text)
		}
		page.serve("merchant")
		if tone := page.verdict(); tone != "wait" {
			t.Fatalf("a step without a clear answer looks %s%s", tone, page.looksLike())
		}
		if text := page.text("#result"); !strings.Contains(text, "Do not repeat.") {
			t.Errorf("the page says %q", text)
		}
		page.merchantSays("unclear", "yes")
		page.fits("merchant-unclear")
		page.serve("merchant")
		page.await("the question", "document.querySelector('#result').innerText.includes('request_conflict')")
		page.picture("merchant-repeat")
		page.click("#result .buttons button")
		page.await("the step", "document.querySelector('#result .verdict.good')")
		page.merchantSays("today", "yes · ")
		if all := len(s.Eko.Transactions()); all != 0 {
			t.Errorf("Eko knows %d transactions", all)
		}
	})
}

func TestWithdrawalWithTheWrongOTP(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{Change: func(c *daemon.Config) { c.Eko.API = "v3" }})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.setAmount("6000")
		page.serve("cash_withdrawal")
		page.click("#send-otp")
		page.answerOTP("000001")
		page.await("the refusal", "document.querySelector('.receipt') || document.querySelector('#result').innerText.includes('Code for support') && !document.querySelector('#otp-go')")
		if tone := page.verdict(); tone != "bad" {
			t.Errorf("the withdrawal looks %s%s", tone, page.looksLike())
		}
		for _, tx := range s.Eko.Transactions() {
			if moved := s.Eko.Moved(tx.ClientRefID); moved != 0 {
				t.Errorf("money moved %d times", moved)
			}
		}
	})
}
