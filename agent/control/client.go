package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/creachadair/jrpc2"

	"biobridge/agent/contract"
)

// Client asks the running agent. It is safe for concurrent use. Every method
// returns an [*Error] where the agent refuses, [ErrNotRunning] where the
// connection was lost, or ctx's error. A call that the caller gives up goes on in
// the agent.
type Client struct {
	rpc    *jrpc2.Client
	events chan Event
}

// How many events wait for a slow watcher before the oldest kind of loss sets in:
// new ones are dropped.
const eventQueue = 64

// Dial connects to the agent at an [Address]. It returns [ErrNotRunning] where
// nobody answers and [ErrNotAllowed] where this user may not ask.
func Dial(ctx context.Context, address string) (*Client, error) {
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	c := &Client{events: make(chan Event, eventQueue)}
	c.rpc = jrpc2.NewClient(&sorter{newLines(conn, maxAnswerLine), c}, nil)
	return c, nil
}

// sorter takes the events out of what the agent sends, in their order: the
// library would hand each to a goroutine of its own.
type sorter struct {
	*lines
	client *Client
}

// Recv is called by one goroutine, until it fails.
func (s *sorter) Recv() ([]byte, error) {
	for {
		line, err := s.lines.Recv()
		if err != nil {
			close(s.client.events)
			return nil, err
		}
		var note struct {
			Method string `json:"method"`
			Params Event  `json:"params"`
		}
		if json.Unmarshal(line, &note) != nil || note.Method != eventMethod {
			return line, nil
		}
		select {
		case s.client.events <- note.Params:
		default:
		}
	}
}

// Close ends the connection and every call on it.
func (c *Client) Close() error {
	if err := c.rpc.Close(); err != nil && !errors.Is(err, jrpc2.ErrConnClosed) {
		return err
	}
	return nil
}

func (c *Client) call(ctx context.Context, method string, params, result any) error {
	response, err := c.rpc.Call(ctx, method, params)
	if err != nil {
		return explainCall(ctx, err)
	}
	if result == nil {
		return nil
	}
	if err := response.UnmarshalResult(result); err != nil {
		return fmt.Errorf("read the agent's answer to %s: %w", method, err)
	}
	return nil
}

func explainCall(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal, ok := errors.AsType[*jrpc2.Error](err)
	if !ok {
		return fmt.Errorf("%w (%v)", ErrNotRunning, err)
	}
	known := &Error{Code: contract.Internal, Message: refusal.Message}
	if len(refusal.Data) > 0 {
		_ = json.Unmarshal(refusal.Data, known)
	}
	return known
}

// Status asks how the agent is.
func (c *Client) Status(ctx context.Context) (s Status, err error) {
	err = c.call(ctx, "status", nil, &s)
	return s, err
}

// Devices lists the scanners; with refresh they are looked for first.
func (c *Client) Devices(ctx context.Context, refresh bool) (list []contract.Device, err error) {
	err = c.call(ctx, "devices", refreshParams{refresh}, &list)
	return list, err
}

// Transactions lists one page of the journal.
func (c *Client) Transactions(ctx context.Context, filter Filter) (page Records, err error) {
	err = c.call(ctx, "transactions", filter, &page)
	return page, err
}

// Transaction finds one transaction.
func (c *Client) Transaction(ctx context.Context, ref string) (r Record, err error) {
	err = c.call(ctx, "transaction", refParams{ClientRefID: ref}, &r)
	return r, err
}

// Inquire has Eko asked now.
func (c *Client) Inquire(ctx context.Context, ref string) (r Record, err error) {
	err = c.call(ctx, "inquire", refParams{ClientRefID: ref}, &r)
	return r, err
}

// Settle declares a transaction failed that Eko doesn't know, for a reason that
// is recorded.
func (c *Client) Settle(ctx context.Context, ref, reason string) (r Record, err error) {
	err = c.call(ctx, "settle", refParams{ClientRefID: ref, Reason: reason}, &r)
	return r, err
}

// Receipt returns a slip in a format ("text", "html58", "html80", "htmla4") and a
// language.
func (c *Client) Receipt(ctx context.Context, ref, format, lang string) (r Receipt, err error) {
	err = c.call(ctx, "receipt", refParams{ClientRefID: ref, Format: format, Lang: lang}, &r)
	return r, err
}

// Backup has the agent write a copy of its journal while it runs, and returns
// where: a place that only the agent's account and administrators can read.
func (c *Client) Backup(ctx context.Context) (path string, err error) {
	err = c.call(ctx, "backup", nil, &path)
	return path, err
}

// AcceptNewJournal lets money move again after a damaged journal was set aside.
func (c *Client) AcceptNewJournal(ctx context.Context, reason string) error {
	return c.call(ctx, "accept_new_journal", reasonParams{reason}, nil)
}

// Approvals lists the pages that ask to be let in.
func (c *Client) Approvals(ctx context.Context) (list []Approval, err error) {
	err = c.call(ctx, "approvals", nil, &list)
	return list, err
}

// Decide answers one of them.
func (c *Client) Decide(ctx context.Context, id string, answer Answer) error {
	return c.call(ctx, "decide", decideParams{id, answer}, nil)
}

// Origins lists the pages that may connect, and those that may not.
func (c *Client) Origins(ctx context.Context) (list []Origin, err error) {
	err = c.call(ctx, "origins", nil, &list)
	return list, err
}

// AllowOrigin puts a page on the list with these scopes.
func (c *Client) AllowOrigin(ctx context.Context, origin string, scopes []contract.Scope) error {
	return c.call(ctx, "allow_origin", originParams{origin, scopes}, nil)
}

// DenyOrigin takes a page off the list and disconnects it.
func (c *Client) DenyOrigin(ctx context.Context, origin string) error {
	return c.call(ctx, "deny_origin", originParams{Origin: origin}, nil)
}

// Secrets lists the names of the secrets that the agent has stored.
func (c *Client) Secrets(ctx context.Context) (names []string, err error) {
	err = c.call(ctx, "secrets", nil, &names)
	return names, err
}

// SetSecret has the agent seal a secret under its own account, and reports
// whether the agent uses it from now on: else it has to be restarted.
func (c *Client) SetSecret(ctx context.Context, name string, value []byte) (inUse bool, err error) {
	var answer secretAnswer
	err = c.call(ctx, "set_secret", secretParams{name, value}, &answer)
	return answer.InUse, err
}

// RemoveSecret has the agent forget a secret, and reports whether it has stopped
// using it.
func (c *Client) RemoveSecret(ctx context.Context, name string) (inUse bool, err error) {
	var answer secretAnswer
	err = c.call(ctx, "remove_secret", secretParams{Name: name}, &answer)
	return answer.InUse, err
}

// LogTail returns the last lines of the log.
func (c *Client) LogTail(ctx context.Context, count int) (list []string, err error) {
	err = c.call(ctx, "log_tail", linesParams{count}, &list)
	return list, err
}

// Stop has the agent stop in good order.
func (c *Client) Stop(ctx context.Context) error { return c.call(ctx, "stop", nil, nil) }

// Watch returns what happens from now on. The channel is closed when the
// connection ends; a reader that is slow loses events and should ask for the
// status then.
func (c *Client) Watch(ctx context.Context) (<-chan Event, error) {
	if err := c.call(ctx, "watch", nil, nil); err != nil {
		return nil, err
	}
	return c.events, nil
}
