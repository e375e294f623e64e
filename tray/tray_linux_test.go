package tray_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/assets"
	"biobridge/eko/ekosim"
)

// The icon follows the scanners, and what is clicked happens.
func TestTray_scanners(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	tray := s.start("--config", shop.config()).registered()
	tray.shows(assets.IconReady)
	if tip := tray.tooltip(); !strings.HasPrefix(tip, "biobridge – Ready for the next customer – SIMULATED") {
		t.Errorf("tooltip %q", tip)
	}
	tray.has("Ready for the next customer")
	tray.has("None yet")
	tray.click("Check the scanner now")
	s.notified("Scanners that are ready: 2 of 2")

	for _, scanner := range shop.stack.Scanners {
		scanner.Unplug()
	}
	tray.shows(assets.IconNoScanner)
	tray.has("No scanner is ready")
	s.notified("The scanner has gone")
	shop.stack.Scanners[0].Plug()
	tray.shows(assets.IconReady)
	shop.stack.Scanners[0].SetStatus("USED")
	tray.shows(assets.IconBusy)
	shop.stack.Scanners[0].SetStatus("")
	tray.shows(assets.IconReady)

	tray.click("Test the scanner")
	s.notified("Place a finger on the scanner")
	s.notified("The scanner works")

	tray.click("Save a diagnostics file")
	s.notified("Diagnostics file saved")
	if files, _ := filepath.Glob(filepath.Join(s.home, "biobridge-diagnostics-*.zip")); len(files) != 1 {
		t.Errorf("diagnostics: %v", files)
	}

	tray.click("Remove this icon")
	if code := tray.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// The tray outlives the agent, and the language outlives the tray.
func TestTray_restartsAndLanguage(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	config := shop.config()
	tray := s.start("--config", config).registered()
	tray.shows(assets.IconReady)
	tray.click("हिन्दी")
	tray.has("अगले ग्राहक के लिए तैयार")
	await(t, func() bool { return tray.has("हिन्दी").checked && !tray.has("English").checked }, func() string { return "the check mark" })

	shop.stop()
	tray.shows(assets.IconNotRunning)
	tray.has("biobridge नहीं चल रहा है")
	shop.open()
	tray.shows(assets.IconReady)
	tray.has("अगले ग्राहक के लिए तैयार")

	kept := filepath.Join(s.home, "config", "biobridge", "language")
	await(t, func() bool { text, _ := os.ReadFile(kept); return string(text) == "hi\n" }, func() string { return kept })
	tray.click("यह आइकन हटाएँ")
	if code := tray.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again := s.start("--config", config).registered()
	again.has("अगले ग्राहक के लिए तैयार")
}

// A page that asks is shown in full and let in by its own click only.
func TestTray_pageAsks(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	tray := s.start("--config", shop.config()).registered()
	tray.shows(assets.IconReady)

	const stranger = "https://under_score.portal.example:8443"
	if _, err := shop.knock(stranger); err == nil {
		t.Fatal("a stranger was let in")
	}
	tray.shows(assets.IconAttention)
	s.notified(stranger)
	question := tray.has("A page asks: https://under__score.portal.example:8443") // the bus's way to write one underscore
	await(t, func() bool { question = tray.has(question.label); return len(question.below) == 3 }, func() string { return tray.labels() })
	if got := question.below[0].label + "|" + question.below[1].label + "|" + question.below[2].label; got != "Deny|Allow once, until biobridge stops|Allow always" {
		t.Errorf("answers: %s", got)
	}
	stale := question.below[1].id
	tray.press(question.below[0].id) // deny
	tray.lacks("A page asks")
	tray.shows(assets.IconReady)

	// The next one takes the same place in the menu, but a click that was on its
	// way to the first lets nobody in.
	const other = "https://other.example"
	if _, err := shop.knock(other); err == nil {
		t.Fatal("another stranger was let in")
	}
	question = tray.has("A page asks: " + other)
	tray.press(stale)
	tray.click("Check the scanner now")
	s.notified("Scanners that are ready")
	tray.has("A page asks: " + other)
	if _, err := shop.knock(other); err == nil {
		t.Error("a click on another question let the page in")
	}

	await(t, func() bool { question = tray.has(question.label); return len(question.below) == 3 }, func() string { return tray.labels() })
	tray.press(question.below[1].id) // once
	tray.lacks("A page asks")
	tray.shows(assets.IconReady)
	if _, err := shop.knock(other); err != nil {
		t.Errorf("the page is still refused: %v", err)
	}
}

// A result that was unknown is announced when it is known.
func TestTray_pendingSettles(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	tray := s.start("--config", shop.config()).registered()
	tray.shows(assets.IconReady)
	const never = 1 << 20 // inquiries: the agent's own come whenever they come
	if err := shop.stack.Eko.SetFault(ekosim.Fault{Behaviour: ekosim.HoldTx, Inquiries: never}); err != nil {
		t.Fatal(err)
	}
	if state := shop.withdraw("TRAY1", 136); state != contract.Pending {
		t.Fatalf("the withdrawal is %s", state)
	}
	tray.shows(assets.IconAttention)
	tray.has("Results not known yet: 1")
	if err := shop.stack.Eko.Decide("TRAY1", "0"); err != nil {
		t.Fatal(err)
	}
	known := false
	await(t, func() bool {
		for _, l := range tray.menu() {
			if l.label == "Results not known yet: 1" && l.enabled {
				tray.press(l.id)
			}
			known = known || l.label == "Results not known yet: 0"
		}
		return known
	}, func() string { return "the result" })
	s.notified("Withdrawal ₹136: succeeded|Aadhaar ending in 7058, reference TRAY1.")
	tray.shows(assets.IconReady)
	if labels := tray.labels(); !strings.Contains(labels, "Withdrawal  ₹136  succeeded") {
		t.Errorf("the menu says\n%s", labels)
	}
}

// A session has one icon; whoever installs can have all leave.
func TestTray_oneAndQuit(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	config := shop.config()
	tray := s.start("--config", config).registered()
	tray.shows(assets.IconReady)
	second := s.start("--config", config)
	if code := second.leaves(); code != 0 || !strings.Contains(second.log.String(), "has biobridge's icon already") {
		t.Errorf("the second: code %d, %s", code, second.log)
	}
	out, err := s.command("--quit").CombinedOutput()
	if err != nil || string(out) != "1 icon(s) left\n" {
		t.Errorf("--quit: %v, %s", err, out)
	}
	if code := tray.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if out, err = s.command("--quit").CombinedOutput(); err != nil || string(out) != "0 icon(s) left\n" {
		t.Errorf("--quit with nobody there: %v, %s", err, out)
	}
}

// Without a panel the tray waits for one; when the session ends it goes.
func TestTray_waitsForPanel(t *testing.T) {
	s := newSession(t)
	tray := s.start("--config", filepath.Join(t.TempDir(), "none.toml"))
	if code := tray.leaves(); code != 2 {
		t.Errorf("a configuration that isn't there: code %d, %s", code, tray.log)
	}
	shop := newShop(t)
	tray = s.start("--config", shop.config())
	await(t, func() bool { return strings.Contains(tray.log.String(), "waiting for one") }, func() string { return "the tray to say that it waits" })
	s.panel()
	tray.registered().shows(assets.IconReady)
	// A panel that was restarted gets the icon again.
	if _, err := s.conn.ReleaseName(watcher); err != nil {
		t.Fatal(err)
	}
	if _, err := s.conn.RequestName(watcher, 0); err != nil {
		t.Fatal(err)
	}
	tray.registered().shows(assets.IconReady)
	s.endBus()
	if code := tray.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// Without a session there is no icon, a clear line, and no bus that nobody asked
// for.
func TestTray_withoutSession(t *testing.T) {
	shop := newShop(t)
	s := &session{t: t, home: t.TempDir()}
	for _, address := range []string{"", "unix:path=" + filepath.Join(s.home, "nobody")} {
		cmd := s.command("--config", shop.config())
		cmd.Env = append(cmd.Env, "DBUS_SESSION_BUS_ADDRESS="+address, "DISPLAY=:99")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(out.String(), "no desktop session") || strings.Contains(out.String(), "goroutine") {
			t.Errorf("address %q: code %d, %v\n%s", address, code, err, out.String())
		}
	}
}

// The whole process stays small (the limit is the product's promise).
func TestTray_isSmall(t *testing.T) {
	s, shop := newSession(t), newShop(t)
	s.panel()
	tray := s.start("--config", shop.config()).registered()
	tray.shows(assets.IconReady)
	tray.click("हिन्दी")
	tray.has("अगले ग्राहक के लिए तैयार")
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tray.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes int
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kilobytes); err == nil {
			t.Logf("RSS %.1f MB", float64(kilobytes)/1024)
			if kilobytes >= 20*1024 {
				t.Errorf("RSS %d kB, promised are less than 20 MB", kilobytes)
			}
		}
	}
}
