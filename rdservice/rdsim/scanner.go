package rdsim

import (
	"context"
	"time"
)

// scanner is the hardware: guarded by the server's lock.
type scanner struct {
	plugged  bool
	gone     chan struct{} // closed when it is pulled out
	readyAt  time.Time     // while before it, the service still checks its state
	status   string        // forced by SetStatus; empty: the true one
	busy     bool
	finger   bool
	fingered chan struct{} // closed when finger changes
}

func newScanner(plugged, finger bool) scanner {
	return scanner{plugged: plugged, finger: finger, gone: make(chan struct{}), fingered: make(chan struct{})}
}

// Statuses of RDService (rd-service.md section 2). The specification leaves the
// list open.
const (
	StatusReady    = "READY"
	StatusNotReady = "NOTREADY"
	StatusUsed     = "USED"
)

// Plug connects the scanner. A profile that [Settles] is not ready at once.
func (s *Server) Plug() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scanner.plugged {
		return
	}
	s.scanner.plugged = true
	s.scanner.gone = make(chan struct{})
	if s.profile.Has(Settles) {
		s.scanner.readyAt = s.opts.Clock().Add(s.opts.SettleTime)
	}
}

// Unplug pulls the scanner out; a capture under way fails with 730.
func (s *Server) Unplug() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.scanner.plugged {
		return
	}
	s.scanner.plugged = false
	close(s.scanner.gone)
}

// SetStatus makes RDSERVICE say the status whatever is true; captures follow it
// (USED gives 710, anything but READY gives 720). Empty undoes it.
func (s *Server) SetStatus(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scanner.status = status
}

// SetFinger says whether a finger comes when a capture waits for one. Without
// one a capture ends with 700.
func (s *Server) SetFinger(present bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scanner.finger == present {
		return
	}
	s.scanner.finger = present
	close(s.scanner.fingered)
	s.scanner.fingered = make(chan struct{})
}

// Status returns what RDSERVICE would say now.
func (s *Server) Status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.scanner.status != "":
		return s.scanner.status
	case !s.scanner.plugged, s.settling():
		return StatusNotReady
	case s.scanner.busy:
		return StatusUsed
	}
	return StatusReady
}

// settling is asked with s.mu held.
func (s *Server) settling() bool { return s.opts.Clock().Before(s.scanner.readyAt) }

// plugged reports whether there is a scanner.
func (s *Server) plugged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scanner.plugged
}

// claim takes the scanner for one capture and returns codeOK, or the code of why
// it can't. gone is closed when the scanner is pulled out.
func (s *Server) claim() (code string, gone <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.scanner.status == StatusUsed, s.scanner.busy:
		return codeBusy, nil
	case s.scanner.status != "" && s.scanner.status != StatusReady, !s.scanner.plugged:
		return codeNotReady, nil
	case s.settling():
		return codeSettling, nil
	}
	s.scanner.busy = true
	return codeOK, s.scanner.gone
}

func (s *Server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scanner.busy = false
}

// waitForFinger blocks until a finger has been scanned and returns codeOK, or
// the code of what came instead; ctx's error when the client left first.
func (s *Server) waitForFinger(ctx context.Context, timeout time.Duration, gone <-chan struct{}) (string, error) {
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	for {
		arrival, changed, closing := s.finger()
		select {
		case <-arrival:
			return codeOK, nil
		case <-changed:
		case <-gone:
			return codeFailed, nil
		case <-limit.C:
			select { // a finger that came in time counts, however late a busy computer looks
			case <-arrival:
				return codeOK, nil
			default:
				return codeTimedOut, nil
			}
		case <-ctx.Done():
			return "", ctx.Err()
		case <-closing:
			return "", context.Canceled
		}
	}
}

// finger returns what to wait for: the finger's arrival (nil if none comes), a
// change of mind, the service's end.
func (s *Server) finger() (arrival <-chan time.Time, changed, closing <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scanner.finger {
		arrival = time.After(max(s.opts.FingerDelay, 0))
	}
	return arrival, s.scanner.fingered, s.closing
}
