package eko_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/eko"
)

const mockServer = "testdata/mockserver/node_modules/@ekoindia/eps-mock-server"

// startMock starts the mock server that Eko publishes on npm. Where it is not
// installed the test is skipped with the reason, and in CI it fails.
func startMock(t *testing.T) (address string) {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("Eko's mock server needs Node.js 18 or later, which is not installed")
	}
	if _, err := os.Stat(mockServer); err != nil {
		missing("Eko's mock server is not installed: run npm ci in eko/testdata/mockserver")
	}
	for range 5 { // the server takes a port and names none of its own choice
		port := freePort(t)
		cmd := exec.CommandContext(t.Context(), node, filepath.Join(mockServer, "dist", "index.js"))
		cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port))
		said, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(said)
		if lines.Scan() && strings.Contains(lines.Text(), "listening") {
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			})
			return fmt.Sprintf("http://localhost:%d", port)
		}
		_ = cmd.Wait()
	}
	t.Fatal("Eko's mock server does not start")
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().(*net.TCPAddr).Port
}

// v3Operation is one operation against Eko's fixtures: what is sent, and all that
// came back, as text.
type v3Operation struct {
	slug string
	run  func(t *testing.T, c *eko.Client) (eko.Outcome, string)
}

const mockRef = "00000000000000000000" // the reference that the settlement's fixture names

func v3Operations() []v3Operation {
	submit := func(s eko.Service, amount eko.Rupees) func(*testing.T, *eko.Client) (eko.Outcome, string) {
		return func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			r := withdrawal(t)
			r.Service, r.Amount = s, amount
			o := c.Submit(t.Context(), r)
			return o, fmt.Sprintf("%+v", o)
		}
	}
	merchant := func(s eko.Service, finger bool) func(*testing.T, *eko.Client) (eko.Outcome, string) {
		return func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			r := eko.MerchantRequest{Service: s, ClientRefID: "REF1", Aadhaar: mustAadhaar(t, "999900000071"), UserCode: userCode,
				CustomerID: "9123456789", LatLong: "28.6139,77.2090"}
			if finger {
				r.BankCode, r.PidData = "HDFC", []byte(pidData)
			}
			if s != eko.KYCOTP && s != eko.DailyKYC {
				r.OTP, r.OTPReference, r.ReferenceTID = eko.NewOTP("123456"), "2465238", "EKYKF4719702240123152147525I"
			}
			o := c.Merchant(t.Context(), r)
			return o, fmt.Sprintf("%+v", o)
		}
	}
	asked := func(value any, err error) (eko.Outcome, string) {
		if refused, ok := errors.AsType[*eko.Refusal](err); ok {
			return refused.Outcome, fmt.Sprintf("%+v", refused.Outcome)
		}
		return eko.Outcome{State: eko.Succeeded, Reason: "succeeded", Err: err}, fmt.Sprintf("%+v", value)
	}
	return []v3Operation{
		{"aeps-fingpay-cash-withdrawal", submit(eko.CashWithdrawal, 1000)},
		{"aeps-fingpay-balance-enquiry", submit(eko.BalanceEnquiry, 0)},
		{"aeps-fingpay-mini-statement", submit(eko.MiniStatement, 0)},
		{"aeps-fingpay-cash-withdrawal-otp", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			r := withdrawal(t)
			r.Amount = 6000
			o := c.RequestOTP(t.Context(), r)
			return o, fmt.Sprintf("%+v", o)
		}},
		{"transaction-inquiry", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			o := c.Inquire(t.Context(), eko.Inquiry{TID: "12971397", ClientRefID: "Settlemet7206123420", Amount: 1045})
			return o, fmt.Sprintf("%+v", o)
		}},
		{"aeps-fingpay-send-otp-kyc", merchant(eko.KYCOTP, false)},
		{"aeps-fingpay-verify-otp-kyc", merchant(eko.KYCVerify, false)},
		{"aeps-fingpay-biometric-ekyc", merchant(eko.KYCBiometric, true)},
		{"aeps-fingpay-daily-auth", merchant(eko.DailyKYC, true)},
		{"get-user-services", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.Services(t.Context(), userCode))
		}},
		{"get-all-services", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.Catalogue(t.Context()))
		}},
		{"get-wallet-balance", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			balance, currency, err := c.WalletBalance(t.Context(), userCode)
			return asked(balance+" "+currency, err)
		}},
		{"get-bank-details", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.Bank(t.Context(), "IDFB"))
		}},
		{"get-ifsc-details", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.Bank(t.Context(), "IOBA0002248"))
		}},
		{"aeps-get-settlement-accounts", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.SettlementAccounts(t.Context(), userCode))
		}},
		{"aeps-add-settlement-account", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			return asked(c.AddSettlementAccount(t.Context(), eko.NewSettlementAccount{
				ClientRefID: "REF1", UserCode: userCode, BankID: "12", IFSC: "SBIN0000000", Account: "00000000000002"}))
		}},
		{"aeps-initiate-settlement", func(t *testing.T, c *eko.Client) (eko.Outcome, string) {
			o := c.Settle(t.Context(), eko.SettlementRequest{ClientRefID: mockRef, UserCode: userCode, RecipientID: "1829", Amount: 5000, Mode: eko.IMPS})
			return o, fmt.Sprintf("%+v", o)
		}},
	}
}

// mockFixture is one entry of the mock server's own data.
type mockFixture struct {
	Slug, Method, Path string
	Request            map[string]any
	SuccessResponse    map[string]any
	Errors             []struct {
		Scenario         string
		ResponseStatusID any
		StatusCode       int
		Example          map[string]any
	}
}

func mockFixtures(t *testing.T) map[string]mockFixture {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(mockServer, "data", "fixtures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []mockFixture
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err)
	}
	found := map[string]mockFixture{}
	for _, f := range list {
		found[f.Slug] = f
	}
	return found
}

// Every v3 operation against Eko's own mock server over HTTP, and every error
// that it can be asked for. The mock serves the paths without a version.
func TestMockServer_operations(t *testing.T) {
	mock := mustURL(t, startMock(t))
	scenario := ""
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(mock)
		r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/ekoapi/v3")
		query := r.Out.URL.Query()
		query.Set("eps_scenario", scenario)
		r.Out.URL.RawQuery = query.Encode()
	}}
	front := httptest.NewServer(proxy)
	defer front.Close()
	cfg := testConfig(t, front.URL+"/ekoapi")
	cfg.API = "v3"
	c := newClient(t, cfg)
	fixtures := mockFixtures(t)
	for _, op := range v3Operations() {
		t.Run(op.slug, func(t *testing.T) {
			f, known := fixtures[op.slug]
			if !known {
				t.Fatal("the mock server knows no such operation")
			}
			scenario = ""
			if o, _ := op.run(t, c); o.State != eko.Succeeded || o.Err != nil {
				t.Errorf("%s (%s): %v", o.State, o.Reason, o.Err)
			}
			asked := map[string]bool{}
			for _, e := range f.Errors {
				id := fmt.Sprint(e.ResponseStatusID)
				if !asked[id] { // the server answers the first error of an id
					asked[id], scenario = true, id
					o, _ := op.run(t, c)
					wantScenario(t, e.Scenario, o)
				}
			}
		})
	}
}

// wantScenario compares an outcome with Eko's description of the error.
func wantScenario(t *testing.T, scenario string, o eko.Outcome) {
	t.Helper()
	want := eko.Failed
	if strings.HasPrefix(scenario, "Transaction Pending") {
		want = eko.Pending
	}
	if o.State != want {
		t.Errorf("%s: %s (%s), want %s", scenario, o.State, o.Reason, want)
	}
	if strings.HasPrefix(scenario, "OTP required") && (o.Reason != "otp_required" || o.Details.OTPRequestID == "") {
		t.Errorf("%s: %s, request %q", scenario, o.Reason, o.Details.OTPRequestID)
	}
}

// ignored are the members that are dropped on purpose, and why.
var ignored = map[string]string{
	"initiator_id":             "our own",
	"customer_id":              "our own",
	"recipient_name":           "named by whoever settles",
	"account":                  "named by whoever settles",
	"ifsc":                     "named by whoever settles",
	"beneficiary_account_type": "of transfers, not of AePS",
	"payment_mode":             "named by whoever settles",
	"last_used_okekey":         "a session of Eko's own",
	"isverificationavailable":  "read as a truth value",
	"user_code":                "our own",
}

// What the fixtures answer is read completely: every member, with a value that
// stands nowhere else, appears in what the caller gets, or is ignored on purpose.
func TestMockServer_nothingIsDropped(t *testing.T) {
	startMock(t) // for its reasons to skip
	fixtures := mockFixtures(t)
	for _, op := range v3Operations() {
		f := fixtures[op.slug]
		answers := map[string]map[string]any{"success": f.SuccessResponse}
		for _, e := range f.Errors {
			answers[e.Scenario] = e.Example
		}
		for name, answer := range answers {
			t.Run(op.slug+"/"+name, func(t *testing.T) {
				values := map[string]string{}
				body, err := json.Marshal(marked("", answer, values))
				if err != nil {
					t.Fatal(err)
				}
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write(body)
				}))
				defer srv.Close()
				cfg := testConfig(t, srv.URL)
				cfg.API = "v3"
				o, text := op.run(t, newClient(t, cfg))
				if name == "success" && o.State != eko.Succeeded {
					t.Errorf("%s (%s): %v", o.State, o.Reason, o.Err)
				} else if name != "success" {
					wantScenario(t, name, o)
				}
				if o.State == eko.Succeeded && o.Codes.Status == nil {
					delete(values, "message") // a query's result has no use for "SUCCESS"
				}
				for member, value := range values {
					if ignored[member] == "" && !strings.Contains(text, value) {
						t.Errorf("%s is dropped", member)
					}
				}
			})
		}
	}
}

// codes decide, and references and amounts are compared; they keep their values.
var kept = map[string]bool{"status": true, "response_status_id": true, "response_type_id": true, "tx_status": true,
	"tid": true, "client_ref_id": true, "amount": true}

// marked gives every member a value of its own.
func marked(name string, value any, values map[string]string) any {
	switch v := value.(type) {
	case map[string]any:
		for member := range v {
			if v[member] != nil && !(kept[member] && name != "service_status_list" && name != "mini_statement_list") {
				v[member] = marked(member, v[member], values)
			}
		}
	case []any:
		for i := range v {
			if row, ok := v[i].(map[string]any); ok {
				for member := range row {
					if row[member] != nil {
						row[member] = marked(member, row[member], values)
					}
				}
			}
		}
	case string:
		values[name] = fmt.Sprintf("mark%dq", len(values))
		return values[name]
	case json.Number:
		values[name] = fmt.Sprint(70_000 + len(values))
		return json.Number(values[name])
	}
	return value
}
