package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
)

// client speaks the WebSocket API as a page does, one call at a time.
type client struct {
	conn *websocket.Conn
	next int
	// notified is told every notification that arrives during a call.
	notified func(method string, params json.RawMessage)
}

// rpcError is the bridge's refusal of a call.
type rpcError struct {
	Message string `json:"message"`
	Data    struct {
		Code   contract.Code `json:"code"`
		Remedy string        `json:"remedy"`
	} `json:"data"`
}

func (e *rpcError) Error() string {
	return fmt.Sprintf("%s: %s %s", e.Data.Code, e.Message, e.Data.Remedy)
}

// dial connects as the page with that origin and says hello.
func dial(ctx context.Context, address, origin string) (*client, error) {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+address+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		return nil, fmt.Errorf("connect to the bridge: %w", err)
	}
	c := &client{conn: conn, notified: func(string, json.RawMessage) {}}
	hello := map[string]any{"client": map[string]string{"name": "biobridge demo", "version": "1"}, "locale": "en"}
	if err := c.call(ctx, "bridge.hello", hello, nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// close says goodbye and closes.
func (c *client) close() error {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	return c.conn.Close()
}

// call makes one call and waits for its answer, or until ctx ends; after that
// the connection is of no more use.
func (c *client) call(ctx context.Context, method string, params, result any) error {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stop()
	c.next++
	request := map[string]any{"jsonrpc": "2.0", "id": c.next, "method": method, "params": params}
	if err := c.conn.WriteJSON(request); err != nil {
		return fmt.Errorf("ask for %s: %w", method, err)
	}
	for {
		var message struct {
			ID     *int            `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
			Result json.RawMessage `json:"result"`
			Error  *rpcError       `json:"error"`
		}
		if err := c.conn.ReadJSON(&message); err != nil {
			return fmt.Errorf("wait for the answer of %s: %w", method, err)
		}
		switch {
		case message.Method != "":
			c.notified(message.Method, message.Params)
		case message.ID == nil || *message.ID != c.next:
			continue
		case message.Error != nil:
			return fmt.Errorf("%s: %w", method, message.Error)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(message.Result, result)
		}
	}
}
