package wsapi_test

import (
	"encoding/json"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

func TestHello(t *testing.T) {
	shop := newShop()
	shop.pending = []contract.Transaction{transaction("OLD1", contract.Pending)}
	b := open(t, wsapi.Config{Agent: shop})
	p := b.dial(t, shopOrigin)
	var hello struct {
		Bridge, Environment string
		Protocol            int
		Scopes              []contract.Scope
		Devices             []contract.Device
		Pending             []contract.Transaction
	}
	if err := json.Unmarshal(p.must("bridge.hello", `{"client":{"name":"shop","version":"1"},"locale":"hi"}`), &hello); err != nil {
		t.Fatal(err)
	}
	if hello.Bridge != "1.2.3-test" || hello.Protocol != 1 || hello.Environment != "simulated" {
		t.Errorf("hello = %+v", hello)
	}
	if len(hello.Scopes) != len(everyScope) || len(hello.Devices) != 1 || len(hello.Pending) != 1 {
		t.Errorf("hello = %+v", hello)
	}
	if got := hello.Pending[0].Message; got != "hi: state pending" {
		t.Errorf("pending message = %q, want Hindi", got)
	}
	p.must("bridge.hello", `{"client":{"name":"shop","version":"1"},"locale":"en"}`)
	var got struct{ Transaction contract.Transaction }
	if err := json.Unmarshal(p.must("transaction.get", `{"client_ref_id":"OLD1"}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Transaction.Message != "en: state pending" {
		t.Errorf("message after a second hello = %q, want English", got.Transaction.Message)
	}
}

func TestHello_comesFirst(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.dial(t, shopOrigin)
	for _, method := range []string{"device.list", "transaction.list", "aeps.cash_withdrawal", "no.such.method", "$/cancelRequest"} {
		if m := p.call(method, `{}`); m.Error.code() != "unauthorized" {
			t.Errorf("%s before hello: %+v, want unauthorized", method, m)
		}
	}
	p.must("bridge.hello", `{"client":{"name":"shop","version":"1"}}`)
	p.must("device.list", `{}`)
}

func TestHello_neverSaid(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Hello: 1}})
	p := b.dial(t, shopOrigin)
	if code, _ := p.closed(); code != wsapi.CloseUnauthorized {
		t.Errorf("close code = %d, want %d", code, wsapi.CloseUnauthorized)
	}
}

func TestScopes(t *testing.T) {
	calls := map[string]string{
		"device.list":          `{}`,
		"capture":              `{"consent":true}`,
		"aeps.cash_withdrawal": withdrawal,
		"aeps.balance_enquiry": enquiry,
		"aeps.mini_statement":  enquiry,
		"transaction.get":      `{"client_ref_id":"A"}`,
		"transaction.inquire":  `{"client_ref_id":"A"}`,
		"transaction.list":     `{}`,
		"transaction.receipt":  `{"client_ref_id":"A"}`,
		"aeps.aadhaar_pay":     withdrawal,
	}
	allowed := map[contract.Scope][]string{
		contract.ScopeDevice:   {"device.list"},
		contract.ScopeCapture:  {"capture"},
		contract.ScopeTransact: {"aeps.cash_withdrawal", "aeps.balance_enquiry", "aeps.mini_statement", "transaction.get", "transaction.inquire", "transaction.receipt", "aeps.aadhaar_pay"},
		contract.ScopeHistory:  {"transaction.get", "transaction.inquire", "transaction.receipt", "transaction.list"},
		contract.ScopeMerchant: {},
	}
	for scope, methods := range allowed {
		t.Run(string(scope), func(t *testing.T) {
			b := open(t, wsapi.Config{Origins: []wsapi.Origin{{Name: shopOrigin, Scopes: []contract.Scope{scope}}}})
			p := b.join(t, shopOrigin)
			may := make(map[string]bool)
			for _, method := range methods {
				may[method] = true
			}
			for method, params := range calls {
				m := p.call(method, params)
				if may[method] && m.Error != nil {
					t.Errorf("%s with scope %s: %+v", method, scope, m.Error)
				}
				if !may[method] && (m.Error.code() != "unauthorized" || m.Error.Data["scope"] == nil) {
					t.Errorf("%s with scope %s: %+v, want unauthorized with the scope", method, scope, m.Error)
				}
			}
		})
	}
}

func TestScopes_hideInHello(t *testing.T) {
	shop := newShop()
	shop.pending = []contract.Transaction{transaction("OLD1", contract.Pending)}
	b := open(t, wsapi.Config{Agent: shop, Origins: []wsapi.Origin{{Name: shopOrigin, Scopes: []contract.Scope{contract.ScopeCapture}}}})
	p := b.dial(t, shopOrigin)
	var hello map[string]json.RawMessage
	if err := json.Unmarshal(p.must("bridge.hello", `{"client":{"name":"x","version":"1"}}`), &hello); err != nil {
		t.Fatal(err)
	}
	if string(hello["devices"]) != "[]" || string(hello["pending"]) != "[]" {
		t.Errorf("devices = %s, pending = %s, want none", hello["devices"], hello["pending"])
	}
}

// A page hears only of what it could ask for. Events come in their order, so the
// first one heard shows that the one before was held back.
func TestScopes_holdEventsBack(t *testing.T) {
	updated := transaction("A", contract.Succeeded)
	device, money := changed("added"), agent.Event{Kind: agent.TransactionUpdated, Transaction: &updated}
	for _, test := range []struct {
		scope   contract.Scope
		publish []agent.Event
		hears   string
	}{
		{contract.ScopeDevice, []agent.Event{money, device}, "device.changed"},
		{contract.ScopeHistory, []agent.Event{device, money}, "transaction.updated"},
		{contract.ScopeTransact, []agent.Event{device, money}, "transaction.updated"},
	} {
		shop := newShop()
		b := open(t, wsapi.Config{Agent: shop, Origins: []wsapi.Origin{{Name: shopOrigin, Scopes: []contract.Scope{test.scope}}}})
		p := b.join(t, shopOrigin)
		for _, e := range test.publish {
			shop.publish(e)
		}
		if note := p.note(); note.Method != test.hears {
			t.Errorf("with scope %s a page hears %s, want %s", test.scope, note.Method, test.hears)
		}
		b.stop()
	}
}

func TestOriginWithdrawn(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.join(t, shopOrigin)
	stays := b.join(t, otherOrigin)
	if err := b.SetOrigins([]wsapi.Origin{{Name: otherOrigin, Scopes: everyScope}}); err != nil {
		t.Fatal(err)
	}
	if note := p.note(); note.Method != "bridge.refused" {
		t.Errorf("notification = %s, want bridge.refused", note.Method)
	}
	if code, _ := p.closed(); code != wsapi.CloseOriginDenied {
		t.Errorf("close code = %d, want %d", code, wsapi.CloseOriginDenied)
	}
	stays.must("device.list", `{}`)
	if err := b.SetOrigins([]wsapi.Origin{{Name: "https://a.example/path"}}); err == nil {
		t.Error("SetOrigins took an origin with a path")
	}
	stays.must("device.list", `{}`)
}
