package ekosim

import (
	"errors"
	"fmt"
	"maps"
	"time"
)

// The service codes of AePS (eko-api.md section 9).
const (
	ServiceSettlement = 39 // AePS fund settlement
	ServiceFingpay    = 43 // AePS gateway, and Fingpay below v3
	ServiceAePS       = 52 // AePS API v2, Fino
)

// The states of a service.
const (
	ServiceDeactivated = 0
	ServiceActivated   = 1
	ServicePending     = 2
)

// Merchant is a retailer who was onboarded under the partner.
type Merchant struct {
	UserCode string `json:"user_code"`
	Name     string `json:"name"`
	Shop     string `json:"shop"`
	Address  string `json:"address"`
	Mobile   string `json:"mobile"`
	// Aadhaar is the merchant's own, for eKYC and daily authentication.
	Aadhaar string `json:"aadhaar"`
	// Services holds the state of every service that was ever asked for.
	Services map[int]int `json:"services"`
	// EKYC says that the one-time eKYC is done.
	EKYC bool `json:"ekyc"`
	// Unsettled is what AePS has earned and settlement has not paid out.
	Unsettled Paise `json:"unsettled"`
}

// DefaultMerchants returns the merchants of a simulator that is told nothing
// else: one who may do everything, and one for each way of not being allowed to.
func DefaultMerchants() []Merchant {
	all := func(state int) map[int]int {
		return map[int]int{ServiceAePS: state, ServiceFingpay: state, ServiceSettlement: state}
	}
	const shop, address = "Simulated Kirana Store", "1 Simulated Road, New Delhi"
	return []Merchant{
		{UserCode: UserCode, Name: "Sita Sharma", Shop: shop, Address: address, Mobile: "9999900001",
			Aadhaar: "999900000063", Services: all(ServiceActivated), EKYC: true},
		{UserCode: "99990002", Name: "Pending Service", Shop: shop, Address: address, Mobile: "9999900002",
			Aadhaar: "999900000063", Services: all(ServicePending), EKYC: true},
		{UserCode: "99990003", Name: "No Service", Shop: shop, Address: address, Mobile: "9999900003",
			Aadhaar: "999900000063", Services: map[int]int{}},
		{UserCode: "99990004", Name: "No eKYC", Shop: shop, Address: address, Mobile: "9999900004",
			Aadhaar: "999900000071", Services: all(ServiceActivated)},
	}
}

// merchant is a Merchant as the server keeps him.
type merchant struct {
	Merchant
	authenticated string              // the day in Asia/Kolkata of the last daily KYC
	busy          bool                // a transaction of his is being processed
	tokens        map[string]token    // references of merchant authentication, by their text
	sessions      map[string]*session // eKYC in progress, by reference_tid
	recipients    []recipient
	changed       time.Time // when a service changed state last
}

// token is a per-withdrawal merchant authentication. It is good for one use.
type token struct{ expires time.Time }

// recipient is a settlement account of a merchant.
type recipient struct {
	id                  int
	name, account, ifsc string
}

// AddMerchant onboards a merchant, or replaces the one of that user_code. It
// fails on a user_code, a mobile number or an Aadhaar number of the wrong form.
func (s *Server) AddMerchant(m Merchant) error {
	if !userCode(m.UserCode) || !mobile(m.Mobile) || !validAadhaar(m.Aadhaar) {
		return fmt.Errorf("merchant %q has a user_code, a mobile or an Aadhaar number of the wrong form", m.Name)
	}
	for code, state := range m.Services {
		if state < ServiceDeactivated || state > ServicePending {
			return fmt.Errorf("merchant %q has service %d in no known state", m.Name, code)
		}
	}
	services := map[int]int{}
	maps.Copy(services, m.Services)
	m.Services = services
	s.mu.Lock()
	defer s.mu.Unlock()
	s.merchants[m.UserCode] = &merchant{Merchant: m, tokens: map[string]token{},
		sessions: map[string]*session{}, changed: s.now()}
	return nil
}

// SetService sets the state of a merchant's service, as Eko's back office does.
func (s *Server) SetService(userCode string, service, state int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, known := s.merchants[userCode]
	if !known {
		return errors.New("no merchant has that user_code")
	}
	if state < ServiceDeactivated || state > ServicePending {
		return fmt.Errorf("no service state is called %d", state)
	}
	m.Services[service], m.changed = state, s.now()
	return nil
}

// may reports whether the merchant has the service activated.
func (m *merchant) may(service int) bool { return m.Services[service] == ServiceActivated }
