package wsapi

import (
	"encoding/json"
	"maps"

	"github.com/creachadair/jrpc2"

	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// rpcCodes gives every code of the contract its number in a JSON-RPC error. The
// numbers are for generic clients; data.code is what a program reads. They are
// written out because they cross a process: none may change.
var rpcCodes = map[contract.Code]jrpc2.Code{
	contract.InvalidParams:        jrpc2.InvalidParams,
	contract.Internal:             jrpc2.InternalError,
	contract.Unauthorized:         -32001,
	contract.OriginDenied:         -32002,
	contract.NoDevice:             -32003,
	contract.DeviceIsBusy:         -32004,
	contract.DeviceIsNotReady:     -32005,
	contract.CaptureTimeout:       -32006,
	contract.CaptureCancelled:     -32007,
	contract.CaptureFailed:        -32008,
	contract.CaptureRejected:      -32009,
	contract.RequestConflict:      -32010,
	contract.LimitExceeded:        -32011,
	contract.MerchantAuthRequired: -32012,
	contract.OTPRequired:          -32013,
	contract.RefusedByHook:        -32014,
	contract.NotFound:             -32015,
	contract.TooLateToCancel:      -32016,
	contract.Unavailable:          -32017,
}

// fault is an error of this door itself: a frame that can't be read, a call that
// isn't allowed. It has no content of the frame but checked names of members.
type fault struct {
	rpc  jrpc2.Code // 0: the number of code
	code contract.Code
	stem string // of the sentences in texts.go
	args map[string]string
	want *fieldError // what the sentence's {want} is made of
	data map[string]any
}

func (f *fault) Error() string { return "wsapi: " + f.stem }

// badFrame is a fault of a frame's form.
func badFrame(rpc jrpc2.Code, stem, field string) *fault {
	f := &fault{rpc: rpc, code: contract.InvalidParams, stem: "frame_" + stem}
	if field != "" {
		f.args = map[string]string{"field": field}
		f.data = map[string]any{"field": field}
	}
	return f
}

// badField is a fault of one parameter.
func badField(err *fieldError) *fault {
	return &fault{
		code: contract.InvalidParams,
		stem: string(err.Kind),
		args: map[string]string{"field": err.Field},
		want: err,
		data: map[string]any{"field": err.Field, "rule": string(err.Kind)},
	}
}

// unauthorized says which scope a call would need.
func unauthorized(scope contract.Scope) *fault {
	return &fault{
		code: contract.Unauthorized,
		stem: "scope",
		args: map[string]string{"scope": string(scope)},
		data: map[string]any{"scope": string(scope)},
	}
}

// render words the fault in the connection's language.
func (f *fault) render(texts *locale.Catalogue, lang locale.Lang) *jrpc2.Error {
	args := f.args
	if f.want != nil {
		args = maps.Clone(args)
		args["want"] = texts.Text(lang, "wsapi.want."+f.want.Want, wants[f.want.Want], f.want.Args)
	}
	message, remedy := say(texts, lang, f.stem, args)
	rpc := f.rpc
	if rpc == 0 {
		rpc = rpcCodes[f.code]
	}
	return rpcError(rpc, f.code, message, remedy, f.data)
}

// rpcError is the one shape of every error this door answers with.
func rpcError(rpc jrpc2.Code, code contract.Code, message, remedy string, more map[string]any) *jrpc2.Error {
	data := make(map[string]any, len(more)+3)
	maps.Copy(data, more)
	data["code"], data["message"], data["remedy"] = code, message, remedy
	return (&jrpc2.Error{Code: rpc, Message: message}).WithData(data)
}

// errorFrame is the answer to a frame that never reached a method. An id that
// could not be read is null, as JSON-RPC has it.
func errorFrame(id string, e *jrpc2.Error) []byte {
	if id == "" {
		id = "null"
	}
	frame, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *jrpc2.Error    `json:"error"`
	}{"2.0", json.RawMessage(id), e})
	if err != nil { // the id was read from valid JSON, so it can't be
		return []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}`)
	}
	return frame
}
