package ekosim

import (
	"net/http"
	"time"
)

// Server is the simulator. It is safe for concurrent use.
type Server struct {
	opts Options
}

// New returns a simulator that serves nobody yet: it is an [http.Handler].
func New(o Options) (*Server, error) { return &Server{opts: o}, nil }

// ServeHTTP serves Eko's API below /ekoapi and /ekoicici.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "No mapping rule matched", http.StatusNotFound)
}

// Management returns the second door, for tests in another process.
func (s *Server) Management() http.Handler { return http.NotFoundHandler() }

// Close ends every answer that is being held back.
func (s *Server) Close() {}

// PublicKey returns [PublicKey].
func (s *Server) PublicKey() string { return PublicKey() }

// Seed returns the seed in use.
func (s *Server) Seed() uint64 { return s.opts.Seed }

// Requests returns what arrived, oldest first.
func (s *Server) Requests() []Request { return nil }

// Moved reports how many times money moved for a client_ref_id.
func (s *Server) Moved(clientRefID string) int { return 0 }

// Attempts reports how many requests to move money arrived for a client_ref_id.
func (s *Server) Attempts(clientRefID string) int { return 0 }

// Balance returns the balance of an account, and whether there is one.
func (s *Server) Balance(aadhaar, bankCode string) (Paise, bool) { return 0, false }

// Totals returns the day's sums.
func (s *Server) Totals() Totals { return Totals{} }

// SetFault makes the simulator misbehave from the next matching request on.
func (s *Server) SetFault(f Fault) error { return nil }

// ClearFaults ends every fault set by [Server.SetFault].
func (s *Server) ClearFaults() {}

// SetSkew moves the simulator's clock, which Date shows, away from the real one.
func (s *Server) SetSkew(d time.Duration) {}

// Paise is money.
type Paise int64

// Totals counts the money.
type Totals struct {
	Attempts  int   `json:"attempts"`
	Movements int   `json:"movements"`
	Withdrawn Paise `json:"withdrawn"`
	Refunded  Paise `json:"refunded"`
	// Doubled counts the client_ref_ids for which money moved more than once.
	Doubled int `json:"doubled"`
}

// Request is one request as it arrived, personal values masked.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// Behaviour names a way to misbehave.
type Behaviour string

// Fault asks for a behaviour.
type Fault struct {
	Behaviour Behaviour `json:"behaviour"`
}
