package wsapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

// frames are what a page may send, wrong in every way we could think of. Each
// must be answered with the code, under the id or null, and the connection must
// live on.
var frames = []struct{ name, frame, id, code string }{
	{"empty", ``, "null", "invalid_params"},
	{"blank", ` `, "null", "invalid_params"},
	{"no JSON", `hello`, "null", "invalid_params"},
	{"cut", `{"jsonrpc":"2.0","id":"a","method":"device.list"`, "null", "invalid_params"},
	{"two values", `{"jsonrpc":"2.0","id":"a","method":"device.list"}{}`, "null", "invalid_params"},
	{"comma at the end", `{"jsonrpc":"2.0","id":"a","method":"device.list",}`, "null", "invalid_params"},
	{"comment", `{"jsonrpc":"2.0","id":"a","method":"device.list"/**/}`, "null", "invalid_params"},
	{"single quotes", `{'jsonrpc':'2.0','id':'a','method':'device.list'}`, "null", "invalid_params"},
	{"NaN", `{"jsonrpc":"2.0","id":NaN,"method":"device.list"}`, "null", "invalid_params"},
	{"byte order mark", "\ufeff" + `{"jsonrpc":"2.0","id":"a","method":"device.list"}`, "null", "invalid_params"},
	{"a number", `1`, "null", "invalid_params"},
	{"a text", `"device.list"`, "null", "invalid_params"},
	{"null", `null`, "null", "invalid_params"},
	{"true", `true`, "null", "invalid_params"},
	{"empty array", `[]`, "null", "invalid_params"},
	{"batch", `[{"jsonrpc":"2.0","id":"a","method":"device.list"}]`, "null", "invalid_params"},
	{"batch of a thousand", `[` + strings.Repeat(`{"jsonrpc":"2.0","id":"a","method":"device.list"},`, 999) + `{}]`, "null", "invalid_params"},
	{"empty object", `{}`, "null", "invalid_params"},
	{"no version", `{"id":"a","method":"device.list"}`, `"a"`, "invalid_params"},
	{"version 1", `{"jsonrpc":"1.0","id":"a","method":"device.list"}`, `"a"`, "invalid_params"},
	{"version as number", `{"jsonrpc":2.0,"id":"a","method":"device.list"}`, `"a"`, "invalid_params"},
	{"no method", `{"jsonrpc":"2.0","id":"a"}`, `"a"`, "invalid_params"},
	{"method null", `{"jsonrpc":"2.0","id":"a","method":null}`, `"a"`, "invalid_params"},
	{"method as number", `{"jsonrpc":"2.0","id":"a","method":1}`, `"a"`, "invalid_params"},
	{"method empty", `{"jsonrpc":"2.0","id":"a","method":""}`, `"a"`, "invalid_params"},
	{"method very long", `{"jsonrpc":"2.0","id":"a","method":"` + strings.Repeat("a", 65) + `"}`, `"a"`, "invalid_params"},
	{"method unknown", `{"jsonrpc":"2.0","id":"a","method":"rpc.serverInfo"}`, `"a"`, "not_found"},
	{"method in upper case", `{"jsonrpc":"2.0","id":"a","method":"Device.List"}`, `"a"`, "not_found"},
	{"method with a blank", `{"jsonrpc":"2.0","id":"a","method":"device.list "}`, `"a"`, "not_found"},
	{"method of the prototype", `{"jsonrpc":"2.0","id":"a","method":"__proto__"}`, `"a"`, "not_found"},
	{"method with a path", `{"jsonrpc":"2.0","id":"a","method":"../control/stop"}`, `"a"`, "not_found"},
	{"control door's method", `{"jsonrpc":"2.0","id":"a","method":"settle"}`, `"a"`, "not_found"},
	{"member more", `{"jsonrpc":"2.0","id":"a","method":"device.list","auth":"x"}`, `"a"`, "invalid_params"},
	{"member in upper case", `{"jsonrpc":"2.0","id":"a","Method":"device.list"}`, `"a"`, "invalid_params"},
	{"a response", `{"jsonrpc":"2.0","id":"a","result":{}}`, `"a"`, "invalid_params"},
	{"an error", `{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"x"}}`, `"a"`, "invalid_params"},
	{"call and response", `{"jsonrpc":"2.0","id":"a","method":"device.list","result":1}`, `"a"`, "invalid_params"},
	{"id null", `{"jsonrpc":"2.0","id":null,"method":"device.list"}`, "null", "invalid_params"},
	{"id true", `{"jsonrpc":"2.0","id":true,"method":"device.list"}`, "null", "invalid_params"},
	{"id object", `{"jsonrpc":"2.0","id":{},"method":"device.list"}`, "null", "invalid_params"},
	{"id array", `{"jsonrpc":"2.0","id":[1],"method":"device.list"}`, "null", "invalid_params"},
	{"id fraction", `{"jsonrpc":"2.0","id":1.5,"method":"device.list"}`, "null", "invalid_params"},
	{"id exponent", `{"jsonrpc":"2.0","id":1e3,"method":"device.list"}`, "null", "invalid_params"},
	{"id empty", `{"jsonrpc":"2.0","id":"","method":"device.list"}`, "null", "invalid_params"},
	{"id very long", `{"jsonrpc":"2.0","id":"` + strings.Repeat("a", 65) + `","method":"device.list"}`, "null", "invalid_params"},
	{"params as array", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":[]}`, `"a"`, "invalid_params"},
	{"params as text", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":"x"}`, `"a"`, "invalid_params"},
	{"params as number", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":1}`, `"a"`, "invalid_params"},
	{"params false", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":false}`, `"a"`, "invalid_params"},
	{"version twice", `{"jsonrpc":"2.0","jsonrpc":"2.0","id":"a","method":"device.list"}`, "null", "invalid_params"},
	{"method twice", `{"jsonrpc":"2.0","id":"a","method":"device.list","method":"capture"}`, "null", "invalid_params"},
	{"params twice", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{},"params":{}}`, "null", "invalid_params"},
	{"parameter twice", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"refresh":false,"refresh":true}}`, "null", "invalid_params"},
	{"parameter twice, once escaped", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"refresh":false,"refres\u0068":true}}`, "null", "invalid_params"},
	{"parameter twice, deep", `{"jsonrpc":"2.0","id":"a","method":"bridge.hello","params":{"client":{"name":"a","name":"b","version":"1"}}}`, "null", "invalid_params"},
	{"nested arrays", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}}`, "null", "invalid_params"},
	{"nested objects", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":` + strings.Repeat(`{"a":`, 1000) + `1` + strings.Repeat("}", 1001), "null", "invalid_params"},
	{"nested beyond JSON's reader", strings.Repeat("[", 100_000), "null", "invalid_params"},
	{"many members", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{` + manyMembers(1000) + `}}`, "null", "invalid_params"},
	{"long array", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"a":[` + strings.Repeat("1,", 1000) + `1]}}`, "null", "invalid_params"},
	{"very long number", `{"jsonrpc":"2.0","id":"a","method":"aeps.cash_withdrawal","params":{"amount":` + strings.Repeat("9", 10_000) + `}}`, `"a"`, "invalid_params"},
	{"very long text", `{"jsonrpc":"2.0","id":"a","method":"transaction.get","params":{"client_ref_id":"` + strings.Repeat("A", 200_000) + `"}}`, `"a"`, "invalid_params"},
	{"very long name", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"` + strings.Repeat("a", 10_000) + `":1}}`, `"a"`, "invalid_params"},
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"m` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + `":1`)
	}
	return b.String()
}

func TestFrames_refused(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Burst: 1 << 20, OriginBurst: 1 << 20}})
	p := b.join(t, shopOrigin)
	for _, test := range frames {
		t.Run(test.name, func(t *testing.T) {
			m := p.raw(test.frame, test.id)
			if m.Error.code() != test.code || m.Error.Message == "" || m.Error.Data["remedy"] == "" {
				t.Errorf("answer = %+v, want %s", m.Error, test.code)
			}
			if strings.Contains(m.Error.Message, "{") {
				t.Errorf("message = %q", m.Error.Message)
			}
			p.must("device.list", `{}`)
		})
	}
}

// A notification has no answer and does nothing, even if it is a withdrawal.
func TestFrames_notifications(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	p.send(`{"jsonrpc":"2.0","method":"aeps.cash_withdrawal","params":` + withdrawal + `}`)
	p.send(`{"jsonrpc":"2.0","method":"no.such.method"}`)
	p.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"nobody"}}`)
	p.send(`{"jsonrpc":"2.0","method":"$/cancelRequest"}`)
	p.must("device.list", `{}`)
	if len(shop.transacted) != 0 {
		t.Error("a notification moved money")
	}
}

func TestFrames_accepted(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.join(t, shopOrigin)
	for _, test := range []struct{ name, frame, id string }{
		{"no params", `{"jsonrpc":"2.0","id":"a","method":"device.list"}`, `"a"`},
		{"params null", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":null}`, `"a"`},
		{"parameter null", `{"jsonrpc":"2.0","id":"a","method":"device.list","params":{"refresh":null}}`, `"a"`},
		{"id zero", `{"jsonrpc":"2.0","id":0,"method":"device.list"}`, `0`},
		{"id negative", `{"jsonrpc":"2.0","id":-7,"method":"device.list"}`, `-7`},
		{"id unusual", `{"jsonrpc":"2.0","id":"ñ \u0041/\"","method":"device.list"}`, `"ñ \u0041/\""`},
		{"blanks around", " \r\n\t" + `{ "jsonrpc" : "2.0" , "id" : "a" , "method" : "device.list" }` + "\n", `"a"`},
		{"escaped names", `{"json\u0072pc":"2.0","id":"a","method":"device\u002elist"}`, `"a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if m := p.raw(test.frame, test.id); m.Error != nil || m.Result == nil {
				t.Errorf("answer = %+v", m.Error)
			}
		})
	}
}

// FuzzFrame sends one frame through a real server. Whatever it is, the page gets
// an answer in the protocol's shape or its connection closed with a code, and the
// next page is served.
func FuzzFrame(f *testing.F) {
	for _, test := range frames {
		if len(test.frame) < 5000 {
			f.Add([]byte(test.frame))
		}
	}
	for _, method := range []string{"bridge.hello", "capture", "aeps.cash_withdrawal", "aeps.balance_enquiry", "transaction.list", "$/cancelRequest"} {
		f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + withdrawal + `}`))
	}
	f.Add([]byte("\xff\xfe{}"))
	// Pages come faster than a busy computer lets those before them go.
	b := open(f, wsapi.Config{Limits: wsapi.Limits{
		Connections: 1 << 20, Origin: 1 << 20, CallsPerSecond: 1e9, OriginPerSecond: 1e9, Burst: 1 << 30, OriginBurst: 1 << 30,
	}})
	f.Fuzz(func(t *testing.T, frame []byte) {
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {shopOrigin}})
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		defer ws.Close()
		_ = ws.SetReadDeadline(time.Now().Add(patience)) // no answer at all is a fault
		for _, data := range [][]byte{[]byte(`{"jsonrpc":"2.0","id":"hello","method":"bridge.hello","params":{"client":{"name":"x","version":"1"}}}`), frame, []byte(`{"jsonrpc":"2.0","id":"last","method":"device.list"}`)} {
			if err := ws.WriteMessage(websocket.TextMessage, data); err != nil {
				t.Fatalf("send: %v", err)
			}
		}
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				if code := closeCode(err); utf8.Valid(frame) || code != 1007 {
					t.Fatalf("closed with %v", err)
				}
				return
			}
			var m map[string]json.RawMessage
			if err := json.Unmarshal(data, &m); err != nil || string(m["jsonrpc"]) != `"2.0"` {
				t.Fatalf("answer %q: %v", data, err)
			}
			if (m["result"] == nil) == (m["error"] == nil) && m["method"] == nil {
				t.Fatalf("answer %q has neither or both of result and error", data)
			}
			if string(m["id"]) == `"last"` {
				return
			}
		}
	})
}

func closeCode(err error) int {
	if e, ok := err.(*websocket.CloseError); ok {
		return e.Code
	}
	return 0
}
