package browsertest_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

const outer = `<!doctype html><script>addEventListener('message', ({ data }) => { window.diagnosis = data; })</script><iframe src="%s/" allow="%s"></iframe>`

// allowed is what the readme has a page write that frames another one.
const allowed = "loopback-network; local-network-access"

// framed puts a partner's page into a portal's and returns both sites.
func framed(t *testing.T, allow string) (portal, partner *site) {
	t.Helper()
	partner, portal = newSite(t), newSite(t)
	putDiagnosis(partner, allowing(t, partner))
	portal.put("/", fmt.Sprintf(outer, partner.URL, allow))
	return portal, partner
}

func (b *tab) diagnosed(want string) {
	b.t.Helper()
	if code := awaitValue[string](b, "the diagnosis", "globalThis.diagnosis ?? null"); code != want {
		b.t.Errorf("the diagnosis is %s, want %s", code, want)
	}
}

// Without the outer page's leave nobody is asked.
func TestInsideAPageThatForbidsIt(t *testing.T) {
	portal, partner := framed(t, "")
	t.Run("chromium", func(t *testing.T) {
		page := openChromium(t, publicSites(partner, portal))
		page.visit(portal.URL)
		page.diagnosed("frame_blocked")
	})
	t.Run("firefox", func(t *testing.T) {
		page := openFirefox(t, asksForSockets(publicPrefs(partner.Listener.Addr().String(), portal.Listener.Addr().String())))
		page.visit(portal.URL)
		// Firefox tells a page nothing of the page around it.
		page.diagnosed("permission_denied")
	})
}

// The outer page gives leave and its user answers the browser's own question with
// the mouse.
func TestInsideAPageThatAllowsIt(t *testing.T) {
	t.Run("chromium", func(t *testing.T) {
		openScreen(t)
		portal, partner := framed(t, allowed)
		page := openChromium(t, publicSites(partner, portal), chromedp.VisibleWindow, chromedp.Flag("window-position", "0,0"))
		page.visit(portal.URL)
		page.answer(allow, "window.diagnosis")
		page.diagnosed("ok")
	})
	t.Run("firefox", func(t *testing.T) {
		portal, partner := framed(t, allowed)
		page := openFirefox(t, asksForSockets(publicPrefs(partner.Listener.Addr().String(), portal.Listener.Addr().String())))
		page.visit(portal.URL)
		page.answerFirefox("button")
		page.diagnosed("ok")
	})
}
