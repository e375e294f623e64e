package assets

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
)

// DemoConfig is demo.json: what the demo page is told of the bridge that it
// shall use. Nothing in it is secret.
type DemoConfig struct {
	// Ports are tried one after the other.
	Ports []int `json:"ports"`
	// Environment is the bridge's own word: simulated, uat or production.
	Environment string        `json:"environment"`
	Aadhaar     []DemoAadhaar `json:"aadhaar"`
	Banks       []DemoBank    `json:"banks"`
	// CustomerID is the mobile number that the form starts with.
	CustomerID string `json:"customer_id"`
	// Merchant is what the merchant's own form starts with.
	Merchant DemoMerchant `json:"merchant,omitzero"`
	// Amounts are rupees, offered as buttons; a simulator may give some of them
	// a meaning, which AmountNotes then explains.
	Amounts     []int64           `json:"amounts"`
	AmountNotes map[string]string `json:"amount_notes,omitempty"`
	LatLong     string            `json:"latlong,omitempty"`
	UserCode    string            `json:"user_code,omitempty"`
}

// DemoAadhaar is a number that no person has, and what the simulator does with
// it.
type DemoAadhaar struct {
	Number string `json:"number"`
	Label  string `json:"label"`
}

// DemoMerchant is a simulated merchant's own data.
type DemoMerchant struct {
	Aadhaar  string `json:"aadhaar"`
	Mobile   string `json:"mobile"`
	BankCode string `json:"bank_code"`
}

// DemoBank is a bank to choose from.
type DemoBank struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// contentTypes are set by hand: on Windows the standard library asks the
// registry, where other programs have been known to make .js text/plain, which
// no browser runs as a module.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".json": "application/json; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
}

// DemoPage serves the demo page at /, with the SDK and the configuration beside
// it, under the strictest policy that still lets it reach the bridge. Serve it
// on another port than the bridge's, so that the page is a stranger to the
// bridge like any partner's page.
func DemoPage(config DemoConfig) (http.Handler, error) {
	config.Ports = append([]int{}, config.Ports...)
	config.Aadhaar = append([]DemoAadhaar{}, config.Aadhaar...)
	config.Banks = append([]DemoBank{}, config.Banks...)
	config.Amounts = append([]int64{}, config.Amounts...)
	settings, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("write demo.json: %w", err)
	}
	routes, err := demoRoutes()
	if err != nil {
		return nil, err
	}
	routes["/demo.json"] = settings
	policy := contentSecurityPolicy(config.Ports)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, found := routes[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		header := w.Header()
		header.Set("Content-Type", contentType(r.URL.Path))
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		_, _ = w.Write(body) // an error says that the browser has gone
	}), nil
}

// demoRoutes reads what the page consists of, by path.
func demoRoutes() (map[string][]byte, error) {
	routes := make(map[string][]byte)
	entries, err := fs.ReadDir(files, "demo")
	if err != nil {
		return nil, err
	}
	sources := map[string]string{"/biobridge.js": "sdk/src/biobridge.js", "/icon.png": "icons/app-64.png"}
	for _, entry := range entries {
		sources["/"+entry.Name()] = "demo/" + entry.Name()
	}
	for route, source := range sources {
		if routes[route], err = files.ReadFile(source); err != nil {
			return nil, err
		}
	}
	routes["/"] = routes["/index.html"]
	return routes, nil
}

func contentType(route string) string {
	if route == "/" {
		return contentTypes[".html"]
	}
	return contentTypes[path.Ext(route)]
}

func contentSecurityPolicy(ports []int) string {
	bridge := ""
	for _, port := range ports {
		bridge += fmt.Sprintf(" ws://127.0.0.1:%d", port)
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'" + bridge + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
