package agent_test

import (
	"strings"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// TestAgent_Transact_Refuses has a line for everything that is refused before
// anybody is asked for a finger: no request reaches scanner or Eko, nothing is
// written.
func TestAgent_Transact_Refuses(t *testing.T) {
	sh := openShop(t, setup{config: func(c *agent.Config) { c.Limits.OTPAbove = 5000 }})
	tests := []struct {
		name   string
		change func(*agent.TransactRequest)
		code   contract.Code
		field  string
		reason string
	}{
		{"no consent", func(r *agent.TransactRequest) { r.Consent = false }, contract.InvalidParams, "consent", "no_consent"},
		{"no such service", func(r *agent.TransactRequest) { r.Service = "deposit" }, contract.InvalidParams, "service", "bad_service"},
		{"no amount", func(r *agent.TransactRequest) { r.Amount = 0 }, contract.InvalidParams, "amount", "bad_amount"},
		{"a negative amount", func(r *agent.TransactRequest) { r.Amount = -500 }, contract.InvalidParams, "amount", "bad_amount"},
		{"too much", func(r *agent.TransactRequest) { r.Amount = 10001 }, contract.LimitExceeded, "", "max_amount"},
		{"a balance with an amount", func(r *agent.TransactRequest) { r.Service = contract.BalanceEnquiry }, contract.InvalidParams, "amount", "amount_not_wanted"},
		{"no Aadhaar", func(r *agent.TransactRequest) { r.Aadhaar = agent.Aadhaar{} }, contract.InvalidParams, "aadhaar", "bad_aadhaar"},
		{"no bank", func(r *agent.TransactRequest) { r.BankCode = "" }, contract.InvalidParams, "bank_code", "bad_bank_code"},
		{"a bank in small letters", func(r *agent.TransactRequest) { r.BankCode = "sbin" }, contract.InvalidParams, "bank_code", "bad_bank_code"},
		{"a landline", func(r *agent.TransactRequest) { r.CustomerID = "0112345678" }, contract.InvalidParams, "customer_id", "bad_customer_id"},
		{"a short mobile number", func(r *agent.TransactRequest) { r.CustomerID = "999991234" }, contract.InvalidParams, "customer_id", "bad_customer_id"},
		{"a long reference", func(r *agent.TransactRequest) { r.ClientRefID = strings.Repeat("A", 21) }, contract.InvalidParams, "client_ref_id", "bad_client_ref_id"},
		{"a reference with a slash", func(r *agent.TransactRequest) { r.ClientRefID = "A/../B" }, contract.InvalidParams, "client_ref_id", "bad_client_ref_id"},
		{"another merchant", func(r *agent.TransactRequest) { r.UserCode = "1234" }, contract.InvalidParams, "user_code", "user_code_differs"},
		{"another place", func(r *agent.TransactRequest) { r.LatLong = "1,1" }, contract.InvalidParams, "latlong", "latlong_differs"},
		{"no OTP above ₹5000", func(r *agent.TransactRequest) { r.Amount = 5001 }, contract.OTPRequired, "", "otp_required"},
		{"letters as OTP", func(r *agent.TransactRequest) { r.OTP = "secret" }, contract.InvalidParams, "otp", "bad_otp"},
		{"an odd OTP request", func(r *agent.TransactRequest) { r.OTPRequestID = "a b" }, contract.InvalidParams, "otp_request_id", "bad_otp"},
		{"an unknown scanner", func(r *agent.TransactRequest) { r.Device = "nobody" }, contract.NoDevice, "", "device_gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := withdraw(t, 500)
			tt.change(&r)
			e := sh.refused(r, tt.code)
			if field, _ := e.Data["field"].(string); field != tt.field || e.Reason() != tt.reason {
				t.Errorf("field %q, reason %q, want %q, %q", field, e.Reason(), tt.field, tt.reason)
			}
		})
	}
	if n := len(sh.eko.Requests()); n != 0 {
		t.Errorf("%d requests reached Eko", n)
	}
	for _, r := range sh.scanner.Requests() {
		if r.Verb == "CAPTURE" {
			t.Error("a finger was asked for")
		}
	}
	if p, err := sh.agent.List(t.Context(), page, agent.Filter{}); err != nil || len(p.Transactions) != 0 {
		t.Errorf("written down: %v, %v", p.Transactions, err)
	}
}

func TestParseAadhaar(t *testing.T) {
	for _, bad := range []string{"", "12341234123", "123412341235", "12341234123a", "1234123412340"} {
		_, err := agent.ParseAadhaar(bad)
		e := agent.AsError(err)
		if e == nil || e.Code != contract.InvalidParams || e.Data["field"] != "aadhaar" || (len(bad) > 3 && strings.Contains(e.Error(), bad)) {
			t.Errorf("ParseAadhaar of %d characters: %v", len(bad), err)
		}
	}
}

// TestAgent_Transact_OpenPlace leaves merchant and place to the page.
func TestAgent_Transact_OpenPlace(t *testing.T) {
	sh := openShop(t, setup{config: func(c *agent.Config) { c.UserCode, c.LatLong, c.LatLongWanted = "", "", true }})
	r := withdraw(t, 500)
	if e := sh.refused(r, contract.InvalidParams); e.Data["field"] != "user_code" {
		t.Errorf("without a merchant: %v", e.Data)
	}
	r.UserCode = "99990001"
	for _, place := range []string{"", "here", "91,0", "0,181", "NaN,0", "1e1,2", "+1,2", "1;2", "1,2,3"} {
		r.LatLong = place
		if e := sh.refused(r, contract.InvalidParams); e.Data["field"] != "latlong" {
			t.Errorf("place %q: %v", place, e.Data)
		}
	}
	r.LatLong = "28.6139, 77.2090"
	if tx := sh.transact(r); tx.State != contract.Succeeded || tx.UserCode != "99990001" {
		t.Errorf("with both: %+v", tx)
	}
}

func TestAgent_Transact_Warnings(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{config: func(c *agent.Config) { c.Catalogue = texts }})
	tx := sh.transact(withdraw(t, 90))
	var codes []string
	for _, w := range tx.Warnings {
		codes = append(codes, w.Code)
	}
	if got := strings.Join(codes, " "); !strings.HasPrefix(got, "below_minimum odd_step") {
		t.Errorf("warnings %q", got)
	}
	if !strings.Contains(tx.Warnings[0].Message, "₹100") {
		t.Errorf("the warning says %q", tx.Warnings[0].Message)
	}
	english := tx.Warnings[0].Message
	if hindi := sh.agent.Localise(tx, locale.Hindi).Warnings[0].Message; hindi == english || !strings.Contains(hindi, "₹100") {
		t.Errorf("in Hindi the warning says %q", hindi)
	}
}
