package wsapi

import (
	"encoding/json"

	"biobridge/agent"
	"biobridge/agent/contract"
)

// follow tells the page what it may know until it has gone. The agent gives a
// subscriber only what is his; the scopes are checked here, each time, because
// the local user may change them.
func (c *conn) follow(events <-chan agent.Event) {
	defer func() {
		if p := recover(); p != nil {
			c.crashed(p)
		}
	}()
	for {
		select {
		case <-c.ctx.Done():
			return
		case event, open := <-events:
			if !open {
				return
			}
			c.tell(event)
		}
	}
}

func (c *conn) tell(event agent.Event) {
	held := c.caller().Scopes
	switch {
	case event.Device != nil && overlap(held, scopes(contract.ScopeDevice)):
		c.notify("device.changed", event.Device)
	case event.Transaction != nil && overlap(held, scopes(contract.ScopeTransact, contract.ScopeHistory)):
		c.notify("transaction.updated", transactionResult{c.localise(*event.Transaction)})
	}
}

// notify queues a notification; a page that has gone doesn't get it.
func (c *conn) notify(method string, params any) {
	frame, err := notificationFrame(method, params)
	if err != nil {
		c.log.Error("notification can't be written", "method", method, "error", err)
		return
	}
	_ = c.out.send(frame)
}

func notificationFrame(method string, params any) ([]byte, error) {
	return json.Marshal(struct {
		Version string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{"2.0", method, params})
}

// resultFrame answers a call that the library doesn't see. Its result is ours
// and can always be written.
func resultFrame(id string, result any) []byte {
	frame, _ := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result"`
	}{"2.0", json.RawMessage(id), result})
	return frame
}
