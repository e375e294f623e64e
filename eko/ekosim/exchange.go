package ekosim

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// exchange is one request on its way through the simulator.
type exchange struct {
	s *Server
	w http.ResponseWriter
	r *http.Request

	seen   Request // for the history
	noted  bool
	chance *rand.Rand

	api    string // "v1", "v2", "v3"
	route  route
	vars   map[string]string // what stood in the path
	fields map[string]string // what stood in the query or the body

	aadhaar   string // decrypted
	how       misbehaviour
	fault     Fault
	dateAhead time.Duration
}

// wait passes time, unless the client leaves or the simulator closes first.
func (x *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	case <-x.s.done:
		return false
	}
}

// hold passes time like a slow bank, which does not mind who leaves.
func (x *exchange) hold(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.s.done:
	}
}
