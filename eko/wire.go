package eko

import (
	"net"
	"sync"
)

// wire is a connection that knows whether a request has begun to leave on it.
// It sits below TLS, so what it counts is what the network got.
type wire struct {
	net.Conn

	mu     sync.Mutex
	used   bool
	sealed bool
}

// mark begins a request: nothing has left yet.
func (w *wire) mark() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used = false
}

// seal ends all writing and reports whether anything was handed to the network
// since mark. After it nothing can leave any more, so false is a proof.
func (w *wire) seal() (used bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = true
	return w.used
}

// Write notes the attempt before it makes it.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.sealed {
		w.mu.Unlock()
		return 0, net.ErrClosed
	}
	w.used = true
	w.mu.Unlock()
	return w.Conn.Write(p)
}
