package update

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Limits on what a server may send.
const (
	maxManifest = 1 << 20
	maxPackage  = 100 << 20
)

// Channel is where updates come from, and what this PC is.
type Channel struct {
	// URL is the manifest's https address, Root the key that the configuration names.
	URL  string
	Root ed25519.PublicKey
	// Dir keeps what was seen and downloaded; nobody but administrators may write to
	// it.
	Dir string
	// OS, Arch and Kind name the package that fits.
	OS, Arch, Kind string
	// Current is the installed version, Pinned the administrator's ("": none).
	Current, Pinned string
	// Machine is any text that is this PC's own and stays: it decides the PC's place
	// in a staged roll-out.
	Machine string
	// Transport carries the requests; nil: [http.DefaultTransport].
	Transport http.RoundTripper
	Now       func() time.Time
}

// Offer is what a check found.
type Offer struct {
	Manifest Manifest
	// Package fits this PC; nil where Wanted is false for want of one.
	Package *Package
	// Wanted says that the version should be installed now. Otherwise Reason says
	// why not: "current", "pinned", "rollout", "failed_before", "no_package".
	Wanted bool
	Reason string
}

func (c Channel) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// client follows redirects within https only.
func (c Channel) client() *http.Client {
	return &http.Client{
		Transport: c.Transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Scheme != "https" || len(via) > 5 {
				return errors.New("a redirect leads away from https, or in circles")
			}
			return nil
		},
	}
}

// Check fetches the manifest and says what is to be done. It returns ErrSignature,
// ErrMalformed, ErrExpired, ErrReplayed or ErrClock for a manifest that is not to be
// trusted.
func (c Channel) Check(ctx context.Context) (Offer, error) {
	seen, err := recall(c.Dir)
	if err != nil {
		return Offer{}, err
	}
	envelope, err := c.fetchManifest(ctx)
	if err != nil {
		return Offer{}, err
	}
	keys, m, err := open(envelope, c.Root)
	if err != nil {
		return Offer{}, err
	}
	if err := seen.admits(keys, m, c.now()); err != nil {
		return Offer{}, err
	}
	seen.KeySerial, seen.ManifestSerial = keys.Serial, m.Serial
	if m.Released.After(seen.Newest) {
		seen.Newest = m.Released
	}
	if err := seen.keep(c.Dir); err != nil {
		return Offer{}, err
	}
	return c.judge(m, seen), nil
}

// clockSlack is how far a clock may be behind a release's time.
const clockSlack = 24 * time.Hour

// admits says whether list and manifest are no older than what was seen, and used in
// their time.
func (s memory) admits(keys KeyList, m Manifest, now time.Time) error {
	switch {
	case now.Add(clockSlack).Before(m.Released), now.Add(clockSlack).Before(s.Newest):
		return ErrClock
	case keys.Serial < s.KeySerial, m.Serial < s.ManifestSerial:
		return ErrReplayed
	case now.After(keys.Expires), now.After(m.Expires):
		return ErrExpired
	}
	return nil
}

func (c Channel) judge(m Manifest, seen memory) Offer {
	o := Offer{Manifest: m}
	i := slices.IndexFunc(m.Packages, func(p Package) bool { return p.OS == c.OS && p.Arch == c.Arch && p.Kind == c.Kind })
	if i >= 0 {
		o.Package = &m.Packages[i]
	}
	switch {
	case !newer(m.Version, c.Current):
		o.Reason = "current"
	case c.Pinned != "" && c.Pinned != m.Version:
		o.Reason = "pinned"
	case o.Package == nil:
		o.Reason = "no_package"
	case seen.Failed == m.Version:
		o.Reason = "failed_before"
	case place(c.Machine, m.Version) >= m.Rollout:
		o.Reason = "rollout"
	default:
		o.Wanted = true
	}
	return o
}

// place is a machine's place, 0 to 99, in the roll-out of a version: the same at
// every check, another for every version, so that no shop is always first.
func place(machine, version string) int {
	sum := sha256.Sum256([]byte("biobridge roll-out " + version + " " + machine))
	return int(binary.BigEndian.Uint64(sum[:8]) % 100)
}

func (c Channel) fetchManifest(ctx context.Context) ([]byte, error) {
	body, err := c.get(ctx, c.URL)
	if err != nil {
		return nil, fmt.Errorf("fetch the update's manifest: %w", err)
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("fetch the update's manifest: %w", err)
	}
	if len(content) > maxManifest {
		return nil, ErrMalformed
	}
	return content, nil
}

// get asks for an https address; the caller closes the body.
func (c Channel) get(ctx context.Context, address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return nil, errors.New("updates come from https addresses only")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := c.client().Do(request)
	if err != nil {
		return nil, explainTLS(err, c.now())
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answers %d", response.StatusCode)
	}
	return response.Body, nil
}

// explainTLS tells a clock that is behind from a certificate that is no good.
func explainTLS(err error, now time.Time) error {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired &&
		invalid.Cert != nil && now.Before(invalid.Cert.NotBefore) {
		return fmt.Errorf("%w: %w", ErrClock, err)
	}
	return err
}
