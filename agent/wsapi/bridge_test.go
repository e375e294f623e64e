package wsapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/locale"
	"biobridge/agent/wsapi"
)

const (
	shopOrigin  = "https://shop.example"
	otherOrigin = "https://other.example:8443"
)

var everyScope = contract.Scopes()

// patience is how long a test waits for what is bound to come. No busy machine
// takes as long.
const patience = 2 * time.Minute

// bridge is a real server on a real port.
type bridge struct {
	*wsapi.Server
	addr string
	log  *logbook
	stop func()
}

// logbook is everything the server has logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *logbook) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *logbook) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// open starts a server for the test and checks at its end that nothing of it is
// left.
func open(t testing.TB, cfg wsapi.Config) *bridge {
	t.Helper()
	b := &bridge{log: &logbook{}}
	cfg.Log = slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.Catalogue == nil {
		catalogue, err := locale.Load()
		if err != nil {
			t.Fatalf("Load: %v", err)
		}
		cfg.Catalogue = catalogue
	}
	if cfg.Agent == nil {
		cfg.Agent = newShop()
	}
	if cfg.Origins == nil {
		cfg.Origins = []wsapi.Origin{{Name: shopOrigin, Scopes: everyScope}, {Name: otherOrigin, Scopes: everyScope}}
	}
	cfg.Version = "1.2.3-test"
	if cfg.Limits.Goodbye == 0 { // so that a busy machine gets every close frame out
		cfg.Limits.Goodbye = patience
	}
	server, err := wsapi.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	b.Server = server
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("Listen: %v", err)
	}
	b.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		checkLeft(t)
	})
	t.Cleanup(b.stop)
	return b
}

// checkLeft fails where a goroutine of the package under test still runs. The
// HTTP server doesn't wait for its handlers' last instructions, so it is looked
// at until it is true.
func checkLeft(t testing.TB) {
	t.Helper()
	var left string
	for limit := time.Now().Add(patience); time.Now().Before(limit); runtime.Gosched() {
		if left = leftBehind(); left == "" {
			return
		}
	}
	t.Errorf("left behind:\n%s", left)
}

func leftBehind() string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "biobridge/agent/wsapi.") || strings.Contains(stack, "jrpc2.(*Server)") {
			return stack
		}
	}
	return ""
}

// page is a page's connection.
type page struct {
	t  testing.TB
	ws *websocket.Conn

	mu      sync.Mutex
	next    int
	waiting map[string]chan message
	asked   map[string]asked
	notes   chan message
	ended   chan struct{} // closed when reading has ended, with end set
	end     error
}

// asked is a call as it was sent, for the check of its answer.
type asked struct {
	method string
	params string
}

type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
}

type rpcError struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data"`
}

func (e *rpcError) code() string {
	if e == nil {
		return ""
	}
	code, _ := e.Data["code"].(string)
	return code
}

// dial opens a page of an origin without introducing it.
func (b *bridge) dial(t testing.TB, origin string) *page {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		t.Fatalf("dial as %s: %v", origin, err)
	}
	p := &page{t: t, ws: ws, waiting: make(map[string]chan message), asked: make(map[string]asked), notes: make(chan message, 1000), ended: make(chan struct{})}
	go p.read()
	t.Cleanup(func() { _ = ws.Close(); <-p.ended })
	return p
}

// join opens a page and introduces it.
func (b *bridge) join(t testing.TB, origin string) *page {
	t.Helper()
	p := b.dial(t, origin)
	p.must("bridge.hello", `{"client":{"name":"test","version":"1"}}`)
	return p
}

func (p *page) read() {
	defer close(p.ended)
	for {
		_, data, err := p.ws.ReadMessage()
		if err != nil {
			p.end = err
			return
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			p.t.Errorf("the bridge sent what is no JSON: %v", err)
			continue
		}
		if m.Method != "" {
			theProtocol(p.t).checkNote(p.t, m)
			p.notes <- m
			continue
		}
		p.mu.Lock()
		answer := p.waiting[string(m.ID)]
		delete(p.waiting, string(m.ID))
		call, known := p.asked[string(m.ID)]
		p.mu.Unlock()
		if known || m.Error != nil {
			theProtocol(p.t).checkAnswer(p.t, call.method, json.RawMessage(call.params), m)
		}
		if answer != nil {
			answer <- m
		}
	}
}

// expect makes ready for the answer to an id; "null" is for a frame whose id
// can't be read.
func (p *page) expect(id string) chan message {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := make(chan message, 1)
	p.waiting[id] = answer
	return answer
}

func (p *page) send(frame string) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

// begin calls a method and returns its id and where the answer comes.
func (p *page) begin(method, params string) (id string, answer chan message) {
	p.t.Helper()
	p.mu.Lock()
	p.next++
	raw, _ := json.Marshal(p.next)
	p.mu.Unlock()
	id = string(raw)
	answer = p.expect(id)
	p.mu.Lock()
	p.asked[id] = asked{method, params}
	p.mu.Unlock()
	p.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":` + params + `}`)
	return id, answer
}

// wait returns an answer, or fails where the connection ends first.
func (p *page) wait(answer chan message) message {
	p.t.Helper()
	select {
	case m := <-answer:
		return m
	case <-p.ended:
		select {
		case m := <-answer:
			return m
		default:
			p.t.Fatalf("the connection ended before the answer: %v", p.end)
		}
	case <-time.After(patience):
		p.t.Fatal("no answer")
	}
	return message{}
}

func (p *page) call(method, params string) message {
	p.t.Helper()
	_, answer := p.begin(method, params)
	return p.wait(answer)
}

// must calls a method that has to succeed.
func (p *page) must(method, params string) json.RawMessage {
	p.t.Helper()
	m := p.call(method, params)
	if m.Error != nil {
		p.t.Fatalf("%s: %s %v", method, m.Error.Message, m.Error.Data)
	}
	return m.Result
}

// raw sends a frame and returns the answer to an id.
func (p *page) raw(frame, id string) message {
	p.t.Helper()
	answer := p.expect(id)
	p.send(frame)
	return p.wait(answer)
}

// note returns the next notification.
func (p *page) note() message {
	p.t.Helper()
	select {
	case m := <-p.notes:
		return m
	case <-time.After(patience):
		p.t.Fatal("no notification")
		return message{}
	}
}

// closed returns the code and reason with which the bridge ended the connection.
func (p *page) closed() (int, string) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the connection was not ended")
	}
	if e, ok := errors.AsType[*websocket.CloseError](p.end); ok {
		return e.Code, e.Text
	}
	return 0, p.end.Error()
}
