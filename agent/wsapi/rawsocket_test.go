package wsapi_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// rawSocket speaks RFC 6455 byte by byte, so that it can speak it wrongly.
type rawSocket struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// raw opens an admitted WebSocket whose every byte the test decides.
func (b *bridge) raw(t testing.TB) rawSocket {
	t.Helper()
	conn, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, handshake{}.request(b.addr)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %v", response, err)
	}
	return rawSocket{t, conn, in}
}

// frameBytes lays out one frame as a client sends it, masked with zeros.
func frameBytes(first byte, payload []byte) []byte {
	header := []byte{first, 0x80}
	switch n := len(payload); {
	case n < 126:
		header[1] |= byte(n)
	case n < 1<<16:
		header[1] |= 126
		header = binary.BigEndian.AppendUint16(header, uint16(n))
	default:
		header[1] |= 127
		header = binary.BigEndian.AppendUint64(header, uint64(n))
	}
	return append(append(header, 0, 0, 0, 0), payload...)
}

const final = 0x80

func (s rawSocket) bytes(b []byte) {
	s.t.Helper()
	if _, err := s.conn.Write(b); err != nil {
		s.t.Logf("write: %v", err)
	}
}

func (s rawSocket) text(payload string) {
	s.t.Helper()
	s.bytes(frameBytes(final|websocket.TextMessage, []byte(payload)))
}

// frame reads one frame of the server's.
func (s rawSocket) frame() (op int, payload []byte) {
	s.t.Helper()
	var header [2]byte
	if _, err := io.ReadFull(s.in, header[:]); err != nil {
		s.t.Fatalf("read a frame: %v", err)
	}
	size := uint64(header[1] & 0x7f)
	switch size {
	case 126:
		var n [2]byte
		_, _ = io.ReadFull(s.in, n[:])
		size = uint64(binary.BigEndian.Uint16(n[:]))
	case 127:
		var n [8]byte
		_, _ = io.ReadFull(s.in, n[:])
		size = binary.BigEndian.Uint64(n[:])
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(s.in, payload); err != nil {
		s.t.Fatalf("read a frame of %d bytes: %v", size, err)
	}
	return int(header[0] & 0xf), payload
}

// closed reads up to the close frame and returns its code, 0 where it has none.
func (s rawSocket) closed() int {
	s.t.Helper()
	for {
		op, payload := s.frame()
		if op != websocket.CloseMessage {
			continue
		}
		if len(payload) < 2 {
			return 0
		}
		return int(binary.BigEndian.Uint16(payload))
	}
}
