package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
}

// originBook knows which pages may connect: from the administrator's policy, the
// user's own decisions, and the configuration, in this order. It is safe for
// concurrent use.
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

// list returns every page that was decided about; the first mention of an origin
// is the one that counts.
func (b *originBook) list() []knownOrigin {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known()
}

func (b *originBook) known() []knownOrigin {
	var all []knownOrigin
	add := func(o knownOrigin) {
		if !slices.ContainsFunc(all, func(k knownOrigin) bool { return k.name == o.name }) {
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
		add(knownOrigin{name: d.Origin, scopes: d.Scopes, source: sourceUser, denied: d.Denied})
	}
	for _, d := range b.once {
		add(knownOrigin{name: d.Origin, scopes: d.Scopes, source: sourceOnce})
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

func (b *originBook) effective() []wsapi.Origin {
	var allowed []wsapi.Origin
	for _, o := range b.known() {
		if !o.denied {
			allowed = append(allowed, wsapi.Origin{Name: o.name, Scopes: o.scopes})
		}
	}
	return allowed
}

// permit lets a page in, for good or until the agent stops. Scopes that are nil
// are every scope but merchant.
func (b *originBook) permit(_ context.Context, name string, scopes []contract.Scope, remember bool) error {
	if len(scopes) == 0 {
		scopes = []contract.Scope{contract.ScopeDevice, contract.ScopeCapture, contract.ScopeTransact, contract.ScopeHistory}
	}
	if err := wsapi.CheckOrigin(wsapi.Origin{Name: name, Scopes: scopes}, string(b.env)); err != nil {
		return err
	}
	return b.decide(decision{Origin: name, Scopes: scopes}, remember)
}

// refuse keeps a page out, for good.
func (b *originBook) refuse(_ context.Context, name string) error {
	canonical, err := wsapi.ParseOrigin(name)
	if err != nil {
		return err
	}
	return b.decide(decision{Origin: canonical, Denied: true}, true)
}

func (b *originBook) decide(d decision, remember bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.managed(d.Origin) {
		return fmt.Errorf("%s: %w", d.Origin, ErrManaged)
	}
	user, once := without(b.user, d.Origin), without(b.once, d.Origin)
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

// managed reports whether policy leaves the user no say about an origin.
func (b *originBook) managed(name string) bool {
	return b.policy.ManagedOnly || slices.Contains(b.policy.Deny, name) ||
		slices.ContainsFunc(b.policy.Origins, func(o Origin) bool { return o.Origin == name })
}

func without(list []decision, name string) []decision {
	return slices.DeleteFunc(slices.Clone(list), func(d decision) bool { return strings.EqualFold(d.Origin, name) })
}
