package wsapi_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

const hello = `{"jsonrpc":"2.0","id":1,"method":"bridge.hello","params":{"client":{"name":"x","version":"1"}}}`

// What breaks RFC 6455 or this API's rules for frames, and the code of the close.
func TestSocket_hostile(t *testing.T) {
	text, binary, ping, pong, shut := byte(websocket.TextMessage), byte(websocket.BinaryMessage), byte(websocket.PingMessage), byte(websocket.PongMessage), byte(websocket.CloseMessage)
	unmasked := []byte{final | text, 2, '{', '}'}
	for _, test := range []struct {
		name  string
		bytes []byte
		code  int
	}{
		{"binary", frameBytes(final|binary, []byte(hello)), 1003},
		{"empty binary", frameBytes(final|binary, nil), 1003},
		{"too large", frameBytes(final|text, []byte(strings.Repeat(" ", 256<<10+1))), 1009},
		{"too large by its length alone", []byte{final | text, 0x80 | 127, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 1009},
		{"length of 2^63", []byte{final | text, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0},
		{"too large in fragments", append(frameBytes(text, []byte(strings.Repeat(" ", 200<<10))), frameBytes(final, []byte(strings.Repeat(" ", 100<<10)))...), 1009},
		{"invalid UTF-8", frameBytes(final|text, []byte("{\"a\":\"\xff\"}")), 1007},
		{"UTF-8 surrogate", frameBytes(final|text, []byte("\xed\xa0\x80")), 1007},
		{"UTF-8 too long a form", frameBytes(final|text, []byte("\xc0\xaf")), 1007},
		{"UTF-8 cut", frameBytes(final|text, []byte("{\"a\":\"\xe0\xa4")), 1007},
		{"unmasked", unmasked, 1002},
		{"reserved bit 1", frameBytes(final|0x40|text, []byte("{}")), 1002},
		{"reserved bit 2", frameBytes(final|0x20|text, []byte("{}")), 1002},
		{"reserved bit 3", frameBytes(final|0x10|text, []byte("{}")), 1002},
		{"unknown opcode", frameBytes(final|3, nil), 1002},
		{"unknown control opcode", frameBytes(final|0xb, nil), 1002},
		{"continuation of nothing", frameBytes(final, []byte("{}")), 1002},
		{"text within a text", append(frameBytes(text, []byte("{")), frameBytes(final|text, []byte("}"))...), 1002},
		{"fragmented ping", frameBytes(ping, []byte("x")), 1002},
		{"large ping", frameBytes(final|ping, []byte(strings.Repeat("x", 126))), 1002},
		{"close with one byte", frameBytes(final|shut, []byte{3}), 1005},
		{"close with a bad code", frameBytes(final|shut, []byte{0, 7}), 1002},
		{"close with a forbidden code", frameBytes(final|shut, []byte{0x03, 0xee}), 1002},
		{"close with invalid UTF-8", frameBytes(final|shut, []byte{0x03, 0xe8, 0xff}), 1002},
		{"close without a code", frameBytes(final|shut, nil), 1005},
		{"close", frameBytes(final|shut, []byte{0x03, 0xe8}), 1000},
		{"pong, then binary", append(frameBytes(final|pong, []byte("x")), frameBytes(final|binary, nil)...), 1003},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := wsapi.Config{}
			if test.code == 0 { // it is closed without a word, after that time
				cfg.Limits.Goodbye = 100 * time.Millisecond
			}
			b := open(t, cfg)
			ws := b.raw(t)
			ws.bytes(test.bytes)
			if test.code == 0 {
				if _, err := io.ReadAll(ws.in); err != nil {
					t.Errorf("the connection was not closed: %v", err)
				}
				return
			}
			got := ws.closed()
			if got == 0 {
				got = 1005
			}
			if got != test.code {
				t.Errorf("close code = %d, want %d", got, test.code)
			}
		})
	}
}

// A message in many fragments with pings in between is a message.
func TestSocket_fragments(t *testing.T) {
	b := open(t, wsapi.Config{})
	ws := b.raw(t)
	ws.bytes(frameBytes(websocket.TextMessage, nil))
	for i := range len(hello) {
		ws.bytes(frameBytes(0, []byte(hello[i:i+1])))
		if i%40 == 0 {
			ws.bytes(frameBytes(final|websocket.PingMessage, []byte("ping")))
		}
	}
	ws.bytes(frameBytes(final, nil))
	for {
		op, data := ws.frame()
		if op == websocket.PongMessage {
			if string(data) != "ping" {
				t.Errorf("pong = %q", data)
			}
			continue
		}
		if op != websocket.TextMessage || !strings.Contains(string(data), `"result"`) {
			t.Errorf("answer = %d %s", op, data)
		}
		return
	}
}

// A message that never ends is ended, whatever pings and pongs come in between.
func TestSocket_endlessMessage(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Frame: 50 * time.Millisecond, Goodbye: 100 * time.Millisecond}})
	ws := b.raw(t)
	ws.bytes(frameBytes(websocket.TextMessage, []byte("{")))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := ws.conn.Write(slices.Concat(frameBytes(0, []byte(" ")), frameBytes(final|websocket.PongMessage, nil), frameBytes(final|websocket.PingMessage, nil))); err != nil {
				return
			}
		}
	}()
	if _, err := io.ReadAll(ws.in); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection lives on")
	}
	_ = ws.conn.Close()
	<-done
}

// A page that is sent away and doesn't confirm it is cut off. The same time is
// the limit for the close frame to go out, which a busy machine must keep.
func TestSocket_unconfirmedClose(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Goodbye: 2 * time.Second}})
	ws := b.raw(t)
	ws.text(hello)
	if op, _ := ws.frame(); op != websocket.TextMessage {
		t.Fatal("no hello")
	}
	if err := b.SetOrigins(nil); err != nil {
		t.Fatal(err)
	}
	if code := ws.closed(); code != wsapi.CloseOriginDenied {
		t.Errorf("close code = %d", code)
	}
	if _, err := io.ReadAll(ws.in); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection lives on")
	}
}

// A half-open connection, that has gone without a word, is noticed by its pongs.
func TestSocket_halfOpen(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Ping: time.Millisecond, Pong: 2 * time.Second, Goodbye: 100 * time.Millisecond}})
	ws := b.raw(t)
	if op, _ := ws.frame(); op != websocket.PingMessage {
		t.Errorf("first frame is %d, want a ping", op)
	}
	// No pong is ever sent.
	if _, err := io.ReadAll(ws.in); err != nil {
		t.Errorf("the connection was not ended: %v", err)
	}
}

// A page that doesn't read is ended and holds up nobody.
func TestSlowReader(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop, Limits: wsapi.Limits{QueueFrames: 8, Write: time.Hour, Goodbye: 100 * time.Millisecond}})
	slow := b.raw(t)
	slow.text(hello)
	if op, _ := slow.frame(); op != websocket.TextMessage {
		t.Fatal("no hello")
	}
	quick := b.join(t, otherOrigin)
	large := changed("changed")
	large.Device.Device.Info = strings.Repeat("x", 64<<10)
	for range 200 { // beyond what the kernel buffers
		shop.publish(large)
		quick.note()
	}
	quick.must("device.list", `{}`)
	for limit := time.Now().Add(patience); len(b.Pages()) != 1; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatalf("pages = %+v, want the quick one only", b.Pages())
		}
	}
	quick.must("device.list", `{}`)
}

// A page that takes nothing at all is ended even if little waits for it.
func TestSlowReader_little(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop, Limits: wsapi.Limits{QueueFrames: 1000, QueueBytes: 1 << 30, Write: 2 * time.Second, Goodbye: 100 * time.Millisecond}})
	slow := b.raw(t)
	slow.text(hello)
	if op, _ := slow.frame(); op != websocket.TextMessage {
		t.Fatal("no hello")
	}
	large := changed("changed")
	large.Device.Device.Info = strings.Repeat("x", 16<<20) // more than the kernel buffers
	shop.publish(large)
	for limit := time.Now().Add(patience); len(b.Pages()) != 0; runtime.Gosched() {
		if time.Now().After(limit) {
			t.Fatal("the page is still there")
		}
	}
}

// A stranger that doesn't read or close holds its place for a moment only.
func TestStranger_lingers(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Goodbye: 10 * time.Millisecond}})
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, handshake{origin: "https://evil.example"}.request(b.addr))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection was not closed: %v", err)
	}
}
