package agent

import (
	"sync"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/rdservice"
)

// Event is something that a subscriber may know: the kind is the notification's
// name, and the field of that name is set.
type Event struct {
	// Kind is "device.changed" or "transaction.updated".
	Kind        string
	Device      *contract.DeviceChanged
	Transaction *contract.Transaction
	// Origin and User are whose transaction it is; only the local door is told.
	Origin, User string
}

// The kinds of events.
const (
	DeviceChanged      = "device.changed"
	TransactionUpdated = "transaction.updated"
)

// eventBuffer is how far a subscriber may fall behind before it loses events.
const eventBuffer = 64

// hub passes events on without ever waiting for a subscriber.
type hub struct {
	mu     sync.Mutex
	closed bool
	subs   map[*subscriber]struct{}
	// told is how each scanner was told of last.
	told map[string]contract.Device
}

type subscriber struct {
	caller Caller
	events chan Event
}

// Subscribe returns the events that the caller may know and a function that ends
// it. The channel is closed then, or when Run ends. A subscriber that falls 64
// events behind loses some: what it shows should come from [Agent.Get].
func (a *Agent) Subscribe(c Caller) (<-chan Event, func()) { return a.hub.subscribe(c) }

func (h *hub) subscribe(c Caller) (<-chan Event, func()) {
	s := &subscriber{caller: c, events: make(chan Event, eventBuffer)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(s.events)
		return s.events, func() {}
	}
	if h.subs == nil {
		h.subs = make(map[*subscriber]struct{})
	}
	h.subs[s] = struct{}{}
	return s.events, func() { h.drop(s) }
}

func (h *hub) drop(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.subs[s]; there {
		delete(h.subs, s)
		close(s.events)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		delete(h.subs, s)
		close(s.events)
	}
}

// send gives an event to everybody for whom may returns true.
func (h *hub) send(e Event, may func(Caller) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spread(e, may)
}

// sendDevice tells everybody of a scanner, unless that is what they were told
// last: its service and the agent both know of a capture's begin and end.
func (h *hub) sendDevice(c contract.DeviceChanged) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last, known := h.told[c.Device.ID]
	switch kind := rdservice.ChangeKind(c.Change); {
	case kind == rdservice.Removed:
		delete(h.told, c.Device.ID)
	case kind == rdservice.Changed && known && last == c.Device:
		return
	case kind == rdservice.Added || known:
		if h.told == nil {
			h.told = make(map[string]contract.Device)
		}
		h.told[c.Device.ID] = c.Device
	}
	h.spread(Event{Kind: DeviceChanged, Device: &c}, func(Caller) bool { return true })
}

func (h *hub) spread(e Event, may func(Caller) bool) {
	for s := range h.subs {
		if !may(s.caller) {
			continue
		}
		mine := e
		if !s.caller.Local {
			mine.Origin, mine.User = "", ""
		}
		select {
		case s.events <- mine:
		default:
		}
	}
}

// publish tells a transaction's owner and the local door how it stands.
func (a *Agent) publish(r journal.Record) {
	tx := a.present(r)
	a.hub.send(Event{Kind: TransactionUpdated, Transaction: &tx, Origin: r.Origin, User: r.User},
		func(c Caller) bool { return c.owns(r.Origin, r.User) })
}

// publishDevice tells everybody of a change of the table of scanners.
func (a *Agent) publishDevice(c rdservice.Change) {
	all := a.cfg.Watcher.Devices()
	e := contract.DeviceChanged{Change: string(c.Kind), Device: a.deviceShape(c.Device), Devices: make([]contract.Device, len(all))}
	for i, d := range all {
		e.Devices[i] = a.deviceShape(d)
	}
	a.hub.sendDevice(e)
}
