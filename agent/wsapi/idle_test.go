package wsapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

// A page that answers its pings and says nothing else, for hundreds of them and
// twice as long as it would live without its pongs, is still served.
func TestSocket_idle(t *testing.T) {
	const pings = 1000
	b := open(t, wsapi.Config{Limits: wsapi.Limits{
		Ping: 10 * time.Millisecond, Pong: 5 * time.Second, Hello: time.Hour, Goodbye: time.Second,
		CallsPerSecond: 1e5, Burst: 1e5, OriginPerSecond: 1e5, OriginBurst: 1e5, // pongs count, too
	}})
	t.Run("byte by byte", func(t *testing.T) { t.Parallel(); b.idleBytes(t, pings) })
	t.Run("as a client", func(t *testing.T) { t.Parallel(); b.idleClient(t, pings) })
}

func (b *bridge) idleBytes(t *testing.T, pings int) {
	ws := b.raw(t)
	for range pings {
		op, data := ws.frame()
		if op != websocket.PingMessage {
			t.Fatalf("frame = %d %s, want a ping", op, data)
		}
		ws.bytes(frameBytes(final|websocket.PongMessage, data))
	}
	ws.text(hello)
	for {
		if op, data := ws.frame(); op == websocket.TextMessage {
			if !strings.Contains(string(data), `"result"`) {
				t.Errorf("hello was answered by %s", data)
			}
			return
		}
	}
}

func (b *bridge) idleClient(t *testing.T, pings int) {
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {otherOrigin}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	if err := ws.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	answerPing, seen := ws.PingHandler(), 0
	ws.SetPingHandler(func(data string) error {
		if seen++; seen == pings {
			question := `{"jsonrpc":"2.0","id":2,"method":"device.list","params":{}}`
			if err := ws.WriteMessage(websocket.TextMessage, []byte(question)); err != nil {
				return err
			}
		}
		return answerPing(data)
	})
	for {
		var m message
		if err := ws.ReadJSON(&m); err != nil {
			t.Fatalf("after %d pings: %v", seen, err)
		}
		if string(m.ID) != "2" {
			continue
		}
		var list struct{ Devices []contract.Device }
		if err := json.Unmarshal(m.Result, &list); err != nil || len(list.Devices) != 1 {
			t.Errorf("after %d pings device.list is answered by %s, error %+v", seen, m.Result, m.Error)
		}
		break
	}
	if pages := b.Pages(); !slices.ContainsFunc(pages, func(p wsapi.Page) bool { return p.Origin == otherOrigin && p.Connections == 1 }) {
		t.Errorf("after %d pings the bridge has the pages %+v", seen, pages)
	}
}
