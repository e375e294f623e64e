package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"biobridge/agent/demo"
)

// tabTo presses the tabulator until an element has the focus.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	for range 40 {
		b.press(keyTab)
		if eval[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	b.t.Fatalf("the tabulator does not lead to %s", selector)
}

func TestWithoutAMouse(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.tabTo("#connect")
		page.press(keyEnter)
		page.connected()

		page.tabTo("[role=tab]")
		page.press(keyRight)
		if on := eval[string](page, "document.activeElement.id"); on != "tab-balance_enquiry" {
			t.Fatalf("the arrow leads to %q", on)
		}
		page.tabTo("#go")
		page.press(keyEnter)
		page.await("the mistake", "!document.querySelector('#mistake').hidden")
		if on := eval[string](page, "document.activeElement.id"); on != "consent" {
			t.Fatalf("the mistake leads to %q", on)
		}
		page.press(" ")
		page.tabTo("#go")
		page.press(keyEnter)
		if tone := page.verdict(); tone != "good" {
			t.Fatalf("the balance looks %s%s", tone, page.looksLike())
		}
		if on := eval[string](page, "document.activeElement.id"); on != "outcome" {
			t.Errorf("after the result the focus is on %q", on)
		}
	})
}

// Every state of the page fits a small telephone and can be read by people who
// see little, in both languages.
func TestReadableEverywhere(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		look := func(what string) {
			t.Helper()
			for _, language := range []string{"en", "hi"} {
				page.choose(language)
				for _, width := range []int64{320, 768, 1200} {
					page.width(width)
					name := fmt.Sprintf("%s-%s-%d", what, language, width)
					if wide := eval[int64](page, "document.documentElement.scrollWidth"); wide > width {
						t.Errorf("%s needs %d pixels", name, wide)
					}
					for _, fault := range eval[[]string](page, faintTexts) {
						t.Errorf("%s: %s", name, fault)
					}
					for _, fault := range eval[[]string](page, nameless) {
						t.Errorf("%s: %s", name, fault)
					}
					page.picture("readable-" + name)
				}
			}
			page.choose("en")
		}
		look("start")
		page.connect()
		page.serve("mini_statement")
		page.verdict()
		page.click("#wire summary")
		look("statement")
	})
}

// faintTexts finds texts with a contrast below that of WCAG 2 AA.
const faintTexts = `(() => {
	const parse = (css) => css.match(/[\d.]+/g).map(Number);
	const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
		.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (element) => {
		for (; element; element = element.parentElement) {
			const colour = parse(getComputedStyle(element).backgroundColor);
			if (colour.length === 3 || colour[3] === 1) return colour;
		}
		return [255, 255, 255];
	};
	const faults = [];
	for (const element of document.body.querySelectorAll('*')) {
		const words = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
		if (!words || !element.checkVisibility() || element.tagName === 'OPTION') continue;
		const style = getComputedStyle(element);
		const [a, b] = [luminance(parse(style.color)), luminance(ground(element))].sort((x, y) => y - x);
		const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < (large ? 3 : 4.5)) faults.push(words.slice(0, 40) + ' has a contrast of ' + ratio.toFixed(2));
	}
	return faults;
})()`

// nameless finds what can be used but not be named by a screen reader, and what
// is too small for a finger.
const nameless = `(() => {
	const faults = [];
	for (const element of document.querySelectorAll('button, input, select, summary, [tabindex="0"]')) {
		if (!element.checkVisibility()) continue;
		const name = element.getAttribute('aria-label') || element.innerText?.trim() || [...(element.labels ?? [])].map((label) => label.innerText.trim()).join('');
		if (!name) faults.push(element.outerHTML.slice(0, 80) + ' has no name');
		const { width, height } = (element.type === 'radio' ? element.parentElement : element).getBoundingClientRect();
		if (Math.min(width, height) < 24) faults.push(element.outerHTML.slice(0, 80) + ' is ' + width + ' x ' + height);
	}
	return faults;
})()`

func TestLanguageReachesTheBridge(t *testing.T) {
	inEachBrowser(t, func(t *testing.T, open opener) {
		s := openShop(t, demo.Options{})
		page := open(t)
		page.open(s.PageURL)
		page.connect()
		page.choose("hi")
		page.await("the greeting in Hindi", "[...document.querySelector('#frames').textContent.matchAll('\"locale\": ?\"hi\"')].length > 0")
		page.serve("balance_enquiry")
		page.verdict()
		if text := page.text("#result .verdict h3"); !strings.Contains(text, "बैलेंस") {
			t.Errorf("the verdict is %q", text)
		}
		page.picture("balance-hi")
		page.reload()
		page.await("the remembered language", "document.documentElement.lang === 'hi'")
	})
}
