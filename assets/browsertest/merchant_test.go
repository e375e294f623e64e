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
		page.width(320)
		for _, language := range []string{"hi", "en"} {
			page.choose(language)
			if wide := eval[int64](page, "document.documentElement.scrollWidth"); wide > 320 {
				t.Errorf("in %s the page needs %d pixels", language, wide)
			}
			for _, fault := range append(eval[[]string](page, faintTexts), eval[[]string](page, nameless)...) {
				t.Errorf("in %s: %s", language, fault)
			}
			page.picture("merchant-done-" + language)
		}
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
		page.choose("hi")
		page.choose("en")
		page.picture("otp")
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
