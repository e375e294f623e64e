package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

// ErrManaged says that the administrator's policy has decided about an origin.
var ErrManaged = errors.New("the administrator's policy decides about this page")

// Where a decision about an origin comes from, the strongest first.
const (
	sourcePolicy = "policy"
	sourceUser   = "user"
	sourceOnce   = "once"
	sourceConfig = "config"
)

// knownOrigin is a page that somebody has decided about.
type knownOrigin struct {
	name   string
	scopes []contract.Scope
	source string
	denied bool
	user   string // whose pages it is about; empty: everybody's
}

// originBook knows which pages may connect: from the administrator's policy, the
// decisions made on this PC, and the configuration, in this order. What a user
// decides who is no administrator is about his own browsers: another user of the
// PC neither gains nor loses a page by it. It is safe for concurrent use.
type originBook struct {
	env    Environment
	policy Policy
	config []Origin
	path   string // of the user's decisions

	mu      sync.Mutex
	user    []decision
	once    []decision
	changed func([]wsapi.Origin) error
}

// newOriginBook reads the user's decisions from path; there may be none.
func newOriginBook(cfg Config, policy Policy, path string) (*originBook, error) {
	b := &originBook{
		env: cfg.Environment, policy: policy, config: cfg.Origins, path: path,
		changed: func([]wsapi.Origin) error { return nil },
	}
	var err error
	if b.user, err = readDecisions(path); err != nil {
		return nil, err
	}
	return b, nil
}

// onChange names who is told the list whenever it changes, while the book is
// locked.
func (b *originBook) onChange(f func([]wsapi.Origin) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed = f
}

// list returns every page that was decided about; of what is said about an origin
// and a user the first counts.
func (b *originBook) list() []knownOrigin {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known()
}

func (b *originBook) known() []knownOrigin {
	var all []knownOrigin
	add := func(o knownOrigin) {
		if !slices.ContainsFunc(all, func(k knownOrigin) bool { return k.name == o.name && k.user == o.user }) {
			all = append(all, o)
		}
	}
	for _, name := range b.policy.Deny {
		add(knownOrigin{name: name, source: sourcePolicy, denied: true})
	}
	for _, o := range b.policy.Origins {
		add(knownOrigin{name: o.Origin, scopes: o.Scopes, source: sourcePolicy})
	}
	if b.policy.ManagedOnly {
		return all
	}
	for _, d := range b.user {
		add(knownOrigin{d.Origin, d.Scopes, sourceUser, d.Denied, d.User})
	}
	for _, d := range b.once {
		add(knownOrigin{d.Origin, d.Scopes, sourceOnce, false, d.User})
	}
	for _, o := range b.config {
		add(knownOrigin{name: o.Origin, scopes: o.Scopes, source: sourceConfig})
	}
	return all
}

// allowed returns the list for the browser's door.
func (b *originBook) allowed() []wsapi.Origin {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.effective()
}

// effective turns what is known into one entry for each origin: everybody's where
// it is allowed to everybody (but for those who denied it), else of those who
// allowed it for themselves, with the scopes that all of them gave.
func (b *originBook) effective() []wsapi.Origin {
	known := b.known()
	var names []string
	base := map[string]knownOrigin{}
	for _, o := range known {
		if !slices.Contains(names, o.name) {
			names = append(names, o.name)
		}
		if o.user == "" {
			base[o.name] = o
		}
	}
	var list []wsapi.Origin
	for _, name := range names {
		everybody, decided := base[name]
		if decided && everybody.denied {
			continue
		}
		entry := wsapi.Origin{Name: name, Scopes: everybody.scopes}
		for _, o := range known {
			switch {
			case o.name != name || o.user == "":
			case o.denied:
				entry.Not = append(entry.Not, o.user)
			case !decided:
				entry.Scopes = common(entry.Scopes, o.scopes, len(entry.Users) == 0)
				entry.Users = append(entry.Users, o.user)
			}
		}
		if decided || len(entry.Users) > 0 {
			list = append(list, entry)
		}
	}
	return list
}

// common returns what stands in both lists, or the second where it is the first.
func common(a, b []contract.Scope, first bool) []contract.Scope {
	if first {
		return b
	}
	return slices.DeleteFunc(slices.Clone(a), func(s contract.Scope) bool { return !slices.Contains(b, s) })
}

// errNoOrigin says that a decision names no page that could be decided about.
var errNoOrigin = errors.New("this page can't be decided about")

// permit lets a page in for a user (empty: for everybody), for good or until the
// agent stops. Scopes that are nil are every scope but merchant.
func (b *originBook) permit(_ context.Context, user, name string, scopes []contract.Scope, remember bool) error {
	if len(scopes) == 0 {
		scopes = []contract.Scope{contract.ScopeDevice, contract.ScopeCapture, contract.ScopeTransact, contract.ScopeHistory}
	}
	if err := wsapi.CheckOrigin(wsapi.Origin{Name: name, Scopes: scopes}, string(b.env)); err != nil {
		return fmt.Errorf("%w: %w", errNoOrigin, err)
	}
	return b.decide(decision{Origin: name, Scopes: scopes, User: user}, remember)
}

// refuse keeps a page out for a user (empty: for everybody), for good.
func (b *originBook) refuse(_ context.Context, user, name string) error {
	canonical, err := wsapi.ParseOrigin(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoOrigin, err)
	}
	return b.decide(decision{Origin: canonical, Denied: true, User: user}, true)
}

func (b *originBook) decide(d decision, remember bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.managed(d.Origin) {
		return fmt.Errorf("%s: %w", d.Origin, ErrManaged)
	}
	user, once := without(b.user, d), without(b.once, d)
	if remember {
		user = append(user, d)
		if err := writeDecisions(b.path, user); err != nil {
			return err
		}
	} else {
		once = append(once, d)
	}
	b.user, b.once = user, once
	return b.changed(b.effective())
}

// settled reports whether a page was refused for good, to this user or to
// everybody, or whether the policy leaves nobody a say: it needs no question.
func (b *originBook) settled(name, user string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.managed(name) || slices.ContainsFunc(b.known(), func(o knownOrigin) bool {
		return o.name == name && o.denied && (o.user == "" || o.user == user)
	})
}

// managed reports whether policy leaves the user no say about an origin.
func (b *originBook) managed(name string) bool {
	return b.policy.ManagedOnly || slices.Contains(b.policy.Deny, name) ||
		slices.ContainsFunc(b.policy.Origins, func(o Origin) bool { return o.Origin == name })
}

// without leaves out what was decided before about the same origin and user.
func without(list []decision, d decision) []decision {
	return slices.DeleteFunc(slices.Clone(list), func(old decision) bool { return old.Origin == d.Origin && old.User == d.User })
}
