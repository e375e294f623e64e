package ekosim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is one request as it arrived and what became of it. Personal values
// are masked: of an Aadhaar number the last four digits are left, of a PID block
// its digest, of an OTP its length.
type Request struct {
	// Sequence counts requests from 1.
	Sequence int       `json:"sequence"`
	At       time.Time `json:"at"`
	Method   string    `json:"method"`
	// Path is as the client wrote it, below the host; Query is its raw query.
	Path  string `json:"path"`
	Query string `json:"query,omitempty"`
	Proto string `json:"proto"`
	Host  string `json:"host"`
	// Header holds what the client sent. Go's server writes every name in its
	// own case, so their spelling is told, but not their capitals. The value of
	// a signature is replaced by what it was worth: "right", "wrong",
	// "unchecked".
	Header map[string][]string `json:"header"`
	// Body is the body with every personal value masked, its members in the
	// order in which they came; what is not JSON is told by its size.
	Body      string    `json:"body,omitempty"`
	API       string    `json:"api,omitempty"`
	Operation Operation `json:"operation,omitempty"`

	ClientRefID string `json:"client_ref_id,omitempty"`
	UserCode    string `json:"user_code,omitempty"`
	BankCode    string `json:"bank_code,omitempty"`
	Amount      string `json:"amount,omitempty"`
	// AadhaarLast4 is of the number that aadhar held, once it was decrypted.
	AadhaarLast4 string `json:"aadhaar_last4,omitempty"`
	// PIDDigest is the SHA-256 of piddata exactly as it came, in hexadecimal: a
	// scanner that knows its own block can see that nobody touched it.
	PIDDigest string `json:"pid_digest,omitempty"`

	// Refused says why a gateway's page was all the answer there was.
	Refused string `json:"refused,omitempty"`
	// Behaviour is the misbehaviour met, "behave" for none, "" for a request
	// that was refused before.
	Behaviour Behaviour `json:"behaviour,omitempty"`
	// Status is the HTTP status answered; 0 is no answer.
	Status int `json:"status"`
	// Answer is the body as it was meant to travel.
	Answer string `json:"answer,omitempty"`
}

// maxHistory bounds what a long run remembers.
const maxHistory = 20_000

// Requests returns what arrived, oldest first. At most the last 20,000 requests
// are kept.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.history)
}

// ClearRequests forgets the history. Counts of money and attempts stay.
func (s *Server) ClearRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = nil
}

// begin notes that a request arrived.
func (x *exchange) begin() {
	x.seen = Request{
		At:     x.s.now(),
		Method: x.r.Method,
		Path:   strings.SplitN(x.r.RequestURI, "?", 2)[0],
		Query:  x.r.URL.RawQuery,
		Proto:  x.r.Proto,
		Host:   x.r.Host,
		Header: maskedHeader(x.r.Header),
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.sequence++
	x.seen.Sequence = x.s.sequence
}

// note puts the request into the history with the answer meant for it. It is
// called before the answer travels, so that a client that has its answer also
// finds its request here.
func (x *exchange) note(status int, answer []byte) {
	const enough = 64 << 10
	if x.noted {
		return
	}
	x.noted = true
	x.seen.Status = status
	x.seen.Answer = string(answer[:min(len(answer), enough)])
	x.s.opts.Log.Info("request", "sequence", x.seen.Sequence, "operation", x.seen.Operation,
		"client_ref_id", x.seen.ClientRefID, "status", status, "behaviour", x.seen.Behaviour, "refused", x.seen.Refused)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if len(x.s.history) == maxHistory {
		x.s.history = slices.Delete(x.s.history, 0, maxHistory/10)
	}
	x.s.history = append(x.s.history, x.seen)
}

// maskedHeader keeps the names and hides the signatures.
func maskedHeader(h http.Header) map[string][]string {
	kept := map[string][]string(h.Clone())
	for _, name := range []string{headerSecretKey, headerRequestHash} {
		for i := range h.Values(name) {
			kept[http.CanonicalHeaderKey(name)][i] = "unchecked"
		}
	}
	return kept
}

// judge notes what a signature was worth.
func (x *exchange) judge(header string, right bool) {
	worth := "wrong"
	if right {
		worth = "right"
	}
	if values := x.seen.Header[http.CanonicalHeaderKey(header)]; len(values) > 0 {
		values[0] = worth
	}
}

// maskedValue is a field as the history may show it.
func maskedValue(name, value string) string {
	switch name {
	case "aadhar":
		return fmt.Sprintf("<%d characters>", len(value))
	case "piddata":
		return fmt.Sprintf("<%d bytes, SHA-256 %s>", len(value), digestOf(value))
	case "otp":
		return "<" + strconv.Itoa(len(value)) + " characters>"
	default:
		return value
	}
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
