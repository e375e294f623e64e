package agent

import (
	"context"
	"errors"
	"sync"
)

// ErrTooLateToCancel says that the request is on its way to Eko.
var ErrTooLateToCancel = errors.New("the request is on its way to Eko")

// Ticket is a caller's hold on one call. It serves a single call.
type Ticket struct {
	mu        sync.Mutex
	cancelled bool
	gate      *gate
	left      chan struct{}
}

// NewTicket returns a ticket for one call.
func NewTicket() *Ticket { return &Ticket{left: make(chan struct{})} }

// Cancel gives the call up: the scanner is released and the transaction
// abandoned. It returns [ErrTooLateToCancel] once the request is on its way to
// Eko, and nil in all other cases, however often it is called. Where several
// calls wait for the same transaction, the last one to leave ends it.
func (t *Ticket) Cancel() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancelled {
		return nil
	}
	if t.gate != nil && !t.gate.leave() {
		return ErrTooLateToCancel
	}
	t.cancelled = true
	close(t.left)
	return nil
}

// join lets the ticket hold a gate open; false when it was cancelled before.
func (t *Ticket) join(g *gate) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancelled {
		return false
	}
	t.gate = g
	g.enter()
	return true
}

// gate decides once and for all whether a transaction is given up or sent.
type gate struct {
	mu        sync.Mutex
	holders   int
	committed bool
	ended     bool
	cancel    context.CancelCauseFunc
}

// errLeft is why a capture's context ended when everybody who asked has left.
var errLeft = errors.New("nobody waits for the capture any more")

// errLeftOthers is why a call ends that gave up while others still wait for the
// same transaction: it may yet be sent.
var errLeftOthers = errors.New("the call was given up, the transaction goes on")

func (g *gate) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holders++
}

// leave takes one holder away and reports whether that was still possible.
func (g *gate) leave() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.committed {
		return false
	}
	g.holders--
	if g.holders <= 0 {
		g.ended = true
		g.cancel(errLeft)
	}
	return true
}

// over reports whether everybody has left.
func (g *gate) over() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// commit closes the gate: from here on nobody can leave. False when everybody
// has.
func (g *gate) commit() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return false
	}
	g.committed = true
	return true
}
