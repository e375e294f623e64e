package agent

import (
	"sync"
	"time"

	"biobridge/agent/contract"
)

// token is a merchant authentication that waits for its withdrawal. It is in
// memory only: after a restart the merchant gives his finger again.
type token struct {
	reference string
	until     time.Time
}

// tokens are the unused ones, one for each merchant at each page. The zero value
// is ready for use.
type tokens struct {
	mu   sync.Mutex
	held map[tokenKey]token
}

type tokenKey struct{ origin, user, userCode string }

func keyOf(c Caller, userCode string) tokenKey { return tokenKey{c.Origin, c.User, userCode} }

// keep holds a token ready; it replaces an older one. One without a reference is
// none.
func (t *tokens) keep(c Caller, userCode string, one token) {
	if one.reference == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == nil {
		t.held = make(map[tokenKey]token)
	}
	t.held[keyOf(c, userCode)] = one
}

// fresh returns a token that may still be used, and leaves it.
func (t *tokens) fresh(c Caller, userCode string, now time.Time) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.freshLocked(keyOf(c, userCode), now)
}

func (t *tokens) freshLocked(key tokenKey, now time.Time) (token, bool) {
	one, there := t.held[key]
	if there && !now.Before(one.until) {
		delete(t.held, key)
		return token{}, false
	}
	return one, there
}

// take returns a token that may still be used; nobody gets it again.
func (t *tokens) take(c Caller, userCode string, now time.Time) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := keyOf(c, userCode)
	one, fresh := t.freshLocked(key, now)
	delete(t.held, key)
	return one, fresh
}

// wantsToken reports whether a request carries a merchant authentication of its
// own: the page of Eko's that asks for one speaks of withdrawals only (eko-api.md
// section 6).
func (a *Agent) wantsToken(r TransactRequest) bool {
	return a.cfg.Merchant.Token && r.Service == contract.CashWithdrawal
}

func noToken() *Error {
	return fail(keyMerchantToken, nil, nil).with("due", []contract.MerchantDue{contract.DueToken})
}

// takeToken uses up the token that the withdrawal is to carry. It may have run
// out while the customer looked for his finger. giveBack is for a request of
// which no byte has left.
func (f *flight) takeToken() (reference string, giveBack func(), err error) {
	a, r := f.a, f.request
	if !a.wantsToken(r) {
		return "", func() {}, nil
	}
	one, fresh := a.tokens.take(f.caller, r.UserCode, a.cfg.Now())
	if !fresh {
		return "", nil, noToken()
	}
	return one.reference, func() { a.tokens.keep(f.caller, r.UserCode, one) }, nil
}
