package tray_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/locale"
	"biobridge/assets"
	"biobridge/tray"
)

var noon = time.Date(2026, 3, 4, 6, 30, 0, 0, time.UTC) // 12:00 in India

// answered is an agent with these scanners and nothing else.
func answered(devices ...contract.Device) tray.Snapshot {
	return tray.Snapshot{Reached: true, Status: control.Status{
		Version: "1.2.3", Environment: "production", Listen: []string{"127.0.0.1:21101"},
		Devices: devices, Journal: control.Journal{OK: true},
	}}
}

func scanner(status contract.DeviceStatus) contract.Device {
	return contract.Device{ID: "d-" + string(status), Vendor: "mantra", Model: "MFS110", Serial: "1234", Status: status}
}

func with(s tray.Snapshot, change func(*tray.Snapshot)) tray.Snapshot {
	change(&s)
	return s
}

func problem(code string) func(*tray.Snapshot) {
	return func(s *tray.Snapshot) {
		s.Status.Problems = []contract.LocalisedPoint{{Code: code, Message: "what", Remedy: "how"}}
	}
}

func TestLook_icon(t *testing.T) {
	ready, busy, dead := scanner(contract.DeviceReady), scanner(contract.DeviceBusy), scanner(contract.DeviceNotReady)
	for _, test := range []struct {
		name string
		s    tray.Snapshot
		want string
	}{
		{"nothing is known yet", tray.Snapshot{}, assets.IconNotRunning},
		{"the user may not ask", tray.Snapshot{Reached: true, Refused: "no"}, assets.IconNotRunning},
		{"ready", answered(ready), assets.IconReady},
		{"one of two is ready", answered(dead, ready), assets.IconReady},
		{"one is busy, one ready", answered(busy, ready), assets.IconReady},
		{"busy", answered(busy, dead), assets.IconBusy},
		{"none", answered(), assets.IconNoScanner},
		{"none can be used", answered(dead), assets.IconNoScanner},
		{"a status from a newer agent", answered(scanner("resting")), assets.IconNoScanner},
		{"a page asks", with(answered(ready), func(s *tray.Snapshot) { s.Approvals = []control.Approval{{ID: "1"}} }), assets.IconAttention},
		{"a browser asks", with(answered(ready), func(s *tray.Snapshot) { s.Status.Asking = 1 }), assets.IconAttention},
		{"a result is unknown", with(answered(ready), func(s *tray.Snapshot) { s.Status.Pending = 1 }), assets.IconAttention},
		{"the journal is damaged", with(answered(ready), func(s *tray.Snapshot) { s.Status.Journal.OK = false }), assets.IconAttention},
		{"damaged and no scanner", with(answered(), func(s *tray.Snapshot) { s.Status.Journal.OK = false }), assets.IconAttention},
		{"clock", with(answered(ready), problem("clock_wrong")), assets.IconAttention},
		{"merchant", with(answered(ready), problem("merchant_auth_required")), assets.IconAttention},
		{"a problem from a newer agent", with(answered(ready), problem("news")), assets.IconAttention},
		{"another port harms nobody", with(answered(ready), problem("other_port")), assets.IconReady},
		{"no scanner is its own icon", with(answered(), problem("no_device")), assets.IconNoScanner},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := tray.Look(test.s, nil, locale.English, true, noon)
			if v.Icon != test.want {
				t.Errorf("icon %s, want %s", v.Icon, test.want)
			}
			if _, err := assets.Icon(v.Icon, 48); err != nil {
				t.Error(err)
			}
			if !strings.Contains(v.Tooltip, find(t, v, "status").Title) {
				t.Errorf("the tooltip %q and the first line %q differ", v.Tooltip, find(t, v, "status").Title)
			}
		})
	}
}

// lookup finds an item by its slot, anywhere.
func lookup(items []tray.Item, slot string) (tray.Item, bool) {
	for _, item := range items {
		if item.Slot == slot {
			return item, true
		}
		if below, ok := lookup(item.Items, slot); ok {
			return below, true
		}
	}
	return tray.Item{}, false
}

func find(t *testing.T, v tray.View, slot string) tray.Item {
	t.Helper()
	item, ok := lookup(v.Items, slot)
	if !ok {
		t.Fatalf("there is no %s in %v", slot, slots(v.Items))
	}
	return item
}

func slots(items []tray.Item) (all []string) {
	for _, item := range items {
		all = append(all, item.Slot)
		all = append(all, slots(item.Items)...)
	}
	return all
}

func record(service contract.Service, state contract.State, amount int64, at time.Time) control.Record {
	return control.Record{Transaction: contract.Transaction{ClientRefID: "R-" + string(state), Service: service, State: state, Amount: amount, CreatedAt: at}}
}

func TestLook_lines(t *testing.T) {
	skew := int64(-90_000)
	s := answered(scanner(contract.DeviceReady))
	for _, test := range []struct {
		name, slot string
		lang       locale.Lang
		s          tray.Snapshot
		want       string
		enabled    bool
	}{
		{"a scanner", "device.0", locale.English, s, "mantra MFS110: ready", false},
		{"a scanner in Hindi", "device.0", locale.Hindi, s, "mantra MFS110: तैयार", false},
		{"two are told apart", "device.1", locale.English, answered(scanner(contract.DeviceReady), scanner(contract.DeviceBusy)), "mantra MFS110 (1234): in use", false},
		{"too many", "more_devices", locale.English, answered(scanner("a"), scanner("b"), scanner("c"), scanner("d"), scanner("e")), "and 2 more scanners", false},
		{"simulated", "simulated", locale.English, with(s, func(s *tray.Snapshot) { s.Status.Simulated = true }), "SIMULATED: no real money moves", false},
		{"not running", "help", locale.English, tray.Snapshot{}, "Restart this PC, or ask whoever looks after it", false},
		{"refused", "status", locale.English, tray.Snapshot{Reached: true, Refused: "Not you."}, "Not you.", false},
		{"none pending", "pending", locale.English, s, "Results not known yet: 0", false},
		{"some pending", "pending", locale.English, with(s, func(s *tray.Snapshot) { s.Status.Pending = 2 }), "Results not known yet: 2", true},
		{"a known problem", "problem.0", locale.English, with(s, func(s *tray.Snapshot) { problem("clock_off")(s); s.Status.ClockSkewMS = &skew }), "! This PC's clock is wrong by 1m30s.", true},
		{"in Hindi", "problem.0", locale.Hindi, with(s, problem("journal_damaged")), "! लेन-देन का रिकॉर्ड ख़राब हो गया था; नया पैसा नहीं चलेगा।", true},
		{"the agent's own words in Hindi", "problem.0", locale.Hindi, with(s, problem("ask_eko")), "! " + catalogue(t).Text(locale.Hindi, "agent.ask_eko.message", "missing", nil), true},
		{"an unknown problem", "problem.0", locale.Hindi, with(s, problem("news")), "! what", true},
		{"money", "transaction.0", locale.English, with(s, func(s *tray.Snapshot) {
			s.Recent = []control.Record{record(contract.CashWithdrawal, contract.Succeeded, 123456, noon)}
		}), "12:00  Withdrawal  ₹1,23,456  succeeded", true},
		{"money in Hindi", "transaction.0", locale.Hindi, with(s, func(s *tray.Snapshot) {
			s.Recent = []control.Record{record(contract.CashWithdrawal, contract.Pending, 500, noon)}
		}), "12:00  निकासी  ₹500  अभी पता नहीं", true},
		{"no amount", "transaction.0", locale.English, with(s, func(s *tray.Snapshot) {
			s.Recent = []control.Record{record(contract.BalanceEnquiry, contract.Failed, 0, noon)}
		}), "12:00  Balance  failed", true},
		{"yesterday in India", "transaction.0", locale.English, with(s, func(s *tray.Snapshot) {
			s.Recent = []control.Record{record(contract.AadhaarPay, contract.Refunded, 1000, noon.Add(-12*time.Hour-time.Minute))}
		}), "03/03 23:59  Aadhaar Pay  ₹1,000  refunded", true},
		{"none yet", "transaction.0", locale.English, s, "None yet", false},
		{"about", "about", locale.English, s, "About biobridge 1.2.3", true},
		{"language stays findable", "language", locale.Hindi, s, "भाषा / Language", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			item := find(t, tray.Look(test.s, catalogue(t), test.lang, true, noon), test.slot)
			if item.Title != test.want || item.Enabled != test.enabled {
				t.Errorf("%q, enabled %t; want %q, %t", item.Title, item.Enabled, test.want, test.enabled)
			}
		})
	}
}

// A page's address is shown whole, its question is answered by its own id, and
// the safe answer comes first.
func TestLook_approvals(t *testing.T) {
	long := "https://" + strings.Repeat("portal.", 30) + "partner_one.example:8443"
	s := with(answered(), func(s *tray.Snapshot) {
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			s.Approvals = append(s.Approvals, control.Approval{ID: id, Origin: long})
		}
	})
	v := tray.Look(s, nil, locale.English, true, noon)
	var asked []tray.Item
	for _, item := range v.Items {
		if item.Slot == "approval" {
			asked = append(asked, item)
		}
	}
	if len(asked) != 4 || find(t, v, "more_approvals").Title != "and 2 more pages that ask" {
		t.Fatalf("%d questions in %v", len(asked), slots(v.Items))
	}
	for i, item := range asked {
		id := s.Approvals[i].ID
		if item.Key != id || item.Title != "A page asks: "+long {
			t.Errorf("question %q: %q", item.Key, item.Title)
		}
		var answers []control.Answer
		for _, line := range item.Items {
			answers = append(answers, line.Action.Answer)
			if line.Action.Kind != tray.AnswerPage || line.Action.ID != id || !line.Enabled {
				t.Errorf("%q does %+v", line.Title, line.Action)
			}
		}
		if !slices.Equal(answers, []control.Answer{control.Deny, control.AllowOnce, control.AllowRemember}) {
			t.Errorf("answers %v", answers)
		}
	}
}

// What can't be done is not offered, and nothing of an agent that has gone is
// shown as true.
func TestLook_offers(t *testing.T) {
	up := with(answered(scanner(contract.DeviceReady)), problem("merchant_auth_required"))
	for _, test := range []struct {
		name    string
		s       tray.Snapshot
		portal  bool
		enabled []string // of those below
	}{
		{"all well", up, true, []string{"check_now", "test_scanner", "open_portal", "copy_diagnostics", "save_diagnostics", "about", "quit"}},
		{"no browser", up, false, []string{"check_now", "test_scanner", "copy_diagnostics", "save_diagnostics", "about", "quit"}},
		{"no scanner to test", answered(), true, []string{"check_now", "open_portal", "copy_diagnostics", "save_diagnostics", "about", "quit"}},
		{"not running", tray.Snapshot{}, true, []string{"open_portal", "copy_diagnostics", "save_diagnostics", "about", "quit"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := tray.Look(test.s, nil, locale.English, test.portal, noon)
			var enabled []string
			for _, slot := range []string{"check_now", "test_scanner", "open_portal", "copy_diagnostics", "save_diagnostics", "about", "quit"} {
				if item, ok := lookup(v.Items, slot); ok && item.Enabled {
					enabled = append(enabled, slot)
				}
			}
			if !slices.Equal(enabled, test.enabled) {
				t.Errorf("offers %v, want %v", enabled, test.enabled)
			}
			if _, ok := lookup(v.Items, "device.0"); ok != (test.s.Reached && len(test.s.Status.Devices) > 0) {
				t.Errorf("scanners in %v", slots(v.Items))
			}
		})
	}
	due := find(t, tray.Look(up, nil, locale.English, true, noon), "problem.0")
	if due.Action.Kind != tray.OpenPortal {
		t.Errorf("a merchant's authentication leads to %s", due.Action.Kind)
	}
	if due = find(t, tray.Look(up, nil, locale.English, false, noon), "problem.0"); due.Action.Kind != tray.ShowProblem {
		t.Errorf("without a browser it leads to %s", due.Action.Kind)
	}
}

func TestLook_languages(t *testing.T) {
	v := tray.Look(answered(), catalogue(t), locale.Hindi, true, noon)
	menu := find(t, v, "language")
	var names, checked []string
	for _, item := range menu.Items {
		names = append(names, item.Title)
		if item.Checked {
			checked = append(checked, item.Title)
		}
	}
	if names[0] != "English" || names[1] != "हिन्दी" || !slices.Equal(checked, []string{"हिन्दी"}) {
		t.Errorf("languages %v, checked %v", names, checked)
	}
}

// The shell of Windows has room for 127 UTF-16 units.
func TestLook_tooltipFits(t *testing.T) {
	for _, text := range []string{strings.Repeat("अ", 300), strings.Repeat("😀", 300)} {
		v := tray.Look(tray.Snapshot{Reached: true, Refused: text}, nil, locale.English, true, noon)
		if units := len(utf16.Encode([]rune(v.Tooltip))); units > 127 || units < 120 {
			t.Errorf("%d units", units)
		}
		if !strings.HasPrefix("biobridge – "+text, v.Tooltip) {
			t.Errorf("%q is cut within a letter", v.Tooltip)
		}
	}
}
