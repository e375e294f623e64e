package wsapi

import (
	"errors"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

var errClosed = errors.New("the connection is closed")

// outbox is the bounded queue of one connection. Sending never blocks: a page
// that lets the queue overflow is ended, so that it can hold up nobody.
type outbox struct {
	ws     *websocket.Conn
	limits Limits

	mu     sync.Mutex
	frames []frameOut
	bytes  int
	last   *goodbye // set once; nothing is queued after it
	wake   chan struct{}
}

type frameOut struct {
	kind    int // websocket.TextMessage or PongMessage
	payload []byte
}

func newOutbox(ws *websocket.Conn, limits Limits) *outbox {
	return &outbox{ws: ws, limits: limits, wake: make(chan struct{}, 1)}
}

// send queues a text frame.
func (o *outbox) send(payload []byte) error { return o.queue(websocket.TextMessage, payload) }

// pong queues the answer to a ping; it is dropped where others wait, as RFC 6455
// section 5.5.3 allows.
func (o *outbox) pong(payload []byte) {
	o.mu.Lock()
	busy := len(o.frames) > 0
	o.mu.Unlock()
	if !busy {
		_ = o.queue(websocket.PongMessage, payload)
	}
}

func (o *outbox) queue(kind int, payload []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last != nil {
		return errClosed
	}
	if len(o.frames) >= o.limits.QueueFrames || o.bytes+len(payload) > o.limits.QueueBytes {
		// What waits will not be read either: drop it, so that the memory is free,
		// and don't wait for what is being written.
		o.frames, o.bytes = nil, 0
		o.finish(goodbye{CloseTooSlow, "the page does not read what it is sent"})
		_ = o.ws.NetConn().SetWriteDeadline(time.Now())
		return errClosed
	}
	o.frames = append(o.frames, frameOut{kind, payload})
	o.bytes += len(payload)
	o.signal()
	return nil
}

// close queues the end of the connection behind what is queued. Only the first
// call counts.
func (o *outbox) close(why goodbye) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finish(why)
}

func (o *outbox) finish(why goodbye) {
	if o.last == nil {
		o.last = &why
		o.signal()
	}
}

// ended returns why the connection was ended from this side, nil while it wasn't.
func (o *outbox) ended() *goodbye {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (o *outbox) take() ([]frameOut, *goodbye) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames := o.frames
	o.frames, o.bytes = nil, 0
	return frames, o.last
}

// run writes until the connection ends, from either side; left is closed when the
// reading side has ended. It is the only writer of data frames. On return nothing
// more will be written and the reading side has a deadline.
func (o *outbox) run(left <-chan struct{}) {
	ping := time.NewTicker(o.limits.Ping)
	defer ping.Stop()
	for {
		select {
		case <-left:
			return
		case <-ping.C:
			if err := o.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(o.limits.Write)); err != nil {
				o.hangUp()
				return
			}
		case <-o.wake:
			frames, last := o.take()
			if !o.write(frames) {
				o.hangUp()
				return
			}
			if last != nil {
				o.sayGoodbye(*last)
				return
			}
		}
	}
}

func (o *outbox) write(frames []frameOut) bool {
	for _, frame := range frames {
		deadline := time.Now().Add(o.limits.Write)
		var err error
		if frame.kind == websocket.PongMessage {
			err = o.ws.WriteControl(frame.kind, frame.payload, deadline)
		} else {
			_ = o.ws.SetWriteDeadline(deadline)
			err = o.ws.WriteMessage(frame.kind, frame.payload)
		}
		if err != nil {
			return false
		}
	}
	return true
}

// sayGoodbye sends the close frame and gives the other side a moment to confirm:
// closing a socket with unread bytes would reset it and lose what we said.
func (o *outbox) sayGoodbye(why goodbye) {
	message := websocket.FormatCloseMessage(why.code, why.reason)
	_ = o.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(o.limits.Goodbye))
	_ = o.ws.SetReadDeadline(time.Now().Add(o.limits.Goodbye))
}

// hangUp ends a connection that can't be written to.
func (o *outbox) hangUp() {
	o.mu.Lock()
	o.frames, o.bytes = nil, 0
	o.finish(goodbye{CloseTooSlow, ""})
	o.mu.Unlock()
	_ = o.ws.Close()
}
