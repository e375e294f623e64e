package ekosim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Management returns the second door: the Go methods as JSON over HTTP, for
// tests that run the simulator as another process. It asks for no secret, so it
// belongs on a loopback address; pages can't use it, as it refuses every request
// with an Origin.
//
//	GET    /                     the list of these
//	GET    /state                seed, skew, rules, totals
//	GET    /totals               Totals
//	GET    /requests             []Request; DELETE forgets them
//	GET    /transactions         []Transaction
//	GET    /transactions/{ref}   {client_ref_id, moved, attempts, transaction}
//	POST   /transactions/{ref}   {tx_status}: Decide
//	GET    /balance              ?aadhaar=&bank_code= → {paise, rupees}
//	POST   /accounts             Account: AddAccount
//	POST   /merchants            Merchant: AddMerchant
//	POST   /services             {user_code, service_code, status}: SetService
//	GET    /faults               []Fault to come; POST adds a Fault; DELETE clears
//	GET    /behaviours           the table of faults
//	GET    /rules                Rules; PUT sets them
//	PUT    /clock                {skew_ms}: SetSkew
//	GET    /inbox                []Message
func (s *Server) Management() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.manageIndex)
	mux.HandleFunc("GET /state", s.manageState)
	mux.HandleFunc("GET /totals", func(w http.ResponseWriter, r *http.Request) { tell(w, s.Totals()) })
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, r *http.Request) { tell(w, orEmpty(s.Requests())) })
	mux.HandleFunc("DELETE /requests", func(w http.ResponseWriter, r *http.Request) { s.ClearRequests(); tell(w, nil) })
	mux.HandleFunc("GET /transactions", func(w http.ResponseWriter, r *http.Request) { tell(w, s.Transactions()) })
	mux.HandleFunc("GET /transactions/{ref}", s.manageTransaction)
	mux.HandleFunc("POST /transactions/{ref}", s.manageDecide)
	mux.HandleFunc("GET /balance", s.manageBalance)
	mux.HandleFunc("POST /accounts", s.manageAccount)
	mux.HandleFunc("POST /merchants", s.manageMerchant)
	mux.HandleFunc("POST /services", s.manageService)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, r *http.Request) { tell(w, orEmpty(s.Faults())) })
	mux.HandleFunc("POST /faults", s.manageFault)
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) { s.ClearFaults(); tell(w, nil) })
	mux.HandleFunc("GET /behaviours", func(w http.ResponseWriter, r *http.Request) { tell(w, Behaviours()) })
	mux.HandleFunc("GET /rules", func(w http.ResponseWriter, r *http.Request) { tell(w, s.rulesNow()) })
	mux.HandleFunc("PUT /rules", s.manageRules)
	mux.HandleFunc("PUT /clock", s.manageClock)
	mux.HandleFunc("GET /inbox", func(w http.ResponseWriter, r *http.Request) { tell(w, orEmpty(s.Inbox())) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackHost(r.Host) || r.Header.Get("Origin") != "" {
			http.Error(w, "the simulator's management is for programs on this computer", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// orEmpty keeps JSON's null away from lists.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// tell answers with JSON; nil is an empty object.
func tell(w http.ResponseWriter, v any) {
	if v == nil {
		v = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Biobridge-Simulated", "eko")
	json.NewEncoder(w).Encode(v) // fails only where the client has left
}

func complain(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Biobridge-Simulated", "eko")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// hear reads the body into v, or answers 400.
func hear(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is something behind the JSON")
		}
	}
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return false
	}
	return true
}

func (s *Server) manageIndex(w http.ResponseWriter, r *http.Request) {
	tell(w, map[string]any{
		"simulated": "eko",
		"paths": []string{"/state", "/totals", "/requests", "/transactions", "/transactions/{client_ref_id}",
			"/balance", "/accounts", "/merchants", "/services", "/faults", "/behaviours", "/rules", "/clock", "/inbox"},
	})
}

func (s *Server) manageState(w http.ResponseWriter, r *http.Request) {
	tell(w, map[string]any{
		"simulated": "eko", "seed": s.Seed(), "skew_ms": s.skew.Load() / int64(time.Millisecond),
		"rules": s.rulesNow(), "totals": s.Totals(), "public_key": s.PublicKey(),
	})
}

func (s *Server) manageTransaction(w http.ResponseWriter, r *http.Request) {
	ref := r.PathValue("ref")
	answer := map[string]any{"client_ref_id": ref, "moved": s.Moved(ref), "attempts": s.Attempts(ref), "transaction": nil}
	if t, ok := s.Transaction(ref); ok {
		answer["transaction"] = t
	}
	tell(w, answer)
}

func (s *Server) manageDecide(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		TxStatus string `json:"tx_status"`
	}
	if !hear(w, r, &ask) {
		return
	}
	if err := s.Decide(r.PathValue("ref"), ask.TxStatus); err != nil {
		complain(w, http.StatusConflict, err)
		return
	}
	s.manageTransaction(w, r)
}

func (s *Server) manageBalance(w http.ResponseWriter, r *http.Request) {
	balance, ok := s.Balance(r.FormValue("aadhaar"), r.FormValue("bank_code"))
	if !ok {
		complain(w, http.StatusNotFound, errors.New("no such account"))
		return
	}
	tell(w, map[string]any{"paise": int64(balance), "rupees": balance.Text()})
}

func (s *Server) manageAccount(w http.ResponseWriter, r *http.Request) {
	var a Account
	if !hear(w, r, &a) {
		return
	}
	if err := s.AddAccount(a); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, nil)
}

func (s *Server) manageMerchant(w http.ResponseWriter, r *http.Request) {
	var m Merchant
	if !hear(w, r, &m) {
		return
	}
	if err := s.AddMerchant(m); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, nil)
}

func (s *Server) manageService(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		UserCode    string `json:"user_code"`
		ServiceCode int    `json:"service_code"`
		Status      int    `json:"status"`
	}
	if !hear(w, r, &ask) {
		return
	}
	if err := s.SetService(ask.UserCode, ask.ServiceCode, ask.Status); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, nil)
}

func (s *Server) manageFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !hear(w, r, &f) {
		return
	}
	if err := s.SetFault(f); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, s.Faults())
}

func (s *Server) manageRules(w http.ResponseWriter, r *http.Request) {
	rules := s.rulesNow()
	if !hear(w, r, &rules) {
		return
	}
	if err := s.SetRules(rules); err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, rules)
}

func (s *Server) manageClock(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		SkewMS int64 `json:"skew_ms"`
	}
	if !hear(w, r, &ask) {
		return
	}
	s.SetSkew(time.Duration(ask.SkewMS) * time.Millisecond)
	tell(w, ask)
}
