package rdsim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// maxRequest is more than any PidOptions needs.
const maxRequest = 64 << 10

// Labels of answers. What the services that do not say XML do say is not known
// (rd-service.md section 2.2).
const (
	typeXML   = "text/xml; charset=utf-8"
	typePlain = "text/plain; charset=utf-8"
)

// reply is an answer before it goes out.
type reply struct {
	status int
	kind   string // Content-Type
	body   []byte
}

// handler answers the protocol on one endpoint.
func (s *Server) handler(e *endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.leave()
		w.Header().Set(SimulatedHeader, "rd")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler) // cut off: nobody waits for an answer
		}
		s.answer(w, r, e, body)
	})
}

// answer does the request's verb, under the fault it is to suffer.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, e *endpoint, body []byte) {
	verb := s.verb(r)
	if countRequest(r.Context()) > 1 && s.profile.Has(CutReused) {
		s.finish(s.record(r, e, verb, body, string(CutReused)))
		panic(http.ErrAbortHandler)
	}
	fault := s.takeFault(verb)
	entry := s.record(r, e, verb, body, Fault{Name: fault.Name, Arg: fault.Arg}.String())
	defer s.finish(entry)
	allowBrowsers(w.Header(), r)
	if misbehave, ok := transportFaults[fault.Name]; ok {
		misbehave(s, w, r)
		return
	}
	answer, left := s.do(r.Context(), call{verb: verb, path: r.URL.Path, port: e.port, body: body, fault: fault, entry: entry})
	if left {
		s.update(entry, func(q *Request) { q.Left = true })
		panic(http.ErrAbortHandler)
	}
	s.update(entry, func(q *Request) { q.Status = answer.status })
	s.send(w, r, answer, fault)
	if fault.Name == faultPortMoved {
		http.NewResponseController(w).Flush() // nothing to do about an error: the client left
		s.restartSoon(true)
	}
}

// call is one request on its way through the service.
type call struct {
	verb, path string
	port       int
	body       []byte
	fault      Fault
	entry      *Request
}

// do answers a call; left says that its client went away first.
func (s *Server) do(ctx context.Context, c call) (answer reply, left bool) {
	switch c.verb {
	case http.MethodOptions:
		return reply{status: http.StatusNoContent}, false
	case verbRDService:
		if c.path != "/" && !(s.profile.Has(AnyRDPath) && c.path == s.profile.InfoPath) {
			return notFound(), false
		}
		return s.document(s.rdService(c), s.profile.Has(NotXMLType)), false
	case verbDeviceInfo:
		if c.path != s.profile.ServedInfoPath() {
			return notFound(), false
		}
		return s.document(s.deviceInfo(c), false), false
	case verbCapture:
		pidData, left := s.capture(ctx, c)
		if left {
			return reply{}, true
		}
		return s.document(pidData, s.profile.Has(NotXMLType)), false
	}
	return reply{status: http.StatusMethodNotAllowed, kind: typePlain, body: []byte("Method Not Allowed")}, false
}

// document writes an answer in the vendor's style.
func (s *Server) document(root *node, plain bool) reply {
	kind := typeXML
	if plain {
		kind = typePlain
	}
	return reply{status: http.StatusOK, kind: kind, body: s.profile.style().write(root)}
}

func notFound() reply {
	return reply{status: http.StatusNotFound, kind: typePlain, body: []byte("Not Found")}
}

// verb returns what the request asks for; a service that takes POST goes by its
// path.
func (s *Server) verb(r *http.Request) string {
	if r.Method != http.MethodPost || !s.profile.Has(POSTToo) {
		return r.Method
	}
	switch r.URL.Path {
	case s.profile.ServedCapturePath():
		return verbCapture
	case s.profile.ServedInfoPath():
		return verbDeviceInfo
	}
	return r.Method
}

// allowBrowsers lets any page call, as real services do (rd-service.md section
// 2.2): cross-origin, with their own verbs, from a public page to loopback.
func allowBrowsers(h http.Header, r *http.Request) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", SimulatedHeader)
	if r.Method != http.MethodOptions {
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS, RDSERVICE, DEVICEINFO, CAPTURE")
	h.Set("Access-Control-Allow-Headers", "Content-Type, Accept")
	h.Set("Access-Control-Max-Age", strconv.Itoa(60))
	if r.Header.Get("Access-Control-Request-Private-Network") != "" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
}

// enter counts a request in, unless the service is stopping.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.endpoints == nil {
		return false
	}
	s.handling++
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handling--
	s.moved.Broadcast()
}

// closed returns the channel that is closed when the service stops.
func (s *Server) closed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}
