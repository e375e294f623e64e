package wsapi

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"biobridge/agent/contract"
)

// Answer is what the local user says about a page that asks to be let in.
type Answer string

// The answers. The strings are the control door's too.
const (
	AllowOnce     Answer = "once"
	AllowRemember Answer = "remember"
	Deny          Answer = "deny"
)

// Question is a page that is not on the list and asks to be.
type Question struct {
	ID     string
	Origin string
	Scopes []contract.Scope
	User   string
	Asked  time.Time
	// Expires is when the question goes away unanswered, which denies nothing.
	Expires time.Time
}

// Decision is an answered question.
type Decision struct {
	Question
	Answer Answer
}

// ErrNoQuestion says that there is no such question any more.
var ErrNoQuestion = errors.New("this question has been answered or has expired")

// ApprovalConfig is what [Approvals] are made of. Decided must be there.
type ApprovalConfig struct {
	// Decided carries a decision out: it puts the origin on the list (for good or
	// until the agent stops), or notes that it is denied. Its error reaches who
	// decided, and the question stays.
	Decided func(context.Context, Decision) error
	// Refused reports whether a page was refused for good, to this user or to
	// everybody, so that it raises no question. Nil: none is. It must not block.
	Refused func(origin, user string) bool
	// Changed is told the open questions whenever they change. It must not block.
	Changed func([]Question)
	// Scopes is what a new page is offered; nil: device, capture, transact and
	// history.
	Scopes []contract.Scope
	// Open is how many questions may stand at once (3), Life how long one stands
	// (2 min), Again how long the same origin may not ask again (10 min), PerHour
	// how many questions all pages together may raise in an hour (12).
	Open, PerHour int
	Life, Again   time.Duration
	Now           func() time.Time
}

// Approvals are the questions to the local user. A page can raise one and can't
// nag: few stand at once, few an hour, and one that was answered or ran out
// isn't asked again for a while. It is safe for concurrent use.
type Approvals struct {
	cfg ApprovalConfig

	mu     sync.Mutex
	open   []Question
	quiet  map[string]time.Time // origin → until when it may not ask
	raised []time.Time          // in the last hour
	serial int
}

// NewApprovals returns approvals without a question.
func NewApprovals(cfg ApprovalConfig) *Approvals {
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = []contract.Scope{contract.ScopeDevice, contract.ScopeCapture, contract.ScopeTransact, contract.ScopeHistory}
	}
	if cfg.Refused == nil {
		cfg.Refused = func(string, string) bool { return false }
	}
	if cfg.Changed == nil {
		cfg.Changed = func([]Question) {}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	orElse(&cfg.Open, 3)
	orElse(&cfg.PerHour, 12)
	orElse(&cfg.Life, 2*time.Minute)
	orElse(&cfg.Again, 10*time.Minute)
	return &Approvals{cfg: cfg, quiet: make(map[string]time.Time)}
}

// ask raises the question whether an origin may come in and reports whether it
// stands now.
func (a *Approvals) ask(origin, user string) bool {
	if a.cfg.Refused(origin, user) {
		return false
	}
	a.mu.Lock()
	now := a.tidy()
	if slices.ContainsFunc(a.open, func(q Question) bool { return q.Origin == origin }) {
		a.mu.Unlock()
		return true
	}
	if _, quiet := a.quiet[origin]; quiet || len(a.open) >= a.cfg.Open || len(a.raised) >= a.cfg.PerHour {
		a.mu.Unlock()
		return false
	}
	a.serial++
	a.open = append(a.open, Question{
		ID: strconv.Itoa(a.serial), Origin: origin, User: user, Scopes: slices.Clone(a.cfg.Scopes),
		Asked: now, Expires: now.Add(a.cfg.Life),
	})
	a.raised = append(a.raised, now)
	a.quiet[origin] = now.Add(a.cfg.Life + a.cfg.Again)
	open := slices.Clone(a.open)
	a.mu.Unlock()
	a.cfg.Changed(open)
	return true
}

// tidy forgets what is over and returns the time. The lock is held.
func (a *Approvals) tidy() time.Time {
	now := a.cfg.Now()
	a.open = slices.DeleteFunc(a.open, func(q Question) bool { return !now.Before(q.Expires) })
	a.raised = slices.DeleteFunc(a.raised, func(t time.Time) bool { return now.Sub(t) >= time.Hour })
	for origin, until := range a.quiet {
		if !now.Before(until) {
			delete(a.quiet, origin)
		}
	}
	return now
}

// List returns the questions that stand, the oldest first.
func (a *Approvals) List() []Question {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tidy()
	return slices.Clone(a.open)
}

// Decide answers a question. It returns [ErrNoQuestion] for one that stands no
// longer, or the error of carrying the answer out.
func (a *Approvals) Decide(ctx context.Context, id string, answer Answer) error {
	switch answer {
	case AllowOnce, AllowRemember, Deny:
	default:
		return errors.New("the answer is once, remember or deny")
	}
	question, ok := a.take(id)
	if !ok {
		return ErrNoQuestion
	}
	if err := a.cfg.Decided(ctx, Decision{question, answer}); err != nil {
		a.putBack(question)
		return err
	}
	a.mu.Lock()
	a.quiet[question.Origin] = a.cfg.Now().Add(a.cfg.Again)
	open := slices.Clone(a.open)
	a.mu.Unlock()
	a.cfg.Changed(open)
	return nil
}

// take removes a question, so that it is answered once.
func (a *Approvals) take(id string) (Question, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tidy()
	i := slices.IndexFunc(a.open, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	question := a.open[i]
	a.open = slices.Delete(a.open, i, i+1)
	return question, true
}

func (a *Approvals) putBack(q Question) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = append(a.open, q)
}
