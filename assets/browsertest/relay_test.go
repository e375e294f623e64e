package browsertest_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

// relay stands between a page and the bridge and counts what only a browser's own
// code sees: the bridge's pings and the browser's pongs.
type relay struct {
	port         int
	pings, pongs atomic.Int64
	conns        atomic.Int64
}

// WebSocket's opcodes (RFC 6455, section 11.8).
const (
	opPing = 0x9
	opPong = 0xA
)

func openRelay(t *testing.T, bridge string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r := &relay{port: listener.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			page, err := listener.Accept()
			if err != nil {
				return
			}
			go r.carry(page, bridge)
		}
	}()
	return r
}

// carry takes one connection to the bridge under the bridge's own name, and back.
func (r *relay) carry(page net.Conn, address string) {
	defer page.Close()
	bridge, err := net.Dial("tcp4", address)
	if err != nil {
		return
	}
	defer bridge.Close()
	fromPage, fromBridge := bufio.NewReader(page), bufio.NewReader(bridge)
	request, err := http.ReadRequest(fromPage)
	if err != nil {
		return
	}
	request.Host = address
	if request.Write(bridge) != nil {
		return
	}
	answer, err := http.ReadResponse(fromBridge, request)
	if err != nil || answer.Write(page) != nil {
		return
	}
	r.conns.Add(1)
	go func() {
		_ = frames(bridge, fromPage, func(op byte) { count(&r.pongs, op == opPong) })
		_ = bridge.Close()
	}()
	_ = frames(page, fromBridge, func(op byte) { count(&r.pings, op == opPing) })
}

func count(n *atomic.Int64, so bool) {
	if so {
		n.Add(1)
	}
}

// frames copies WebSocket frames and tells the opcode of each.
func frames(to io.Writer, from *bufio.Reader, seen func(op byte)) error {
	for {
		head := make([]byte, 2, 14)
		if _, err := io.ReadFull(from, head); err != nil {
			return err
		}
		length, more := int64(head[1]&0x7F), 0
		switch length {
		case 126:
			more = 2
		case 127:
			more = 8
		}
		masked := head[1]&0x80 != 0
		rest := more
		if masked {
			rest += 4
		}
		head = head[:2+rest]
		if _, err := io.ReadFull(from, head[2:]); err != nil {
			return err
		}
		switch more {
		case 2:
			length = int64(binary.BigEndian.Uint16(head[2:]))
		case 8:
			length = int64(binary.BigEndian.Uint64(head[2:]))
		}
		if length < 0 {
			return errors.New("a frame has no such length")
		}
		if _, err := to.Write(head); err != nil {
			return err
		}
		if _, err := io.CopyN(to, from, length); err != nil {
			return err
		}
		seen(head[0] & 0x0F)
	}
}
