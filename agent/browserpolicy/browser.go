package browserpolicy

import (
	"slices"
	"strings"
)

// Browser is one browser and how it is told.
type Browser struct {
	// Name is what people call it.
	Name string
	// Lists are the names of the policies that take the origin. Both names are
	// written: the older one is read by versions before 146.
	Lists []string
	// Directory is where it reads managed policies on Linux.
	Directory string
	// Key is where it reads them on Windows, below HKLM.
	Key string
}

// The policies that let a page reach loopback (browser.md section 3.5).
var chromiumLists = []string{"LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls"}

// chromiums are the browsers that share Chromium's policies.
func chromiums() []Browser {
	return []Browser{
		{"Chrome", chromiumLists, "/etc/opt/chrome/policies/managed", `SOFTWARE\Policies\Google\Chrome`},
		{"Edge", chromiumLists, "/etc/opt/edge/policies/managed", `SOFTWARE\Policies\Microsoft\Edge`},
		{"Chromium", chromiumLists, "/etc/chromium/policies/managed", `SOFTWARE\Policies\Chromium`},
	}
}

// Firefox takes host names, not origins, in a nested policy of one file for all
// policies, or in numbered values below a key.
const (
	firefoxFile = "/etc/firefox/policies/policies.json"
	firefoxKey  = `SOFTWARE\Policies\Mozilla\Firefox\LocalNetworkAccess\SkipDomains`
)

// Answer is what a browser's policy says to a page.
type Answer string

// The answers. Ask is a browser without a policy for the page: it asks its user.
const (
	Ask     Answer = "ask"
	Allowed Answer = "allowed"
	Blocked Answer = "blocked"
)

// blockedList keeps a page from loopback, whatever else allows it.
const blockedList = "LoopbackNetworkBlockedForUrls"

// Said is one browser's policy for a page.
type Said struct {
	Browser string
	Answer  Answer
}

// decide weighs a Chromium's lists for an origin as the browser does (browser.md
// section 3.5).
func decide(origin, host string, list func(name string) []string) Answer {
	names := func(entry string) bool { return matches(entry, origin, host) }
	if slices.ContainsFunc(list(blockedList), names) {
		return Blocked
	}
	for _, name := range chromiumLists {
		if slices.ContainsFunc(list(name), names) {
			return Allowed
		}
	}
	return Ask
}

// matches reports whether a Chromium's pattern means an https origin: with or
// without scheme and port, "*", or "[*.]" before a domain.
func matches(pattern, origin, host string) bool {
	rest := strings.TrimSuffix(strings.TrimPrefix(pattern, "https://"), "/")
	if domain, wild := strings.CutPrefix(rest, "[*.]"); wild {
		return host == domain || strings.HasSuffix(host, "."+domain)
	}
	return rest == "*" || rest == host || "https://"+rest == origin
}

// decideFirefox weighs Firefox's list of host names.
func decideFirefox(host string, skip []string) Answer {
	for _, entry := range skip {
		domain, wild := strings.CutPrefix(entry, "*.")
		if host == domain || wild && strings.HasSuffix(host, "."+domain) {
			return Allowed
		}
	}
	return Ask
}

// Step is one thing that was, or would be, written or taken away.
type Step struct {
	Browser string
	// Where is a file's path or a registry key.
	Where string
	// What is the text that is there for the origin.
	What string
	// Changed is unset where everything was as wanted already.
	Changed bool
}
