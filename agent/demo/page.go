package demo

import (
	"slices"

	"biobridge/agent/daemon"
	"biobridge/assets"
	"biobridge/eko/ekosim"
)

// The customer of every demo. The number belongs to nobody: UIDAI publishes it
// for tests.
const (
	demoAadhaar  = "999941057058"
	demoBank     = "SBIN"
	demoCustomer = "9999999999"
)

// demoPage is what the demo page is told about the bridge and the simulated
// people it may serve.
func demoPage(port int, cfg daemon.Config) assets.DemoConfig {
	merchants := ekosim.DefaultMerchants()
	merchant := merchants[max(0, slices.IndexFunc(merchants, func(m ekosim.Merchant) bool { return m.UserCode == cfg.Eko.UserCode }))]
	page := assets.DemoConfig{
		Ports:       []int{port},
		Environment: string(cfg.Environment),
		CustomerID:  demoCustomer,
		Merchant:    assets.DemoMerchant{Aadhaar: merchant.Aadhaar, Mobile: merchant.Mobile, BankCode: demoBank},
		Amounts:     []int64{100, 500, 2000, 10000, 102, 109, 136},
		AmountNotes: map[string]string{
			"102": "the answer is lost after the money has moved",
			"109": "Eko answers HTTP 500",
			"136": "the bank keeps it pending for a while",
		},
		Aadhaar: []assets.DemoAadhaar{
			{Number: demoAadhaar, Label: "Ramesh Kumar, SBIN and PUNB"},
			{Number: "123412341234", Label: "Asha Devi, SBIN, HDFC and SIMG"},
			{Number: "999900000016", Label: "Poor Balance, SBIN"},
			{Number: "999900000028", Label: "Worn Fingers, SBIN: never matches"},
		},
	}
	for _, bank := range ekosim.DefaultBanks() {
		page.Banks = append(page.Banks, assets.DemoBank{Code: bank.Code, Name: bank.Name})
	}
	return page
}
