package eko_test

import (
	"testing"

	"biobridge/eko"
)

// What every other operation says, byte for byte, in both generations.
func TestGolden_everyOperation(t *testing.T) {
	const number = "123412341234"
	submit := func(change func(*eko.Request)) func(*testing.T, *eko.Client) {
		return func(t *testing.T, c *eko.Client) {
			r := withdrawal(t)
			change(&r)
			c.Submit(t.Context(), r)
		}
	}
	merchant := func(s eko.Service, change func(*eko.MerchantRequest)) func(*testing.T, *eko.Client) {
		return func(t *testing.T, c *eko.Client) {
			r := eko.MerchantRequest{Service: s, ClientRefID: "REF1", Aadhaar: mustAadhaar(t, number), UserCode: userCode,
				CustomerID: "9123456789", LatLong: "28.6139,77.2090"}
			change(&r)
			if o := c.Merchant(t.Context(), r); !o.Sent {
				t.Fatalf("%s: %v", o.Reason, o.Err)
			}
		}
	}
	none := func(*eko.MerchantRequest) {}
	finger := func(r *eko.MerchantRequest) { r.BankCode, r.PidData = "HDFC", []byte(pidData) }
	carried := func(r *eko.MerchantRequest) {
		r.OTPReference, r.ReferenceTID = "2465238", "EKYKF4719702240123152147525I"
	}
	verify := func(r *eko.MerchantRequest) {
		carried(r)
		r.OTP = eko.NewOTP("123456")
	}
	account := func(t *testing.T, c *eko.Client) {
		_, _ = c.AddSettlementAccount(t.Context(), eko.NewSettlementAccount{ClientRefID: "REF1", UserCode: userCode, BankID: "12", IFSC: "SBIN0000000", Account: "00000000000002"})
	}
	settle := func(t *testing.T, c *eko.Client) {
		c.Settle(t.Context(), eko.SettlementRequest{ClientRefID: "REF1", UserCode: userCode, RecipientID: "1829", Amount: 5000, Mode: eko.IMPS})
	}
	queries := map[string]func(*testing.T, *eko.Client){
		"services":            func(t *testing.T, c *eko.Client) { _, _ = c.Services(t.Context(), userCode) },
		"catalogue":           func(t *testing.T, c *eko.Client) { _, _ = c.Catalogue(t.Context()) },
		"bank":                func(t *testing.T, c *eko.Client) { _, _ = c.Bank(t.Context(), "SBIN") },
		"ifsc":                func(t *testing.T, c *eko.Client) { _, _ = c.Bank(t.Context(), "SBIN0000001") },
		"wallet":              func(t *testing.T, c *eko.Client) { _, _, _ = c.WalletBalance(t.Context(), userCode) },
		"settlement-accounts": func(t *testing.T, c *eko.Client) { _, _ = c.SettlementAccounts(t.Context(), userCode) },
		"settlement-account":  account,
		"settlement":          settle,
		"kyc-otp":             merchant(eko.KYCOTP, none),
		"kyc-verify":          merchant(eko.KYCVerify, verify),
		"kyc-biometric": merchant(eko.KYCBiometric, func(r *eko.MerchantRequest) {
			finger(r)
			carried(r)
		}),
		"daily-kyc": merchant(eko.DailyKYC, finger),
	}
	type step struct {
		api, hash string
		run       func(*testing.T, *eko.Client)
	}
	steps := map[string]step{
		"v2-merchant-auth": {"v2", "", merchant(eko.MerchantAuthentication, finger)},
		"v2-daily-kyc-fino": {"v2", "", merchant(eko.DailyKYC, func(r *eko.MerchantRequest) {
			finger(r)
			r.ServiceCode = eko.ServiceFino
		})},
		"v2-kyc-biometric-fino": {"v2", "", merchant(eko.KYCBiometric, func(r *eko.MerchantRequest) {
			finger(r)
			r.ServiceCode = eko.ServiceFino
		})},
		"v3-withdrawal":       {"v3", "", submit(func(*eko.Request) {})},
		"v3-withdrawal-plain": {"v3", "plain", submit(func(*eko.Request) {})},
		"v3-withdrawal-otp-given": {"v3", "", submit(func(r *eko.Request) {
			r.Amount, r.OTPRequestID = 6000, "FP2609010001234567"
		})},
		"v3-balance":        {"v3", "", submit(func(r *eko.Request) { r.Service, r.Amount = eko.BalanceEnquiry, 0 })},
		"v3-mini-statement": {"v3", "", submit(func(r *eko.Request) { r.Service, r.Amount = eko.MiniStatement, 0 })},
		"v3-withdrawal-otp": {"v3", "", func(t *testing.T, c *eko.Client) {
			r := withdrawal(t)
			r.Amount = 6000
			c.RequestOTP(t.Context(), r)
		}},
		"v3-inquiry-tid": {"v3", "", func(t *testing.T, c *eko.Client) {
			c.Inquire(t.Context(), eko.Inquiry{TID: "2170003001", ClientRefID: "REF1", UserCode: userCode})
		}},
		"v3-inquiry-reference": {"v3", "", func(t *testing.T, c *eko.Client) {
			c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1", UserCode: userCode})
		}},
	}
	for name, run := range queries {
		steps["v2-"+name], steps["v3-"+name] = step{"v2", "", run}, step{"v3", "", run}
	}
	for name, s := range steps {
		t.Run(name, func(t *testing.T) {
			server := newWireServer(t, nil, always(`{"status":0}`))
			cfg := fixedConfig(t, server.url())
			cfg.API, cfg.V3Hash = s.api, s.hash
			s.run(t, newClient(t, cfg))
			seen := server.seen()
			if len(seen) != 1 {
				t.Fatalf("%d requests, want 1", len(seen))
			}
			golden(t, name, show(t, seen[0], number))
		})
	}
}
