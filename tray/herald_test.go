//go:build !windows

package tray

import (
	"slices"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/locale"
)

// A herald tells what is new, once, and not too often.
func TestHerald(t *testing.T) {
	start := time.Date(2026, 3, 4, 6, 0, 0, 0, time.UTC)
	state := func(devices int, asking int, pages ...string) news {
		s := Snapshot{Reached: true, Status: control.Status{Asking: asking}}
		for range devices {
			s.Status.Devices = append(s.Status.Devices, contract.Device{Status: contract.DeviceReady})
		}
		for _, id := range pages {
			s.Approvals = append(s.Approvals, control.Approval{ID: id, Origin: "https://" + id})
		}
		return news{snapshot: s}
	}
	settled := state(1, 0)
	settled.settled = []control.Record{{Transaction: contract.Transaction{
		ClientRefID: "R1", Service: contract.CashWithdrawal, Amount: 2000, State: contract.Failed, AadhaarLast4: "7058", Message: "Not debited.",
	}}}
	const (
		asks    = "A web page asks to be let in"
		browser = "The browser is waiting for you"
		gone    = "The scanner has gone"
	)
	type step struct {
		after time.Duration
		hear  news
		want  []string
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"the first answer is no news", []step{{0, state(1, 0), nil}, {time.Second, state(1, 0), nil}}},
		{"no scanner from the start", []step{{0, state(0, 0), nil}, {time.Second, state(0, 0), nil}}},
		{"a scanner goes", []step{{0, state(1, 0), nil}, {time.Second, state(0, 0), []string{gone}}, {2 * time.Second, state(0, 0), nil}}},
		{"one of two goes", []step{{0, state(2, 0), nil}, {time.Second, state(1, 0), nil}}},
		{"a loose cable", []step{
			{0, state(1, 0), nil}, {1 * time.Second, state(0, 0), []string{gone}}, {2 * time.Second, state(1, 0), nil}, {3 * time.Second, state(0, 0), nil},
			{4 * time.Second, state(1, 0), nil}, {3 * time.Minute, state(0, 0), []string{gone}},
		}},
		{"the agent restarts", []step{{0, state(1, 0), nil}, {time.Second, news{}, nil}, {2 * time.Second, state(1, 0), nil}}},
		{"a question from the start", []step{{0, state(1, 0, "a"), []string{asks}}, {time.Second, state(1, 0, "a"), nil}}},
		{"two at once, the second a little later", []step{
			{0, state(1, 0, "a", "b"), []string{asks}}, {time.Second, state(1, 0, "a", "b"), nil}, {6 * time.Second, state(1, 0, "a", "b"), []string{asks}},
			{20 * time.Second, state(1, 0, "a", "b"), nil},
		}},
		{"answered and asked again", []step{
			{0, state(1, 0, "a"), []string{asks}}, {10 * time.Second, state(1, 0), nil}, {20 * time.Second, state(1, 0, "c"), []string{asks}},
		}},
		{"a browser asks", []step{
			{0, state(1, 0), nil}, {time.Second, state(1, 1), []string{browser}}, {2 * time.Second, state(1, 2), nil}, {3 * time.Second, state(1, 0), nil},
			{4 * time.Second, state(1, 1), nil}, {5 * time.Second, state(1, 0), nil}, {2 * time.Minute, state(1, 1), []string{browser}},
		}},
		{"a result comes", []step{{0, settled, []string{"Withdrawal ₹2,000: failed"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h herald
			for _, step := range test.steps {
				var got []string
				for _, n := range h.hear(step.hear, words{nil, locale.English}, start.Add(step.after)) {
					got = append(got, n.Title)
				}
				if !slices.Equal(got, step.want) {
					t.Errorf("after %v: %q, want %q", step.after, got, step.want)
				}
			}
		})
	}
	notice := settledNotice(settled.settled[0], words{nil, locale.English})
	if want := "Aadhaar ending in 7058, reference R1. Not debited."; notice.Body != want || !notice.Urgent {
		t.Errorf("%+v", notice)
	}
}

// A label shows its text, whatever a page calls itself.
func TestLabel(t *testing.T) {
	for _, test := range []struct{ title, want string }{
		{"plain", "plain"},
		{"https://a_b.example", "https://a__b.example"},
		{"two\nlines\t\x00", "twolines"},
		{"https://good.example\u202eelpmaxe.live", "https://good.exampleelpmaxe.live"},
		{"अगले ग्राहक", "अगले ग्राहक"},
	} {
		if got := label(test.title); got != test.want {
			t.Errorf("label(%q) = %q, want %q", test.title, got, test.want)
		}
	}
}
