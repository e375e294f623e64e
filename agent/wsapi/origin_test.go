package wsapi_test

import (
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

func TestCheckOrigin(t *testing.T) {
	for _, test := range []struct {
		origin, environment string
		ok                  bool
	}{
		{"https://shop.example", "production", true},
		{"https://shop.example:8443", "production", true},
		{"https://xn--shp-0na.example", "production", true},
		{"https://10.1.2.3", "production", true},
		{"https://[2001:db8::1]:8443", "production", true},
		{"http://localhost:3000", "production", false},
		{"http://shop.example", "production", false},
		{"http://localhost:3000", "simulated", true},
		{"http://127.0.0.1:3000", "uat", true},
		{"http://[::1]:3000", "uat", true},
		{"http://demo.localhost", "uat", true},
		{"http://shop.example", "simulated", false},
		{"https://shop.example/", "simulated", false},
		{"https://SHOP.example", "simulated", false},
		{"https://shop.example:443", "simulated", false},
		{"https://*.example", "simulated", false},
		{"https://shöp.example", "simulated", false},
		{"https://shop.example.", "simulated", false},
		{"https://0x7f.1", "simulated", false},
		{"https://127.1", "simulated", false},
		{"https://[::0001]", "simulated", false},
		{"https://[::1%25lo]", "simulated", false},
		{"https://a..b", "simulated", false},
		{"https://-a.example", "simulated", false},
		{"https://" + strings.Repeat("a", 64) + ".example", "simulated", false},
		{"chrome-extension://abc", "simulated", false},
		{"null", "simulated", false},
		{"", "simulated", false},
	} {
		err := wsapi.CheckOrigin(wsapi.Origin{Name: test.origin}, test.environment)
		if (err == nil) != test.ok {
			t.Errorf("CheckOrigin(%q, %s) = %v, want ok %t", test.origin, test.environment, err, test.ok)
		}
		_, newErr := wsapi.New(wsapi.Config{Agent: newShop(), Origins: []wsapi.Origin{{Name: test.origin}}, Environment: test.environment})
		if (newErr == nil) != test.ok {
			t.Errorf("New with %q in %s = %v, want ok %t", test.origin, test.environment, newErr, test.ok)
		}
	}
	if err := wsapi.CheckOrigin(wsapi.Origin{Name: shopOrigin, Scopes: []contract.Scope{"root"}}, "uat"); err == nil {
		t.Error("a scope that doesn't exist was taken")
	}
}
