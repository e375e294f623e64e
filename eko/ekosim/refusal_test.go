package ekosim_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

func TestHeaders_areRequiredAsDocumented(t *testing.T) {
	set := func(name, value string) func(http.Header) {
		return func(h http.Header) { h[name] = []string{value} }
	}
	drop := func(name string) func(http.Header) { return func(h http.Header) { delete(h, name) } }
	rename := func(from, to string) func(http.Header) {
		return func(h http.Header) { h[to] = h[from]; delete(h, from) }
	}
	resign := func(stamp string) func(http.Header) {
		return func(h http.Header) {
			h["secret-key-timestamp"] = []string{stamp}
			h["secret-key"] = []string{hmac64(ekosim.AccessKey, stamp)}
		}
	}
	shifted := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).UnixMilli(), 10) }
	tests := []struct {
		name   string
		change func(http.Header)
		status int
		why    string
	}{
		{"no developer_key", drop("developer_key"), 402, "developer_key is missing"},
		{"an empty developer_key", set("developer_key", ""), 402, "developer_key is missing"},
		{"developer-key with a hyphen", rename("developer_key", "developer-key"), 402, "developer_key is missing"},
		{"another developer_key", set("developer_key", "SIMULATED-other"), 403, "developer_key is unknown"},
		{"two developer_keys", func(h http.Header) { h["developer_key"] = append(h["developer_key"], "x") }, 403, "developer_key is unknown"},
		{"no secret-key", drop("secret-key"), 403, "secret-key is missing"},
		{"secret_key with an underscore", rename("secret-key", "secret_key"), 403, "secret-key is missing"},
		{"a wrong secret-key", set("secret-key", hmac64("SIMULATED-other", shifted(0))), 403, "secret-key is not the signature"},
		{"no timestamp", drop("secret-key-timestamp"), 403, "secret-key-timestamp is missing"},
		{"a timestamp with underscores", rename("secret-key-timestamp", "secret_key_timestamp"), 403, "secret-key-timestamp is missing"},
		{"a timestamp in exponents", resign("1.8E12"), 403, "is not decimal milliseconds"},
		{"a negative timestamp", resign("-5"), 403, "is not decimal milliseconds"},
		{"a timestamp beyond 64 bits", resign("99999999999999999999"), 403, "is not a time"},
		{"a timestamp in seconds", resign(strconv.FormatInt(time.Now().Unix(), 10)), 403, "is off by"},
		{"six minutes late", resign(shifted(-6 * time.Minute)), 403, "is off by"},
		{"six minutes early", resign(shifted(6 * time.Minute)), 403, "is off by"},
		{"no request_hash", drop("request_hash"), 403, "request_hash is missing"},
		{"request-hash with a hyphen", rename("request_hash", "request-hash"), 403, "request_hash is missing"},
		{"the hash of something else", set("request_hash", hmac64(ekosim.AccessKey, "x")), 403, "request_hash is missing"},
	}
	s := open(t, ekosim.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := s.in(t)
			s.header = test.change
			f := s.v2("2", "500")
			s.aeps(f).wantRefused(test.status)
			if got := s.lastRequest().Refused; !strings.Contains(got, test.why) {
				t.Errorf("the history says %q, want %q", got, test.why)
			}
			s.wantMoved(refOf(f), 0, 1)
		})
	}
}

func TestTolerance_isASetting(t *testing.T) {
	s := open(t, ekosim.Options{Tolerance: time.Hour})
	s.clock = func() time.Time { return time.Now().Add(-50 * time.Minute) }
	f := s.v2("2", "500").with("piddata", s.scan(finger{at: time.Now()}))
	s.aeps(f).want(0, 0, 1463)
}

func TestSkew_movesTheWholeClock(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.sim.SetSkew(20 * time.Minute)
	r := s.aeps(s.v2("2", "500")).wantRefused(403)
	date, err := http.ParseTime(r.header.Get("Date"))
	if err != nil || time.Until(date) < 19*time.Minute {
		t.Errorf("Date is %q", r.header.Get("Date"))
	}
	s.clock = func() time.Time { return time.Now().Add(20 * time.Minute) }
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
}

func TestHash_mistakesOfOthersAreRefused(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	tests := map[string]string{
		"the mobile number for the Aadhaar number": f["customer_id"].(string) + "500" + ekosim.UserCode,
		"another amount text":                      ramesh + "500.00" + ekosim.UserCode,
		"0 for the amount":                         ramesh + "0" + ekosim.UserCode,
		"another order":                            ramesh + ekosim.UserCode + "500",
	}
	for name, hashed := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			body := f.with("aadhar", s.encrypt(ramesh)).with("aadhaar", nil)
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			s.sendRaw(http.MethodPost, "/v2/aeps", "application/json", raw, hashed).wantRefused(403)
		})
	}
}

func TestPaths(t *testing.T) {
	s := open(t, ekosim.Options{})
	tests := []struct {
		method, path string
		status       int
	}{
		{"POST", "/v2/aepss", 404},
		{"POST", "/v1/aeps", 404},
		{"POST", "/v4/aeps", 404},
		{"POST", "/v2/aeps/", 404},
		{"GET", "/v2/transactions", 404},
		{"GET", "/v2/transactions/", 404},
		{"GET", "/v2/transactions/client_ref_id%3AT1", 404},
		{"GET", "/v2/tools/reference/transaction/1", 404},
		{"GET", "/v3/transactions/1", 404},
		{"POST", "/v3/customer/collection/aeps-fingpay/cash-withdrawal/9876543210", 404},
		{"GET", "/v2/aeps", 405},
		{"PUT", "/v2/aeps", 405},
		{"POST", "/v2/transactions/1", 405},
		{"POST", "/v3/user/collection/aeps-fingpay/kyc/biometric/daily", 405},
	}
	for _, test := range tests {
		t.Run(test.method+test.path, func(t *testing.T) {
			s := s.in(t)
			r := s.sendRaw(test.method, test.path, "application/json", []byte("{}"), "x")
			r.wantRefused(test.status)
			if mapping := string(r.body) == "No mapping rule matched"; mapping != (test.status == 404) {
				t.Errorf("the body is %q", r.body)
			}
			if allow := r.header.Get("Allow"); (allow != "") != (test.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
		})
	}
}

func TestBothPathWords_areServed(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.base = strings.TrimSuffix(s.base, "ekoapi") + "ekoicici"
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
	s.base = strings.TrimSuffix(s.base, "ekoicici") + "eko"
	s.aeps(s.v2("2", "500")).wantRefused(404)
}

func TestHosts_otherThanThisComputerAreRefused(t *testing.T) {
	s := open(t, ekosim.Options{})
	for host, status := range map[string]int{
		"api.eko.in:25002": 421, "staging.eko.in": 421, "192.0.2.7": 421, "localhost.evil.example": 421, "": 421,
		"localhost": 404, "127.0.0.1:25002": 404, "[::1]:80": 404, "127.3.2.1": 404,
	} {
		t.Run(host, func(t *testing.T) {
			s := s.in(t)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/v2/nothing", nil)
			if err != nil {
				t.Fatal(err)
			}
			if req.Host = host; host == "" {
				req.Host = "0.0.0.0"
			}
			s.do(req).wantRefused(status)
		})
	}
}

func TestBodies_thatAreNotOneObjectAreRefused(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	good, err := json.Marshal(f.with("aadhar", s.encrypt(ramesh)).with("aadhaar", nil))
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	tests := map[string]struct {
		body        string
		contentType string
		status      int
	}{
		"nothing":            {"", "application/json", 403},
		"text":               {"hello", "application/json", 403},
		"null":               {"null", "application/json", 403},
		"an array":           {"[" + text + "]", "application/json", 403},
		"cut":                {text[:len(text)-1], "application/json", 403},
		"two documents":      {text + text, "application/json", 403},
		"a trailing comma":   {text[:len(text)-1] + ",}", "application/json", 403},
		"a key twice":        {text[:len(text)-1] + `,"pipe":"0"}`, "application/json", 403},
		"no content type":    {text, "", 415},
		"a form":             {text, "application/x-www-form-urlencoded", 415},
		"text/plain":         {text, "text/plain", 415},
		"more than 1 MiB":    {text + strings.Repeat(" ", 1<<20), "application/json", 413},
		"a charset is right": {text, "application/json; charset=utf-8", 200},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			r := s.sendRaw(http.MethodPost, "/v2/aeps", test.contentType, []byte(test.body), ramesh+"500"+ekosim.UserCode)
			if test.status == 200 {
				r.want(0, 0, 1463)
				return
			}
			r.wantRefused(test.status)
		})
	}
	if got := s.sim.Moved(refOf(f)); got != 1 {
		t.Errorf("money moved %d times, once was in order", got)
	}
}

func TestQueries_belongToGETOnly(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.send(http.MethodPost, "/v2/aeps?amount=500", s.v2("2", "500")).wantRefused(403)
}

func TestFields_areCheckedOneByOne(t *testing.T) {
	s := open(t, ekosim.Options{})
	withdrawal := func(key string, value any) form { return s.v2("2", "500").with(key, value) }
	tests := []struct {
		name, field string
		form        form
	}{
		{"no service_type", "service_type", withdrawal("service_type", nil)},
		{"an unknown service_type", "service_type", withdrawal("service_type", "8")},
		{"service_type as a number", "service_type", withdrawal("service_type", 2)},
		{"no user_code", "user_code", withdrawal("user_code", nil)},
		{"no customer_id", "customer_id", withdrawal("customer_id", nil)},
		{"a customer_id of nine digits", "customer_id", withdrawal("customer_id", "987654321")},
		{"no bank_code", "bank_code", withdrawal("bank_code", nil)},
		{"a bank_code in small letters", "bank_code", withdrawal("bank_code", "sbin")},
		{"no amount", "amount", withdrawal("amount", nil)},
		{"amount as a number", "amount", withdrawal("amount", 500)},
		{"amount with decimals", "amount", withdrawal("amount", "500.00")},
		{"amount with a leading zero", "amount", withdrawal("amount", "0500")},
		{"amount in exponents", "amount", withdrawal("amount", "5e2")},
		{"a negative amount", "amount", withdrawal("amount", "-500")},
		{"amount 0", "amount", withdrawal("amount", "0")},
		{"amount above 10,000", "amount", withdrawal("amount", "10001")},
		{"no client_ref_id", "client_ref_id", withdrawal("client_ref_id", nil)},
		{"a client_ref_id of 21 characters", "client_ref_id", withdrawal("client_ref_id", strings.Repeat("x", 21))},
		{"a client_ref_id with a blank", "client_ref_id", withdrawal("client_ref_id", "a b")},
		{"another pipe", "pipe", withdrawal("pipe", "1")},
		{"notify_customer yes", "notify_customer", withdrawal("notify_customer", "yes")},
		{"half a latlong", "latlong", withdrawal("latlong", "28.6")},
		{"a source_ip that is none", "source_ip", withdrawal("source_ip", "shop")},
		{"no piddata", "piddata", withdrawal("piddata", nil)},
		{"piddata that is no document", "piddata", withdrawal("piddata", "x")},
		{"piddata as an object", "piddata", withdrawal("piddata", map[string]string{})},
		{"sourceip", "sourceip", withdrawal("sourceip", "127.0.0.1")},
		{"aadhaar with two a", "aadhaar_number", withdrawal("aadhaar_number", "x")},
		{"a balance with an amount", "amount", s.v2("3", "500")},
		{"a statement without amount", "amount", s.v2("4", "0").with("amount", nil)},
		{"no initiator_id", "initiator_id", withdrawal("initiator_id", nil)},
		{"latlong null", "latlong", withdrawal("latlong", json.RawMessage("null"))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := s.in(t)
			s.aeps(test.form).wantInvalid(test.field)
			if ref, ok := test.form["client_ref_id"].(string); ok && s.sim.Moved(ref) != 0 {
				t.Error("money moved")
			}
		})
	}
}

func TestOptionalFields_areOptional(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	for _, name := range []string{"pipe", "notify_customer", "latlong", "source_ip"} {
		f = f.with(name, nil)
	}
	s.aeps(f).want(0, 0, 1463)
}

func TestInvalidParams_comeInBothSpellings(t *testing.T) {
	s := open(t, ekosim.Options{})
	seen := map[string]bool{}
	for range 24 {
		r := s.aeps(s.v2("2", "0"))
		for _, name := range []string{"invalid_params", "invalid_parameters"} {
			if _, ok := r.doc[name]; ok {
				seen[name] = true
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("only %v was seen", seen)
	}
}

func TestRefusals_comeWithAndWithoutAPage(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.header = func(h http.Header) { delete(h, "request_hash") }
	seen := map[bool]bool{}
	for range 24 {
		seen[bytes.Contains(s.aeps(s.v2("2", "500")).body, []byte("<html>"))] = true
	}
	if len(seen) != 2 {
		t.Errorf("pages: %v", seen)
	}
}

func TestAadhaar_thatCannotBeUsed(t *testing.T) {
	s := open(t, ekosim.Options{})
	tests := map[string]string{
		"in plain":             ramesh,
		"no base64":            "%%%",
		"of another key":       strings.Repeat("A", 171) + "=",
		"a wrong check digit":  s.encrypt("123412341235"),
		"eleven digits":        s.encrypt("12341234123"),
		"with blanks":          s.encrypt("1234 1234 1234"),
		"with a line break in": s.encrypt(ramesh)[:76] + "\r\n" + s.encrypt(ramesh)[76:],
	}
	for name, aadhar := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			f := s.v2("2", "500").with("aadhaar", nil).with("aadhar", aadhar)
			s.aeps(f).wantRefused(403)
			v3 := s.v3(500).with("aadhaar", nil).with("aadhar", aadhar)
			s.v3Send("cash-withdrawl", v3).wantInvalid("aadhar")
		})
	}
}

func TestInitiator_thatIsUnknown(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.aeps(s.v2("2", "500").with("initiator_id", "9962981729")).wantRefused(403)
	s.v3Send("cash-withdrawl", s.v3(500).with("initiator_id", "9962981729")).want(319, 1, 319)
}

func TestNew_refusesWhatIsNotSimulated(t *testing.T) {
	for name, o := range map[string]ekosim.Options{
		"Eko's staging keys": {Credentials: ekosim.Credentials{
			DeveloperKey: "becbbce45f79c6f5109f848acd540567", AccessKey: "d2fe1d99-6298-4af2-8cc5-d97dcf46df30", InitiatorID: "9962981729"}},
		"an access key alone":     {Credentials: ekosim.Credentials{DeveloperKey: "SIMULATED-x", AccessKey: "x", InitiatorID: "9962981729"}},
		"an initiator of letters": {Credentials: ekosim.Credentials{DeveloperKey: "SIMULATED-x", AccessKey: "SIMULATED-y", InitiatorID: "me"}},
		"a chaos of 2":            {Chaos: 2},
		"an unknown fault":        {Faults: []ekosim.Fault{{Behaviour: "nonsense"}}},
		"a hash of nothing":       {Rules: ekosim.Rules{V3Hash: "both"}},
		"an account of nobody":    {Accounts: []ekosim.Account{{Aadhaar: "123412341235", BankCode: "SBIN"}}},
		"an account at no bank":   {Accounts: []ekosim.Account{{Aadhaar: asha, BankCode: "XXXX"}}},
		"a merchant of letters":   {Merchants: []ekosim.Merchant{{UserCode: "shop", Mobile: "9999900001", Aadhaar: asha}}},
	} {
		if _, err := ekosim.New(o); err == nil {
			t.Errorf("%s: New did not refuse", name)
		} else if strings.Contains(err.Error(), "d2fe1d99") || strings.Contains(err.Error(), asha) {
			t.Errorf("%s: the error repeats a secret: %v", name, err)
		}
	}
}

func TestCredentials_ofOnesOwnWork(t *testing.T) {
	c := ekosim.Credentials{DeveloperKey: "SIMULATED-dev", AccessKey: "SIMULATED-mine", InitiatorID: "9000000001"}
	s := open(t, ekosim.Options{Credentials: c})
	s.accessKey = c.AccessKey
	s.header = func(h http.Header) { h["developer_key"] = []string{c.DeveloperKey} }
	s.aeps(s.v2("2", "500").with("initiator_id", c.InitiatorID)).want(0, 0, 1463)
}
