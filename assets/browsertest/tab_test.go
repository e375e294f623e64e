package browsertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var screenshots = flag.String("screenshots", "", "directory for pictures of the pages")

// patience ends a wait for something that never comes. It measures nothing: a
// slow computer that has everything else to do as well must stay below it.
const patience = 2 * time.Minute

// driver moves one tab of a browser as a person does. A selector stands for the
// first element that fits.
type driver interface {
	// goTo opens an address and waits until the page is loaded, reload the same.
	goTo(ctx context.Context, url string) error
	reload(ctx context.Context) error
	// evaluate runs an expression in the page, waits for the promise that it may
	// be, and returns its value as JSON.
	evaluate(ctx context.Context, expression string) (string, error)
	// click presses the mouse where the element stands; errMoved where it is
	// gone. Whether the page had moved by then it doesn't know.
	click(ctx context.Context, selector string) error
	// press types keys, those of the private area being WebDriver's names.
	press(ctx context.Context, keys string) error
	setWidth(ctx context.Context, pixels int64) error
	picture(ctx context.Context) ([]byte, error)
	newTab(ctx context.Context) (driver, error)
	// shut closes the tab, and no other.
	shut(ctx context.Context) error
}

// The keys without a letter.
const (
	keyTab   = "\uE004"
	keyEnter = "\uE006"
	keyRight = "\uE014"
)

// tab is one tab, and what a person in a shop does in it.
type tab struct {
	t *testing.T
	driver
}

// opener opens the first tab of a fresh profile with an English user.
type opener func(t *testing.T) *tab

// inEachBrowser tells a story in Chromium and in Firefox, at the same time: both
// wait more than they work.
func inEachBrowser(t *testing.T, story func(t *testing.T, open opener)) {
	t.Helper()
	for name, open := range map[string]opener{
		"chromium": func(t *testing.T) *tab { return openChromium(t) },
		"firefox":  func(t *testing.T) *tab { return openSharedFirefox(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, open)
		})
	}
}

// do takes one step and ends the test where it fails.
func (b *tab) do(what string, step func(ctx context.Context) error) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.t.Context(), patience)
	defer stop()
	if err := step(ctx); err != nil {
		b.t.Fatalf("%s: %v%s", what, err, b.looksLike())
	}
}

// looksLike is what a reader of a failure wants to see first.
func (b *tab) looksLike() string {
	ctx, stop := context.WithTimeout(context.WithoutCancel(b.t.Context()), 10*time.Second)
	defer stop()
	text, err := b.evaluate(ctx, "document.body ? document.body.innerText + '\\n' + (document.querySelector('#frames')?.textContent ?? '') : ''")
	if err != nil {
		return fmt.Sprintf("\nthe page says nothing: %v", err)
	}
	var words string
	_ = json.Unmarshal([]byte(text), &words)
	return "\nthe page says:\n" + words
}

// visit opens any page.
func (b *tab) visit(url string) {
	b.t.Helper()
	b.do("open "+url, func(ctx context.Context) error { return b.goTo(ctx, url) })
}

// open opens the demo page.
func (b *tab) open(url string) {
	b.t.Helper()
	b.visit(url)
	b.await("the page's texts", "document.querySelector('#go').textContent !== ''")
}

func (b *tab) reload() {
	b.t.Helper()
	b.do("reload", b.driver.reload)
}

// await waits until an expression is true in the page, which may be another one
// by then.
func (b *tab) await(what, expression string) {
	b.t.Helper()
	awaitValue[bool](b, what, "Boolean("+expression+") || null")
}

// awaitValue waits until an expression has a value, and returns it.
func awaitValue[T any](b *tab, what, expression string) (value T) {
	b.t.Helper()
	b.do("wait for "+what, func(ctx context.Context) error {
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			text, err := b.evaluate(ctx, expression)
			if err == nil && text != "null" {
				return json.Unmarshal([]byte(text), &value)
			}
			select {
			case <-look.C:
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			}
		}
	})
	return value
}

// errMoved: the page has drawn the element anew or elsewhere.
var errMoved = errors.New("the element is not where it was")

// click presses the mouse on what can be seen and used, as soon as it can be, and
// again where the page moved it away under the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	for hit := false; !hit; {
		b.await(selector, fmt.Sprintf("(() => { const e = document.querySelector(%q); return e?.checkVisibility() && !e.disabled; })()", selector))
		b.do("click "+selector, func(ctx context.Context) (err error) {
			hit, err = b.clickOnce(ctx, selector)
			return err
		})
	}
}

// clickOnce reports whether the click met the element, as the page saw it.
func (b *tab) clickOnce(ctx context.Context, selector string) (hit bool, err error) {
	_, err = b.evaluate(ctx, fmt.Sprintf(`(() => {
		const target = document.querySelector(%[1]q);
		target?.scrollIntoView({ block: 'center', behavior: 'instant' });
		globalThis.clicked = { target };
		addEventListener('click', (event) => { clicked.hit = event.target.closest?.(%[1]q) != null; }, { capture: true, once: true });
	})()`, selector))
	if err == nil {
		err = b.driver.click(ctx, selector)
	}
	if errors.Is(err, errMoved) {
		return false, nil
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for err == nil {
		var said string
		if said, err = b.evaluate(ctx, "clicked.hit ?? (clicked.target?.isConnected ? null : false)"); err != nil || said != "null" {
			return said == "true", err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return false, err
}

// fill writes into a field, over what stands there.
func (b *tab) fill(selector, words string) {
	b.t.Helper()
	b.await(selector, fmt.Sprintf("(() => { const e = document.querySelector(%q); e?.focus(); e?.select(); return document.activeElement === e && e; })()", selector))
	b.press(words)
	if got := eval[string](b, fmt.Sprintf("document.querySelector(%q).value", selector)); got != words {
		b.t.Fatalf("%s holds %q, want %q", selector, got, words)
	}
}

// press types keys, as somebody without a mouse does.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do("press keys", func(ctx context.Context) error { return b.driver.press(ctx, keys) })
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

func eval[T any](b *tab, expression string) (value T) {
	b.t.Helper()
	b.do("evaluate "+expression, func(ctx context.Context) error {
		text, err := b.evaluate(ctx, expression)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &value)
	})
	return value
}

// newTab opens another tab in the same profile.
func (b *tab) newTab() *tab {
	b.t.Helper()
	other := &tab{t: b.t}
	b.do("open a tab", func(ctx context.Context) (err error) {
		other.driver, err = b.driver.newTab(ctx)
		return err
	})
	return other
}

// width makes the window as wide as a device.
func (b *tab) width(pixels int64) {
	b.t.Helper()
	b.do("change the window", func(ctx context.Context) error { return b.setWidth(ctx, pixels) })
	b.await("the window's width", fmt.Sprintf("innerWidth === %d", pixels))
}

// picture keeps a screenshot where somebody asked for them.
func (b *tab) picture(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	if _, ok := b.driver.(*firefox); ok {
		name += "-firefox"
	}
	b.do("take a picture", func(ctx context.Context) error {
		data, err := b.driver.picture(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(*screenshots, name+".png"), data, 0o644)
	})
}
