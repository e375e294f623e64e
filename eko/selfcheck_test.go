package eko_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"biobridge/eko"
)

func byCode(causes []eko.Cause) map[string]eko.Cause {
	found := map[string]eko.Cause{}
	for _, c := range causes {
		found[c.Code] = c
	}
	return found
}

// After a 403 the outcome says which causes this computer could exclude.
func TestSubmit_explainsA403(t *testing.T) {
	s := newWireServer(t, nil, func(c net.Conn, _ wireRequest) bool {
		return respond(c, 403, "text/html", "", "Date: "+time.Now().UTC().Format(http.TimeFormat))
	})
	o := newClient(t, testConfig(t, s.url())).Submit(t.Context(), withdrawal(t))
	if o.State != eko.Failed || o.Reason != "forbidden" {
		t.Fatalf("%s (%s)", o.State, o.Reason)
	}
	causes := byCode(o.Causes)
	for code, excluded := range map[string]bool{
		eko.CauseClock: true, eko.CauseTimestamp: true, eko.CauseKeyEncoding: true, eko.CauseHash: true, eko.CauseJSON: true,
		eko.CauseAccessKey: false, eko.CauseDeveloperKey: false, eko.CauseInitiator: false, eko.CauseAadhaarKey: false, eko.CauseAllowList: false,
	} {
		if c, ok := causes[code]; !ok || c.Excluded != excluded || c.Finding == "" {
			t.Errorf("%s: %+v, want excluded %v", code, c, excluded)
		}
	}
	hidden(t, "causes", fmt.Sprint(o.Causes), stagingKeyText, "123412341234", developerKey)

	clock := &wallClock{offset: -3 * time.Minute}
	cfg := testConfig(t, s.url())
	cfg.Now = clock.Now
	o = newClient(t, cfg).Inquire(t.Context(), eko.Inquiry{ClientRefID: "REF1"})
	if c := byCode(o.Causes)[eko.CauseClock]; o.Reason != "inquiry_refused" || c.Excluded {
		t.Errorf("%s, clock %+v; want it not excluded", o.Reason, c)
	}
	if o := newClient(t, testConfig(t, newWireServer(t, nil, always(withdrawn)).url())).Submit(t.Context(), withdrawal(t)); o.Causes != nil {
		t.Errorf("causes after a success: %v", o.Causes)
	}
}

// The self-check knows the published values and what they are good for.
func TestSelfCheck(t *testing.T) {
	const staging, production = "https://staging.eko.in:25004/ekoapi", "https://api.eko.in:25002/ekoicici"
	const keyB = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCaFyrzeDhMaFLx+LZUNOOO14Pj9aPfr+1WOanDgDHxo9NekENYcWUftM9Y17ul2pXr3bqw0GCh4uxNoTQ5cTH4buI42LI8ibMaf7Kppq9MzdzI9/7pOffgdSn+P8J64CJAk3VrVswVgfy8lABt7fL8R6XReI9x8ewwKHhCRTwBgQIDAQAB"
	key := func(text string) func(*eko.Config) {
		return func(c *eko.Config) { c.Signer = eko.KeySigner{Key: mustKey(t, text)} }
	}
	tests := map[string]struct {
		base     string
		change   func(*eko.Config)
		code     string
		excluded bool
	}{
		"staging's key on staging":             {staging, key(stagingKeyText), eko.CauseAccessKey, true},
		"settlement's key on staging":          {staging, key("f74c50a1-f705-4634-9cda-30a477df91b7"), eko.CauseAccessKey, false},
		"staging's key in production":          {production, key(stagingKeyText), eko.CauseAccessKey, false},
		"a key of one's own":                   {production, key("c0ffee00-aaaa-4bbb-8ccc-123456789abc"), eko.CauseAccessKey, false},
		"a key in base64 already":              {staging, key("ZDJmZTFkOTktNjI5OC00YWYyLThjYzUtZDk3ZGNmNDZkZjMwMDA="), eko.CauseKeyEncoding, false},
		"a key in hexadecimal":                 {staging, key("64326665316439392d363239382d346166322d386363352d"), eko.CauseKeyEncoding, false},
		"a UUID":                               {staging, key(stagingKeyText), eko.CauseKeyEncoding, true},
		"the hash":                             {staging, func(*eko.Config) {}, eko.CauseHash, true},
		"the timestamp's unit":                 {staging, func(*eko.Config) {}, eko.CauseTimestamp, true},
		"the clock before any answer":          {staging, func(*eko.Config) {}, eko.CauseClock, false},
		"staging's developer key on staging":   {staging, func(*eko.Config) {}, eko.CauseDeveloperKey, true},
		"staging's developer key elsewhere":    {production, func(*eko.Config) {}, eko.CauseDeveloperKey, false},
		"a developer key of one's own":         {production, func(c *eko.Config) { c.DeveloperKey = "x" }, eko.CauseDeveloperKey, false},
		"staging's initiator on staging":       {staging, func(*eko.Config) {}, eko.CauseInitiator, true},
		"staging's initiator in production":    {production, func(*eko.Config) {}, eko.CauseInitiator, false},
		"an initiator of one's own":            {production, func(c *eko.Config) { c.InitiatorID = "9000000000" }, eko.CauseInitiator, false},
		"key A on staging":                     {staging, func(c *eko.Config) { c.PublicKey = stagingPublicKey }, eko.CauseAadhaarKey, true},
		"key A in production":                  {production, func(c *eko.Config) { c.PublicKey = stagingPublicKey }, eko.CauseAadhaarKey, false},
		"key B on staging":                     {staging, func(c *eko.Config) { c.PublicKey = keyB }, eko.CauseAadhaarKey, false},
		"key B in production":                  {production, func(c *eko.Config) { c.PublicKey = keyB }, eko.CauseAadhaarKey, true},
		"a mailed key":                         {production, func(*eko.Config) {}, eko.CauseAadhaarKey, false},
		"addresses on staging":                 {staging, func(*eko.Config) {}, eko.CauseAllowList, true},
		"addresses in production":              {production, func(*eko.Config) {}, eko.CauseAllowList, false},
		"addresses behind a proxy":             {production, func(c *eko.Config) { c.Proxy = mustURL(t, "http://proxy:3128") }, eko.CauseAllowList, false},
		"the partner's server signs":           {production, func(c *eko.Config) { c.Signer = failingSigner{} }, eko.CauseHash, false},
		"the partner's server, key's encoding": {production, func(c *eko.Config) { c.Signer = failingSigner{} }, eko.CauseKeyEncoding, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, tt.base)
			tt.change(&cfg)
			c, ok := byCode(newClient(t, cfg).SelfCheck())[tt.code]
			if !ok || c.Excluded != tt.excluded || c.Finding == "" {
				t.Errorf("%+v, want excluded %v", c, tt.excluded)
			}
		})
	}
}
