package ekosim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

// story is what a simulator answers to the same twenty requests.
func story(t *testing.T, seed uint64) []string {
	t.Helper()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := open(t, ekosim.Options{Seed: seed, Chaos: 0.5, Clock: func() time.Time { return now },
		Faults: []ekosim.Fault{{Behaviour: ekosim.Behave, ClientRefID: "R3"}}})
	s.clock = func() time.Time { return now }
	var lines []string
	for i := range 20 {
		ref := fmt.Sprintf("R%d", i)
		r := s.aeps(s.v2("2", "500").with("client_ref_id", ref).with("aadhaar", ramesh))
		lines = append(lines, fmt.Sprintf("%d %v %s", r.status, r.err != nil, r.body))
		lines = append(lines, string(s.inquire(ref).body))
	}
	for _, request := range s.sim.Requests() {
		lines = append(lines, string(request.Behaviour))
	}
	return lines
}

func TestSeed_repeatsAStory(t *testing.T) {
	first, second, other := story(t, 7), story(t, 7), story(t, 8)
	if !slices.Equal(first, second) {
		for i := range first {
			if first[i] != second[i] {
				t.Fatalf("step %d differs:\n%s\n%s", i, first[i], second[i])
			}
		}
	}
	if slices.Equal(first, other) {
		t.Error("another seed tells the same story")
	}
	misbehaved := 0
	for _, line := range first {
		if slices.ContainsFunc(ekosim.Behaviours(), func(b ekosim.BehaviourHelp) bool { return string(b.Behaviour) == line }) {
			misbehaved++
		}
	}
	if misbehaved < 5 {
		t.Errorf("only %d faults at a chance of one half", misbehaved)
	}
}

// Whoever comes first must not change what the others meet.
func TestSeed_doesNotDependOnOrder(t *testing.T) {
	fate := func(refs []string) map[string]ekosim.Behaviour {
		s := open(t, ekosim.Options{Seed: 3, Chaos: 0.5})
		met := map[string]ekosim.Behaviour{}
		for _, ref := range refs {
			s.aeps(s.v2("2", "500").with("client_ref_id", ref))
			met[ref] = s.lastRequest().Behaviour
		}
		return met
	}
	var refs []string
	for i := range 12 {
		refs = append(refs, fmt.Sprintf("ORDER%d", i))
	}
	forward := fate(refs)
	slices.Reverse(refs)
	backward := fate(refs)
	for ref, behaviour := range forward {
		if backward[ref] != behaviour {
			t.Errorf("%s met %s and %s", ref, behaviour, backward[ref])
		}
	}
}

func TestTopLevelCodes_areNumbersAndText(t *testing.T) {
	s := open(t, ekosim.Options{Seed: 1})
	seen := map[string]bool{}
	orders := map[string]bool{}
	for range 40 {
		r := s.aeps(s.v2("3", "0")).want(0, 0, 1466)
		for _, key := range []string{"status", "response_status_id", "response_type_id"} {
			seen[fmt.Sprintf("%s %T", key, r.doc[key])] = true
		}
		orders[string(r.body[:8])] = true
	}
	if len(seen) != 6 {
		t.Errorf("seen %v", seen)
	}
	if len(orders) < 3 {
		t.Errorf("the members came in the orders %v", orders)
	}
}
