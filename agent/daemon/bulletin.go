package daemon

import (
	"sync"

	"biobridge/agent"
	"biobridge/agent/control"
	"biobridge/agent/wsapi"
)

// watchBuffer is how far a watcher may fall behind before it loses events.
const watchBuffer = 64

// bulletin passes on to local watchers what the doors notice; what the agent
// notices they get from the agent. It never waits for a watcher.
type bulletin struct {
	mu       sync.Mutex
	watchers map[chan control.Event]struct{}
}

// subscribe returns everything that peer may watch, from the agent and from the
// doors, until the function beside it is called.
func (b *bulletin) subscribe(peer control.Peer, a *agent.Agent) (<-chan control.Event, func()) {
	events := make(chan control.Event, watchBuffer)
	b.mu.Lock()
	if b.watchers == nil {
		b.watchers = map[chan control.Event]struct{}{}
	}
	b.watchers[events] = struct{}{}
	b.mu.Unlock()

	fromAgent, end := a.Subscribe(caller(peer))
	var relay sync.WaitGroup
	relay.Go(func() {
		for e := range fromAgent {
			offer(events, controlEvent(e))
		}
	})
	return events, sync.OnceFunc(func() {
		end()
		relay.Wait()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, events)
		close(events)
	})
}

func controlEvent(e agent.Event) control.Event {
	out := control.Event{Kind: e.Kind, Device: e.Device}
	if e.Transaction != nil {
		out.Transaction = &control.Record{Transaction: *e.Transaction, Origin: e.Origin, User: e.User}
	}
	return out
}

func offer(to chan control.Event, e control.Event) {
	select {
	case to <- e:
	default: // a slow watcher asks for the status instead
	}
}

func (b *bulletin) post(e control.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watchers {
		offer(w, e)
	}
}

func (b *bulletin) asking(count int) { b.post(control.Event{Kind: "asking.changed", Asking: count}) }

func (b *bulletin) questions(open []wsapi.Question) {
	b.post(control.Event{Kind: "approval.changed", Approvals: approvals(open)})
}

// problems tells watchers to look again at what the user should do.
func (b *bulletin) problems() { b.post(control.Event{Kind: "problem.changed"}) }

func (b *bulletin) stopping() { b.post(control.Event{Kind: "stopping"}) }
