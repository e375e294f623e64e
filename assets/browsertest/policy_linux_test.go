package browsertest_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"biobridge/agent/browserpolicy"
	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
)

// administered returns a program that starts a browser on a computer whose
// administrator has answered its question for one page. The browser sees the
// files that browserpolicy writes, in /etc; everybody else sees none of them.
func administered(t *testing.T, browser, origin string) string {
	t.Helper()
	root := t.TempDir()
	if _, err := (browserpolicy.Store{Root: root}).Install(origin); err != nil {
		t.Fatal(err)
	}
	unshare := "unshare -m"
	if os.Getuid() != 0 {
		unshare = "unshare -rm"
	}
	program := filepath.Join(root, "browser")
	script := fmt.Sprintf("#!/bin/sh\nexec %s sh -c 'mount -t overlay overlay -o lowerdir=%s/etc:/etc /etc && exec %s \"$@\"' sh \"$@\"\n", unshare, root, browser)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	try := strings.Replace(script, "exec "+browser, "exec true", 1)
	if out, err := exec.Command("sh", "-c", try).CombinedOutput(); err != nil {
		lacking(t, fmt.Sprintf("way to give a browser an /etc of its own (%v: %s)", err, out))
	}
	return program
}

// newSecureSite is one with https, whose certificate nobody knows.
func newSecureSite(t *testing.T) *site {
	t.Helper()
	s := siteOf(t)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // browsers hang up and ask again
	s.StartTLS()
	return s
}

// Where the administrator has answered beforehand with what biobridge
// browser-policy writes, the browser asks nobody, for this page and for what it
// frames, and still does for every other page.
func TestPreapprovedByTheAdministrator(t *testing.T) {
	portal, partner, stranger := newSecureSite(t), newSecureSite(t), newSecureSite(t)
	named := func(name string, s *site) string {
		address := s.Listener.Addr().String()
		return "https://" + name + address[strings.LastIndexByte(address, ':'):]
	}
	own, inner, other := named("portal.example", portal), named("partner.example", partner), named("stranger.example", stranger)
	s := openShop(t, demo.Options{Change: func(c *daemon.Config) {
		for _, origin := range []string{own, inner, other} {
			c.Origins = append(c.Origins, daemon.Origin{Origin: origin, Scopes: contract.Scopes()})
		}
	}})
	for _, site := range []*site{portal, partner, stranger} {
		putDiagnosis(site, s)
	}
	portal.put("/frame", fmt.Sprintf(outer, inner, allowed))
	portal.put("/mute-frame", fmt.Sprintf(outer, inner, ""))

	t.Run("chromium", func(t *testing.T) {
		page := openChromium(t, publicSites(portal, partner, stranger),
			chromedp.ExecPath(administered(t, chromiumPath(t), own)), chromedp.IgnoreCertErrors,
			chromedp.Flag("host-resolver-rules", "MAP *.example 127.0.0.1"))
		for _, visit := range []struct{ url, want string }{
			{own + "/", "ok"}, {own + "/frame", "ok"}, {own + "/mute-frame", "frame_blocked"},
			{other + "/", "permission_denied"}, // a headless Chromium denies what it would ask
		} {
			page.visit(visit.url)
			page.diagnosed(visit.want)
		}
	})
	t.Run("firefox", func(t *testing.T) {
		prefs := asksForSockets(publicPrefs(portal.Listener.Addr().String(), partner.Listener.Addr().String(), stranger.Listener.Addr().String()))
		prefs["network.dns.forceResolve"] = `"127.0.0.1"`
		page := openFirefoxAt(t, administered(t, firefoxPath(t), own), prefs)
		page.visit(own + "/")
		page.diagnosed("ok")
		page.visit(other + "/")
		page.around().await("the browser's question", "PopupNotifications.panel.firstElementChild?.button")
	})
}
