package daemon

import (
	"errors"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"biobridge/eko"
)

// Eko's own hosts (eko-api.md section 1). They tell a configuration that mixes
// staging with production before any money moves.
const (
	stagingHost    = "staging.eko.in"
	productionHost = "api.eko.in"
)

// shortTimeout is less than a bank takes on an ordinary day.
const shortTimeout = 30 * time.Second

var (
	mobileNumber = regexp.MustCompile(`^[6-9][0-9]{9}$`)
	userCode     = regexp.MustCompile(`^[0-9A-Za-z_-]{1,32}$`)
)

func (c *checker) eko(cfg *Config) {
	e := cfg.Eko
	c.oneOf("eko.api", e.API, "v2", "v3")
	c.oneOf("eko.signer", e.Signer, "key", "hook", "relay")
	c.oneOf("eko.reference_field", e.ReferenceField, "reference_tid", "reference_id")
	c.oneOf("eko.service_code", e.ServiceCode, "43", "52")
	c.oneOf("eko.v3_request_hash", e.V3RequestHash, "none", "plain", "encrypted")
	c.baseURL(cfg)
	c.account(cfg)
	c.signer(cfg)
	c.proxy(cfg)
	c.duration("eko.timeout", e.Timeout, 100*time.Millisecond, 10*time.Minute)
	if !e.Timeout.Unreadable && e.Timeout.Duration < shortTimeout {
		c.doubt("eko.timeout", "is short: a bank often needs longer than %s, and the transaction stays pending then", shortTimeout)
	}
	c.duration("eko.hook_timeout", e.HookTimeout, time.Second, time.Minute)
	c.duration("eko.merchant_token_ttl", e.MerchantTokenTTL, 5*time.Second, 10*time.Minute)
	c.between("eko.otp_above", e.OTPAbove, 0, 10000)
	c.merchant(cfg)
}

// merchant holds what v3 no longer has (eko-api.md section 4.3).
func (c *checker) merchant(cfg *Config) {
	if cfg.Eko.API != "v3" {
		return
	}
	if cfg.Eko.MerchantToken {
		c.fault("eko.merchant_token", "is for v2: v3 knows no authentication before each withdrawal")
	}
	if cfg.Eko.MerchantTwoFactor {
		c.fault("eko.merchant_two_factor", "is for v2: v3's merchants have eKYC and the day's authentication")
	}
	if cfg.Eko.ServiceCode == eko.ServiceFino {
		c.fault("eko.service_code", "52 (Fino) is for v2: v3's addresses are Fingpay's (43)")
	}
}

func (c *checker) oneOf(key, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		c.fault(key, "must be one of %s", `"`+strings.Join(allowed, `", "`)+`"`)
	}
}

func (c *checker) baseURL(cfg *Config) {
	u, ok := c.address("eko.base_url", cfg.Eko.BaseURL)
	if !ok {
		return
	}
	loopback := isLoopbackHost(u.Hostname())
	switch {
	case cfg.Environment == Simulated && u.Hostname() == productionHost:
		c.fault("eko.base_url", "is Eko's production server, but the environment is simulated")
	case cfg.Environment == Simulated && !loopback:
		c.doubt("eko.base_url", "is not on this PC, but the environment is simulated: fingerprints would go to another computer; name \"biobridge sim eko\" here, or make the environment \"uat\"")
	case cfg.Environment == Production && u.Hostname() == stagingHost:
		c.fault("eko.base_url", "is Eko's staging server, but the environment is production")
	case cfg.Environment == UAT && u.Hostname() == productionHost:
		c.fault("eko.base_url", "is Eko's production server, but the environment is uat")
	case cfg.Environment == Production && cfg.Eko.Signer == "key" && !loopback:
		c.doubt("eko.signer", `is "key": Eko's production takes calls only from allow-listed addresses and wants the access key on a server; "hook" or "relay" is made for that`)
	}
}

// address checks that a URL can be spoken to safely: https, or http to this PC.
func (c *checker) address(key, raw string) (*url.URL, bool) {
	if raw == "" {
		c.fault(key, "is missing")
		return nil, false
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		c.fault(key, "is not an address such as \"https://host:port/path\"")
	case u.User != nil:
		c.fault(key, "must not hold a name or password")
	case u.RawQuery != "" || u.Fragment != "":
		c.fault(key, "must not hold a query or fragment")
	case u.Scheme == "https" || u.Scheme == "http" && isLoopbackHost(u.Hostname()):
		return u, true
	default:
		c.fault(key, "must be https (plain http only to this PC)")
	}
	return nil, false
}

func (c *checker) account(cfg *Config) {
	e := cfg.Eko
	switch {
	case e.DeveloperKey == "" && e.Signer == "relay": // the relay knows it
	case e.DeveloperKey == "":
		c.fault("eko.developer_key", "is missing")
	case strings.TrimSpace(e.DeveloperKey) != e.DeveloperKey:
		c.fault("eko.developer_key", "has a blank or a line break at its end")
	case strings.HasPrefix(e.DeveloperKey, "becbbbe45f"):
		// eko-api.md section 2.4: the seeds print it in two spellings.
		c.fault("eko.developer_key", "is the misprinted form of Eko's staging key: the published key begins becbbce45f (a c, not a b, in the sixth place)")
	}
	if !mobileNumber.MatchString(e.InitiatorID) {
		c.fault("eko.initiator_id", "must be the partner's registered mobile number, ten digits")
	}
	if e.UserCode == "" && e.Signer == "key" {
		c.fault("eko.user_code", `is missing; it may be left to the page only where signer is "hook" or "relay"`)
	} else if e.UserCode != "" && !userCode.MatchString(e.UserCode) {
		c.fault("eko.user_code", "is not a code such as 20810200")
	}
	if e.LatLong != "" && !validLatLong(e.LatLong) {
		c.fault("eko.latlong", `must be the shop's "latitude,longitude" in degrees`)
	}
	if e.PublicKey == "" {
		c.fault("eko.public_key", "is missing: the key under which the Aadhaar number travels, X.509 base64 as Eko mails it")
	} else if _, err := eko.ParsePublicKey(e.PublicKey); err != nil {
		c.fault("eko.public_key", "%s", err)
	}
}

func validLatLong(s string) bool {
	lat, long, ok := strings.Cut(s, ",")
	if !ok {
		return false
	}
	a, err1 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	b, err2 := strconv.ParseFloat(strings.TrimSpace(long), 64)
	return err1 == nil && err2 == nil && a >= -90 && a <= 90 && b >= -180 && b <= 180
}

func (c *checker) signer(cfg *Config) {
	e := cfg.Eko
	if e.AccessKey != "" && cfg.Environment == Production {
		c.fault("eko.access_key", "must not stand in this file in production: use access_key_file or \"biobridge secret set access_key\"")
	}
	if e.AccessKey != "" && e.AccessKeyFile != "" {
		c.fault("eko.access_key_file", "and access_key are both given")
	}
	if e.AccessKey != "" {
		if _, err := eko.ParseAccessKey(e.AccessKey); err != nil {
			c.fault("eko.access_key", "%s", err)
		}
	}
	c.accessKeyFile(e.AccessKeyFile)
	if e.Signer == "hook" || e.HookURL != "" {
		c.address("eko.hook_url", e.HookURL)
	}
	if e.HookPublicKey != "" {
		if _, err := eko.ParseSealKey(e.HookPublicKey); err != nil {
			c.fault("eko.hook_public_key", "%s", err)
		}
	} else if e.Signer != "key" && e.API == "v2" {
		c.fault("eko.hook_public_key", "is missing: the partner's server needs the Aadhaar number for the hash, and it travels sealed only")
	}
	if e.Signer != "key" && (e.AccessKey != "" || e.AccessKeyFile != "") {
		c.doubt("eko.signer", "is %q, so the access key isn't used: take it off this PC", e.Signer)
	}
}

// accessKeyFile looks into the key's file as far as this user may: whoever checks
// a configuration isn't always the account that runs the agent.
func (c *checker) accessKeyFile(path string) {
	if path == "" {
		return
	}
	text, err := readKeyFile(path)
	switch {
	case errors.Is(err, os.ErrPermission):
		c.doubt("eko.access_key_file", "can't be read by this user, so the key in it wasn't looked at")
	case errors.Is(err, os.ErrNotExist):
		c.fault("eko.access_key_file", "there is no such file")
	case err != nil:
		c.fault("eko.access_key_file", "can't be used: %s", err)
	default:
		if _, err := eko.ParseAccessKey(text); err != nil {
			c.fault("eko.access_key_file", "%s", err)
		}
	}
}

func (c *checker) proxy(cfg *Config) {
	raw := cfg.Eko.Proxy
	if raw == "" {
		return
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		c.fault("eko.proxy", `must be an address such as "http://proxy.partner.example:3128"`)
	case u.User != nil && cfg.Environment == Production:
		c.fault("eko.proxy", "must not hold a password in production: use \"biobridge secret set proxy\"")
	}
}
