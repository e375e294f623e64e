package wsapi_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

func TestServe_loopbackOnly(t *testing.T) {
	s, err := wsapi.New(wsapi.Config{Agent: newShop()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context(), l); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("Serve on 0.0.0.0 = %v, want a refusal", err)
	}
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port)); err == nil {
		t.Error("the refused listener is still open")
	}
}

// One port on both loopback addresses, as pages use it.
func TestServe_bothFamilies(t *testing.T) {
	s, err := wsapi.New(wsapi.Config{Agent: newShop(), Origins: []wsapi.Origin{{Name: shopOrigin}}})
	if err != nil {
		t.Fatal(err)
	}
	four, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := four.Addr().(*net.TCPAddr).Port
	six, err := net.Listen("tcp", fmt.Sprintf("[::1]:%d", port))
	if err != nil {
		_ = four.Close()
		t.Skipf("no IPv6 here: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, four, six) }()
	for _, addr := range []string{"127.0.0.1", "[::1]"} {
		ws, _, err := websocket.DefaultDialer.Dial(fmt.Sprintf("ws://%s:%d/v1", addr, port), http.Header{"Origin": {shopOrigin}})
		if err != nil {
			t.Errorf("through %s: %v", addr, err)
			continue
		}
		_ = ws.Close()
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// A listener that fails ends the server with the cause.
func TestServe_listenerFails(t *testing.T) {
	s, err := wsapi.New(wsapi.Config{Agent: newShop()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := s.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v, want the listener's error", err)
	}
}
