package wsapi

import (
	"context"
	"sync"

	"github.com/creachadair/jrpc2"

	"biobridge/agent"
	"biobridge/agent/contract"
)

// call is one running call of a connection.
type call struct {
	id     string // as it stood in the frame
	ticket *agent.Ticket

	mu     sync.Mutex
	gone   bool
	cancel context.CancelFunc // of a call that a ticket doesn't hold
}

// arm gives the call a context of its own, for methods whose work isn't held by
// the ticket.
func (c *call) arm(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	if c.gone {
		cancel()
	}
	return ctx, cancel
}

// giveUp cancels the call as far as it may still be cancelled.
func (c *call) giveUp() error {
	if err := c.ticket.Cancel(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	if c.cancel != nil {
		c.cancel()
	}
	return nil
}

func (c *call) givenUp() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

// calls are the running calls of one connection, by id.
type calls struct {
	limit int

	mu      sync.Mutex
	running map[string]*call
}

func newCalls(limit int) *calls {
	return &calls{limit: limit, running: make(map[string]*call)}
}

// begin takes an id into use. The fault says why it can't be; it answers no id,
// because the one that is in use belongs to another call.
func (c *calls) begin(id string) (answerTo string, f *fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, inUse := c.running[id]; inUse {
		return "", &fault{code: contract.InvalidParams, rpc: jrpc2.InvalidRequest, stem: "id_in_use", data: map[string]any{"field": "id"}}
	}
	if len(c.running) >= c.limit {
		return id, &fault{code: contract.LimitExceeded, stem: "too_many_calls"}
	}
	c.running[id] = &call{id: id, ticket: agent.NewTicket()}
	return id, nil
}

func (c *calls) find(id string) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running[id]
}

func (c *calls) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, id)
}

// leave gives up everything, because the page has gone. What is too late to
// cancel goes on without it.
func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, running := range c.running {
		_ = running.giveUp()
	}
}
