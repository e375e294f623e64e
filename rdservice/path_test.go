package rdservice_test

import (
	"net/url"
	"strings"
	"testing"

	"biobridge/rdservice"
)

func TestCleanPath(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		// rd-service.md section 2.1.
		{"Mantra", "/rd/capture", "/rd/capture"},
		{"Startek info", "/rd/info", "/rd/info"},
		{"Morpho capture", "/127.0.0.1:11102/capture", "/capture"},
		{"Morpho info", "/127.0.0.1:11102/getDeviceInfo", "/getDeviceInfo"},
		{"URL with blanks", "http://127.0.0.1:11100  / rd/capture", "/rd/capture"},
		{"scheme left off", "://127.0.0.1:11100/capture", "/capture"},
		{"doubled slashes", "//rd//capture", "/rd/capture"},
		{"no leading slash", "rd/capture", "/rd/capture"},

		{"https URL", "https://127.0.0.1:11101/rd/capture", "/rd/capture"},
		{"scheme in capitals", "HTTP://LOCALHOST:11100/rd/capture", "/rd/capture"},
		{"localhost without scheme", "localhost:11100/rd/capture", "/rd/capture"},
		{"IPv6 loopback", "http://[::1]:11100/rd/capture", "/rd/capture"},
		{"loopback without a port", "/127.0.0.1/capture", "/capture"},
		{"two slashes before loopback", "//127.0.0.1:11100/capture", "/capture"},
		{"another port is the probed one all the same", "/127.0.0.1:9/capture", "/capture"},
		{"line break", "/rd/\r\ncapture", "/rd/capture"},
		{"trailing slash", "/rd/capture/", "/rd/capture"},
		{"query", "/rd/capture?ts=1", "/rd/capture?ts=1"},
		{"version as a directory", "/v1.0/capture", "/v1.0/capture"},
		{"file name", "/capture.aspx", "/capture.aspx"},

		{"empty", "", ""},
		{"blanks only", "  \t", ""},
		{"slash only", "/", ""},
		{"loopback only", "http://127.0.0.1:11100/", ""},
		{"other host", "http://evil.example/capture", ""},
		{"other host without scheme", "evil.example/capture", ""},
		{"other host after two slashes", "//evil.example/capture", ""},
		{"other host with port", "/evil.example:80/capture", ""},
		{"single name with port", "/evil:80/capture", ""},
		{"other address", "/192.168.1.5/capture", ""},
		{"other address with port", "/192.168.1.5:11100/capture", ""},
		{"other IPv6 address", "/[2001:db8::1]:80/capture", ""},
		{"bare IPv6 address", "/2001:db8::1/capture", ""},
		{"loopback as a user name", "http://127.0.0.1@evil.example/capture", ""},
		{"loopback and port as a user name", "http://127.0.0.1:11100@evil.example/capture", ""},
		{"loopback as a prefix", "http://127.0.0.1.evil.example/capture", ""},
		{"localhost as a prefix", "http://localhost.evil.example/capture", ""},
		{"loopback as a decimal", "http://2130706433/capture", ""},
		{"loopback abbreviated", "http://127.1/capture", ""},
		{"other scheme", "file:///etc/passwd", ""},
		{"backslashes", `\\evil.example\capture`, ""},
		{"up and out", "/rd/../capture", ""},
		{"fragment", "/rd/capture#x", ""},
		{"NUL", "/rd/\x00capture", ""},
		{"not ASCII", "/rd/capturé", ""},
		{"bad escape", "/rd/%zz", ""},
		{"too long", "/" + strings.Repeat("a", 300), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rdservice.CleanPath(c.raw); got != c.want {
				t.Errorf("CleanPath(%q) = %q, want %q", c.raw, got, c.want)
			}
		})
	}
}

func FuzzCleanPath(f *testing.F) {
	for _, s := range []string{"/rd/capture", "/127.0.0.1:11102/capture", "http://127.0.0.1:11100  / rd/capture", "//rd//capture", "/a?b=c%20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := rdservice.CleanPath(raw)
		if got == "" {
			return
		}
		u, err := url.Parse("http://127.0.0.1:11100" + got)
		if err != nil || u.Host != "127.0.0.1:11100" || u.User != nil || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") {
			t.Fatalf("CleanPath(%q) = %q leads to %v, %v", raw, got, u, err)
		}
		if again := rdservice.CleanPath(got); again != got {
			t.Fatalf("CleanPath(%q) = %q, and of that %q", raw, got, again)
		}
	})
}
