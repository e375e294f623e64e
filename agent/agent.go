package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	"biobridge/agent/journal"
)

// errStopping is why work ends when the agent shuts down.
var errStopping = errors.New("the agent is shutting down")

// Agent carries transactions through their life. It is safe for concurrent
// use. [Agent.Run] keeps asking Eko about what is not settled and passes events
// on; without it, calls work but nothing follows them up.
type Agent struct {
	cfg    Config
	hashes hashes
	hub    hub

	mu       sync.Mutex
	stopping bool
	// flights are the transactions under way, by reference.
	flights map[string]*flight
	// merchants are the references under way, by user_code.
	merchants map[string]string
	// scanners are who captures now, by device id.
	scanners map[string]holder
	// tokens are merchant authentications that wait for their withdrawal.
	tokens tokens
	// asking are the inquiries under way, by reference.
	asking map[string]*question
	// asked are the last inquiries, by reference.
	asked map[string]asked
	// nudges counts the calls of Nudge.
	nudges uint64
	// owed are changes that could not be written yet, by reference.
	owed map[string]journal.Change
	// escalated are the references of which the log has said that Eko must be asked.
	escalated map[string]bool

	// work counts everything that must have ended when Run returns.
	work sync.WaitGroup
	// captures is the context of what may still be given up, calls that of what
	// is on its way to Eko.
	captures    context.Context
	endCaptures context.CancelCauseFunc
	calls       context.Context
	endCalls    context.CancelCauseFunc
	// banksProblem is what the log has last said about the table of banks; only
	// Run uses it.
	banksProblem string
	// wake tells Run that something became due.
	wake chan struct{}
}

// holder is who uses a scanner.
type holder struct{ origin, user, ref string }

// New makes an agent. It opens and closes nothing.
func New(cfg Config) (*Agent, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Agent{
		cfg:       cfg,
		hashes:    hashes{key: cfg.HashKey},
		flights:   make(map[string]*flight),
		merchants: make(map[string]string),
		scanners:  make(map[string]holder),
		asking:    make(map[string]*question),
		asked:     make(map[string]asked),
		owed:      make(map[string]journal.Change),
		escalated: make(map[string]bool),
		wake:      make(chan struct{}, 1),
	}
	a.captures, a.endCaptures = context.WithCancelCause(context.Background())
	a.calls, a.endCalls = context.WithCancelCause(context.Background())
	return a, nil
}

// begin counts a piece of work in, unless the agent is shutting down. The
// caller calls a.work.Done when it has ended.
func (a *Agent) begin() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.beginLocked()
}

func (a *Agent) beginLocked() error {
	if a.stopping {
		return errStopping
	}
	a.work.Add(1)
	return nil
}

// stop ends the agent's work: captures at once, calls to Eko after the grace
// that they are given to come back with an answer.
func (a *Agent) stop() {
	a.mu.Lock()
	a.stopping = true
	a.mu.Unlock()
	a.endCaptures(errStopping)
	grace := time.AfterFunc(a.cfg.Grace, func() { a.endCalls(errStopping) })
	defer grace.Stop()
	a.work.Wait()
	a.endCalls(errStopping)
	a.hub.close()
}

// Nudge says that Eko may be reachable again: what waits for its next inquiry
// because nobody answered the last one is asked about as soon as Run comes to
// it. How long to wait after that does not begin anew, and where Eko did answer,
// or wants to be left alone for a while, nothing changes. A transaction whose
// last inquiry was made by an earlier process keeps its time.
func (a *Agent) Nudge() {
	a.mu.Lock()
	a.nudges++
	a.mu.Unlock()
	a.poke()
}

// poke makes Run look for what is due.
func (a *Agent) poke() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// report is how an error leaves the package. What a caller can't mend is logged
// here, once.
func (a *Agent) report(err error) error {
	if err == nil {
		return nil
	}
	e := AsError(err)
	if e.Key == "agent."+keyInternal {
		a.cfg.Log.Error("a call failed", "incident", e.Data["incident"], "error", e.Err)
	}
	return e
}
