package browserpolicy

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
