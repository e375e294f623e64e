package eko_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid/pidtest"
)

// counter is a client against the simulator over real HTTP, as a shop's.
type counter struct {
	*eko.Client
	sim *ekosim.Server
}

func openCounter(t testing.TB, api string, o ekosim.Options, change ...func(*eko.Config)) counter {
	t.Helper()
	sim, err := ekosim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	t.Cleanup(func() {
		sim.Close()
		srv.Close()
	})
	cfg := eko.Config{
		API: api, BaseURL: srv.URL + "/ekoapi", DeveloperKey: ekosim.DeveloperKey, InitiatorID: ekosim.InitiatorID,
		PublicKey: sim.PublicKey(), Signer: eko.KeySigner{Key: mustKey(t, ekosim.AccessKey)}, Timeout: time.Minute,
	}
	for _, f := range change {
		f(&cfg)
	}
	return counter{newClient(t, cfg), sim}
}

var (
	scanner = sync.OnceValues(func() (*pidtest.Device, error) {
		return pidtest.NewDevice(pidtest.DeviceSpec{DeviceInfo: pidtest.DeviceInfo{
			DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.8", MI: "MFS110"},
			NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0)})
	})
	refs atomic.Int64
)

func newRef() string { return fmt.Sprintf("E%d", refs.Add(1)) }

// scan is a sealed PID block, fresh each time: UIDAI takes none twice.
func scan(t testing.TB, wadh, otp string) []byte {
	t.Helper()
	return scanAt(t, time.Now(), wadh, otp)
}

func scanAt(t testing.TB, at time.Time, wadh, otp string) []byte {
	t.Helper()
	device, err := scanner()
	if err != nil {
		t.Fatal(err)
	}
	bios, err := pidtest.Fingers(rand.Reader, 2, []int{38}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := pidtest.Simulated().Seal(device, pidtest.SealRequest{Time: at, Wadh: wadh, OTP: otp, Bios: bios})
	if err != nil {
		t.Fatal(err)
	}
	i, b64 := device.Info(), base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, "<PidData>\n<Resp errCode=\"0\" errInfo=\"\" fCount=\"1\" fType=\"2\" nmPoints=\"38\" qScore=\"80\"/>"+
		`<DeviceInfo dpId="%s" rdsId="%s" rdsVer="%s" mi="%s" mc="%s" dc="%s"/>`+
		`<Skey ci="%s">%s</Skey><Hmac>%s</Hmac><Data type="X">%s</Data></PidData>`,
		i.DPID, i.RDSID, i.RDSVer, i.MI, b64(sealed.MC), i.DC, sealed.CI, b64(sealed.Skey), b64(sealed.Hmac), b64(sealed.Data))
}

func customer(t testing.TB, s eko.Service, amount eko.Rupees) eko.Request {
	t.Helper()
	return eko.Request{
		Service: s, ClientRefID: newRef(), Aadhaar: mustAadhaar(t, "999941057058"), BankCode: "SBIN", Amount: amount,
		CustomerID: "9876543210", UserCode: ekosim.UserCode, LatLong: "28.61,77.20", PidData: scan(t, "", ""),
	}
}

func wantState(t testing.TB, o eko.Outcome, state eko.State) {
	t.Helper()
	if o.State != state {
		t.Fatalf("outcome %s (%s; Eko says %q): %v", o.State, o.Reason, o.EkoMessage, o.Err)
	}
}

// The three services of a customer, and Aadhaar Pay where there is one.
func TestSim_customersDay(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		t.Run(api, func(t *testing.T) {
			c := openCounter(t, api, ekosim.Options{})
			before, _ := c.sim.Balance("999941057058", "SBIN")
			r := customer(t, eko.CashWithdrawal, 500)
			o := c.Submit(t.Context(), r)
			wantState(t, o, eko.Succeeded)
			after, _ := c.sim.Balance("999941057058", "SBIN")
			if before-after != ekosim.Rupees(500) || c.sim.Moved(r.ClientRefID) != 1 {
				t.Errorf("moved %v, %d times", before-after, c.sim.Moved(r.ClientRefID))
			}
			if o.TID == "" || len(o.BankRefNum) != 12 || o.CustomerBalance == "" || o.Details.Aadhaar != "XXXX XXXX 7058" {
				t.Errorf("receipt: %+v", o)
			}
			asked := c.Inquire(t.Context(), eko.Inquiry{ClientRefID: r.ClientRefID, UserCode: ekosim.UserCode, Amount: 500})
			wantState(t, asked, eko.Succeeded)
			if asked.TID != o.TID {
				t.Errorf("TID %s by inquiry, %s before", asked.TID, o.TID)
			}
			wantState(t, c.Inquire(t.Context(), eko.Inquiry{TID: o.TID, ClientRefID: r.ClientRefID, UserCode: ekosim.UserCode, Amount: 500}), eko.Succeeded)
			unknown := c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "NEVERSENT", UserCode: ekosim.UserCode})
			wantState(t, unknown, eko.Pending)

			o = c.Submit(t.Context(), customer(t, eko.BalanceEnquiry, 0))
			wantState(t, o, eko.Succeeded)
			if o.CustomerBalance == "" {
				t.Error("no balance")
			}
			o = c.Submit(t.Context(), customer(t, eko.MiniStatement, 0))
			wantState(t, o, eko.Succeeded)
			if len(o.MiniStatement) == 0 || o.MiniStatement[0].Amount == "" {
				t.Errorf("mini statement: %+v", o.MiniStatement)
			}
			pay := c.Submit(t.Context(), customer(t, eko.AadhaarPay, 300))
			if want := map[string]eko.State{"v2": eko.Succeeded, "v3": eko.Failed}[api]; pay.State != want || pay.Sent != (api == "v2") {
				t.Errorf("Aadhaar Pay: %s (%s)", pay.State, pay.Reason)
			}
		})
	}
}

// Whatever the simulator does wrong, the outcome and the money agree: success
// means moved once, failure means not moved, and the rest is pending. Inquiries
// then end where the simulator's book ends.
func TestSim_everyFault(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		c := openCounter(t, api, ekosim.Options{}, func(cfg *eko.Config) { cfg.Timeout = 300 * time.Millisecond })
		for _, b := range ekosim.Behaviours() {
			if b.Amount == 0 {
				continue
			}
			t.Run(api+"/"+string(b.Behaviour), func(t *testing.T) {
				r := customer(t, eko.CashWithdrawal, eko.Rupees(b.Amount))
				o := c.Submit(t.Context(), r)
				c.sim.SetSkew(0)
				agree(t, c.sim, r.ClientRefID, o)
				if n := c.sim.Attempts(r.ClientRefID); n > 1 {
					t.Errorf("Eko saw the request %d times", n)
				}
				for range 20 {
					if o.State != eko.Pending && o.State != eko.RefundPending {
						return
					}
					o = c.Inquire(t.Context(), eko.Inquiry{TID: o.TID, ClientRefID: r.ClientRefID, UserCode: ekosim.UserCode, Amount: r.Amount})
					agree(t, c.sim, r.ClientRefID, o)
				}
			})
		}
	}
}

func agree(t *testing.T, sim *ekosim.Server, ref string, o eko.Outcome) {
	t.Helper()
	standing := 0
	if tx, ok := sim.Transaction(ref); ok {
		standing = tx.Moved - tx.Refunded
	}
	switch {
	case o.State == eko.Succeeded && standing != 1, o.State == eko.Failed && standing != 0, o.State == eko.Refunded && standing != 0:
		t.Errorf("%s (%s) although %d times the amount is gone", o.State, o.Reason, standing)
	}
}

// On v3 a withdrawal above 5,000 rupees wants the customer's OTP: in the PID
// block, and by the request's id beside it.
func TestSim_withdrawalWithOTP(t *testing.T) {
	c := openCounter(t, "v3", ekosim.Options{})
	r := customer(t, eko.CashWithdrawal, 6000)
	if !c.NeedsOTP(r.Service, r.Amount) || c.NeedsOTP(r.Service, 5000) || c.NeedsOTP(eko.BalanceEnquiry, 0) {
		t.Error("NeedsOTP is wrong")
	}
	o := c.Submit(t.Context(), r)
	if o.State != eko.Failed || o.Reason != "otp_required" || o.Sent {
		t.Errorf("without an OTP: %s (%s, sent %v)", o.State, o.Reason, o.Sent)
	}
	asked := c.RequestOTP(t.Context(), r)
	wantState(t, asked, eko.Succeeded)
	inbox := c.sim.Inbox()
	if len(inbox) != 1 || asked.Details.OTPRequestID != inbox[0].RequestID {
		t.Fatalf("inbox %+v, request %q", inbox, asked.Details.OTPRequestID)
	}
	r.ClientRefID, r.OTPRequestID, r.PidData = newRef(), asked.Details.OTPRequestID, scan(t, "", inbox[0].OTP)
	wantState(t, c.Submit(t.Context(), r), eko.Succeeded)
	if c.sim.Moved(r.ClientRefID) != 1 {
		t.Error("nothing moved")
	}
	r.ClientRefID, r.PidData = newRef(), scan(t, "", inbox[0].OTP)
	wantState(t, c.Submit(t.Context(), r), eko.Failed) // one OTP, one attempt
	v2 := openCounter(t, "v2", ekosim.Options{})
	if o := v2.RequestOTP(t.Context(), r); o.State != eko.Failed || o.Sent {
		t.Errorf("v2 asked for an OTP: %s (%s)", o.State, o.Reason)
	}
}

// Eko's own OTP answer to a withdrawal is not a success, and carries what the
// next attempt needs.
func TestSim_anOTPAnswerIsNoSuccess(t *testing.T) {
	c := openCounter(t, "v3", ekosim.Options{})
	r := customer(t, eko.CashWithdrawal, 141)
	o := c.Submit(t.Context(), r)
	if o.State != eko.Failed || o.Reason != "otp_required" || !o.Sent || o.Details.OTPRequestID == "" || c.sim.Moved(r.ClientRefID) != 0 {
		t.Errorf("%s (%s), request %q", o.State, o.Reason, o.Details.OTPRequestID)
	}
}

func TestSim_v3Hash(t *testing.T) {
	for _, wants := range []string{"none", "plain", "encrypted"} {
		for _, sends := range []string{"none", "plain", "encrypted"} {
			t.Run(wants+"/"+sends, func(t *testing.T) {
				c := openCounter(t, "v3", ekosim.Options{Rules: ekosim.Rules{V3Hash: wants}}, func(cfg *eko.Config) { cfg.V3Hash = sends })
				o := c.Submit(t.Context(), customer(t, eko.CashWithdrawal, 500))
				if good := wants == "none" || wants == sends; (o.State == eko.Succeeded) != good {
					t.Errorf("%s (%s)", o.State, o.Reason)
				}
			})
		}
	}
}

const (
	merchantMobile  = "9999900004" // the one without eKYC
	merchantCode    = "99990004"
	merchantAadhaar = "999900000071"
	wadhEKYC        = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="
)

// A merchant's first day: eKYC with OTP and finger, then the daily step, which
// is charged once and counts as done when it was done before.
func TestSim_merchantsFirstDay(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		t.Run(api, func(t *testing.T) {
			year, month, day := time.Now().UTC().Date()
			noon := time.Until(time.Date(year, month, day, 6, 30, 0, 0, time.UTC)) // in India, so that the day doesn't end
			now := func() time.Time { return time.Now().Add(noon) }
			c := openCounter(t, api, ekosim.Options{Clock: now}, func(cfg *eko.Config) { cfg.Now = now })
			step := func(s eko.Service, change func(*eko.MerchantRequest)) eko.Outcome {
				t.Helper()
				r := eko.MerchantRequest{
					Service: s, ClientRefID: newRef(), Aadhaar: mustAadhaar(t, merchantAadhaar), UserCode: merchantCode,
					CustomerID: merchantMobile, LatLong: "28.61,77.20",
				}
				change(&r)
				return c.Merchant(t.Context(), r)
			}
			none := func(*eko.MerchantRequest) {}
			finger := func(wadh string) func(*eko.MerchantRequest) {
				return func(r *eko.MerchantRequest) { r.BankCode, r.PidData = "SBIN", scanAt(t, now(), wadh, "") }
			}
			if o := step(eko.DailyKYC, finger("")); o.State != eko.Failed || o.Reason != "daily_kyc_failed" || o.Details.Cause() == "" {
				t.Errorf("daily step before the eKYC: %s (%s)", o.State, o.Reason)
			}
			sent := step(eko.KYCOTP, none)
			wantState(t, sent, eko.Succeeded)
			carry := func(from eko.Outcome, more func(*eko.MerchantRequest)) func(*eko.MerchantRequest) {
				return func(r *eko.MerchantRequest) {
					r.OTPReference, r.ReferenceTID = from.Details.OTPReference, from.Details.ReferenceTID
					more(r)
				}
			}
			wrong := step(eko.KYCVerify, carry(sent, func(r *eko.MerchantRequest) { r.OTP = eko.NewOTP("000000") }))
			if wrong.State != eko.Failed || wrong.Reason != "kyc_failed" {
				t.Errorf("wrong OTP: %s (%s)", wrong.State, wrong.Reason)
			}
			inbox := c.sim.Inbox()
			right := step(eko.KYCVerify, carry(sent, func(r *eko.MerchantRequest) { r.OTP = eko.NewOTP(inbox[len(inbox)-1].OTP) }))
			wantState(t, right, eko.Succeeded)
			wantState(t, step(eko.KYCBiometric, carry(right, finger(wadhEKYC))), eko.Succeeded)
			wantState(t, step(eko.DailyKYC, finger("")), eko.Succeeded)
			again := step(eko.DailyKYC, finger(""))
			wantState(t, again, eko.Succeeded)
			if *again.Codes.ResponseTypeID != 1969 {
				t.Errorf("second daily step: type %d", *again.Codes.ResponseTypeID)
			}
		})
	}
}

// Two-factor of the seeds' kind, and the authentication before each withdrawal,
// whose token is good for one.
func TestSim_merchantAuthentication(t *testing.T) {
	for _, field := range []string{"reference_tid", "reference_id"} {
		t.Run(field, func(t *testing.T) {
			c := openCounter(t, "v2", ekosim.Options{Rules: ekosim.Rules{MerchantAuth: true}}, func(cfg *eko.Config) { cfg.ReferenceField = field })
			step := func(s eko.Service) eko.Outcome {
				return c.Merchant(t.Context(), eko.MerchantRequest{
					Service: s, ClientRefID: newRef(), Aadhaar: mustAadhaar(t, "999900000063"), UserCode: ekosim.UserCode,
					CustomerID: "9999900001", LatLong: "28.61,77.20", BankCode: "SBIN", PidData: scan(t, "", ""),
				})
			}
			wantState(t, step(eko.TwoFactorRegistration), eko.Succeeded)
			if o := c.Submit(t.Context(), customer(t, eko.CashWithdrawal, 500)); o.State != eko.Failed {
				t.Errorf("withdrawal without a token: %s (%s)", o.State, o.Reason)
			}
			for _, s := range []eko.Service{eko.MerchantAuthentication, eko.TwoFactorAuthentication} {
				o := step(s)
				wantState(t, o, eko.Succeeded)
				r := customer(t, eko.CashWithdrawal, 500)
				r.MerchantReference = o.Details.MerchantReference()
				wantState(t, c.Submit(t.Context(), r), eko.Succeeded)
				r.ClientRefID, r.PidData = newRef(), scan(t, "", "")
				wantState(t, c.Submit(t.Context(), r), eko.Failed) // the token is used up
			}
		})
	}
}

func TestSim_merchantSteps_refusesUnusableRequests(t *testing.T) {
	good := func(s eko.Service) eko.MerchantRequest {
		return eko.MerchantRequest{Service: s, ClientRefID: newRef(), Aadhaar: mustAadhaar(t, merchantAadhaar), UserCode: merchantCode,
			CustomerID: merchantMobile, LatLong: "28.61,77.20", BankCode: "SBIN", PidData: []byte(pidData), OTP: eko.NewOTP("123456"), OTPReference: "1", ReferenceTID: "2"}
	}
	tests := map[string]struct {
		api     string
		service eko.Service
		change  func(*eko.MerchantRequest)
	}{
		"a customer's service":   {"v2", eko.CashWithdrawal, func(*eko.MerchantRequest) {}},
		"no place":               {"v2", eko.DailyKYC, func(r *eko.MerchantRequest) { r.LatLong = "" }},
		"no finger":              {"v2", eko.DailyKYC, func(r *eko.MerchantRequest) { r.PidData = nil }},
		"a finger too many":      {"v2", eko.KYCOTP, func(*eko.MerchantRequest) {}},
		"no bank":                {"v2", eko.MerchantAuthentication, func(r *eko.MerchantRequest) { r.BankCode = "" }},
		"odd service code":       {"v2", eko.DailyKYC, func(r *eko.MerchantRequest) { r.ServiceCode = "39" }},
		"no OTP":                 {"v2", eko.KYCVerify, func(r *eko.MerchantRequest) { r.PidData, r.OTP = nil, eko.OTP{} }},
		"OTP of letters":         {"v2", eko.KYCVerify, func(r *eko.MerchantRequest) { r.PidData, r.OTP = nil, eko.NewOTP("abcdef") }},
		"no reference":           {"v2", eko.KYCVerify, func(r *eko.MerchantRequest) { r.PidData, r.ReferenceTID = nil, "" }},
		"eKYC without OTP steps": {"v2", eko.KYCBiometric, func(r *eko.MerchantRequest) { r.OTPReference = "" }},
		"Fino has no OTP":        {"v2", eko.KYCOTP, func(r *eko.MerchantRequest) { r.PidData, r.ServiceCode = nil, "52" }},
		"v3 has no token":        {"v3", eko.MerchantAuthentication, func(*eko.MerchantRequest) {}},
		"v3 has no type 7":       {"v3", eko.TwoFactorAuthentication, func(*eko.MerchantRequest) {}},
		"v3 is not Fino's":       {"v3", eko.DailyKYC, func(r *eko.MerchantRequest) { r.ServiceCode = "52" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := openCounter(t, tt.api, ekosim.Options{})
			r := good(tt.service)
			tt.change(&r)
			if o := c.Merchant(t.Context(), r); o.State != eko.Failed || o.Reason != "bad_request" || o.Sent || o.Err == nil {
				t.Errorf("%s (%s, sent %v): %v", o.State, o.Reason, o.Sent, o.Err)
			}
			if n := len(c.sim.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestSim_queries(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		t.Run(api, func(t *testing.T) {
			c := openCounter(t, api, ekosim.Options{})
			active := map[string]bool{}
			states, err := c.Services(t.Context(), ekosim.UserCode)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range states {
				active[s.Code] = s.Active()
			}
			if !active["43"] || !active["52"] || !active["39"] {
				t.Errorf("services: %+v", states)
			}
			if list, err := c.Catalogue(t.Context()); err != nil || len(list) == 0 || list[0].Name == "" {
				t.Errorf("catalogue: %+v, %v", list, err)
			}
			bank, err := c.Bank(t.Context(), "SBIN")
			if err != nil || bank.Code != "SBIN" || bank.ID != "108" || bank.Name == "" {
				t.Errorf("bank: %+v, %v", bank, err)
			}
			if bank, err = c.Bank(t.Context(), "HDFC0000001"); err != nil || bank.ID != "39" {
				t.Errorf("IFSC: %+v, %v", bank, err)
			}
			if _, err = c.Bank(t.Context(), "NONE"); refusal(t, err).Reason != "bank_details_invalid" {
				t.Errorf("no such bank: %v", err)
			}
			if balance, _, err := c.WalletBalance(t.Context(), ekosim.UserCode); err != nil || balance == "" {
				t.Errorf("wallet: %q, %v", balance, err)
			}
		})
	}
}

func refusal(t *testing.T, err error) eko.Outcome {
	t.Helper()
	r, ok := asRefusal(err)
	if !ok {
		t.Fatalf("%v is no Refusal", err)
	}
	return r.Outcome
}

func TestSim_settlement(t *testing.T) {
	for _, api := range []string{"v2", "v3"} {
		t.Run(api, func(t *testing.T) {
			c := openCounter(t, api, ekosim.Options{})
			wantState(t, c.Submit(t.Context(), customer(t, eko.CashWithdrawal, 5000)), eko.Succeeded)
			id, err := c.AddSettlementAccount(t.Context(), eko.NewSettlementAccount{
				ClientRefID: newRef(), UserCode: ekosim.UserCode, BankID: "108", IFSC: "SBIN0000001", Account: "00000000000002"})
			if err != nil || id == "" {
				t.Fatalf("account %q, %v", id, err)
			}
			list, err := c.SettlementAccounts(t.Context(), ekosim.UserCode)
			if err != nil || len(list.Accounts) != 1 || list.Accounts[0].RecipientID != id || list.UnsettledFund == "" {
				t.Fatalf("accounts %+v, %v", list, err)
			}
			r := eko.SettlementRequest{ClientRefID: newRef(), UserCode: ekosim.UserCode, RecipientID: id, Amount: 1000, Mode: eko.IMPS}
			o := c.Settle(t.Context(), r)
			wantState(t, o, eko.Succeeded)
			if o.TID == "" || o.Details.Fee == "" {
				t.Errorf("settled: %+v", o)
			}
			r.ClientRefID, r.Amount = newRef(), 90000
			wantState(t, c.Settle(t.Context(), r), eko.Failed)
			for name, bad := range map[string]eko.SettlementRequest{
				"reference": {UserCode: "1", RecipientID: "1", Amount: 1, Mode: eko.IMPS}, "recipient": {ClientRefID: "a", UserCode: "1", RecipientID: "x", Amount: 1, Mode: eko.IMPS},
				"amount": {ClientRefID: "a", UserCode: "1", RecipientID: "1", Mode: eko.IMPS}, "mode": {ClientRefID: "a", UserCode: "1", RecipientID: "1", Amount: 1},
			} {
				if o := c.Settle(t.Context(), bad); o.Sent || o.Reason != "bad_request" {
					t.Errorf("unusable %s: %s (%s)", name, o.State, o.Reason)
				}
			}
		})
	}
}
