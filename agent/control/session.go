package control

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"

	"github.com/creachadair/jrpc2"

	"biobridge/agent/contract"
)

// How many calls of one connection may wait or run at once; more are read when
// there is room.
const maxCalls = 16

// session is one connection of a local user. It is the channel on which the
// JSON-RPC library serves it, and lets through only what the library can't
// stumble over. The library's Stop is never called: it must not happen beside a
// read (jrpc2 v1.3.6).
type session struct {
	server *Server
	peer   Peer
	lines  *lines

	ctx    context.Context
	cancel context.CancelFunc
	rpc    *jrpc2.Server
	room   chan struct{} // holds a token for each call that has no answer yet
	watch  sync.Once
	tasks  sync.WaitGroup
}

func newSession(ctx context.Context, s *Server, conn net.Conn, peer Peer) *session {
	c := &session{server: s, peer: peer, lines: newLines(conn, maxRequestLine), room: make(chan struct{}, maxCalls)}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

func (c *session) serve() {
	defer c.cancel()
	c.rpc = jrpc2.NewServer(everything{c}, &jrpc2.ServerOptions{
		DisableBuiltin: true,
		Concurrency:    maxCalls,
		NewContext:     func() context.Context { return c.ctx },
	})
	c.rpc.Start(c)
	c.rpc.WaitStatus()
	c.tasks.Wait()
}

func (c *session) hangUp() { _ = c.lines.Close() }

// Recv returns the next call. A line that is none ends the connection: the other
// side is a program of ours or somebody who tries things out.
func (c *session) Recv() (line []byte, err error) {
	defer func() {
		if err != nil {
			c.cancel()
		}
	}()
	line, err = c.lines.Recv()
	if err != nil {
		return nil, io.EOF
	}
	calls, err := jrpc2.ParseRequests(line)
	if err != nil || len(calls) != 1 || calls[0].Batch || calls[0].Error != nil || calls[0].ID == "" || calls[0].Method == "" {
		c.server.cfg.Log.Debug("a line at the control door is no call", "peer", c.peer.ID)
		return nil, io.EOF
	}
	select {
	case c.room <- struct{}{}:
		return line, nil
	case <-c.ctx.Done():
		return nil, io.EOF
	}
}

// Send writes an answer: the library sends one for each call, and nothing else.
func (c *session) Send(line []byte) error {
	<-c.room
	return c.lines.Send(line)
}

// Close is the library's, after its reading side has ended.
func (c *session) Close() error { return c.lines.Close() }

// everything gives the session all calls, also those of no method, so that each
// is answered in one way.
type everything struct{ c *session }

func (e everything) Assign(context.Context, string) jrpc2.Handler { return e.c.handle }

func (c *session) handle(ctx context.Context, req *jrpc2.Request) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.server.cfg.Log.Error("control call crashed", "method", req.Method(), "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			result, err = nil, c.explain(errors.New("the call crashed"))
		}
	}()
	run, ok := methods[req.Method()]
	if !ok {
		return nil, c.explain(&Error{Code: contract.NotFound, Message: "There is no such method.", Remedy: "The command line and the agent may be of different versions: restart the agent."})
	}
	if allow := c.server.cfg.Allow; allow != nil && !c.peer.Admin && !allow(c.peer) {
		return nil, c.explain(notAllowed("Your user account may not use the fingerprint bridge on this computer.", "Sign in with the account that the shop uses, or ask whoever looks after this computer."))
	}
	if err := mayCall(c.peer, req.Method()); err != nil {
		return nil, c.explain(err)
	}
	result, err = run(c, ctx, req)
	if err != nil {
		return nil, c.explain(err)
	}
	return result, nil
}

// explain turns an error into the one form in which it crosses the door.
func (c *session) explain(err error) *jrpc2.Error {
	known, ok := errors.AsType[*Error](err)
	if explain := c.server.cfg.Explain; !ok && explain != nil {
		known = explain(err)
	}
	if known == nil {
		var number [4]byte
		_, _ = rand.Read(number[:])
		incident := hex.EncodeToString(number[:])
		c.server.cfg.Log.Error("control call failed", "incident", incident, "error", err)
		known = &Error{Code: contract.Internal, Message: "Something went wrong inside biobridge (incident " + incident + ").", Remedy: "Tell support the incident number; its cause stands in the log."}
	}
	return (&jrpc2.Error{Code: jrpc2.SystemError, Message: known.Message}).WithData(known)
}

// notify tells the other side something without being asked.
func (c *session) notify(method string, params any) error {
	line, err := json.Marshal(struct {
		Version string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{"2.0", method, params})
	if err != nil {
		return err
	}
	return c.lines.Send(line)
}
