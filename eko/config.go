package eko

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DefaultTimeout bounds a call where the configuration says nothing: peers
// advise at least 120 s for calls that move money (eko-api.md section 13).
const DefaultTimeout = 120 * time.Second

const defaultOTPAbove Rupees = 5000

// ConfigError says which setting can't be used and why. It never holds a secret.
type ConfigError struct {
	// Key is the setting's name in the configuration, without its table.
	Key string
	Err error
}

func (e *ConfigError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap is the rule that was broken.
func (e *ConfigError) Unwrap() error { return e.Err }

// Config is what a client needs. Zero values of everything below Signer work.
type Config struct {
	// API is "v2" or "v3".
	API string
	// BaseURL is Eko's address, or a relay's, without the version, such as
	// https://staging.eko.in:25004/ekoapi. Plain http is for this computer only.
	BaseURL      string
	DeveloperKey string
	InitiatorID  string
	// PublicKey is Eko's key for Aadhaar numbers: X.509 in base64, without PEM lines.
	PublicKey string
	Signer    Signer
	// Timeout bounds a whole call, dialling and signing included.
	Timeout time.Duration
	// Proxy is the forward proxy with the allow-listed address; a user name and
	// password in it are sent to the proxy only.
	Proxy *url.URL
	// ReferenceField names the merchant authentication's token in a v2 body:
	// "reference_tid" (default) or "reference_id" (eko-api.md section 4.1).
	ReferenceField string
	// V3Hash says what request_hash covers on v3: "none" (default), "plain" or
	// "encrypted" (eko-api.md section 2.2).
	V3Hash string
	// OTPAbove is the amount up to which v3 withdraws without the customer's OTP.
	// Zero means 5,000 rupees (Eko's cash withdrawal page, "Amounts above ₹5,000").
	OTPAbove Rupees
	// Roots are the certificate authorities to trust, nil for the system's. There
	// is no way not to verify.
	Roots *x509.CertPool
	// Certificate is shown to a relay that asks for one, nil for none.
	Certificate *tls.Certificate

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger
}

// Check finds the first setting that can't be used and returns a
// [*ConfigError]. It does no I/O.
func (c Config) Check() error {
	_, _, err := c.parsed()
	return err
}

func (c Config) parsed() (*url.URL, *PublicKey, error) {
	if c.API != "v2" && c.API != "v3" {
		return nil, nil, &ConfigError{"api", errors.New(`must be "v2" or "v3"`)}
	}
	base, err := parseBase(c.BaseURL)
	if err != nil {
		return nil, nil, &ConfigError{"base_url", err}
	}
	checks := []struct {
		key string
		err error
	}{
		{"developer_key", checkDeveloperKey(c.DeveloperKey, c.Signer)},
		{"initiator_id", checkToken(c.InitiatorID, 128)},
		{"signer", c.checkSigner()},
		{"timeout", checkTimeout(c.Timeout)},
		{"proxy", checkProxy(c.Proxy)},
		{"reference_field", oneOf(c.ReferenceField, "", "reference_tid", "reference_id")},
		{"v3_request_hash", oneOf(c.V3Hash, "", "none", "plain", "encrypted")},
	}
	for _, check := range checks {
		if check.err != nil {
			return nil, nil, &ConfigError{check.key, check.err}
		}
	}
	key, err := ParsePublicKey(c.PublicKey)
	if err != nil {
		return nil, nil, &ConfigError{"public_key", err}
	}
	return base, key, nil
}

func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.ReferenceField == "" {
		c.ReferenceField = "reference_tid"
	}
	if c.OTPAbove == 0 {
		c.OTPAbove = defaultOTPAbove
	}
	if c.V3Hash == "" {
		c.V3Hash = "none"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

var versionAtEnd = regexp.MustCompile(`/v[0-9]+$`)

// parseBase takes an address to which a version and a path can be added.
func parseBase(text string) (*url.URL, error) {
	u, err := parseEndpoint(text)
	if err != nil {
		return nil, err
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if versionAtEnd.MatchString(u.Path) {
		return nil, errors.New("must not end in a version: biobridge adds /v1, /v2 or /v3 by itself")
	}
	return u, nil
}

// parseEndpoint takes an https address, or an http one on this computer.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("is empty")
	case err != nil:
		return nil, errors.New("is not an address")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("names no host")
	case u.User != nil, u.RawQuery != "", u.ForceQuery, u.Fragment != "", u.RawPath != "":
		return nil, errors.New("may hold a host, a port and a path, nothing else")
	case u.Scheme == "http" && !loopbackHost(u.Hostname()):
		return nil, errors.New("must be https: plain http is for this computer only")
	}
	return u, nil
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// The staging developer key as every page of Eko's prints it, and as the seed's
// PAN part misprints it (eko-api.md section 2.4).
const (
	stagingDeveloperKey  = "becbbce45f79c6f5109f848acd540567"
	misprintDeveloperKey = "becbbbe45f79c6f5109f848acd540567"
)

func checkDeveloperKey(key string, signer Signer) error {
	if _, relayed := signer.(*RelaySigner); relayed && key == "" {
		return nil // the relay knows it
	}
	if key == misprintDeveloperKey {
		return errors.New("is the misprint on one of Eko's pages: it reads becbbbe4…, the key is becbbce4…")
	}
	return checkToken(key, 128)
}

// checkToken takes what can stand in a header or an address as it is.
func checkToken(text string, limit int) error {
	if text == "" {
		return errors.New("is empty")
	}
	if len(text) > limit {
		return fmt.Errorf("is longer than %d characters", limit)
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return fmt.Errorf("holds a byte that is not printable ASCII, at place %d (a byte-order mark, a blank or a line break)", i+1)
		}
	}
	return nil
}

func (c Config) checkSigner() error {
	switch s := c.Signer.(type) {
	case nil:
		return errors.New("is missing: somebody has to sign")
	case *RelaySigner:
		if s.token.IsZero() && c.Certificate == nil {
			return errors.New("has neither a token nor a client certificate for the relay")
		}
	case KeySigner:
		if s.Key.IsZero() {
			return fmt.Errorf("%w: it is empty", ErrAccessKey)
		}
	}
	return nil
}

func checkTimeout(d time.Duration) error {
	if d < 0 || d > 10*time.Minute {
		return errors.New("must be between 0 and 10 minutes")
	}
	return nil
}

func checkProxy(u *url.URL) error {
	if u != nil && (u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") {
		return errors.New("must be the http:// or https:// address of a forward proxy")
	}
	return nil
}

func oneOf(text string, allowed ...string) error {
	if !slices.Contains(allowed, text) {
		return fmt.Errorf("must be one of %s", strings.Join(allowed[1:], ", "))
	}
	return nil
}
