package main

import (
	"net/http/httptest"
	"testing"
	"time"

	"biobridge/eko"
	"biobridge/eko/ekosim"
)

// A client that has no key asks the simulated Eko questions which the hook signs,
// and Eko takes the signatures.
func TestHook_signsForAClient(t *testing.T) {
	sim, err := ekosim.New(ekosim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(sim)
	t.Cleanup(func() {
		sim.Close()
		front.Close()
	})
	s := start(t, ekosim.AccessKey, time.Now())
	s.hook.now = time.Now
	for digest := range s.hook.cfg.merchants {
		s.hook.cfg.merchants[digest] = merchant{UserCode: ekosim.UserCode}
	}
	c, err := eko.NewClient(eko.Config{
		API: "v2", BaseURL: front.URL + "/ekoapi", DeveloperKey: ekosim.DeveloperKey, InitiatorID: ekosim.InitiatorID,
		PublicKey: sim.PublicKey(), Signer: s.bridge(t, shopToken),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for range 2 {
		if states, err := c.Services(t.Context(), ekosim.UserCode); err != nil || len(states) == 0 {
			t.Errorf("services: %v, %v", states, err)
		}
		o := c.Inquire(t.Context(), eko.Inquiry{ClientRefID: "NEVERSENT", UserCode: ekosim.UserCode})
		if o.State != eko.Pending || o.HTTPStatus != 200 {
			t.Errorf("inquiry: %s (%s), HTTP %d", o.State, o.Reason, o.HTTPStatus)
		}
	}
}
