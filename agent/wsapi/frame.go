package wsapi

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/creachadair/jrpc2"
)

// The longest names and ids that are looked at.
const (
	maxMethod = 64
	maxID     = 64
)

// cancelMethod gives up a call. It is the only method that may come without an
// id, as a notification.
const cancelMethod = "$/cancelRequest"

// request is the envelope of one JSON-RPC frame.
type request struct {
	// ID is the id as it stood there, a JSON text or integer; empty for a
	// notification.
	ID     string
	Method string
	Params json.RawMessage
}

// readFrame takes a frame apart whose bytes are valid UTF-8. It is stricter than
// the JSON-RPC library behind it, which may then trust what it gets. A fault
// comes with the id it answers to, where that could be read.
func readFrame(data []byte) (request, *fault) {
	data = bytes.TrimSpace(data)
	if !json.Valid(data) {
		return request{}, badFrame(jrpc2.ParseError, "parse", "")
	}
	if data[0] == '[' {
		return request{}, badFrame(jrpc2.InvalidRequest, "batch", "")
	}
	if data[0] != '{' {
		return request{}, badFrame(jrpc2.InvalidRequest, "envelope", "")
	}
	if name, err := scan(data); err != nil {
		switch {
		case errors.Is(err, errDuplicate):
			return request{}, badFrame(jrpc2.InvalidRequest, "duplicate", name)
		case errors.Is(err, errNotJSON):
			return request{}, badFrame(jrpc2.ParseError, "parse", "")
		default:
			return request{}, badFrame(jrpc2.InvalidRequest, "shape", "")
		}
	}
	return readEnvelope(data)
}

func readEnvelope(data []byte) (request, *fault) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return request{}, badFrame(jrpc2.ParseError, "parse", "")
	}
	var in request
	if id, given := members["id"]; given {
		if !validID(id) {
			return request{}, badFrame(jrpc2.InvalidRequest, "id", "id")
		}
		in.ID = string(id)
	}
	for name := range members {
		switch name {
		case "jsonrpc", "id", "method", "params":
		default:
			return in, badFrame(jrpc2.InvalidRequest, "envelope", safeName(name))
		}
	}
	if string(members["jsonrpc"]) != `"2.0"` {
		return in, badFrame(jrpc2.InvalidRequest, "version", "jsonrpc")
	}
	if err := json.Unmarshal(members["method"], &in.Method); err != nil || in.Method == "" || len(in.Method) > maxMethod {
		return in, badFrame(jrpc2.InvalidRequest, "method", "method")
	}
	in.Params = members["params"]
	if string(in.Params) == "null" {
		in.Params = nil
	}
	if len(in.Params) > 0 && in.Params[0] != '{' {
		return in, badFrame(jrpc2.InvalidParams, "params", "params")
	}
	return in, nil
}

// validID takes texts and whole numbers. JSON-RPC allows null and fractions and
// advises against both.
func validID(raw json.RawMessage) bool {
	if len(raw) > maxID {
		return false
	}
	if raw[0] == '"' {
		return len(raw) > 2
	}
	for i, b := range raw {
		if (b < '0' || b > '9') && !(i == 0 && b == '-') {
			return false
		}
	}
	return true
}
