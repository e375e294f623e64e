package rdservice_test

import (
	"slices"
	"strings"
	"testing"

	"biobridge/rdservice"
)

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		vendor, code, info string
		key                string
		kind               rdservice.Kind
		retry              bool
	}{
		{"mantra", "700", "Capture timed out", "rd.700", rdservice.KindTimeout, true},
		{"", "710", "", "rd.710", rdservice.KindBusy, true},
		{"mantra", "720", "", "rd.720", rdservice.KindNotReady, true},
		{"startek", "720", "", "rd.startek.720", rdservice.KindNotReady, true},
		{"startek", "900", "", "rd.startek.900", rdservice.KindBusy, false},
		{"mantra", "900", "", "rd.other", rdservice.KindFailed, true},
		{"mantra", "-1509", "", "rd.-1509", rdservice.KindNotReady, true},
		{"mantra", "-1307", "", "rd.mantra.-1307", rdservice.KindNotReady, true},
		{"morpho", "-1307", "", "rd.other", rdservice.KindFailed, true},
		{"startek", "110", "", "rd.110", rdservice.KindOptions, false},
		{"bioenable", "740", "", "rd.bioenable.740", rdservice.KindDriver, false},

		{"startek", "999", "", "rd.999", rdservice.KindFailed, true},
		{"startek", "999", "Something else", "rd.999", rdservice.KindFailed, true},
		{"startek", "999", "No Internet connection to management server", "rd.999.offline", rdservice.KindDriver, true},
		{"startek", "999", "Device not registered", "rd.999.unregistered", rdservice.KindDriver, false},
		{"startek", "999", "Fetching UIDAI certificate, please wait", "rd.999.certificate", rdservice.KindDriver, true},
		{"startek", "999", "System clock differs by more than 10 minutes", "rd.999.clock", rdservice.KindClock, false},
		{"startek", "999", "USB connect failed", "rd.999.usb", rdservice.KindNotReady, true},
		{"evolute", "999", "Device is not trusted", "rd.999.untrusted", rdservice.KindDriver, false},

		{"", "300", "", "rd.300", rdservice.KindNoMatch, true},
		{"", "501", "", "rd.501", rdservice.KindDriver, false},
		{"", "561", "", "rd.561", rdservice.KindClock, true},
		{"mantra", rdservice.CodeHTTP405, "", "rd.http_405", rdservice.KindDriver, false},
		{"mantra", "0", "Success", "rd.0", rdservice.KindOK, false},
		{"mantra", "4711", "New", "rd.other", rdservice.KindFailed, true},
		{"mantra", "", "", "rd.other", rdservice.KindFailed, true},
	} {
		t.Run(c.vendor+" "+c.code+" "+c.info, func(t *testing.T) {
			e := rdservice.Explain(c.vendor, c.code, c.info)
			if e.Key != c.key || e.Kind != c.kind || e.Retryable != c.retry || e.Code != c.code {
				t.Errorf("got %+v, want %s, %s, retryable %v", e, c.key, c.kind, c.retry)
			}
		})
	}
}

func TestExplain_info(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"Success.":                  "",
		"y":                         "",
		"null":                      "",
		" Capture timed out\r\n":    "Capture timed out",
		"red \x1b[31malert\x1b[0m":  "red [31malert[0m",
		strings.Repeat("long", 100): strings.Repeat("long", 50),
	} {
		if got := rdservice.Explain("mantra", "999", in).Info; got != want {
			t.Errorf("info %q is carried as %q, want %q", in, got, want)
		}
	}
}

// TestCodes holds the table against rd-service.md section 7.
func TestCodes(t *testing.T) {
	keys := map[string]bool{}
	have := map[string]bool{}
	for _, e := range rdservice.Codes() {
		if keys[e.Key] {
			t.Errorf("%s stands twice", e.Key)
		}
		keys[e.Key], have[e.Code] = true, true
		if e.Cause == "" || e.Action == "" || e.Kind == "" {
			t.Errorf("%s says nothing: %+v", e.Key, e)
		}
		for _, text := range []string{e.Cause, e.Action} {
			if text != strings.TrimSpace(text) || !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", e.Key, text)
			}
		}
	}
	for _, code := range strings.Fields(`
		0 100 110 120 130 140 150 160 170 180 190 200 210 700 710 720 730 740 750 760 770 999
		220 900 780 790 800 810 -1509 -6 -1307 -1135 -1142 1140 -1140 -1329 -1524
		300 312 313 314 315 316 330 331 332 500 501 502 503 511 513 521 524 527 528 561 562 563 564
		http_405 other`) {
		if !have[code] {
			t.Errorf("code %s is missing", code)
		}
	}
	if slices.ContainsFunc(rdservice.Codes(), func(e rdservice.Explanation) bool { return e.Info != "" }) {
		t.Error("a row of the table has somebody's words")
	}
}

func TestDeviceError_secrets(t *testing.T) {
	err := &rdservice.DeviceError{Code: "999", Info: "words of the driver", Vendor: "mantra"}
	if got := err.Error(); got != "scanner answered error 999" {
		t.Errorf("Error() = %q, want the code alone: logs keep no foreign text", got)
	}
}
