package eko_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"biobridge/eko"
)

func TestNewClient_checksItsConfiguration(t *testing.T) {
	tests := map[string]struct {
		key    string
		change func(*eko.Config)
	}{
		"the seed's staging account": {"", func(c *eko.Config) { c.PublicKey = stagingPublicKey }},
		"v3":                         {"", func(c *eko.Config) { c.API = "v3" }},
		"a slash at the end":         {"", func(c *eko.Config) { c.BaseURL += "/" }},
		"http to this computer":      {"", func(c *eko.Config) { c.BaseURL = "http://localhost:8080/ekoapi" }},
		"http to [::1]":              {"", func(c *eko.Config) { c.BaseURL = "http://[::1]:8080/ekoapi" }},

		"api missing":             {"api", func(c *eko.Config) { c.API = "" }},
		"api v1":                  {"api", func(c *eko.Config) { c.API = "v1" }},
		"base_url missing":        {"base_url", func(c *eko.Config) { c.BaseURL = "" }},
		"base_url without scheme": {"base_url", func(c *eko.Config) { c.BaseURL = "staging.eko.in/ekoapi" }},
		"plain http":              {"base_url", func(c *eko.Config) { c.BaseURL = "http://staging.eko.in:25004/ekoapi" }},
		"plain http, look-alike":  {"base_url", func(c *eko.Config) { c.BaseURL = "http://localhost.example/ekoapi" }},
		"plain http, private":     {"base_url", func(c *eko.Config) { c.BaseURL = "http://192.168.1.7/ekoapi" }},
		"ftp":                     {"base_url", func(c *eko.Config) { c.BaseURL = "ftp://staging.eko.in" }},
		"user in base_url":        {"base_url", func(c *eko.Config) { c.BaseURL = "https://a:b@staging.eko.in/ekoapi" }},
		"query in base_url":       {"base_url", func(c *eko.Config) { c.BaseURL += "?a=b" }},
		"version in base_url":     {"base_url", func(c *eko.Config) { c.BaseURL += "/v2" }},
		"no host":                 {"base_url", func(c *eko.Config) { c.BaseURL = "https:///ekoapi" }},

		"developer key missing":         {"developer_key", func(c *eko.Config) { c.DeveloperKey = "" }},
		"developer key misprinted":      {"developer_key", func(c *eko.Config) { c.DeveloperKey = "becbbbe45f79c6f5109f848acd540567" }},
		"developer key with a line end": {"developer_key", func(c *eko.Config) { c.DeveloperKey += "\n" }},
		"developer key with a BOM":      {"developer_key", func(c *eko.Config) { c.DeveloperKey = "\ufeff" + c.DeveloperKey }},
		"initiator missing":             {"initiator_id", func(c *eko.Config) { c.InitiatorID = "" }},
		"initiator with a blank":        {"initiator_id", func(c *eko.Config) { c.InitiatorID = "99629 81729" }},
		"public key missing":            {"public_key", func(c *eko.Config) { c.PublicKey = "" }},
		"public key cut":                {"public_key", func(c *eko.Config) { c.PublicKey = c.PublicKey[:100] }},
		"nobody signs":                  {"signer", func(c *eko.Config) { c.Signer = nil }},
		"an empty key signs":            {"signer", func(c *eko.Config) { c.Signer = eko.KeySigner{} }},
		"a relay that nobody knows": {"signer", func(c *eko.Config) {
			c.Signer, _ = eko.NewRelaySigner(eko.BearerToken{}, "")
		}},
		"negative timeout":               {"timeout", func(c *eko.Config) { c.Timeout = -time.Second }},
		"an hour's timeout":              {"timeout", func(c *eko.Config) { c.Timeout = time.Hour }},
		"a SOCKS proxy":                  {"proxy", func(c *eko.Config) { c.Proxy = mustURL(t, "socks5://proxy:1080") }},
		"reference_field of another API": {"reference_field", func(c *eko.Config) { c.ReferenceField = "ref" }},
		"v3_hash":                        {"v3_request_hash", func(c *eko.Config) { c.V3Hash = "sha1" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, "https://staging.eko.in:25004/ekoapi")
			tt.change(&cfg)
			c, err := eko.NewClient(cfg)
			if tt.key == "" {
				if err != nil {
					t.Fatalf("NewClient: %v", err)
				}
				_ = c.Close()
				return
			}
			bad, ok := errors.AsType[*eko.ConfigError](err)
			if c != nil || !ok || bad.Key != tt.key {
				t.Fatalf("NewClient = %v, %v; want an error about %s", c, err, tt.key)
			}
			if cfg.Check() == nil {
				t.Error("Check agrees with what NewClient refuses")
			}
			if containsAny(err.Error(), stagingKeyText, "a:b@") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestNewClient_namesTheMisprint(t *testing.T) {
	cfg := testConfig(t, "https://staging.eko.in:25004/ekoapi")
	cfg.DeveloperKey = "becbbbe45f79c6f5109f848acd540567"
	if _, err := eko.NewClient(cfg); err == nil || !strings.Contains(err.Error(), "misprint") {
		t.Errorf("NewClient = %v; want a word about the misprint", err)
	}
}

// Every reason has its sentences, once, and no constant is left out.
func TestReasons(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range eko.Reasons() {
		if seen[r.Code] {
			t.Errorf("%s stands twice", r.Code)
		}
		seen[r.Code] = true
		if r.Message == "" || (r.Remedy == "" && r.Code != eko.ReasonSucceeded) {
			t.Errorf("%s has no sentences", r.Code)
		}
	}
	for _, e := range eko.Explanations() {
		if e.Cause == "" || (e.Reason != "" && !seen[e.Reason]) {
			t.Errorf("%s %s: cause %q, reason %q", e.Kind, e.Code, e.Cause, e.Reason)
		}
		if found, ok := eko.Explain(e.Kind, e.Code); !ok || found != e {
			t.Errorf("%s %s stands twice", e.Kind, e.Code)
		}
	}
	if _, ok := eko.Explain("http", "200"); ok {
		t.Error("200 is explained as a refusal")
	}
}
