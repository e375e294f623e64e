package tray

import (
	"maps"

	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// texts are this package's sentences in English, under "tray.<key>" in a
// catalogue.
var texts = map[string]string{
	"ready":            "Ready for the next customer",
	"no_scanner":       "No scanner is ready",
	"busy":             "The scanner is in use",
	"attention":        "Please look: something needs you",
	"not_running":      "biobridge is not running",
	"not_running_help": "Restart this PC, or ask whoever looks after it",
	"not_allowed":      "Your account may not use biobridge on this PC",
	"simulated":        "SIMULATED: no real money moves",

	"device.text":      "{scanner}: {status}",
	"device.ready":     "ready",
	"device.busy":      "in use",
	"device.not_ready": "not ready",
	"more_devices":     "and {count} more scanners",

	"problem.journal_damaged.message":        "The journal was damaged; no new money is moved.",
	"problem.journal_damaged.remedy":         "Ask support before you go on.",
	"problem.clock_skew.message":             "This PC's clock is wrong by {skew}.",
	"problem.clock_skew.remedy":              "Set date and time of this PC.",
	"problem.pending.message":                "Results that are not known yet: {count}.",
	"problem.pending.remedy":                 "Don't pay out and don't repeat them; they are being asked about.",
	"problem.browser_asking.message":         "The browser seems to be asking for permission.",
	"problem.browser_asking.remedy":          "Choose Allow in the browser's box.",
	"problem.no_device.message":              "No scanner was found.",
	"problem.no_device.remedy":               "Plug the scanner in and start its RD service.",
	"problem.other_port.message":             "The usual port was taken; the bridge is at {address}.",
	"problem.other_port.remedy":              "Pages find it by themselves.",
	"problem.merchant_auth_required.message": "Your own daily fingerprint check is due.",
	"problem.merchant_auth_required.remedy":  "Open the portal and authenticate yourself.",

	"approval.text":     "A page asks: {origin}",
	"approval.deny":     "Deny",
	"approval.once":     "Allow once, until biobridge stops",
	"approval.remember": "Allow always",
	"more_approvals":    "and {count} more pages that ask",

	"pending":           "Results not known yet: {count}",
	"transactions":      "Last transactions",
	"no_transactions":   "None yet",
	"transaction.text":  "{time}  {service}  {state}",
	"transaction.money": "{time}  {service}  ₹{amount}  {state}",

	"service.cash_withdrawal": "Withdrawal",
	"service.balance_enquiry": "Balance",
	"service.mini_statement":  "Mini statement",
	"service.aadhaar_pay":     "Aadhaar Pay",

	"state.started":        "begun",
	"state.captured":       "finger taken",
	"state.sending":        "on its way",
	"state.succeeded":      "succeeded",
	"state.failed":         "failed",
	"state.pending":        "not known yet",
	"state.refund_pending": "refund to come",
	"state.refunded":       "refunded",
	"state.abandoned":      "given up",

	"check_now":        "Check the scanner now",
	"test_scanner":     "Test the scanner",
	"open_portal":      "Open the portal",
	"copy_diagnostics": "Copy details for support",
	"save_diagnostics": "Save a diagnostics file",
	"language":         "Language",
	"about":            "About biobridge",
	"quit":             "Remove this icon",

	"notice.settled":          "{service} ₹{amount}: {state}",
	"notice_text.settled":     "Aadhaar ending in {last4}, reference {ref}. {message}",
	"notice.approval":         "A web page asks to be let in",
	"notice_text.approval":    "{origin} – look at its address, then allow or deny it in this icon's menu.",
	"notice.asking":           "The browser is waiting for you",
	"notice_text.asking":      "It seems to be asking for permission to reach this PC. Choose Allow in its box.",
	"notice.no_scanner":       "The scanner has gone",
	"notice_text.no_scanner":  "Check its cable and wait for its light.",
	"notice.checked":          "Scanners that are ready: {ready} of {count}",
	"notice.place_finger":     "Place a finger on the scanner",
	"notice.test_good":        "The scanner works",
	"notice.test_bad":         "The test did not work",
	"notice_text.test_good":   "The test scan is good. Nothing of it was kept or sent.",
	"notice.copied":           "Details copied",
	"notice_text.copied":      "Paste them into your message to support. They contain nothing personal.",
	"notice.saved":            "Diagnostics file saved",
	"notice.failed":           "That did not work",
	"notice_text.about":       "Version {version}, {environment}, at {listen}.",
	"notice_text.transaction": "Reference {ref}, bank's number {rrn}. {message}",
}

// Texts returns every English sentence of this package by its key in a catalogue.
func Texts() map[string]string {
	all := make(map[string]string, len(texts))
	for key, sentence := range maps.All(texts) {
		all["tray."+key] = sentence
	}
	return all
}

// words speaks one language.
type words struct {
	catalogue *locale.Catalogue
	lang      locale.Lang
}

// say returns the sentence under key with name, value pairs filled in.
func (w words) say(key string, pairs ...string) string {
	var args map[string]string
	if len(pairs) > 0 {
		args = make(map[string]string, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i]] = pairs[i+1]
		}
	}
	return w.catalogue.Text(w.lang, "tray."+key, texts[key], args)
}

func (w words) state(s contract.State) string { return w.known("state."+string(s), string(s)) }

func (w words) service(s contract.Service) string { return w.known("service."+string(s), string(s)) }

// known says a word of the contract, or the word itself where a newer agent has
// one that this tray never heard.
func (w words) known(key, raw string) string {
	if _, ok := texts[key]; !ok {
		return raw
	}
	return w.say(key)
}
