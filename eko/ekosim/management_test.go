package ekosim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

// desk speaks to the management door as another process does.
type desk struct {
	t    *testing.T
	base string
	http *http.Client
}

func manage(t *testing.T, s *shop) desk {
	t.Helper()
	srv := httptest.NewServer(s.sim.Management())
	t.Cleanup(srv.Close)
	return desk{t, srv.URL, srv.Client()}
}

// ask sends a request and reads the answer into v, which may be nil.
func (d desk) ask(method, path, body string, want int, v any) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := d.http.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if resp.StatusCode != want {
		d.t.Fatalf("%s %s: HTTP %d, want %d: %s", method, path, resp.StatusCode, want, raw)
	}
	if v != nil {
		if err := json.Unmarshal(raw, v); err != nil {
			d.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
}

func TestManagement_countsTheMoney(t *testing.T) {
	s := open(t, ekosim.Options{Seed: 42})
	d := manage(t, s)
	f := s.v2("2", "102")
	s.aeps(f)

	var known struct {
		Moved, Attempts int
		Transaction     *ekosim.Transaction
	}
	d.ask("GET", "/transactions/"+refOf(f), "", 200, &known)
	if known.Moved != 1 || known.Attempts != 1 || known.Transaction == nil || known.Transaction.TxStatus != "0" {
		t.Errorf("%+v", known)
	}
	known.Transaction = nil
	d.ask("GET", "/transactions/NEVER1", "", 200, &known)
	if known.Moved != 0 || known.Attempts != 0 || known.Transaction != nil {
		t.Errorf("%+v", known)
	}
	var state struct {
		Seed   uint64
		Totals ekosim.Totals
	}
	d.ask("GET", "/state", "", 200, &state)
	if state.Seed != 42 || state.Totals.Movements != 1 || state.Totals.Withdrawn != ekosim.Rupees(102) {
		t.Errorf("%+v", state)
	}
	var balance struct {
		Paise  ekosim.Paise
		Rupees string
	}
	d.ask("GET", "/balance?bank_code=SBIN&aadhaar="+ramesh, "", 200, &balance)
	if want, _ := s.sim.Balance(ramesh, "SBIN"); balance.Paise != want || balance.Rupees != want.Text() {
		t.Errorf("%+v", balance)
	}
	d.ask("GET", "/balance?bank_code=HDFC&aadhaar="+ramesh, "", 404, nil)
	var list []ekosim.Transaction
	d.ask("GET", "/transactions", "", 200, &list)
	if len(list) != 1 || list[0].ClientRefID != refOf(f) {
		t.Errorf("%+v", list)
	}
	var requests []ekosim.Request
	d.ask("GET", "/requests", "", 200, &requests)
	if len(requests) != 1 || requests[0].Behaviour != ekosim.LostAnswer || requests[0].Status != 0 {
		t.Errorf("%+v", requests)
	}
	d.ask("DELETE", "/requests", "", 200, nil)
	d.ask("GET", "/requests", "", 200, &requests)
	if len(requests) != 0 {
		t.Errorf("%d requests are left", len(requests))
	}
}

func TestManagement_drivesTheSimulator(t *testing.T) {
	s := open(t, ekosim.Options{})
	d := manage(t, s)

	d.ask("POST", "/faults", `{"behaviour":"pending_success","times":-1}`, 200, nil)
	f := s.v2("2", "500")
	s.aeps(f).want(0, 2, 1465)
	d.ask("DELETE", "/faults", "", 200, nil)
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
	d.ask("POST", "/transactions/"+refOf(f), `{"tx_status":"4"}`, 200, nil)
	if got := s.inquire(refOf(f)).data("tx_status"); got != "4" {
		t.Errorf("inquiry says %q", got)
	}

	d.ask("PUT", "/rules", `{"withdrawals_per_day":1}`, 200, nil)
	s.aeps(s.v2("2", "500")).want(1464, 1, 1464)
	var rules ekosim.Rules
	d.ask("GET", "/rules", "", 200, &rules)
	if rules.WithdrawalsPerDay != 1 {
		t.Errorf("%+v", rules)
	}
	d.ask("PUT", "/rules", `{"withdrawals_per_day":0}`, 200, nil)

	d.ask("POST", "/accounts", `{"aadhaar":"`+asha+`","bank_code":"IDFB","name":"Asha","balance":50000}`, 200, nil)
	r := s.aeps(s.v2("3", "0").with("aadhaar", asha).with("bank_code", "IDFB")).want(0, 0, 1466)
	if r.data("customer_balance") != "500.00" {
		t.Errorf("answer %s", r.body)
	}
	d.ask("POST", "/merchants", `{"user_code":"12345678","mobile":"9999900009","aadhaar":"`+asha+`","services":{"52":1}}`, 200, nil)
	s.aeps(s.v2("2", "500").with("user_code", "12345678")).want(0, 0, 1463)
	d.ask("POST", "/services", `{"user_code":"12345678","service_code":52,"status":0}`, 200, nil)
	s.aeps(s.v2("2", "500").with("user_code", "12345678")).want(346, 1, 346)

	var inbox []ekosim.Message
	s.requestOTP(6000)
	d.ask("GET", "/inbox", "", 200, &inbox)
	if len(inbox) != 1 || inbox[0].To != "9876543210" || inbox[0].Purpose != ekosim.WithdrawalOTP {
		t.Errorf("%+v", inbox)
	}
	d.ask("PUT", "/clock", `{"skew_ms":3600000}`, 200, nil)
	s.aeps(s.v2("2", "500")).wantRefused(403)

	var lines []ekosim.BehaviourHelp
	d.ask("GET", "/behaviours", "", 200, &lines)
	if len(lines) != len(ekosim.Behaviours()) {
		t.Errorf("%d behaviours", len(lines))
	}
	d.ask("GET", "/", "", 200, nil)
}

func TestManagement_refusesNonsense(t *testing.T) {
	s := open(t, ekosim.Options{})
	d := manage(t, s)
	for path, body := range map[string]string{
		"/faults":    `{"behaviour":"nonsense"}`,
		"/accounts":  `{"aadhaar":"123412341235","bank_code":"SBIN"}`,
		"/merchants": `{"user_code":"x"}`,
		"/services":  `{"user_code":"11111111","service_code":52,"status":1}`,
	} {
		d.ask("POST", path, body, 400, nil)
		d.ask("POST", path, body+"{}", 400, nil)
		d.ask("POST", path, `{"unheard_of":1}`, 400, nil)
		d.ask("POST", path, `{`, 400, nil)
	}
	d.ask("PUT", "/rules", `{"v3_hash":"both"}`, 400, nil)
	d.ask("PUT", "/clock", `{"skew":1}`, 400, nil)
	d.ask("POST", "/transactions/NEVER1", `{"tx_status":"0"}`, 409, nil)
	d.ask("GET", "/nothing", "", 404, nil)
	d.ask("PUT", "/faults", "", 405, nil)
}

func TestManagement_isNotForPages(t *testing.T) {
	s := open(t, ekosim.Options{})
	d := manage(t, s)
	for name, change := range map[string]func(*http.Request){
		"a page":       func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8080") },
		"another host": func(r *http.Request) { r.Host = "evil.example" },
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.base+"/state", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		resp, err := d.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: HTTP %d", name, resp.StatusCode)
		}
	}
}

func TestRequests_showEnoughAndNothingPersonal(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500").with("aadhaar", asha)
	s.aeps(f).want(0, 0, 1463)
	id, otp := s.requestOTP(6000)
	s.v3Send("cash-withdrawl", s.v3(6000).with("txn_otp_request_id", id).with("piddata", s.scan(finger{otp: otp}))).want(0, 0, 1463)
	sent := s.send(http.MethodPost, v3Steps.otp, s.agent()).want(0, 0, 1600)
	typed := s.smsFor(sent.data("otp_ref_id"))
	s.send(http.MethodPut, v3Steps.verify, s.agent().with("otp", typed).
		with("otp_ref_id", sent.data("otp_ref_id")).with("reference_tid", sent.data("reference_tid"))).want(0, 0, 1604)

	history, err := json.Marshal(s.sim.Requests())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"an Aadhaar number": asha, "the merchant's": newsAadhaar, "an OTP": `\"otp\":\"` + typed,
		"the access key": ekosim.AccessKey, "a PID block": "<Skey",
	} {
		if strings.Contains(string(history), secret) {
			t.Errorf("the history holds %s", name)
		}
	}
	r := s.sim.Requests()[0]
	if r.Sequence != 1 || r.Method != "POST" || r.Path != "/ekoapi/v2/aeps" || r.API != "v2" || r.Operation != ekosim.CashWithdrawal ||
		r.ClientRefID != refOf(f) || r.UserCode != ekosim.UserCode || r.AadhaarLast4 != "1234" || r.BankCode != "SBIN" || r.Amount != "500" ||
		r.Behaviour != ekosim.Behave || r.Status != 200 || r.Refused != "" || time.Since(r.At) > time.Hour {
		t.Errorf("%+v", r)
	}
	if got := r.Header["Secret-Key"]; len(got) != 1 || got[0] != "right" {
		t.Errorf("secret-key is shown as %v", got)
	}
	if got := r.Header["Request_hash"]; len(got) != 1 || got[0] != "right" {
		t.Errorf("request_hash is shown as %v", got)
	}
	var body map[string]string
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
		t.Fatalf("the body is shown as %s", r.Body)
	}
	for name, want := range map[string]string{"service_type": "2", "amount": "500", "latlong": "28.61,77.20", "aadhar": "<172 characters>"} {
		if body[name] != want {
			t.Errorf("%s is shown as %q", name, body[name])
		}
	}
	if !strings.Contains(body["piddata"], r.PIDDigest) || len(r.PIDDigest) != 64 {
		t.Errorf("piddata is shown as %q, its digest is %q", body["piddata"], r.PIDDigest)
	}
}
