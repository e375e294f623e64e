package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"biobridge/eko"
)

// hook answers. It is safe for concurrent use.
type hook struct {
	cfg config
	log *slog.Logger
	now func() time.Time

	mu      sync.Mutex
	decided map[string]remembered
}

// remembered is a decision that was made, so that a repeated question costs
// nothing. A portal keeps these in its database.
type remembered struct {
	decision
	content [32]byte
	until   time.Time
}

// remember is for how long a repeated question is known again.
const remember = 10 * time.Minute

func newHook(cfg config, log *slog.Logger) *hook {
	return &hook{cfg: cfg, log: log, now: time.Now, decided: map[string]remembered{}}
}

// answer is a gateway's and a widget's at once: each reads its own spelling, and
// biobridge reads both.
type answer struct {
	Action   string `json:"action"`
	Allow    bool   `json:"allow"`
	Continue bool   `json:"continue"`
	Message  string `json:"message,omitempty"`

	SecretKey          string `json:"secret_key,omitempty"`
	SecretKeyTimestamp string `json:"secret_key_timestamp,omitempty"`
	RequestHash        string `json:"request_hash,omitempty"`
	CamelKey           string `json:"secretKey,omitempty"`
	CamelTimestamp     string `json:"secretKeyTimestamp,omitempty"`
	ClientRefID        string `json:"client_ref_id,omitempty"`
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.allowOrigin(w, r)
	switch r.Method {
	case http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
		return
	case http.MethodPost:
	default:
		w.Header().Set("Allow", "POST, OPTIONS")
		h.say(w, http.StatusMethodNotAllowed, no("Use POST."))
		return
	}
	m, err := h.caller(r)
	if err != nil {
		h.say(w, http.StatusUnauthorized, no("Sign in to the portal again."))
		return
	}
	q, err := readQuestion(r)
	if err != nil {
		h.say(w, http.StatusBadRequest, no("The question can't be read."))
		return
	}
	switch q.Action {
	case "debit-hook":
		status, a := h.debit(r, m, q)
		h.say(w, status, a)
	case "eko-response":
		// The gateway reports how it ended. It comes through a browser and proves
		// nothing: a portal notes it and asks Eko.
		h.log.Info("result reported", "client_ref_id", string(q.Detail.ClientRefID), "user_code", m.UserCode)
		h.say(w, http.StatusOK, answer{Action: "go", Allow: true, Continue: true})
	default:
		h.say(w, http.StatusBadRequest, no("The action is not known."))
	}
}

// debit decides and, for a transaction that goes ahead now, signs.
func (h *hook) debit(r *http.Request, m merchant, q question) (int, answer) {
	if q.Phase != "" && q.Phase != "check" && q.Phase != "sign" {
		return http.StatusBadRequest, no("The phase is not known.")
	}
	var parts []string
	if q.Phase != "check" {
		var err error
		if parts, err = h.parts(q); err != nil {
			h.log.Warn("not signed", "client_ref_id", string(q.Detail.ClientRefID), "user_code", m.UserCode, "cause", err.Error())
			return http.StatusOK, no("This transaction is not possible here.")
		}
	}
	d := h.decide(r, m, q)
	h.log.Info("decided", "client_ref_id", string(q.Detail.ClientRefID), "user_code", m.UserCode, "phase", q.Phase, "allow", d.allow)
	if !d.allow {
		return http.StatusOK, no(d.message)
	}
	a := answer{Action: "go", Allow: true, Continue: true, ClientRefID: d.clientRefID}
	if q.Phase == "check" {
		return http.StatusOK, a
	}
	s := eko.Sign(h.cfg.accessKey, h.now().UnixMilli(), parts...)
	a.SecretKey, a.SecretKeyTimestamp, a.RequestHash = s.SecretKey, s.Timestamp, s.RequestHash
	a.CamelKey, a.CamelTimestamp = s.SecretKey, s.Timestamp
	return http.StatusOK, a
}

// decide asks the policy once for each idempotency key of a merchant. The same
// key with another content is refused: it is not a repetition. What only asks
// Eko is decided each time: it has no key, and yesterday's no is no answer.
func (h *hook) decide(r *http.Request, m merchant, q question) decision {
	if q.onlyAsks() {
		return h.approve(r.Context(), m, q)
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		key = q.Phase + " " + string(q.Detail.Data["service"]) + " " + string(q.Detail.ClientRefID)
	}
	key = m.UserCode + " " + key
	content := q.content()
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for k, old := range h.decided {
		if now.After(old.until) {
			delete(h.decided, k)
		}
	}
	if old, known := h.decided[key]; known {
		if old.content != content {
			return decision{message: "This reference was used for another transaction."}
		}
		return old.decision
	}
	d := h.approve(r.Context(), m, q)
	h.decided[key] = remembered{d, content, now.Add(remember)}
	return d
}

// allowOrigin answers the browser's question for the gateway's pages (seed: FAQ,
// "Connection to callback server failed").
func (h *hook) allowOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !slices.Contains(h.cfg.origins, origin) {
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	if r.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	}
}

func no(message string) answer { return answer{Action: "go", Message: message} }

func (h *hook) say(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(a); err != nil {
		h.log.Warn("answer not delivered", "cause", err.Error())
	}
}
