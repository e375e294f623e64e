package tray_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

// shop is a real agent with simulated scanners and a simulated Eko.
type shop struct {
	t     *testing.T
	dir   string
	stack *demo.Stack
	stop  func()
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir()}
	s.open()
	t.Cleanup(func() { s.stop() })
	return s
}

// open starts the agent, again after stop.
func (s *shop) open() {
	s.t.Helper()
	stack, err := demo.NewStack(demo.Options{DataDir: s.dir, FingerDelay: time.Millisecond, Seed: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- stack.Run(ctx) }()
	s.stack = stack
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("the agent ended with %v", err)
		}
		s.stop = func() {}
	}
	select {
	case <-stack.Ready():
	case err := <-ended:
		s.t.Fatalf("the agent ended with %v", err)
	}
}

// config writes the file by which the tray finds the agent.
func (s *shop) config() string {
	s.t.Helper()
	c := s.stack.Config
	path := filepath.Join(s.dir, "biobridge.toml")
	text := fmt.Sprintf(`environment = "simulated"
data_dir = %q
[rdservice]
http_ports = %q
https_ports = ""
[eko]
base_url = %q
developer_key = %q
initiator_id = %q
user_code = %q
access_key = %q
public_key = %q
latlong = "19.0760,72.8777"
`, s.dir, c.RDService.HTTPPorts, c.Eko.BaseURL, ekosim.DeveloperKey, ekosim.InitiatorID, ekosim.UserCode, ekosim.AccessKey, s.stack.Eko.PublicKey())
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// knock connects as a page and says what the bridge said first: the error, or
// nil where the page is let in.
func (s *shop) knock(origin string) (*websocket.Conn, error) {
	s.t.Helper()
	address := fmt.Sprintf("ws://127.0.0.1:%d/v1", s.stack.Doors.Port)
	conn, _, err := websocket.DefaultDialer.DialContext(s.t.Context(), address, http.Header{"Origin": {origin}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn, call(conn, "bridge.hello", map[string]any{"client": map[string]string{"name": "test", "version": "1"}}, nil)
}

// call makes one call on a connection.
func call(conn *websocket.Conn, method string, params, result any) error {
	if err := conn.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params}); err != nil {
		return err
	}
	for {
		answer := struct {
			ID     *int   `json:"id"`
			Method string `json:"method"`
			Result any    `json:"result"`
			Error  *struct {
				Message string `json:"message"`
			} `json:"error"`
		}{Result: result}
		if err := conn.ReadJSON(&answer); err != nil {
			return err
		}
		switch {
		case answer.Method == "bridge.refused":
			return fmt.Errorf("refused")
		case answer.Method != "":
			continue
		case answer.Error != nil:
			return fmt.Errorf("%s", answer.Error.Message)
		}
		return nil
	}
}

// withdraw asks for money whose result stays unknown at first.
func (s *shop) withdraw(ref string, amount int64) contract.State {
	s.t.Helper()
	conn, err := s.knock(s.stack.PageURL)
	if err != nil {
		s.t.Fatal(err)
	}
	var result struct {
		Transaction contract.Transaction `json:"transaction"`
	}
	err = call(conn, "aeps.cash_withdrawal", map[string]any{
		"client_ref_id": ref, "aadhaar": "999941057058", "bank_code": "SBIN", "amount": amount, "customer_id": "9999999999", "consent": true,
	}, &result)
	if err != nil {
		s.t.Fatal(err)
	}
	return result.Transaction.State
}
