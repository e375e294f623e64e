package wsapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

// A page that says nothing for hundreds of pings, many times longer than it would
// live without its pongs, is still served.
func TestSocket_idleForLong(t *testing.T) {
	const pings = 600
	limits := wsapi.Limits{
		Ping: 5 * time.Millisecond, Pong: time.Second,
		CallsPerSecond: 1e5, Burst: 1e5, OriginPerSecond: 1e5, OriginBurst: 1e5, // pongs count, too
	}
	b := open(t, wsapi.Config{Limits: limits})
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {shopOrigin}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(time.Minute))
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
	if pages := b.Pages(); len(pages) != 1 || pages[0].Connections != 1 {
		t.Errorf("after %d pings the bridge has the pages %+v", seen, pages)
	}
}
