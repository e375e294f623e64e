package browsertest_test

import "fmt"

// What the person behind the counter does on the demo page.

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

// serve asks for a service with what the form holds. What is shown of another one
// until then is marked as old.
func (b *tab) serve(service string) {
	b.t.Helper()
	b.click("#tab-" + service)
	if service == "merchant" { // what is due moves the form down when it comes
		b.await("the merchant's day", "document.querySelector('#merchant-facts').checkVisibility()")
	}
	b.click("#consent")
	eval[any](b, "[...document.querySelector('#result').children].forEach((shown) => { shown.dataset.old = ''; })")
	b.click("#go")
}

// verdict waits for the result and returns the tone in which it is told.
func (b *tab) verdict() string {
	b.t.Helper()
	b.await("a result", "document.querySelector('#result .verdict:not([data-old])') && document.querySelector('#progress').hidden")
	return awaitValue[string](b, "a verdict", "document.querySelector('#result .verdict:not([data-old])')?.classList[1] ?? null")
}

// receipt waits for the receipt and reads its rows.
func (b *tab) receipt() map[string]string {
	b.t.Helper()
	return awaitValue[map[string]string](b, "the receipt", "document.querySelector('.receipt:not([data-old])') && Object.fromEntries([...document.querySelectorAll('.receipt dd')].map((dd) => [dd.dataset.row, dd.innerText]))")
}

func (b *tab) setAmount(rupees string) {
	b.t.Helper()
	b.fill("#amount", rupees)
}

func (b *tab) choose(language string) {
	b.t.Helper()
	b.click("input[value=" + language + "] + span")
	b.await("the language", fmt.Sprintf("document.documentElement.lang === %q", language))
}
