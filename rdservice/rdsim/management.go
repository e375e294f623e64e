package rdsim

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
)

// State is what the management endpoint tells of a service.
type State struct {
	Profile   string     `json:"profile"`
	Title     string     `json:"title"`
	Endpoints []Endpoint `json:"endpoints"`
	Status    string     `json:"status"` // what RDSERVICE would say
	Plugged   bool       `json:"plugged"`
	Finger    bool       `json:"finger"`
	Serial    string     `json:"serial"`
	DC        string     `json:"dc"`
	Faults    []string   `json:"faults"`
}

// State returns the service as it is now.
func (s *Server) State() State {
	state := State{
		Profile: s.profile.Name, Title: s.profile.Title, Endpoints: s.Endpoints(), Status: s.Status(),
		Serial: s.serial, DC: s.device.Info().DC, Faults: []string{},
	}
	for _, f := range s.ActiveFaults() {
		state.Faults = append(state.Faults, f.String())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state.Plugged, state.Finger = s.scanner.plugged, s.scanner.finger
	return state
}

// Management returns the second door: what a test does through methods, for
// people and other processes. Serve it on loopback, on another port than the
// service. It answers in JSON and takes its arguments from the query:
//
//	GET    /                        the State
//	POST   /plug, /unplug
//	POST   /finger?present=true     or false
//	POST   /status?value=USED       empty: the true one again
//	POST   /restart?move=true       false: on the same ports
//	GET    /faults                  every fault there is
//	POST   /faults?fault=F&fault=…  replaces the faults, in ParseFault's form
//	DELETE /faults
//	GET    /requests                the history; DELETE forgets it
//
// It is for this PC's own tools: a request that comes from a web page, or under
// a name that is not loopback's, is refused.
func (s *Server) Management() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.tellState)
	mux.HandleFunc("POST /plug", s.change(func(*http.Request) error { s.Plug(); return nil }))
	mux.HandleFunc("POST /unplug", s.change(func(*http.Request) error { s.Unplug(); return nil }))
	mux.HandleFunc("POST /finger", s.change(s.changeFinger))
	mux.HandleFunc("POST /status", s.change(func(r *http.Request) error { s.SetStatus(r.FormValue("value")); return nil }))
	mux.HandleFunc("POST /restart", s.change(s.changeRestart))
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { tell(w, Faults()) })
	mux.HandleFunc("POST /faults", s.change(s.changeFaults))
	mux.HandleFunc("DELETE /faults", s.change(func(*http.Request) error { return s.SetFaults() }))
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.Requests()) })
	mux.HandleFunc("DELETE /requests", s.change(func(*http.Request) error { s.ForgetRequests(); return nil }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(SimulatedHeader, "rd")
		if r.Header.Get("Origin") != "" || !loopbackHost(r.Host) {
			http.Error(w, "the management endpoint serves this PC's own tools only", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func loopbackHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) tellState(w http.ResponseWriter, _ *http.Request) { tell(w, s.State()) }

func tell(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value) // the values are ours; an error is a client that left
}

// change wraps what alters the service: an error is the request's fault, and the
// answer is the State that followed.
func (s *Server) change(do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.tellState(w, r)
	}
}

func (s *Server) changeFinger(r *http.Request) error {
	present, err := strconv.ParseBool(r.FormValue("present"))
	if err != nil {
		return errors.New("present is neither true nor false")
	}
	s.SetFinger(present)
	return nil
}

func (s *Server) changeRestart(r *http.Request) error {
	move := false
	if text := r.FormValue("move"); text != "" {
		var err error
		if move, err = strconv.ParseBool(text); err != nil {
			return errors.New("move is neither true nor false")
		}
	}
	return s.Restart(move)
}

func (s *Server) changeFaults(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	var faults []Fault
	for _, text := range r.Form["fault"] {
		f, err := ParseFault(text)
		if err != nil {
			return err
		}
		faults = append(faults, f)
	}
	return s.SetFaults(faults...)
}
