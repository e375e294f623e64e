package eko_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"biobridge/eko"
)

// A partner's sentence may say back what it was asked about, or what it found in
// its database. It is shown, stored and sent on, so numbers come out of it.
func TestHookRefusal_isMasked(t *testing.T) {
	tests := map[string]struct{ says, want string }{
		"plain":             {"No wallet for 123412341234.", "No wallet for XXXXXXXX1234."},
		"with blanks":       {"No wallet for 1234 1234 1234.", "No wallet for XXXXXXXX1234."},
		"with hyphens":      {"No wallet for 1234-1234-1234.", "No wallet for XXXXXXXX1234."},
		"odd groups":        {"No: 12 3412 34-1234.", "No: XXXXXXXX1234."},
		"no-break spaces":   {"No: 1234\u00a01234\u00a01234.", "No: XXXXXXXX1234."},
		"another's":         {"Known as 999941057058 here.", "Known as XXXXXXXX7058 here."},
		"another's, parted": {"Known as 9999 4105 7058 here.", "Known as XXXXXXXX7058 here."},
		"another's, hyphen": {"Known as 9999-4105-7058 here.", "Known as XXXXXXXX7058 here."},
		"no check digit":    {"Known as 999941057050 here.", "Known as XXXXXXXX7050 here."},
		"letters beside":    {"UID999941057058x", "UIDXXXXXXXX7058x"},
		"two":               {"999941057058/123412341234", "XXXXXXXX7058/XXXXXXXX1234"},
		"the mobile":        {"Call +919999999999.", "Call +91XXXXXX9999."},
		"four groups":       {"Card 1234 9999 4105 7058", "Card XXXXXXXXXXXX7058"},
		"the mobile, apart": {"Call 99999 99999.", "Call XXXXXX9999."},
		"across a newline":  {"1234\\n1234\\n1234", "XXXXXXXX1234"},
		"an amount":         {"Wallet has 12345.50 of 20000 on 01-01-2026", "Wallet has 12345.50 of 20000 on 01-01-2026"},
		"a long number":     {"Ticket 1700000000000", "Ticket 1700000000000"},
		"no number":         {"Low balance", "Low balance"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPartner(t, func(hookCall) (int, string) { return 200, `{"allow":false,"message":"` + tt.says + `"}` })
			cfg, _ := hookConfig(t, p)
			hook := newHook(t, cfg)
			_, err := hook.Check(t.Context(), signRequest(t, fixedTime))
			if refused, ok := errors.AsType[*eko.HookRefusal](err); !ok || refused.Message != tt.want {
				t.Errorf("Check: %+v, want %q", refused, tt.want)
			}
			s := newWireServer(t, nil, always(withdrawn))
			ec := testConfig(t, s.url())
			ec.Signer = hook
			o := newClient(t, ec).Submit(t.Context(), withdrawal(t))
			refused, ok := errors.AsType[*eko.HookRefusal](o.Err)
			if !ok || refused.Message != tt.want || o.EkoMessage != tt.want || o.State != eko.Failed || o.Sent {
				t.Errorf("Submit: %s, %q, %v, want %q", o.State, o.EkoMessage, refused, tt.want)
			}
			// A signer of somebody else's making is not trusted to have masked it.
			var said string
			if err := json.Unmarshal([]byte(`"`+tt.says+`"`), &said); err != nil {
				t.Fatal(err)
			}
			ec.Signer = failingSigner{fmt.Errorf("ask: %w", &eko.HookRefusal{Message: said})}
			c := newClient(t, ec)
			o = c.Submit(t.Context(), withdrawal(t))
			refused, ok = errors.AsType[*eko.HookRefusal](o.Err)
			if !ok || refused.Message != tt.want || o.EkoMessage != tt.want {
				t.Errorf("another signer: %q, %v, want %q", o.EkoMessage, refused, tt.want)
			}
			ec.Signer = checker{failingSigner{&eko.HookRefusal{Message: said}}}
			_, err = newClient(t, ec).Check(t.Context(), withdrawal(t))
			if refused, ok = errors.AsType[*eko.HookRefusal](err); !ok || refused.Message != tt.want {
				t.Errorf("another checker: %v, want %q", refused, tt.want)
			}
		})
	}
}

// checker is asked before the finger, too.
type checker struct{ failingSigner }

func (c checker) Check(context.Context, eko.SignRequest) (eko.Approval, error) {
	return eko.Approval{}, c.err
}

// On v3 the customer's mobile number stands in the address: the exchange shows
// its last four digits, there and wherever it comes back.
func TestExchange_hidesTheMobileNumber(t *testing.T) {
	answer := edit(t, withdrawn, "Request Completed", "SMS to 9999999999 and 99999 99999", `"tds"`, `"mobile":9999999999,"tds"`)
	s := newWireServer(t, nil, func(c net.Conn, r wireRequest) bool {
		return respond(c, 200, "application/json", answer, "X-Request-Id: 9999999999-123412341234", "Server: 1234 1234 1234")
	})
	cfg := fixedConfig(t, s.url())
	cfg.API = "v3"
	c := newClient(t, cfg)
	asked := withdrawal(t)
	for _, service := range []eko.Service{eko.CashWithdrawal, eko.BalanceEnquiry, eko.MiniStatement, eko.WithdrawalOTP} {
		r := asked
		r.Service = service
		if service != eko.CashWithdrawal {
			r.Amount = 0
		}
		o := c.Submit(t.Context(), r)
		if service == eko.WithdrawalOTP {
			o = c.RequestOTP(t.Context(), asked)
		}
		if o.Exchange == nil {
			t.Fatalf("%s: no exchange (%s)", service, o.Reason)
		}
		raw, err := json.Marshal(o.Exchange)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(raw); containsAny(text, "9999999999", "99999 99999", "123412341234", "1234 1234 1234") || !strings.HasSuffix(o.Exchange.URL, "/XXXXXX9999") {
			t.Errorf("%s: %s", service, text)
		}
		if service == eko.CashWithdrawal {
			indented, err := json.MarshalIndent(o.Exchange, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "exchange-v3", strings.Replace(string(indented), s.url(), "http://eko/ekoapi", 1)+"\n")
		}
	}
	if line := s.seen()[0].Line; !strings.Contains(line, "/cash-withdrawl/9999999999 ") {
		t.Errorf("Eko itself was asked %s", line)
	}
}

// An inquiry does not know the customer's number, so a number is known by its
// check digit; a bank's reference of twelve digits stays.
func TestOutcome_hidesEveryAadhaarNumber(t *testing.T) {
	says := "999941057058 or 9999 4105 7058, RRN 401210000001"
	const want = "XXXXXXXX7058 or XXXXXXXX7058, RRN 401210000001"
	body := edit(t, inquired, "Sucess! Enquiry success.", says, `"fee"`, `"reason":"`+says+`","comment":"`+says+`","aadhar":"999941057058","bank_ref":"x","fee"`,
		`"8761099407"`, `"401210000001"`, `"status":0`, `"status":0,"invalid_params":{"999941057058":"`+says+`"}`)
	s := newWireServer(t, nil, always(body, "Server: 999941057058"))
	o := newClient(t, testConfig(t, s.url())).Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1", UserCode: userCode, Amount: 500})
	if o.State != eko.Succeeded || o.EkoMessage != want || o.Details.Reason != want || o.Details.Comment != want || o.Details.InvalidParams["XXXXXXXX7058"] != want {
		t.Errorf("%s (%s): %+v", o.State, o.Reason, o)
	}
	if o.BankRefNum != "401210000001" || o.Details.Aadhaar != "XXXXXXXX7058" {
		t.Errorf("reference %q, number %q", o.BankRefNum, o.Details.Aadhaar)
	}
	raw, err := json.Marshal(o.Exchange)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%s %+v", raw, o); containsAny(text, "999941057058", "9999 4105 7058") || !strings.Contains(string(raw), "401210000001") {
		t.Errorf("shown: %s", text)
	}
}

// A reference is sent back to Eko, so it stays as it is even where it holds the
// mobile number; a sentence does not.
func TestOutcome_keepsReferences(t *testing.T) {
	body := `{"status":0,"response_status_id":0,"response_type_id":1600,"message":"OTP sent to 9876543210","data":{"otp_ref_id":"OTP-9876543210-123412341234","reference_tid":"123412341234"}}`
	s := newWireServer(t, nil, always(body))
	o := newClient(t, testConfig(t, s.url())).Merchant(t.Context(), eko.MerchantRequest{
		Service: eko.KYCOTP, ClientRefID: "REF1", Aadhaar: mustAadhaar(t, "999941057058"), UserCode: userCode, CustomerID: "9876543210", LatLong: "28.61,77.20",
	})
	if o.State != eko.Succeeded || o.Details.OTPReference != "OTP-9876543210-123412341234" || o.Details.ReferenceTID != "123412341234" {
		t.Errorf("%s (%s): %+v", o.State, o.Reason, o.Details)
	}
	if o.EkoMessage != "OTP sent to XXXXXX3210" {
		t.Errorf("Eko says %q", o.EkoMessage)
	}
}

// A query's error is a sentence of ours; what Eko said stands in its Outcome.
func TestRefusal_holdsNoTextOfEkos(t *testing.T) {
	s := newWireServer(t, nil, always(edit(t, notAllowed, "Agent not", "Asha of 12 Lane, Agent not")))
	_, err := newClient(t, testConfig(t, s.url())).Services(t.Context(), userCode)
	refused, ok := asRefusal(err)
	if !ok || strings.Contains(err.Error(), "Asha") || !strings.Contains(err.Error(), "agent_not_allowed: This merchant may not") || !strings.Contains(refused.Outcome.EkoMessage, "Asha") {
		t.Errorf("%v", err)
	}
}
