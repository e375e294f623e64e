package browsertest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"biobridge/agent/demo"
)

var screenshots = flag.String("screenshots", "", "directory for pictures of the pages")

// patience bounds every wait for something that must come.
const patience = 20 * time.Second

// shop is a whole simulated shop that runs until the test ends, or is closed.
type shop struct {
	*demo.Stack
	t     *testing.T
	close func()
}

func openShop(t *testing.T, opts demo.Options) *shop {
	t.Helper()
	if opts.FingerDelay == 0 {
		opts.FingerDelay = time.Millisecond
	}
	stack, err := demo.NewStack(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- stack.Run(ctx) }()
	closed := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the shop ended with %v", err)
		}
	})
	t.Cleanup(closed)
	select {
	case <-stack.Ready():
	case err := <-ended:
		ended <- nil
		t.Fatalf("the shop didn't open: %v", err)
	}
	return &shop{stack, t, closed}
}

// pagePort is where the partner's page is served.
func (s *shop) pagePort() string {
	return s.PageURL[strings.LastIndexByte(s.PageURL, ':')+1:]
}

// chromium finds the browser or ends the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium here, and CI must not go without: apt-get install chromium")
	}
	t.Skip("no chromium here: apt-get install chromium")
	return ""
}

// tab is one tab of a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openBrowser starts a browser with a fresh profile and an English user.
func openBrowser(t *testing.T, flags ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WindowSize(1200, 900),
		chromedp.Flag("lang", "en-US"), chromedp.Flag("disable-background-networking", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(options, flags...)...)
	t.Cleanup(stop)
	first := &tab{t: t, ctx: ctx}
	return first.newTab()
}

// newTab opens another tab beside this one, or the first.
func (b *tab) newTab() *tab {
	b.t.Helper()
	ctx, stop := chromedp.NewContext(b.ctx)
	b.t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatalf("open a tab: %v", err)
	}
	b.t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits for the browser's end
	return &tab{t: b.t, ctx: ctx}
}

// do runs steps with patience and ends the test where one fails.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v%s", what, err, b.looksLike())
	}
}

// looksLike is what a reader of a failure wants to see first.
func (b *tab) looksLike() string {
	ctx, stop := context.WithTimeout(b.ctx, 2*time.Second)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText + '\\n' + (document.querySelector('#frames')?.textContent ?? '') : ''"))
	if err != nil {
		return ""
	}
	return "\nthe page says:\n" + text
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do("open "+url, chromedp.Navigate(url))
	b.await("the page's texts", "document.querySelector('#go').textContent !== ''")
}

// await waits until an expression is true in the page.
func (b *tab) await(what, expression string) {
	b.t.Helper()
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience))
	if _, err := chromedp.Run(b.ctx, poll); err != nil {
		b.t.Fatalf("wait for %s: %v%s", what, err, b.looksLike())
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v%s", expression, err, b.looksLike())
	}
	return value
}

// connect clicks Connect and waits for a ready scanner.
func (b *tab) connect() {
	b.t.Helper()
	b.click("#connect")
	b.connected()
}

func (b *tab) connected() {
	b.t.Helper()
	b.await("the connection", "document.querySelector('#status').dataset.state === 'connected'")
	b.await("a ready scanner", "document.querySelector('#scanners [data-status=ready]') !== null")
}

// serve asks for a service with what the form holds.
func (b *tab) serve(service string) {
	b.t.Helper()
	b.click("#tab-" + service)
	b.click("#consent")
	b.click("#go")
}

// verdict waits for the result and returns the tone in which it is told.
func (b *tab) verdict() string {
	b.t.Helper()
	b.await("a result", "document.querySelector('#result .verdict') !== null && document.querySelector('#progress').hidden")
	return eval[string](b, "document.querySelector('#result .verdict').classList[1]")
}

// receipt waits for the receipt and reads its rows.
func (b *tab) receipt() map[string]string {
	b.t.Helper()
	const read = "document.querySelector('.receipt') && Object.fromEntries([...document.querySelectorAll('.receipt dd')].map((dd) => [dd.dataset.row, dd.innerText]))"
	rows, err := chromedp.Run(b.ctx, chromedp.Poll[map[string]string](read, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		b.t.Fatalf("wait for the receipt: %v%s", err, b.looksLike())
	}
	return rows
}

func (b *tab) setAmount(rupees string) {
	b.t.Helper()
	b.do("write the amount", chromedp.SetValue(chromedp.CSS("#amount"), rupees))
}

func (b *tab) choose(language string) {
	b.t.Helper()
	b.click("input[value=" + language + "] + span")
	b.await("the language", fmt.Sprintf("document.documentElement.lang === %q", language))
}

// width makes the window as wide as a device.
func (b *tab) width(pixels int64) {
	b.t.Helper()
	b.do("change the window", chromedp.EmulateViewport(pixels, 900))
}

// permit answers the browser's question for the page, before it is asked.
func (b *tab) permit(origin string, setting browser.PermissionSetting) {
	b.t.Helper()
	params := browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "loopback-network"}, Setting: setting, Origin: origin,
	}
	if _, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, params); err != nil {
		b.t.Fatalf("set the permission: %v", err)
	}
}

// printed makes the page look as it does on paper, or ends that.
func (b *tab) printed(on bool) {
	b.t.Helper()
	media := ""
	if on {
		media = "print"
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media}); err != nil {
		b.t.Fatalf("emulate paper: %v", err)
	}
}

// picture keeps a screenshot where somebody asked for them.
func (b *tab) picture(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
