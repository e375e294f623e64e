package control

import (
	"context"
	"slices"

	"github.com/creachadair/jrpc2"

	"biobridge/agent/contract"
)

// The parameters of the methods. They cross between programs of one release, and
// an unknown field is refused so that a mismatch is seen.
type (
	refreshParams struct {
		Refresh bool `json:"refresh,omitempty"`
	}
	refParams struct {
		ClientRefID string `json:"client_ref_id"`
		Reason      string `json:"reason,omitempty"`
		Format      string `json:"format,omitempty"`
		Lang        string `json:"lang,omitempty"`
	}
	reasonParams struct {
		Reason string `json:"reason"`
	}
	decideParams struct {
		ID     string `json:"id"`
		Answer Answer `json:"answer"`
	}
	originParams struct {
		Origin string           `json:"origin"`
		Scopes []contract.Scope `json:"scopes,omitempty"`
	}
	// secretParams hold the value as bytes, so that it arrives as it was given.
	secretParams struct {
		Name  string `json:"name"`
		Value []byte `json:"value,omitempty"`
	}
	secretAnswer struct {
		InUse bool `json:"in_use"`
	}
	linesParams struct {
		Lines int `json:"lines"`
	}
	nothing struct{}
)

type handler func(c *session, ctx context.Context, req *jrpc2.Request) (any, error)

// method makes a handler of a function with typed parameters.
func method[P any](run func(c *session, ctx context.Context, params P) (any, error)) handler {
	return func(c *session, ctx context.Context, req *jrpc2.Request) (any, error) {
		var params P
		if req.HasParams() {
			if err := req.UnmarshalParams(jrpc2.StrictFields(&params)); err != nil {
				return nil, &Error{Code: contract.InvalidParams, Message: "The parameters of " + req.Method() + " can't be read.", Remedy: "The command line and the agent may be of different versions: restart the agent."}
			}
		}
		return run(c, ctx, params)
	}
}

// methods is the whole door.
var methods = map[string]handler{
	"status": method((*session).status),
	"devices": method(func(c *session, ctx context.Context, p refreshParams) (any, error) {
		return c.backend().Devices(ctx, c.peer, p.Refresh)
	}),
	"transactions": method((*session).transactions),
	"transaction":  method((*session).transaction),
	"inquire":      method((*session).inquire),
	"settle":       method((*session).settle),
	"receipt":      method((*session).receipt),
	"accept_new_journal": method(func(c *session, ctx context.Context, p reasonParams) (any, error) {
		return nothing{}, c.backend().AcceptNewJournal(ctx, c.peer, p.Reason)
	}),
	"backup": method(func(c *session, ctx context.Context, _ nothing) (any, error) {
		return c.backend().Backup(ctx, c.peer)
	}),
	"approvals": method((*session).approvals),
	"decide":    method((*session).decide),
	"origins": method(func(c *session, ctx context.Context, _ nothing) (any, error) {
		return c.backend().Origins(ctx, c.peer)
	}),
	"allow_origin": method(func(c *session, ctx context.Context, p originParams) (any, error) {
		return nothing{}, c.backend().AllowOrigin(ctx, c.peer, p.Origin, p.Scopes)
	}),
	"deny_origin": method(func(c *session, ctx context.Context, p originParams) (any, error) {
		return nothing{}, c.backend().DenyOrigin(ctx, c.peer, p.Origin)
	}),
	"secrets": method(func(c *session, ctx context.Context, _ nothing) (any, error) {
		return c.backend().Secrets(ctx, c.peer)
	}),
	"set_secret": method(func(c *session, ctx context.Context, p secretParams) (any, error) {
		defer clear(p.Value)
		inUse, err := c.backend().SetSecret(ctx, c.peer, p.Name, p.Value)
		return secretAnswer{inUse}, err
	}),
	"remove_secret": method(func(c *session, ctx context.Context, p secretParams) (any, error) {
		inUse, err := c.backend().RemoveSecret(ctx, c.peer, p.Name)
		return secretAnswer{inUse}, err
	}),
	"log_tail": method(func(c *session, ctx context.Context, p linesParams) (any, error) {
		return c.backend().LogTail(ctx, c.peer, p.Lines)
	}),
	"stop": method(func(c *session, ctx context.Context, _ nothing) (any, error) {
		return nothing{}, c.backend().Stop(ctx, c.peer)
	}),
	"watch": method((*session).startWatch),
}

func (c *session) backend() Backend { return c.server.cfg.Backend }

func (c *session) status(ctx context.Context, _ nothing) (any, error) {
	status, err := c.backend().Status(ctx, c.peer)
	if err != nil {
		return nil, err
	}
	status.Pages = slices.DeleteFunc(slices.Clone(status.Pages), func(p Page) bool { return !sees(c.peer, p.User) })
	return status, nil
}

// transactions asks for the peer's own, and leaves out of the answer what isn't:
// a page may then hold fewer records than its limit.
func (c *session) transactions(ctx context.Context, f Filter) (any, error) {
	if !c.peer.Admin {
		f.User = c.peer.ID
	}
	page, err := c.backend().Transactions(ctx, c.peer, f)
	if err != nil {
		return nil, err
	}
	page.Transactions = slices.DeleteFunc(slices.Clone(page.Transactions), func(r Record) bool { return !sees(c.peer, r.User) })
	return page, nil
}

// own finds a record that the peer may see; others don't exist for him.
func (c *session) own(ctx context.Context, ref string) (Record, error) {
	record, err := c.backend().Transaction(ctx, c.peer, ref)
	if err != nil {
		return Record{}, err
	}
	if !sees(c.peer, record.User) {
		return Record{}, errNotFound
	}
	return record, nil
}

func (c *session) transaction(ctx context.Context, p refParams) (any, error) {
	return c.own(ctx, p.ClientRefID)
}

func (c *session) inquire(ctx context.Context, p refParams) (any, error) {
	if _, err := c.own(ctx, p.ClientRefID); err != nil {
		return nil, err
	}
	return c.backend().Inquire(ctx, c.peer, p.ClientRefID)
}

func (c *session) settle(ctx context.Context, p refParams) (any, error) {
	if _, err := c.own(ctx, p.ClientRefID); err != nil {
		return nil, err
	}
	return c.backend().Settle(ctx, c.peer, p.ClientRefID, p.Reason)
}

func (c *session) receipt(ctx context.Context, p refParams) (any, error) {
	if _, err := c.own(ctx, p.ClientRefID); err != nil {
		return nil, err
	}
	return c.backend().Receipt(ctx, c.peer, p.ClientRefID, p.Format, p.Lang)
}

func (c *session) approvals(ctx context.Context, _ nothing) (any, error) {
	return c.ownApprovals(ctx)
}

// ownApprovals are the questions that the peer's own browser has raised, or all
// for an administrator: nobody decides about another user's pages.
func (c *session) ownApprovals(ctx context.Context) ([]Approval, error) {
	all, err := c.backend().Approvals(ctx, c.peer)
	if err != nil {
		return nil, err
	}
	own := []Approval{}
	for _, a := range all {
		if sees(c.peer, a.User) {
			own = append(own, a)
		}
	}
	return own, nil
}

func (c *session) decide(ctx context.Context, p decideParams) (any, error) {
	switch p.Answer {
	case AllowOnce, AllowRemember, Deny:
	default:
		return nil, &Error{Code: contract.InvalidParams, Message: "The answer is once, remember or deny."}
	}
	own, err := c.ownApprovals(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range own {
		if a.ID == p.ID {
			return nothing{}, c.backend().Decide(ctx, c.peer, p.ID, p.Answer)
		}
	}
	return nil, &Error{Code: contract.NotFound, Message: "This question has been answered or has expired.", Remedy: "Reload the page to be asked again."}
}

// startWatch begins to tell events, once a connection.
func (c *session) startWatch(_ context.Context, _ nothing) (any, error) {
	c.watch.Do(func() {
		events, stop := c.backend().Watch(c.ctx, c.peer)
		c.tasks.Go(func() {
			defer stop()
			c.follow(events)
		})
	})
	return nothing{}, nil
}

func (c *session) follow(events <-chan Event) {
	for {
		select {
		case <-c.ctx.Done():
			return
		case event, open := <-events:
			if !open {
				return
			}
			if event, ok := c.visible(event); ok && c.notify(eventMethod, event) != nil {
				return
			}
		}
	}
}

// visible leaves in an event what is the peer's to see.
func (c *session) visible(e Event) (Event, bool) {
	if e.Transaction != nil && !sees(c.peer, e.Transaction.User) {
		return Event{}, false
	}
	own := make([]Approval, 0, len(e.Approvals))
	for _, a := range e.Approvals {
		if sees(c.peer, a.User) {
			own = append(own, a)
		}
	}
	e.Approvals = own
	return e, true
}

// eventMethod is the notification that carries an [Event].
const eventMethod = "event"
