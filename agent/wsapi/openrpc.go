package wsapi

import (
	_ "embed"
	"net/http"
	"strconv"
)

// protocolPath is where the description of this API is served, to pages that may
// use it.
const protocolPath = "/v1/openrpc.json"

// protocol is the same document as docs/openrpc.json; a test holds them equal.
//
//go:embed openrpc.json
var protocol []byte

// Document returns the description of this API: OpenRPC 1.3, with what that
// standard has no words for under x-notifications, x-errors and x-close-codes.
func Document() []byte { return append([]byte(nil), protocol...) }

// serveDocument answers a page of an origin that is on the list.
func serveDocument(w http.ResponseWriter, origin Origin) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin.Name)
	h.Set("Vary", "Origin")
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(protocol)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close")
	_, _ = w.Write(protocol)
}
