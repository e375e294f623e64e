package tray

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

// How the agent is looked for and asked.
const (
	firstRetry  = 250 * time.Millisecond
	lastRetry   = 5 * time.Second
	lookAgain   = 30 * time.Second // what has no event, for example the clock's skew
	answerLimit = 15 * time.Second
)

// news is what the agent answered, with the transactions that have left the
// state pending since the answer before.
type news struct {
	snapshot Snapshot
	settled  []control.Record
}

// link keeps up the connection to the agent's door.
type link struct {
	address string
	log     *slog.Logger
	tell    chan news
	again   chan struct{} // asks for a look out of turn

	mu     sync.Mutex
	client *control.Client

	// pending is what was not known at the last look; nil before the first one, at
	// which nothing is news.
	pending map[string]bool
}

func newLink(address string, log *slog.Logger) *link {
	return &link{address: address, log: log, tell: make(chan news), again: make(chan struct{}, 1)}
}

// current is the open connection, or [control.ErrNotRunning].
func (l *link) current() (*control.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		return nil, control.ErrNotRunning
	}
	return l.client, nil
}

func (l *link) set(c *control.Client) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client = c
}

// look asks for an answer soon; asking twice is asking once.
func (l *link) look() {
	select {
	case l.again <- struct{}{}:
	default:
	}
}

// run connects again and again until ctx ends.
func (l *link) run(ctx context.Context) {
	wait := firstRetry
	for ctx.Err() == nil {
		down := Snapshot{}
		client, err := control.Dial(ctx, l.address)
		if err == nil {
			l.set(client)
			if l.follow(ctx, client) {
				wait = firstRetry
			}
			l.set(nil)
			_ = client.Close()
		} else if errors.Is(err, control.ErrNotAllowed) {
			down = Snapshot{Reached: true, Refused: refusedByDoor}
		}
		if !l.publish(ctx, news{snapshot: down}) {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-l.again:
		case <-timer.C:
		}
		timer.Stop()
		wait = min(2*wait, lastRetry)
	}
}

// refusedByDoor marks a snapshot whose refusal the tray has to put into words.
const refusedByDoor = "\x00"

func (l *link) publish(ctx context.Context, n news) bool {
	select {
	case l.tell <- n:
		return true
	case <-ctx.Done():
		return false
	}
}

// follow looks at every event and from time to time, until the connection ends.
// It reports whether the agent has answered at all.
func (l *link) follow(ctx context.Context, client *control.Client) bool {
	asked, cancel := context.WithTimeout(ctx, answerLimit)
	events, err := client.Watch(asked)
	cancel()
	if err != nil {
		return l.refused(ctx, err)
	}
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		n, err := l.ask(ctx, client)
		if err != nil {
			return l.refused(ctx, err)
		}
		if !l.publish(ctx, n) {
			return true
		}
		select {
		case _, open := <-events:
			if !open || !drain(events) {
				return true
			}
		case <-l.again:
		case <-ticker.C:
		case <-ctx.Done():
			return true
		}
	}
}

// drain takes what waits: one look covers it. It reports whether the connection
// still stands.
func drain(events <-chan control.Event) bool {
	for {
		select {
		case _, open := <-events:
			if !open {
				return false
			}
		default:
			return true
		}
	}
}

// refused publishes the agent's own words where it answered with an error, and
// reports whether it did.
func (l *link) refused(ctx context.Context, err error) bool {
	refusal, ok := errors.AsType[*control.Error](err)
	if !ok {
		if ctx.Err() == nil {
			l.log.Debug("the agent went away", "error", err)
		}
		return false
	}
	text := refusal.Message
	if refusal.Code == contract.Unauthorized {
		text = refusedByDoor
	}
	if !l.publish(ctx, news{snapshot: Snapshot{Reached: true, Refused: text}}) {
		return true
	}
	select { // the user may be let in later
	case <-ctx.Done():
	case <-time.After(lookAgain):
	}
	return true
}

// ask collects everything that is shown.
func (l *link) ask(ctx context.Context, client *control.Client) (news, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	n := news{snapshot: Snapshot{Reached: true}}
	s := &n.snapshot
	var err error
	if s.Status, err = client.Status(ctx); err != nil {
		return n, err
	}
	if s.Approvals, err = client.Approvals(ctx); err != nil {
		return n, err
	}
	recent, err := client.Transactions(ctx, control.Filter{Limit: maxRecent})
	if err != nil {
		return n, err
	}
	s.Recent = recent.Transactions
	unsettled, err := client.Transactions(ctx, control.Filter{State: contract.Pending, Limit: 200})
	if err != nil {
		return n, err
	}
	s.Unsettled = unsettled.Transactions
	n.settled = l.settled(ctx, client, s.Unsettled)
	return n, nil
}

// settled finds what has become of transactions that were pending.
func (l *link) settled(ctx context.Context, client *control.Client, unsettled []control.Record) []control.Record {
	now := make(map[string]bool, len(unsettled))
	for _, r := range unsettled {
		now[r.ClientRefID] = true
	}
	var gone []control.Record
	for ref := range l.pending {
		if now[ref] {
			continue
		}
		r, err := client.Transaction(ctx, ref)
		if err != nil {
			l.log.Debug("a transaction that was pending can't be found", "client_ref_id", ref, "error", err)
			continue
		}
		if r.State != contract.Pending {
			gone = append(gone, r)
		}
	}
	l.pending = now
	return gone
}
