package wsapi

import (
	"container/list"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// doorstep watches TCP connections from their accept to their close. A browser
// that asks its user for permission holds a connection on which it says nothing
// for minutes (browser.md section 3.2), so silence is allowed for long, but only
// to so many; once a first byte has come, the rest must follow soon.
type doorstep struct {
	limits  Limits
	changed func(waiting int)

	mu      sync.Mutex
	open    int
	silent  list.List // of *visitor, the longest silent first
	waiting int       // of silent, those beyond Limits.Hint

	telling sync.Mutex // taken before mu; keeps what is told in its order
	told    int
}

// watch returns a listener whose connections stand on this doorstep.
func (d *doorstep) watch(l net.Listener) net.Listener { return &watchedListener{l, d} }

type watchedListener struct {
	net.Listener
	step *doorstep
}

func (l *watchedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if v := l.step.enter(conn); v != nil {
			return v, nil
		}
		_ = conn.Close()
	}
}

// visitor is a connection from its first moment on.
type visitor struct {
	net.Conn
	step  *doorstep
	spoke atomic.Bool
	gone  atomic.Bool

	// under step.mu
	place *list.Element // in step.silent, nil once it has spoken or gone
	hint  *time.Timer
	asks  bool // counted in step.waiting
}

// enter makes room for a connection where there is none by ending the one that
// has been silent longest; nil says that everybody here has spoken.
func (d *doorstep) enter(conn net.Conn) *visitor {
	v := &visitor{Conn: conn, step: d}
	d.mu.Lock()
	var evicted *visitor
	if d.open >= d.limits.Connections || d.silent.Len() >= d.limits.Silent {
		if oldest := d.silent.Front(); oldest != nil {
			evicted = oldest.Value.(*visitor)
		} else {
			d.mu.Unlock()
			return nil
		}
	}
	d.open++
	v.place = d.silent.PushBack(v)
	v.hint = time.AfterFunc(d.limits.Hint, v.asking)
	d.mu.Unlock()
	if evicted != nil {
		_ = evicted.Close()
	}
	return v
}

// asking notes that nothing was said for so long that a browser must be asking.
func (v *visitor) asking() {
	d := v.step
	d.mu.Lock()
	if v.place == nil {
		d.mu.Unlock()
		return
	}
	v.asks = true
	d.waiting++
	d.mu.Unlock()
	d.tell()
}

// tell passes on how many are waiting, when that is news.
func (d *doorstep) tell() {
	d.telling.Lock()
	defer d.telling.Unlock()
	if now := d.asksNow(); now != d.told {
		d.told = now
		d.changed(now)
	}
}

// settle ends a visitor's silence, by a word or by going.
func (v *visitor) settle(gone bool) {
	d := v.step
	d.mu.Lock()
	if gone {
		d.open--
	}
	if v.place == nil {
		d.mu.Unlock()
		return
	}
	d.silent.Remove(v.place)
	v.place = nil
	v.hint.Stop()
	asked := v.asks
	if asked {
		d.waiting--
	}
	d.mu.Unlock()
	if asked {
		d.tell()
	}
}

// Read starts the short clock at the first byte. The HTTP server takes that
// deadline away itself when the request's header is complete.
func (v *visitor) Read(p []byte) (int, error) {
	n, err := v.Conn.Read(p)
	if n > 0 && !v.spoke.Load() && v.spoke.CompareAndSwap(false, true) {
		v.settle(false)
		_ = v.Conn.SetReadDeadline(time.Now().Add(v.step.limits.Header))
	}
	return n, err
}

// Close may be called more than once, by the HTTP server and by us.
func (v *visitor) Close() error {
	if v.gone.CompareAndSwap(false, true) {
		v.settle(true)
	}
	return v.Conn.Close()
}

// asksNow returns how many browsers seem to be asking their user.
func (d *doorstep) asksNow() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.waiting
}
