package wsapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/creachadair/jrpc2"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"biobridge/agent"
	"biobridge/agent/locale"
)

// conn is one page's connection from its upgrade to its end. It is the
// [channel.Channel] on which the JSON-RPC library serves it: the library sees
// well-formed calls only, and never more than may run at once.
//
// The library's Stop is never called: it must not happen beside a read
// (jrpc2 v1.3.6). A connection ends by its read ending.
type conn struct {
	server *Server
	ws     *websocket.Conn
	origin string
	user   string
	log    *slog.Logger

	ctx    context.Context // the connection's own; ends when the page has gone
	cancel context.CancelFunc
	rpc    *jrpc2.Server
	out    *outbox
	calls  *calls
	rates  [2]*rate.Limiter // of this connection and of its origin
	tasks  sync.WaitGroup   // beside the library's own

	// The reading goroutine's own: whether a message is coming in, and until when
	// the page may still confirm a close.
	inMessage bool
	endBy     time.Time

	mu      sync.Mutex
	greeted bool
	lang    locale.Lang
}

func (s *Server) newConn(ws *websocket.Conn, origin, user string, shared *rate.Limiter) *conn {
	c := &conn{
		server: s, ws: ws, origin: origin, user: user,
		log:   s.cfg.Log.With("origin", origin, "user", user),
		out:   newOutbox(ws, s.cfg.Limits),
		calls: newCalls(s.cfg.Limits.Calls),
		rates: [2]*rate.Limiter{rate.NewLimiter(rate.Limit(s.cfg.Limits.CallsPerSecond), s.cfg.Limits.Burst), shared},
		lang:  locale.English,
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// serve runs the connection and returns when nothing of it is left.
func (c *conn) serve() {
	limits := c.server.cfg.Limits
	c.ws.SetReadLimit(limits.FrameBytes)
	c.ws.SetPongHandler(func(string) error { c.alive(); return c.pace() })
	c.ws.SetPingHandler(func(data string) error { c.alive(); c.out.pong([]byte(data)); return c.pace() })
	c.alive()

	introduce := time.AfterFunc(limits.Hello, func() {
		if !c.hasGreeted() {
			c.out.close(goodbye{CloseUnauthorized, "call bridge.hello first"})
		}
	})
	defer introduce.Stop()

	c.rpc = jrpc2.NewServer(assigner{c}, &jrpc2.ServerOptions{
		AllowPush:      true,
		DisableBuiltin: true,
		Concurrency:    limits.Calls,
		NewContext:     func() context.Context { return c.ctx },
	})
	c.rpc.Start(c)
	c.write()
	c.rpc.WaitStatus()
	c.tasks.Wait()
	_ = c.ws.Close()
}

// write sends what is queued until the connection ends.
func (c *conn) write() {
	defer func() {
		if p := recover(); p != nil {
			c.crashed(p)
			c.out.hangUp()
		}
	}()
	c.out.run(c.ctx.Done())
}

// Recv hands the library the next well-formed call. Everything else is answered
// here. An error ends the connection and all that runs on it.
func (c *conn) Recv() (frame []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.crashed(p)
			frame, err = nil, io.EOF
		}
		if err != nil {
			c.leave()
		}
	}()
	for {
		data, err := c.read()
		if err != nil {
			return nil, io.EOF
		}
		if c.out.ended() != nil {
			continue // until the page confirms the close
		}
		if c.pace() != nil {
			return nil, io.EOF
		}
		if c.admit(data) {
			return data, nil
		}
	}
}

// admit looks at a frame and reports whether it is a call for the library.
func (c *conn) admit(data []byte) bool {
	in, bad := readFrame(data)
	if bad != nil {
		c.refuse(in.ID, bad)
		return false
	}
	if in.Method == cancelMethod {
		c.cancelCall(in)
		return false
	}
	if in.ID == "" {
		// JSON-RPC has no answer to a notification, so nobody would learn what came
		// of it. Money doesn't move that way.
		c.log.Debug("notification ignored")
		return false
	}
	if answerTo, bad := c.calls.begin(in.ID); bad != nil {
		c.refuse(answerTo, bad)
		return false
	}
	return true
}

// pace holds up the reading of a page that sends more than it may; what it sends
// waits in its own process then.
func (c *conn) pace() error {
	for _, limiter := range c.rates {
		if err := limiter.Wait(c.ctx); err != nil {
			return err
		}
	}
	return nil
}

// read returns the next text frame.
func (c *conn) read() ([]byte, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, c.lost(err)
	}
	if kind != websocket.TextMessage {
		c.out.close(goodbye{closeUnsupported, "text frames only"})
	}
	c.extend(c.server.cfg.Limits.Frame)
	c.inMessage = true
	data, err := io.ReadAll(r)
	c.inMessage = false
	if err != nil {
		return nil, c.lost(err)
	}
	c.alive()
	if !utf8.Valid(data) {
		c.out.close(goodbye{closeInvalidUTF8, "text frames are UTF-8"})
	}
	return data, nil
}

// alive notes a sign of life. Pings and pongs in the middle of a message don't
// give that message more time.
func (c *conn) alive() {
	if !c.inMessage {
		c.extend(c.server.cfg.Limits.Pong)
	}
}

// extend gives the page so much time for its next sign of life. After this side
// has ended, it is one short time for everything.
func (c *conn) extend(d time.Duration) {
	_ = c.ws.SetReadDeadline(time.Now().Add(d))
	if c.out.ended() == nil {
		return
	}
	if c.endBy.IsZero() {
		c.endBy = time.Now().Add(c.server.cfg.Limits.Goodbye)
	}
	_ = c.ws.SetReadDeadline(c.endBy)
}

// Bytes that are read and thrown away so that a close frame isn't lost.
const maxLinger = 16 << 20

// lost ends the reading side. Upon a frame that breaks the protocol gorilla has
// sent a close frame already; it is given time to arrive, because closing a socket
// with unread bytes would reset it.
func (c *conn) lost(err error) error {
	c.leave()
	if _, closed := errors.AsType[*websocket.CloseError](err); !closed {
		_ = c.ws.NetConn().SetReadDeadline(time.Now().Add(c.server.cfg.Limits.Goodbye))
		_, _ = io.CopyN(io.Discard, c.ws.NetConn(), maxLinger)
	}
	return err
}

// Send queues what the library has to say. It never blocks, because the library
// holds its lock meanwhile.
func (c *conn) Send(frame []byte) error { return c.out.send(frame) }

// Close is the library's; the connection is closed by serve.
func (c *conn) Close() error { return nil }

// leave ends everything that the page asked for.
func (c *conn) leave() {
	c.calls.leave()
	c.cancel()
}

// end closes the connection from this side.
func (c *conn) end(why goodbye) { c.out.close(why) }

// expel ends the connection of a page that may not stay, and says why, as a
// stranger would be told.
func (c *conn) expel(why refusal) {
	c.notify(refusedMethod, why.params(c.server.cfg.Catalogue, c.language()))
	c.out.close(why.goodbye)
}

// refuse answers a frame that reached no method.
func (c *conn) refuse(id string, f *fault) {
	_ = c.out.send(errorFrame(id, f.render(c.server.cfg.Catalogue, c.language())))
}

// crashed notes a mistake of ours and ends this connection, and no other.
func (c *conn) crashed(p any) {
	// The value of a panic may hold anything; its type and place are enough.
	c.log.Error("connection crashed", "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	c.out.close(goodbye{closeInternal, "internal error"})
}

// caller is who asks, for the agent.
func (c *conn) caller() agent.Caller {
	origin, _ := c.server.guard.find(c.origin)
	return agent.Caller{Origin: c.origin, User: c.user, Scopes: origin.Scopes}
}

func (c *conn) language() locale.Lang {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lang
}

func (c *conn) hasGreeted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.greeted
}

// greet notes the introduction and reports whether it was the first.
func (c *conn) greet(lang locale.Lang) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.greeted
	c.greeted, c.lang = true, lang
	return first
}
