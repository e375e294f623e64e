package wsapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

func (b *bridge) tcp(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// gone reports whether the server has closed a connection.
func gone(t testing.TB, conn net.Conn) {
	t.Helper()
	if _, err := io.ReadAll(conn); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the connection was not closed: %v", err)
	}
}

// A browser that asks its user holds a silent connection. It is noticed, it may
// go on afterwards, and the notice ends.
func TestSilence_isABrowserThatAsks(t *testing.T) {
	asking := make(chan int, 10)
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Hint: time.Millisecond}, Asking: func(n int) { asking <- n }})
	first, second := b.tcp(t), b.tcp(t)
	for n := 0; n != 2; { // one after the other, or both at once
		n = <-asking
	}
	if n := b.Asking(); n != 2 {
		t.Errorf("Asking() = %d, want 2", n)
	}
	_, _ = io.WriteString(first, handshake{}.request(b.addr))
	response, err := http.ReadResponse(bufio.NewReader(first), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("after the silence: %v, %v", response, err)
	}
	if n := <-asking; n != 1 {
		t.Errorf("asking = %d after one has spoken, want 1", n)
	}
	_ = second.Close()
	if n := <-asking; n != 0 {
		t.Errorf("asking = %d after one has gone, want 0", n)
	}
}

// Silence may last; a request that has begun may not.
func TestSlowHeader(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Header: 50 * time.Millisecond}})
	silent, slow := b.tcp(t), b.tcp(t)
	done := make(chan struct{})
	go func() { // a slow loris: a byte whenever there is time
		defer close(done)
		for _, c := range []byte("GET /v1 HTTP/1.1\r\nX: " + strings.Repeat("a", 1<<20)) {
			if _, err := slow.Write([]byte{c}); err != nil {
				return
			}
			time.Sleep(time.Millisecond) // is the attack, not a wait
		}
	}()
	gone(t, slow)
	_ = slow.Close()
	<-done
	_, _ = io.WriteString(silent, handshake{}.request(b.addr))
	response, err := http.ReadResponse(bufio.NewReader(silent), nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("the silent one: %v, %v", response, err)
	}
}

func TestSilence_ends(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{FirstByte: 20 * time.Millisecond}})
	gone(t, b.tcp(t))
}

// When too many are silent the one that has been so longest makes room; a page
// that speaks at once always gets in.
func TestSilence_crowd(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Silent: 4, Connections: 8}})
	crowd := make([]net.Conn, 20)
	for i := range crowd {
		crowd[i] = b.tcp(t)
	}
	b.join(t, shopOrigin).must("device.list", `{}`)
	for _, conn := range crowd[:16] {
		gone(t, conn)
	}
}

// When all have spoken and there is no room the newest is closed.
func TestConnections_full(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Connections: 3}})
	pages := []*page{b.join(t, shopOrigin), b.join(t, shopOrigin), b.join(t, otherOrigin)}
	if ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {shopOrigin}}); err == nil {
		_ = ws.Close()
		t.Error("a fourth connection got in")
	}
	for _, p := range pages {
		p.must("device.list", `{}`)
	}
	_ = pages[0].ws.Close()
	<-pages[0].ended
	for { // until the server has noticed
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {shopOrigin}})
		if err == nil {
			_ = ws.Close()
			return
		}
	}
}

// The end of the server ends those who have said nothing yet.
func TestShutdown_silent(t *testing.T) {
	b := open(t, wsapi.Config{})
	silent, half := b.tcp(t), b.tcp(t)
	_, _ = io.WriteString(half, "GET /v1 HTTP/1.1\r\n")
	b.join(t, shopOrigin)
	b.stop()
	gone(t, silent)
	gone(t, half)
}
