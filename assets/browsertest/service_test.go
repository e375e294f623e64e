package browsertest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"biobridge/agent/daemon"
	"biobridge/agent/demo"
)

var allDigits = regexp.MustCompile(`^\d{6,}$`)

func TestThreeServicesByClicking(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.picture("start")
		if eval[bool](page, "document.querySelector('#simulated').hidden") {
			t.Error("the page does not say that everything is simulated")
		}
		page.connect()

		page.setAmount("500")
		page.serve("cash_withdrawal")
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the withdrawal looks %s%s", tone, page.looksLike())
		}
		withdrawal := page.receipt()
		if withdrawal["amount"] != "₹ 500" || withdrawal["aadhaar"] != "XXXX XXXX 7058" || !allDigits.MatchString(withdrawal["rrn"]) {
			t.Errorf("the receipt says %v", withdrawal)
		}
		if moved := s.Eko.Moved(withdrawal["client_ref_id"]); moved != 1 {
			t.Errorf("money moved %d times", moved)
		}
		page.picture("withdrawal")

		page.serve("balance_enquiry")
		page.await("the balance", "document.querySelector('.receipt [data-row=balance]') && !document.querySelector('.receipt [data-row=amount]')")
		if balance := page.receipt(); !strings.HasPrefix(balance["balance"], "₹ ") {
			t.Errorf("the receipt says %v", balance)
		}

		page.serve("mini_statement")
		page.await("the statement", "document.querySelectorAll('.receipt tbody tr').length > 1")
		page.picture("statement")

		if entries := eval[int](page, "document.querySelectorAll('#history li').length"); entries != 3 {
			t.Errorf("the history has %d entries", entries)
		}
		if shown := eval[string](page, "document.body.innerText + document.querySelector('#frames').textContent"); strings.Contains(shown, "999941057058") {
			t.Error("the Aadhaar number stands on the screen")
		}
	})
}

func TestReceiptOnPaper(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openChromium(t)
	page.open(s.PageURL)
	page.connect()
	page.serve("mini_statement")
	page.receipt()
	page.width(302) // 80 mm at 96 dpi
	page.printed(true)
	for _, selector := range []string{".bar", "#form", "#history", "#wire", ".verdict", ".buttons"} {
		if eval[bool](page, fmt.Sprintf("document.querySelector(%q).checkVisibility()", selector)) {
			t.Errorf("%s is printed", selector)
		}
	}
	if text := page.text("body"); !strings.Contains(text, "SIMULATED") || !strings.Contains(text, "XXXX XXXX 7058") {
		t.Errorf("on paper stands %q", text)
	}
	if wide := eval[int](page, "document.documentElement.scrollWidth"); wide > 302 {
		t.Errorf("the receipt is %d pixels wide, the paper 302", wide)
	}
	page.picture("paper")
}

func TestScannerAlone(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.serve("scanner_test")
		if tone := page.verdict(); tone == "bad" {
			t.Fatalf("the test looks %s%s", tone, page.looksLike())
		}
		facts := eval[map[string]string](page, "Object.fromEntries([...document.querySelectorAll('.facts dd')].map((dd) => [dd.dataset.fact, dd.innerText]))")
		if facts["options"] != "2 / 1" || !strings.Contains(facts["device"], "MFS110") && !strings.Contains(facts["device"], "MSO") {
			t.Errorf("the page says %v", facts)
		}
		page.await("the scanner's own answers", "document.querySelector('[data-raw=device_info]') !== null")
		raw := eval[map[string]string](page, "Object.fromEntries([...document.querySelectorAll('pre[data-raw]')].map((pre) => [pre.dataset.raw, pre.textContent]))")
		for name, want := range map[string]string{
			"document": "<PidData", "pid_options": `<PidOptions ver="1.0"><Opts fCount="1" fType="2"`, "rd_service": "<RDService", "device_info": "<DeviceInfo",
		} {
			if !strings.Contains(raw[name], want) {
				t.Errorf("%s is %.60q", name, raw[name])
			}
		}
		if problems := page.text(".problems"); problems == "" {
			t.Error("nothing is said of problems")
		}
		page.choose("hi")
		if summary := page.text("#result details:nth-of-type(2) summary"); summary != "RDSERVICE का जवाब" {
			t.Errorf("in Hindi the answer is called %q", summary)
		}
		page.choose("en")
		if frames := eval[string](page, "document.querySelector('#frames').textContent"); strings.Contains(frames, "</PidData>") {
			t.Error("the whole PID block stands among the frames")
		}
		if all := len(s.Eko.Requests()); all != 0 {
			t.Errorf("Eko was asked %d times", all)
		}
		page.picture("scanner-test")

		for _, scanner := range s.Scanners {
			scanner.SetFinger(false)
		}
		page.serve("scanner_test")
		page.await("the wish for a finger", "document.querySelector('#steps .now')?.textContent.includes('finger')")
		page.click("#cancel")
		if tone := page.verdict(); tone != "bad" {
			t.Errorf("a cancelled test looks %s", tone)
		}
		page.await("the answers of a scanner without a finger", "document.querySelector('[data-raw=rd_service]') !== null")
	})
}

func TestAadhaarPay(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.setAmount("500")
		page.serve("aadhaar_pay")
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the payment looks %s%s", tone, page.looksLike())
		}
		if row := page.receipt()["amount"]; row != "₹ 500" {
			t.Errorf("the receipt says %q", row)
		}
		page.picture("aadhaar-pay")
	})
}

// A tester whose scan is refused sees what was asked, what was found, and the
// scanner's own answers, all in his language.
func TestScannerThatIsRefused(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{Profiles: []string{"mantra-l1"}, Change: func(c *daemon.Config) {
			c.Capture.Quality = daemon.Quality{RetryBelow: 100, RejectBelow: 100}
		}})
		page := open(t)
		page.open(s.PageURL)
		page.choose("hi")
		page.connect()
		page.serve("scanner_test")
		if tone := page.verdict(); tone != "bad" {
			t.Fatalf("a refused scan looks %s%s", tone, page.looksLike())
		}
		page.await("the scanner's own answers", "document.querySelector('[data-raw=device_info]')")
		if options := eval[string](page, "document.querySelector('[data-raw=pid_options]').textContent"); !strings.Contains(options, "<PidOptions") {
			t.Errorf("the scanner was asked %q", options)
		}
		problem := page.text("[data-problem=quality_too_low]")
		if !strings.Contains(problem, "गड़बड़ी:") || !strings.Contains(problem, "100") || strings.Contains(problem, "The scan") {
			t.Errorf("the problem is %q", problem)
		}
		page.picture("scanner-refused-hi")
	})
}
