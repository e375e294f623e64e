package rdsim

import (
	"io"
	"net"
	"sync"
)

// holdingListener takes connections and keeps some of them without ever
// answering: the fault hang-accept.
type holdingListener struct {
	net.Listener
	hold func() bool // whether to keep the next one

	mu     sync.Mutex
	held   map[net.Conn]bool
	closed bool
	wait   sync.WaitGroup
}

func (l *holdingListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.hold() {
			return c, nil
		}
		l.keep(c)
	}
}

// keep keeps a connection until its client leaves or the service stops.
func (l *holdingListener) keep(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		c.Close()
		return
	}
	if l.held == nil {
		l.held = make(map[net.Conn]bool)
	}
	l.held[c] = true
	l.wait.Go(func() {
		io.Copy(io.Discard, c)
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, c)
		c.Close()
	})
}

// Close lets go of held connections too.
func (l *holdingListener) Close() error {
	err := l.Listener.Close()
	l.mu.Lock()
	l.closed = true
	for c := range l.held {
		c.Close()
	}
	l.mu.Unlock()
	l.wait.Wait()
	return err
}
