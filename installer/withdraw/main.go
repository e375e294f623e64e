// Command withdraw is the page in the tests of the packages: it does one withdrawal
// of 500 rupees through the WebSocket API of an installed agent that has simulators
// beside it, and exits with 0 where the money came.
//
//	withdraw 127.0.0.1:21101 https://shop.example
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: withdraw ADDRESS ORIGIN")
		os.Exit(2)
	}
	if err := withdraw(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "withdraw:", err)
		os.Exit(1)
	}
}

type answer struct {
	ID     *int            `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

func withdraw(address, origin string) error {
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if _, err := call(conn, 1, "bridge.hello", map[string]any{"client": map[string]string{"name": "withdraw", "version": "1"}}); err != nil {
		return err
	}
	result, err := call(conn, 2, "aeps.cash_withdrawal", map[string]any{
		"aadhaar": "999941057058", "bank_code": "SBIN", "amount": 500, "customer_id": "9876543210",
		"latlong": "28.61,77.20", "consent": true,
	})
	if err != nil {
		return err
	}
	var done struct {
		Transaction struct {
			Ref   string `json:"client_ref_id"`
			State string `json:"state"`
			TID   string `json:"tid"`
		} `json:"transaction"`
	}
	if err := json.Unmarshal(result, &done); err != nil {
		return fmt.Errorf("read the receipt: %w", err)
	}
	if done.Transaction.State != "succeeded" {
		return fmt.Errorf("the transaction is %s", done.Transaction.State)
	}
	fmt.Printf("%s succeeded, tid %s\n", done.Transaction.Ref, done.Transaction.TID)
	return nil
}

// call makes one call and passes over notifications.
func call(conn *websocket.Conn, id int, method string, params any) (json.RawMessage, error) {
	if err := conn.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}); err != nil {
		return nil, fmt.Errorf("ask for %s: %w", method, err)
	}
	for {
		var a answer
		if err := conn.ReadJSON(&a); err != nil {
			return nil, fmt.Errorf("wait for %s: %w", method, err)
		}
		if a.ID == nil || *a.ID != id {
			continue
		}
		if a.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, a.Error)
		}
		return a.Result, nil
	}
}
