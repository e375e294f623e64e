package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"biobridge/agent/demo"
)

// public makes Chromium take the shop's page for one from the internet, so that
// the browser gates its way to this computer (browser.md section 3.7).
func public(s *shop) chromedp.ExecAllocatorOption {
	return chromedp.Flag("ip-address-space-overrides", "127.0.0.1:"+s.pagePort()+"=public")
}

func TestWrongOriginIsToldSo(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open("http://127.0.0.1:" + s.pagePort()) // the list says localhost
		page.click("#connect")
		page.await("the refusal", "!document.querySelector('#trouble').hidden")
		if state := page.text("#status"); state != "Not connected" {
			t.Errorf("the page is %q", state)
		}
		if text := page.text("#trouble"); !strings.Contains(text, "This page may not use") {
			t.Errorf("the page says %q", text)
		}
		page.click("#diagnose")
		page.await("the diagnosis", "!document.querySelector('#diagnosis').hidden")
		if text := page.text("#diagnosis"); !strings.Contains(text, "origin_denied") {
			t.Errorf("the diagnosis is %q", text)
		}
		page.picture("wrong-origin")
	})
}

func TestPublicPageThatIsAllowed(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openChromium(t, public(s))
	page.permit(s.PageURL, browser.PermissionSettingGranted)
	page.open(s.PageURL)
	page.connected() // by itself: the browser asks nobody
	page.serve("balance_enquiry")
	if tone := page.verdict(); tone != "good" {
		t.Errorf("the balance looks %s%s", tone, page.looksLike())
	}
}

func TestPublicPageThatIsDenied(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openChromium(t, public(s))
	page.permit(s.PageURL, browser.PermissionSettingDenied)
	page.open(s.PageURL)
	page.await("the explanation", "!document.querySelector('#trouble').hidden")
	if text := page.text("#trouble"); !strings.Contains(text, "The browser does not let this page reach biobridge.") || !strings.Contains(text, "left of the address") {
		t.Errorf("the page says %q", text)
	}
	page.choose("hi")
	page.click("#diagnose")
	page.await("the diagnosis", "document.querySelector('#diagnosis').textContent.includes('permission_denied')")
	if text := page.text("#trouble"); !strings.Contains(text, "ब्राउज़र इस पेज को") {
		t.Errorf("in Hindi the page says %q", text)
	}
	page.picture("denied-hi")

	page.permit(s.PageURL, browser.PermissionSettingGranted)
	page.connected() // by itself: the browser has told the page
}

// A headless Chromium denies what it would ask; the page must not have made it
// ask before somebody clicked.
func TestPublicPageAsksOnlyAfterAClick(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openChromium(t, public(s))
	page.open(s.PageURL)
	page.await("the page's own decision", "document.querySelector('#status').dataset.state === 'disconnected'")
	if state := page.permission(); state != "prompt" {
		t.Fatalf("the permission is %s before anybody clicked", state)
	}
	if !eval[bool](page, "document.querySelector('#trouble').hidden") {
		t.Errorf("the page complains before anybody clicked: %q", page.text("#trouble"))
	}
	page.click("#connect")
	page.await("the browser's answer", "!document.querySelector('#trouble').hidden")
	if state := page.permission(); state != "denied" {
		t.Errorf("the permission is %s after the click", state)
	}
	if text := page.text("#trouble"); !strings.Contains(text, "The browser does not let this page") {
		t.Errorf("the page says %q", text)
	}
}

func (b *tab) permission() string {
	b.t.Helper()
	return eval[string](b, "navigator.permissions.query({ name: 'loopback-network' }).then((status) => status.state)")
}

// publicPrefs have Firefox take the shop's page for one from the internet.
func publicPrefs(pages ...string) map[string]string {
	return map[string]string{
		"network.lna.enabled":                       "true",
		"network.lna.blocking":                      "true",
		"network.lna.address_space.public.override": fmt.Sprintf("%q", strings.Join(pages, ",")),
	}
}

// asksForSockets has Firefox 153 do what later ones do.
func asksForSockets(prefs map[string]string) map[string]string {
	prefs["network.lna.websocket.enabled"] = "true"
	return prefs
}

// Firefox ESR 153 gates fetch but no WebSocket: a click connects, and from then
// on the page connects by itself.
func TestFirefoxThatAsksNobody(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openFirefox(t, publicPrefs("127.0.0.1:"+s.pagePort()))
	page.open(s.PageURL)
	page.await("the page's own decision", "document.querySelector('#status').dataset.state === 'disconnected'")
	page.connect()
	page.serve("cash_withdrawal")
	if result := page.receipt()["result"]; result != "Successful" {
		t.Errorf("the receipt says %q", result)
	}
	page.open(s.PageURL)
	page.connected()
}

// answerFirefox presses a button of the question that Firefox asks its user.
func (b *tab) answerFirefox(button string) {
	b.t.Helper()
	const question = "PopupNotifications.panel.firstElementChild"
	window := b.around()
	window.await("the browser's question", question+"?.button")
	if label := eval[string](window, question+".button.label"); label != "Allow" {
		b.t.Fatalf("firefox's first button is %q", label)
	}
	eval[any](window, question+"."+button+".click()")
}

// Firefox 154 and later ask before a WebSocket, too. The page says so, and makes
// nobody ask before a click.
func TestFirefoxThatAsks(t *testing.T) {
	for _, test := range []struct{ name, button string }{{"allowed", "button"}, {"blocked", "secondaryButton"}} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t, demo.Options{})
			page := openFirefox(t, asksForSockets(publicPrefs("127.0.0.1:"+s.pagePort())))
			page.open(s.PageURL)
			page.await("the page's own decision", "document.querySelector('#status').dataset.state === 'disconnected'")
			page.click("#connect")
			page.await("the page's hint", "document.querySelector('#status').dataset.state === 'asking'")
			if hint := page.text("#status"); !strings.Contains(hint, "Allow") {
				t.Errorf("the page says %q", hint)
			}
			page.answerFirefox(test.button)
			if test.name == "allowed" {
				page.connected()
				return
			}
			page.await("the explanation", "!document.querySelector('#trouble').hidden")
			if text := page.text("#trouble-message"); text != "The browser does not let this page reach biobridge." {
				t.Errorf("the page says %q", text)
			}
		})
	}
}
