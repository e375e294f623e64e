package wsapi

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// room is who is in: every WebSocket from its upgrade to its end. An HTTP
// server's shutdown doesn't know of upgraded connections, so they are counted,
// ended and waited for here.
type room struct {
	limits Limits

	mu        sync.Mutex
	closed    bool
	conns     map[*conn]struct{}
	origins   map[string]*originRoom
	strangers int
	inside    sync.WaitGroup
}

// originRoom is what all connections of an origin share while there is one.
type originRoom struct {
	places  int
	limiter *rate.Limiter
}

func newRoom(limits Limits) *room {
	return &room{limits: limits, conns: make(map[*conn]struct{}), origins: make(map[string]*originRoom)}
}

// place is the right to one connection of an origin.
type place struct {
	room   *room
	origin string
	shared *originRoom
	conn   *conn
}

// reserve takes a place for an origin that has one left.
func (r *room) reserve(origin string) (*place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	shared := r.origins[origin]
	if shared == nil {
		limiter := rate.NewLimiter(rate.Limit(r.limits.OriginPerSecond), r.limits.OriginBurst)
		shared = &originRoom{limiter: limiter}
		r.origins[origin] = shared
	}
	if shared.places >= r.limits.Origin {
		return nil, false
	}
	shared.places++
	r.inside.Add(1)
	return &place{room: r, origin: origin, shared: shared}, true
}

func (p *place) rate() *rate.Limiter { return p.shared.limiter }

// take puts a connection on the place and reports whether it may stay: not when the
// room is being emptied.
func (p *place) take(c *conn) bool {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.conn = c
	p.room.conns[c] = struct{}{}
	return !p.room.closed
}

func (p *place) leave() {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, p.conn)
	p.shared.places--
	if p.shared.places == 0 {
		delete(r.origins, p.origin)
	}
	r.inside.Done()
}

// enterStranger and leaveStranger count the refused pages that are being told
// why.
func (r *room) enterStranger() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.strangers >= r.limits.Strangers {
		return false
	}
	r.strangers++
	r.inside.Add(1)
	return true
}

func (r *room) leaveStranger() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strangers--
	r.inside.Done()
}

func (r *room) all() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*conn, 0, len(r.conns))
	for c := range r.conns {
		list = append(list, c)
	}
	return list
}

// empty lets nobody in any more, ends everybody and returns when all have gone.
// Who doesn't take the goodbye in its time is cut off.
func (r *room) empty() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for _, c := range r.all() {
		c.end(stopping)
	}
	cut := time.AfterFunc(2*r.limits.Goodbye, func() {
		for _, c := range r.all() {
			_ = c.ws.Close()
		}
	})
	defer cut.Stop()
	r.inside.Wait()
}

func (r *room) pages() []Page {
	type key struct{ origin, user string }
	counts := make(map[key]int)
	for _, c := range r.all() {
		counts[key{c.origin, c.user}]++
	}
	list := make([]Page, 0, len(counts))
	for k, n := range counts {
		list = append(list, Page{Origin: k.origin, User: k.user, Connections: n})
	}
	slices.SortFunc(list, func(a, b Page) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.User, b.User))
	})
	return list
}
