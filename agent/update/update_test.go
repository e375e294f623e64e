package update_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent/update"
)

var released = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// publisher is a release server with keys of its own.
type publisher struct {
	t       *testing.T
	server  *httptest.Server
	root    ed25519.PrivateKey
	key     ed25519.PrivateKey
	keys    update.KeyList
	m       update.Manifest
	content []byte
	// served is what the server gives out; tampering changes it.
	manifest []byte
	pkg      []byte
	// cut ends a package's transfer after so many bytes.
	cut int
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func newPublisher(t *testing.T) *publisher {
	p := &publisher{t: t, root: newKey(t), key: newKey(t), content: bytes.Repeat([]byte("installer "), 5000)}
	p.server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.server.Close)
	p.keys = update.KeyList{Serial: 1, Expires: released.AddDate(1, 0, 0), Keys: []update.Key{{ID: "2026", Public: public(p.key)}}}
	sum := sha256.Sum256(p.content)
	p.m = update.Manifest{
		Serial: 7, Version: "1.1.0", Released: released, Expires: released.AddDate(0, 1, 0), Rollout: 100,
		Packages: []update.Package{{OS: "linux", Arch: "amd64", Kind: "deb", URL: p.server.URL + "/biobridge.deb", Size: int64(len(p.content)), SHA256: hex.EncodeToString(sum[:])}},
	}
	p.pkg = p.content
	p.publish()
	return p
}

func (p *publisher) publish() {
	p.t.Helper()
	keys, err := update.SealKeys(p.keys, p.root)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.manifest, err = update.Seal(keys, p.m, "2026", p.key); err != nil {
		p.t.Fatal(err)
	}
}

func (p *publisher) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/manifest.json":
		_, _ = w.Write(p.manifest)
	case "/biobridge.deb":
		if p.cut > 0 {
			w.Header().Set("Content-Length", fmt.Sprint(len(p.pkg)))
			_, _ = w.Write(p.pkg[:p.cut])
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(p.pkg)
	case "/plain":
		http.Redirect(w, r, "http://"+r.Host+"/manifest.json", http.StatusFound)
	default:
		http.NotFound(w, r)
	}
}

func (p *publisher) channel() update.Channel {
	return update.Channel{
		URL: p.server.URL + "/manifest.json", Root: public(p.root), Dir: filepath.Join(p.t.TempDir(), "update"),
		OS: "linux", Arch: "amd64", Kind: "deb", Current: "1.0.0", Machine: "shop-1",
		Transport: p.server.Client().Transport, Now: func() time.Time { return released.Add(time.Hour) },
	}
}

func TestCheck_OffersANewerVersion(t *testing.T) {
	p := newPublisher(t)
	c := p.channel()
	offer, err := c.Check(t.Context())
	if err != nil || !offer.Wanted || offer.Manifest.Version != "1.1.0" {
		t.Fatalf("Check = %+v, %v; want 1.1.0", offer, err)
	}
	path, err := c.Download(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, p.content) {
		t.Errorf("the package has %d bytes, want %d", len(got), len(p.content))
	}
}

func TestCheck_SaysWhyNot(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*publisher, *update.Channel)
		reason string
	}{
		{"same version", func(_ *publisher, c *update.Channel) { c.Current = "1.1.0" }, "current"},
		{"installed is newer", func(_ *publisher, c *update.Channel) { c.Current = "1.10.0" }, "current"},
		{"development build", func(_ *publisher, c *update.Channel) { c.Current = "development" }, "current"},
		{"pinned", func(_ *publisher, c *update.Channel) { c.Pinned = "1.0.5" }, "pinned"},
		{"pinned to it", func(_ *publisher, c *update.Channel) { c.Pinned = "1.1.0" }, ""},
		{"no package", func(_ *publisher, c *update.Channel) { c.Arch = "riscv64" }, "no_package"},
		{"no roll-out yet", func(p *publisher, _ *update.Channel) { p.m.Rollout = 0 }, "rollout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPublisher(t)
			c := p.channel()
			test.change(p, &c)
			p.publish()
			offer, err := c.Check(t.Context())
			if err != nil || offer.Reason != test.reason || offer.Wanted != (test.reason == "") {
				t.Errorf("Check = wanted %t, %q, %v; want %q", offer.Wanted, offer.Reason, err, test.reason)
			}
		})
	}
}

func TestCheck_RefusesWhatIsNotToBeTrusted(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*publisher, *update.Channel)
		want   error
	}{
		{"another root key", func(p *publisher, c *update.Channel) { c.Root = public(newKey(p.t)) }, update.ErrSignature},
		{"manifest signed by an unlisted key", func(p *publisher, _ *update.Channel) { p.key = newKey(p.t); p.publish() }, update.ErrSignature},
		{"changed payload", func(p *publisher, _ *update.Channel) {
			p.tamper(func(e *update.Envelope) {
				e.Manifest.Payload = bytes.Replace(e.Manifest.Payload, []byte("1.1.0"), []byte("9.9.9"), 1)
			})
		}, update.ErrSignature},
		{"changed list of keys", func(p *publisher, _ *update.Channel) {
			p.tamper(func(e *update.Envelope) {
				e.Keys.Payload = bytes.Replace(e.Keys.Payload, []byte(`"serial":1`), []byte(`"serial":2`), 1)
			})
		}, update.ErrSignature},
		{"manifest in the keys' place", func(p *publisher, _ *update.Channel) {
			p.tamper(func(e *update.Envelope) {
				e.Manifest = update.Signed{Payload: e.Keys.Payload, Key: "2026", Signature: e.Keys.Signature}
			})
		}, update.ErrSignature},
		{"no signature", func(p *publisher, _ *update.Channel) {
			p.tamper(func(e *update.Envelope) { e.Manifest.Signature = nil })
		}, update.ErrSignature},
		{"cut short", func(p *publisher, _ *update.Channel) { p.manifest = p.manifest[:len(p.manifest)/2] }, update.ErrMalformed},
		{"a web page", func(p *publisher, _ *update.Channel) { p.manifest = []byte("<html>login</html>") }, update.ErrMalformed},
		{"manifest expired", func(p *publisher, c *update.Channel) {
			c.Now = func() time.Time { return p.m.Expires.Add(time.Second) }
		}, update.ErrExpired},
		{"keys expired", func(p *publisher, _ *update.Channel) { p.keys.Expires = released; p.publish() }, update.ErrExpired},
		{"clock before the release", func(_ *publisher, c *update.Channel) { c.Now = func() time.Time { return released.AddDate(-1, 0, 0) } }, update.ErrClock},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPublisher(t)
			c := p.channel()
			test.change(p, &c)
			offer, err := c.Check(t.Context())
			if !errors.Is(err, test.want) || offer.Wanted {
				t.Errorf("Check = %+v, %v; want %v", offer, err, test.want)
			}
		})
	}
}

func (p *publisher) tamper(change func(*update.Envelope)) {
	p.t.Helper()
	var e update.Envelope
	if err := json.Unmarshal(p.manifest, &e); err != nil {
		p.t.Fatal(err)
	}
	before := p.manifest
	change(&e)
	var err error
	if p.manifest, err = json.Marshal(e); err != nil {
		p.t.Fatal(err)
	}
	if bytes.Equal(before, p.manifest) {
		p.t.Fatal("nothing was tampered with")
	}
}

func TestCheck_NeverGoesBack(t *testing.T) {
	p := newPublisher(t)
	c := p.channel()
	old := p.manifest
	p.m.Serial, p.m.Version = 8, "1.2.0"
	p.publish()
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	newest := p.manifest
	p.manifest = old
	if _, err := c.Check(t.Context()); !errors.Is(err, update.ErrReplayed) {
		t.Errorf("Check of an older manifest = %v, want ErrReplayed", err)
	}
	p.manifest = newest
	if offer, err := c.Check(t.Context()); err != nil || !offer.Wanted {
		t.Errorf("Check of the newest again = %+v, %v", offer, err)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "seen.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context()); err == nil {
		t.Error("a damaged memory lets an older manifest through")
	}
}

func TestCheck_RollsOutInStages(t *testing.T) {
	p := newPublisher(t)
	wanted := func(share int) map[string]bool {
		p.m.Rollout = share
		p.m.Serial++
		p.publish()
		got := map[string]bool{}
		for n := range 200 {
			c := p.channel()
			c.Machine = fmt.Sprint("shop-", n)
			offer, err := c.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if offer.Wanted {
				got[c.Machine] = true
			}
		}
		return got
	}
	first, second := wanted(20), wanted(60)
	if len(first) < 20 || len(first) > 65 {
		t.Errorf("20 %% of 200 PCs are %d", len(first))
	}
	for machine := range first {
		if !second[machine] {
			t.Errorf("%s was in the first stage and isn't in the second", machine)
		}
	}
	if all := wanted(100); len(all) != 200 {
		t.Errorf("100 %% of 200 PCs are %d", len(all))
	}
}

func TestCheck_HTTPSOnly(t *testing.T) {
	p := newPublisher(t)
	for _, address := range []string{
		strings.Replace(p.server.URL, "https", "http", 1) + "/manifest.json",
		p.server.URL + "/plain",
	} {
		c := p.channel()
		c.URL = address
		if _, err := c.Check(t.Context()); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
	p.m.Packages[0].URL = "http://127.0.0.1/biobridge.deb"
	if _, err := update.Seal(update.Signed{}, p.m, "2026", p.key); !errors.Is(err, update.ErrMalformed) {
		t.Errorf("Seal with a package by http = %v, want ErrMalformed", err)
	}
}

func TestDownload_TellsATamperedPackage(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*publisher)
	}{
		{"a flipped bit", func(p *publisher) { p.pkg = bytes.Clone(p.content); p.pkg[100] ^= 1 }},
		{"longer", func(p *publisher) { p.pkg = append(bytes.Clone(p.content), 'x') }},
		{"shorter", func(p *publisher) { p.pkg = p.content[:len(p.content)-1] }},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPublisher(t)
			test.change(p)
			c := p.channel()
			offer, err := c.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Download(t.Context(), offer); !errors.Is(err, update.ErrPackage) {
				t.Errorf("Download = %v, want ErrPackage", err)
			}
			mustBeEmpty(t, c.Dir)
		})
	}
}

// mustBeEmpty fails where a package or a part of one was left.
func mustBeEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "biobridge-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDownload_IsCutAndTriedAgain(t *testing.T) {
	p := newPublisher(t)
	c := p.channel()
	offer, err := c.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.cut = 1000
	if _, err := c.Download(t.Context(), offer); err == nil {
		t.Fatal("a package that was cut short was taken")
	}
	mustBeEmpty(t, c.Dir)
	// What a power cut leaves: half a file, under the name of a part.
	if err := os.WriteFile(filepath.Join(c.Dir, "biobridge-1.1.0.deb.part"), p.content[:2000], 0o600); err != nil {
		t.Fatal(err)
	}
	p.cut = 0
	path, err := c.Download(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	// A package that rotted, or was exchanged, after it was downloaded.
	if err := os.WriteFile(path, p.content[:2000], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := offer.Package.Verify(path); !errors.Is(err, update.ErrPackage) {
		t.Errorf("Verify = %v, want ErrPackage", err)
	}
	if _, err := c.Download(t.Context(), offer); err != nil {
		t.Errorf("Download over a damaged package: %v", err)
	}
}

func TestDownload_EndsWithItsContext(t *testing.T) {
	p := newPublisher(t)
	c := p.channel()
	offer, err := c.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Download(ctx, offer); !errors.Is(err, context.Canceled) {
		t.Errorf("Download = %v, want context.Canceled", err)
	}
	mustBeEmpty(t, c.Dir)
}

func TestNoteFailure_IsNotTriedAgain(t *testing.T) {
	p := newPublisher(t)
	c := p.channel()
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.NoteFailure("1.1.0"); err != nil {
		t.Fatal(err)
	}
	if offer, err := c.Check(t.Context()); err != nil || offer.Reason != "failed_before" {
		t.Errorf("Check = %q, %v; want failed_before", offer.Reason, err)
	}
	p.m.Serial, p.m.Version = 8, "1.1.1"
	p.publish()
	if offer, err := c.Check(t.Context()); err != nil || !offer.Wanted {
		t.Errorf("Check of the next version = %q, %v; want it", offer.Reason, err)
	}
}
