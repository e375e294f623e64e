package wsapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"biobridge/agent/wsapi"
)

// with returns a withdrawal with a member replaced, added or (empty) left out.
func with(member, value string) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(withdrawal), &members); err != nil {
		panic(err)
	}
	delete(members, member)
	if value != "" {
		members[member] = json.RawMessage(value)
	}
	raw, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestParams_refused(t *testing.T) {
	const cash = "aeps.cash_withdrawal"
	for _, test := range []struct{ name, method, params, field, rule string }{
		{"amount as text", cash, with("amount", `"100"`), "amount", "wrong_type"},
		{"amount with a fraction", cash, with("amount", `100.5`), "amount", "wrong_type"},
		{"amount with a zero fraction", cash, with("amount", `100.0`), "amount", "wrong_type"},
		{"amount with an exponent", cash, with("amount", `1e3`), "amount", "wrong_type"},
		{"negative amount", cash, with("amount", `-100`), "amount", "out_of_range"},
		{"huge amount", cash, with("amount", `99999999999999999999`), "amount", "out_of_range"},
		{"amount as array", cash, with("amount", `[100]`), "amount", "wrong_type"},
		{"amount as object", cash, with("amount", `{"rupees":100}`), "amount", "wrong_type"},
		{"amount true", cash, with("amount", `true`), "amount", "wrong_type"},
		{"no amount", cash, with("amount", ""), "amount", "missing_field"},
		{"amount null", cash, with("amount", `null`), "amount", "missing_field"},
		{"aadhaar as number", cash, with("aadhaar", `123412341234`), "aadhaar", "wrong_type"},
		{"no aadhaar", cash, with("aadhaar", ""), "aadhaar", "missing_field"},
		{"empty aadhaar", cash, with("aadhaar", `""`), "aadhaar", "missing_field"},
		{"long aadhaar", cash, with("aadhaar", `"`+strings.Repeat("1", 41)+`"`), "aadhaar", "too_long"},
		{"no bank", cash, with("bank_code", ""), "bank_code", "missing_field"},
		{"no customer", cash, with("customer_id", ""), "customer_id", "missing_field"},
		{"customer as number", cash, with("customer_id", `9876543210`), "customer_id", "wrong_type"},
		{"consent as text", cash, with("consent", `"true"`), "consent", "wrong_type"},
		{"consent as number", cash, with("consent", `1`), "consent", "wrong_type"},
		{"long reference", cash, with("client_ref_id", `"`+strings.Repeat("A", 21)+`"`), "client_ref_id", "too_long"},
		{"reference with a line feed", cash, with("client_ref_id", `"A\nB"`), "client_ref_id", "wrong_value"},
		{"reference with a NUL", cash, with("client_ref_id", `"A\u0000"`), "client_ref_id", "wrong_value"},
		{"reference with half a character", cash, with("client_ref_id", `"\ud800"`), "client_ref_id", "wrong_value"},
		{"reference as number", cash, with("client_ref_id", `12`), "client_ref_id", "wrong_type"},
		{"unknown field", cash, with("pin", `"1234"`), "pin", "unknown_field"},
		{"field in upper case", cash, with("Amount", `5`), "Amount", "unknown_field"},
		{"otp as number", cash, with("otp", `123456`), "otp", "wrong_type"},
		{"device as object", cash, with("device", `{}`), "device", "wrong_type"},
		{"secret as a field's name", cash, with("123412341234", `1`), "a name made of digits", "unknown_field"},
		{"unreadable field's name", cash, with("a\u202eb", `1`), "a name with unusual characters", "unknown_field"},
		{"refresh as text", "device.list", `{"refresh":"yes"}`, "refresh", "wrong_type"},
		{"device.list with more", "device.list", `{"all":true}`, "all", "unknown_field"},
		{"capture's time in seconds", "capture", `{"consent":true,"timeout_ms":10}`, "timeout_ms", "out_of_range"},
		{"capture's time as text", "capture", `{"consent":true,"timeout_ms":"10000"}`, "timeout_ms", "wrong_type"},
		{"capture with an amount", "capture", `{"consent":true,"amount":5}`, "amount", "unknown_field"},
		{"no reference", "transaction.get", `{}`, "client_ref_id", "missing_field"},
		{"empty reference", "transaction.inquire", `{"client_ref_id":""}`, "client_ref_id", "missing_field"},
		{"list's limit", "transaction.list", `{"limit":1000}`, "limit", "out_of_range"},
		{"list of another origin", "transaction.list", `{"origin":"https://other.example"}`, "origin", "unknown_field"},
		{"hello without a client", "bridge.hello", `{}`, "client", "missing_field"},
		{"hello with a text for a client", "bridge.hello", `{"client":"x"}`, "client", "wrong_type"},
		{"hello without a version", "bridge.hello", `{"client":{"name":"x"}}`, "client.version", "missing_field"},
		{"hello's client with more", "bridge.hello", `{"client":{"name":"x","version":"1","key":"k"}}`, "client.key", "unknown_field"},
		{"hello in French", "bridge.hello", `{"client":{"name":"x","version":"1"},"locale":"fr"}`, "locale", "wrong_value"},
		{"hello for more scopes", "bridge.hello", `{"client":{"name":"x","version":"1"},"scopes":["merchant"]}`, "scopes", "unknown_field"},
		{"cancel without an id", "$/cancelRequest", `{}`, "id", "missing_field"},
		{"cancel of an object", "$/cancelRequest", `{"id":{}}`, "id", "wrong_type"},
		{"cancel with more", "$/cancelRequest", `{"id":1,"all":true}`, "all", "unknown_field"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := open(t, wsapi.Config{})
			p := b.join(t, shopOrigin)
			m := p.call(test.method, test.params)
			if m.Error.code() != "invalid_params" || m.Error.Code != -32602 {
				t.Fatalf("error = %+v, want invalid_params", m.Error)
			}
			if m.Error.Data["field"] != test.field || m.Error.Data["rule"] != test.rule {
				t.Errorf("data = %v, want field %q, rule %q", m.Error.Data, test.field, test.rule)
			}
			if m.Error.Message == "" || strings.Contains(m.Error.Message, "{") || m.Error.Data["remedy"] == "" {
				t.Errorf("message = %q, remedy = %q", m.Error.Message, m.Error.Data["remedy"])
			}
			p.must("device.list", `{}`)
		})
	}
}

func TestParams_badAadhaar(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	for _, number := range []string{"123412341235", "12341234123", "1234 1234 1234 1", "abcdefghijkl"} {
		m := p.call("aeps.cash_withdrawal", with("aadhaar", `"`+number+`"`))
		if m.Error.code() != "invalid_params" || m.Error.Data["field"] != "aadhaar" {
			t.Errorf("error = %+v, want invalid_params for aadhaar", m.Error)
		}
		if raw, _ := json.Marshal(m); strings.Contains(string(raw), number) {
			t.Errorf("the answer repeats the number: %s", raw)
		}
	}
	if len(shop.transacted) != 0 {
		t.Errorf("the agent was asked %d times", len(shop.transacted))
	}
}

// canaries are secrets that must be nowhere but where they belong.
var canaries = []string{"999941057058", "Q0FOQVJZLVBJRA", "987654", "canary-token-77", "d2FkaC1jYW5hcnk"}

// Whatever a page sends, right or wrong, at the right place or the wrong one, the
// log and the errors don't have it.
func TestSecrets_areNowhere(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.dial(t, shopOrigin)
	answers := []message{p.call("bridge.hello", `{"client":{"name":"x","version":"1"},"token":"canary-token-77"}`)}
	for _, c := range canaries {
		text := `"` + c + `"`
		name := `"999941057058"` // of a member: those of letters are repeated, as they must be
		for _, member := range []string{"aadhaar", "amount", "otp", "device", "client_ref_id", "consent", "999941057058", "bank_code"} {
			if m := p.call("aeps.cash_withdrawal", with(member, text)); m.Error != nil {
				answers = append(answers, m)
			}
		}
		for _, frame := range []string{
			`{"jsonrpc":"2.0","id":"x","method":` + text + `}`,
			`{"jsonrpc":"2.0","id":"x","method":"device.list",` + name + `:` + text + `}`,
			`{"jsonrpc":` + text + `,"id":"x","method":"device.list"}`,
			`{"jsonrpc":"2.0","id":"x","method":"capture","params":{"wadh":{"a":` + text + `}}}`,
			`{"jsonrpc":"2.0","id":"x","method":"capture","params":{"timeout_ms":` + text + `}}`,
		} {
			answers = append(answers, p.raw(frame, `"x"`))
		}
		for _, frame := range []string{
			`{"jsonrpc":"2.0","id":"y","method":"capture",` + c,
			`[` + text + `]`,
			text,
			`{` + name + `:` + text + `,` + name + `:` + text + `}`,
		} {
			answers = append(answers, p.raw(frame, "null"))
		}
	}
	b.stop()
	for _, c := range canaries {
		if strings.Contains(b.log.String(), c) {
			t.Errorf("%s is in the log", c)
		}
		for _, m := range answers {
			if raw, _ := json.Marshal(m); strings.Contains(string(raw), c) {
				t.Errorf("%s is in an answer: %s", c, raw)
			}
		}
	}
}
