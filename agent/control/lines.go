package control

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Frames are lines of JSON. The limits are far beyond what the door has to say.
const (
	maxRequestLine = 256 << 10
	maxAnswerLine  = 16 << 20
	writeTime      = 5 * time.Second
)

var errLineTooLong = errors.New("the line is too long")

// lines sends and receives lines over a connection: a jrpc2 channel whose sender
// may be several and whose lines are bounded.
type lines struct {
	conn  net.Conn
	in    *bufio.Reader
	limit int

	mu sync.Mutex // for writing
}

func newLines(conn net.Conn, limit int) *lines {
	return &lines{conn: conn, in: bufio.NewReaderSize(conn, 4<<10), limit: limit}
}

// Send writes one line. A side that doesn't read in time is cut off.
func (l *lines) Send(frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := l.conn.Write(append(frame, '\n')); err != nil {
		_ = l.conn.Close()
		return err
	}
	return nil
}

// Recv reads one line, without its end.
func (l *lines) Recv() ([]byte, error) {
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		if len(line)+len(part) > l.limit {
			return nil, errLineTooLong
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return nil, io.EOF
		}
	}
}

// Close closes the connection.
func (l *lines) Close() error { return l.conn.Close() }
