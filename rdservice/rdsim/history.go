package rdsim

import (
	"net/http"
	"time"
)

// Bounds of the memory of a service that runs for weeks.
const (
	maxHistory  = 1000
	maxRecorded = 4 << 10 // of a body
)

// Request is one request that reached the service, and what became of it. It is
// in the history from its arrival on; the rest follows as it happens.
type Request struct {
	Time        time.Time `json:"time"`
	Scheme      string    `json:"scheme"`
	Port        int       `json:"port"`
	Verb        string    `json:"verb"` // what was asked for
	Method      string    `json:"method"`
	Path        string    `json:"path"`
	Host        string    `json:"host"`
	Origin      string    `json:"origin,omitempty"`
	ContentType string    `json:"content_type,omitempty"`
	Body        string    `json:"body,omitempty"`     // the first 4 kB
	Fault       string    `json:"fault,omitempty"`    // or the quirk that cut it off
	Status      int       `json:"status,omitempty"`   // of HTTP; 0 while there is no regular answer
	ErrCode     string    `json:"err_code,omitempty"` // of a capture
	Left        bool      `json:"left,omitempty"`     // the client went away before the answer
	Done        bool      `json:"done"`
}

// Requests returns the latest requests, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, len(s.history))
	for i, q := range s.history {
		all[i] = *q
	}
	return all
}

// ForgetRequests empties the history.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = nil
}

// record puts a request into the history.
func (s *Server) record(r *http.Request, e *endpoint, verb string, body []byte, fault string) *Request {
	entry := &Request{
		Time: s.opts.Clock(), Scheme: e.scheme, Port: e.port, Verb: verb, Method: r.Method, Path: r.URL.Path,
		Host: r.Host, Origin: r.Header.Get("Origin"), ContentType: r.Header.Get("Content-Type"),
		Body: string(body[:min(len(body), maxRecorded)]), Fault: fault,
	}
	s.opts.Log.Debug("simulated RD service asked", "verb", verb, "path", entry.Path, "fault", fault)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.history) == maxHistory {
		s.history = s.history[1:]
	}
	s.history = append(s.history, entry)
	return entry
}

// update changes an entry of the history.
func (s *Server) update(entry *Request, change func(*Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(entry)
}

// finish says that nothing more becomes of a request.
func (s *Server) finish(entry *Request) {
	s.update(entry, func(q *Request) { q.Done = true })
}
