package rdsim

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"
)

// dripPause lies between the bytes of a dripping answer.
const dripPause = 50 * time.Millisecond

// transportFaults answer in the service's place. (A package-level table, never
// written.)
var transportFaults = map[string]func(*Server, http.ResponseWriter, *http.Request){
	"hang":     func(s *Server, _ http.ResponseWriter, r *http.Request) { s.waitForEnd(r.Context()) },
	"reset":    func(_ *Server, w http.ResponseWriter, _ *http.Request) { reset(w) },
	"close":    func(*Server, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"405":      plainly(http.StatusMethodNotAllowed, typePlain, "Method Not Allowed"),
	"404":      plainly(http.StatusNotFound, typePlain, "Not Found"),
	"500":      plainly(http.StatusInternalServerError, typePlain, "Internal Server Error"),
	"html":     plainly(http.StatusOK, "text/html", "<!DOCTYPE html><html><head><title>It works!</title></head><body><h1>It works!</h1></body></html>"),
	"empty":    plainly(http.StatusOK, typeXML, ""),
	"redirect": redirect,
	"big":      endless,
}

// waitForEnd blocks until the client leaves or the service stops, then cuts the
// connection.
func (s *Server) waitForEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closed():
	}
	panic(http.ErrAbortHandler)
}

// reset closes the connection with RST: what was not sent yet is thrown away.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		tcp.SetLinger(0) // best effort: without it the client sees an ordinary close
	}
	raw.Close()
}

func plainly(status int, kind, text string) func(*Server, http.ResponseWriter, *http.Request) {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		w.Write([]byte(text)) // a client that left is no concern of a fault
	}
}

// redirect points to an address that no network has (RFC 5737).
func redirect(_ *Server, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Location", "http://192.0.2.1"+r.URL.Path)
	w.WriteHeader(http.StatusFound)
}

// endless sends 20 MB of a well-formed beginning, in pieces.
func endless(_ *Server, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", typeXML)
	piece := bytes.Repeat([]byte("<Param name='x' value='y'/>"), 1000)
	if _, err := w.Write([]byte("<PidData>")); err != nil {
		return
	}
	for sent := 0; sent < 20<<20; sent += len(piece) {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// send writes an answer out, under the faults that touch how it is written.
func (s *Server) send(w http.ResponseWriter, r *http.Request, answer reply, f Fault) {
	if spoil, ok := bodyFaults[f.Name]; ok && answer.status == http.StatusOK { // an error's text has no root to spoil
		answer.body = spoil(answer.body)
	}
	switch f.Name {
	case faultNoType:
		answer.kind = "application/octet-stream"
	case faultGzip:
		answer.body = gzipped(answer.body)
		w.Header().Set("Content-Encoding", "gzip")
	}
	if answer.status == http.StatusNoContent {
		w.WriteHeader(answer.status)
		return
	}
	w.Header().Set("Content-Type", answer.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	switch f.Name {
	case faultHangHeaders:
		sendPart(w, answer.body[:len(answer.body)/2])
		s.waitForEnd(r.Context())
	case faultCut:
		sendPart(w, answer.body[:len(answer.body)/2])
		panic(http.ErrAbortHandler)
	case faultDrip:
		s.drip(w, r, answer.body)
	default:
		w.Write(answer.body) // a client that left has been recorded, or has read enough
	}
}

// sendPart writes and flushes. Errors mean that the client left, which the
// caller finds out by waiting.
func sendPart(w http.ResponseWriter, part []byte) {
	w.Write(part)
	http.NewResponseController(w).Flush()
}

func (s *Server) drip(w http.ResponseWriter, r *http.Request, body []byte) {
	tick := time.NewTicker(dripPause)
	defer tick.Stop()
	closed := s.closed()
	for i := range body {
		sendPart(w, body[i:i+1])
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-closed:
			panic(http.ErrAbortHandler)
		}
	}
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(body) // a buffer takes everything
	z.Close()
	return b.Bytes()
}
