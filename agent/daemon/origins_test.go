package daemon

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

const (
	portal = "https://portal.partner.example"
	other  = "https://other.partner.example"
)

var deviceOnly = []contract.Scope{contract.ScopeDevice}

func openBook(t *testing.T, policy Policy, path string) *originBook {
	t.Helper()
	cfg := Default()
	cfg.Environment = Production
	cfg.Origins = []Origin{{Origin: portal, Scopes: deviceOnly}}
	b, err := newOriginBook(cfg, policy, path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOriginBook(t *testing.T) {
	type step func(*testing.T, *originBook) error
	allow := func(user, origin string, remember bool) step {
		return func(t *testing.T, b *originBook) error {
			return b.permit(t.Context(), user, origin, deviceOnly, remember)
		}
	}
	deny := func(user, origin string) step {
		return func(t *testing.T, b *originBook) error { return b.refuse(t.Context(), user, origin) }
	}
	for _, test := range []struct {
		name   string
		policy Policy
		steps  []step
		refuse bool // the last step
		want   []wsapi.Origin
	}{
		{name: "the configuration alone", want: []wsapi.Origin{{Name: portal, Scopes: deviceOnly}}},
		{name: "an administrator allows another", steps: []step{allow("", other, true)},
			want: []wsapi.Origin{{Name: other, Scopes: deviceOnly}, {Name: portal, Scopes: deviceOnly}}},
		{name: "a user allows another for himself", steps: []step{allow("uid:1000", other, true)},
			want: []wsapi.Origin{{Name: other, Scopes: deviceOnly, Users: []string{"uid:1000"}}, {Name: portal, Scopes: deviceOnly}}},
		{name: "two users allow", steps: []step{allow("uid:1000", other, true), allow("uid:1001", other, false)},
			want: []wsapi.Origin{{Name: other, Scopes: deviceOnly, Users: []string{"uid:1000", "uid:1001"}}, {Name: portal, Scopes: deviceOnly}}},
		{name: "a user keeps the portal out of his own browsers", steps: []step{deny("uid:1000", portal)},
			want: []wsapi.Origin{{Name: portal, Scopes: deviceOnly, Not: []string{"uid:1000"}}}},
		{name: "an administrator keeps it out of all", steps: []step{deny("", portal)}},
		{name: "he changes his mind", steps: []step{deny("", portal), allow("", portal, true)},
			want: []wsapi.Origin{{Name: portal, Scopes: deviceOnly}}},
		{name: "policy keeps it out", policy: Policy{Deny: []string{portal}}},
		{name: "nobody can allow what policy keeps out", policy: Policy{Deny: []string{portal}}, steps: []step{allow("", portal, true)}, refuse: true},
		{name: "policy alone decides", policy: Policy{ManagedOnly: true, Origins: []Origin{{Origin: other, Scopes: deviceOnly}}},
			want: []wsapi.Origin{{Name: other, Scopes: deviceOnly}}},
		{name: "nobody adds to a policy that alone decides", policy: Policy{ManagedOnly: true}, steps: []step{allow("", other, true)}, refuse: true},
		{name: "plain http is for nobody in production", steps: []step{allow("", "http://other.partner.example", true)}, refuse: true,
			want: []wsapi.Origin{{Name: portal, Scopes: deviceOnly}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), decisionsFile)
			b := openBook(t, test.policy, path)
			told := b.allowed()
			b.onChange(func(list []wsapi.Origin) error { told = list; return nil })
			for i, s := range test.steps {
				err := s(t, b)
				if last := i == len(test.steps)-1; (err != nil) != (last && test.refuse) {
					t.Fatalf("step %d: %v", i+1, err)
				}
			}
			if diff := cmp.Diff(test.want, told); diff != "" {
				t.Errorf("the browser's door was told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOriginBook_RemembersWhatIsToBeRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), decisionsFile)
	b := openBook(t, Policy{}, path)
	if err := b.permit(t.Context(), "uid:1000", other, deviceOnly, true); err != nil {
		t.Fatal(err)
	}
	if err := b.permit(t.Context(), "", "https://once.partner.example", deviceOnly, false); err != nil {
		t.Fatal(err)
	}
	want := []wsapi.Origin{{Name: other, Scopes: deviceOnly, Users: []string{"uid:1000"}}, {Name: portal, Scopes: deviceOnly}}
	if diff := cmp.Diff(want, openBook(t, Policy{}, path).allowed()); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
}

func TestOriginBook_RefusedPagesRaiseNoQuestion(t *testing.T) {
	b := openBook(t, Policy{Deny: []string{"https://banned.partner.example"}}, filepath.Join(t.TempDir(), decisionsFile))
	if err := b.refuse(t.Context(), "uid:1000", other); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		origin, user string
		want         bool
	}{
		{"https://banned.partner.example", "uid:1000", true},
		{other, "uid:1000", true},
		{other, "uid:1001", false},
		{"https://new.partner.example", "uid:1000", false},
	} {
		if got := b.settled(test.origin, test.user); got != test.want {
			t.Errorf("settled(%s, %s) = %v, want %v", test.origin, test.user, got, test.want)
		}
	}
}
