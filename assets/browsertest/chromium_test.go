package browsertest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium is one tab of a Chromium of its own.
type chromium struct{ ctx context.Context }

// chromiumPath finds the browser or ends the test.
func chromiumPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	lacking(t, "chromium")
	return ""
}

// openChromium starts it with a fresh profile and an English user.
func openChromium(t *testing.T, flags ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	// Its socket has a short name only in a short directory, and it leaves it there.
	scratch, err := os.MkdirTemp("", "biobridge-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(scratch) })
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Env("TMPDIR="+scratch),
		chromedp.ExecPath(chromiumPath(t)), chromedp.NoSandbox, chromedp.WindowSize(1200, 900),
		chromedp.Flag("lang", "en-US"), chromedp.Flag("disable-background-networking", true),
		chromedp.WSURLReadTimeout(patience))
	all, stop := chromedp.NewExecAllocator(t.Context(), append(options, flags...)...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(all)
	t.Cleanup(stopTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // waits for the browser's end
	return &tab{t, &chromium{ctx}}
}

// during is the tab's context until ctx ends.
func (c *chromium) during(ctx context.Context) (context.Context, context.CancelFunc) {
	both, stop := context.WithCancel(c.ctx)
	unhook := context.AfterFunc(ctx, stop)
	return both, func() { unhook(); stop() }
}

func (c *chromium) do(ctx context.Context, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, stop := c.during(ctx)
	defer stop()
	return chromedp.Do(ctx, steps...)
}

func (c *chromium) goTo(ctx context.Context, url string) error {
	return c.do(ctx, chromedp.Navigate(url))
}

func (c *chromium) reload(ctx context.Context) error { return c.do(ctx, chromedp.Reload()) }

func (c *chromium) evaluate(ctx context.Context, expression string) (string, error) {
	ctx, stop := c.during(ctx)
	defer stop()
	return chromedp.Run(ctx, chromedp.Evaluate[string](asJSON(expression), chromedp.EvalAwaitPromise))
}

// asJSON is an expression whose value is the other's, as JSON.
func asJSON(expression string) string {
	return "(async () => JSON.stringify((await (" + expression + ")) ?? null))()"
}

func (c *chromium) click(ctx context.Context, selector string) error {
	return c.do(ctx, chromedp.Click(chromedp.CSS(selector)))
}

func (c *chromium) press(ctx context.Context, keys string) error {
	own := map[string]string{keyTab: kb.Tab, keyEnter: kb.Enter, keyRight: kb.ArrowRight}
	for _, r := range keys {
		key := string(r)
		if name, ok := own[key]; ok {
			key = name
		}
		if err := c.do(ctx, chromedp.KeyEvent(key)); err != nil {
			return err
		}
	}
	return nil
}

func (c *chromium) setWidth(ctx context.Context, pixels int64) error {
	return c.do(ctx, chromedp.EmulateViewport(pixels, 900))
}

func (c *chromium) picture(ctx context.Context) ([]byte, error) {
	ctx, stop := c.during(ctx)
	defer stop()
	return chromedp.Run(ctx, chromedp.FullScreenshot(100))
}

// newTab opens a tab that lives as long as the first one's browser: chromedp ends
// it with the context of the first step, so that step has no shorter one.
func (c *chromium) newTab(context.Context) (driver, error) {
	other, stop := chromedp.NewContext(c.ctx)
	context.AfterFunc(c.ctx, stop)
	return &chromium{other}, chromedp.Do(other)
}

func (c *chromium) shut(context.Context) error { return chromedp.Cancel(c.ctx) }

// permit answers the browser's question for a page, before it is asked.
func (b *tab) permit(origin string, setting browser.PermissionSetting) {
	b.t.Helper()
	b.do("set the permission", func(ctx context.Context) error {
		ctx, stop := b.driver.(*chromium).during(ctx)
		defer stop()
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: "loopback-network"}, Setting: setting, Origin: origin,
		})
		return err
	})
}

// printed makes the page look as it does on paper, or ends that.
func (b *tab) printed(on bool) {
	b.t.Helper()
	media := ""
	if on {
		media = "print"
	}
	b.do("emulate paper", func(ctx context.Context) error {
		ctx, stop := b.driver.(*chromium).during(ctx)
		defer stop()
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	})
	b.await("the medium", fmt.Sprintf("matchMedia('print').matches === %v", on))
}
