package control_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

// house is a backend that remembers what it was asked. The daemon's own is tested
// with the daemon.
type house struct {
	mu        sync.Mutex
	asked     []string
	peers     []control.Peer
	filters   []control.Filter
	records   map[string]control.Record
	approvals []control.Approval
	events    chan control.Event
	status    func(context.Context) (control.Status, error)
	fail      error
}

func newHouse() *house {
	return &house{
		records: map[string]control.Record{
			"MINE":   {Transaction: contract.Transaction{ClientRefID: "MINE", State: contract.Pending}},
			"THEIRS": {Transaction: contract.Transaction{ClientRefID: "THEIRS", State: contract.Pending}, User: "uid:4294967294"},
		},
		events: make(chan control.Event, 10),
	}
}

func (h *house) note(p control.Peer, what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, what)
	h.peers = append(h.peers, p)
	return h.fail
}

func (h *house) was(what string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, asked := range h.asked {
		if asked == what {
			return true
		}
	}
	return false
}

func (h *house) Status(ctx context.Context, p control.Peer) (control.Status, error) {
	if h.status != nil {
		return h.status(ctx)
	}
	return control.Status{Version: "1.2.3", PID: 42, Devices: []contract.Device{{ID: "d1"}}, Pages: []control.Page{{Origin: "https://a.example", User: "uid:4294967294"}, {Origin: "https://b.example", User: "uid:65534"}}}, h.note(p, "status")
}

func (h *house) Devices(_ context.Context, p control.Peer, refresh bool) ([]contract.Device, error) {
	if refresh {
		return []contract.Device{{ID: "d2"}}, h.note(p, "devices refresh")
	}
	return []contract.Device{{ID: "d1"}}, h.note(p, "devices")
}

func (h *house) Transactions(_ context.Context, p control.Peer, f control.Filter) (control.Records, error) {
	h.mu.Lock()
	h.filters = append(h.filters, f)
	h.mu.Unlock()
	return control.Records{Transactions: []control.Record{h.records["MINE"], h.records["THEIRS"]}, Next: "n"}, h.note(p, "transactions")
}

func (h *house) Transaction(_ context.Context, p control.Peer, ref string) (control.Record, error) {
	r, ok := h.records[ref]
	if !ok {
		return control.Record{}, &control.Error{Code: contract.NotFound, Message: "There is no such transaction."}
	}
	return r, h.note(p, "transaction "+ref)
}

func (h *house) Inquire(_ context.Context, p control.Peer, ref string) (control.Record, error) {
	return h.records[ref], h.note(p, "inquire "+ref)
}

func (h *house) Settle(_ context.Context, p control.Peer, ref, reason string) (control.Record, error) {
	return h.records[ref], h.note(p, "settle "+ref+" "+reason)
}

func (h *house) Receipt(_ context.Context, p control.Peer, ref, format, lang string) (control.Receipt, error) {
	return control.Receipt{ClientRefID: ref, Format: format, Body: lang}, h.note(p, "receipt "+ref)
}

func (h *house) AcceptNewJournal(_ context.Context, p control.Peer, reason string) error {
	return h.note(p, "accept "+reason)
}

func (h *house) Backup(_ context.Context, p control.Peer) (string, error) {
	return "/var/backups/journal.db", h.note(p, "backup")
}

func (h *house) Approvals(context.Context, control.Peer) ([]control.Approval, error) {
	return h.approvals, h.fail
}

func (h *house) Decide(_ context.Context, p control.Peer, id string, answer control.Answer) error {
	return h.note(p, "decide "+id+" "+string(answer))
}

func (h *house) Origins(_ context.Context, p control.Peer) ([]control.Origin, error) {
	return []control.Origin{{Origin: "https://shop.example", Source: "config"}}, h.note(p, "origins")
}

func (h *house) AllowOrigin(_ context.Context, p control.Peer, origin string, scopes []contract.Scope) error {
	return h.note(p, "allow "+origin)
}

func (h *house) DenyOrigin(_ context.Context, p control.Peer, origin string) error {
	return h.note(p, "deny "+origin)
}

func (h *house) LogTail(_ context.Context, p control.Peer, lines int) ([]string, error) {
	return []string{"a", "b"}, h.note(p, "log")
}

func (h *house) Secrets(_ context.Context, p control.Peer) ([]string, error) {
	return []string{"access_key"}, h.note(p, "secrets")
}

func (h *house) SetSecret(_ context.Context, p control.Peer, name string, value []byte) (bool, error) {
	return name == "access_key", h.note(p, fmt.Sprintf("set %s %x", name, value))
}

func (h *house) RemoveSecret(_ context.Context, p control.Peer, name string) (bool, error) {
	return false, h.note(p, "remove "+name)
}

func (h *house) Stop(_ context.Context, p control.Peer) error { return h.note(p, "stop") }

func (h *house) Watch(context.Context, control.Peer) (<-chan control.Event, func()) {
	return h.events, func() {}
}

// door is a real server at a real address.
type door struct {
	address string
	log     *lockedBuffer
	stop    func()
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func open(t *testing.T, cfg control.Config) *door {
	t.Helper()
	d := &door{log: &lockedBuffer{}, address: newAddress(t)}
	l, err := control.Listen(d.address, false)
	if err != nil {
		t.Fatalf("Listen: %v", err)
	}
	d.serve(t, cfg, l)
	return d
}

func (d *door) serve(t *testing.T, cfg control.Config, l net.Listener) {
	t.Helper()
	if cfg.Backend == nil {
		cfg.Backend = newHouse()
	}
	cfg.Log = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server, err := control.NewServer(cfg)
	if err != nil {
		t.Fatalf("NewServer: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(func() { d.stop(); checkLeft(t) })
}

func (d *door) dial(t *testing.T) *control.Client {
	t.Helper()
	c, err := control.Dial(t.Context(), d.address)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// checkLeft fails where a goroutine of the package still runs; the runtime may
// need a moment for the last instructions of one.
func checkLeft(t *testing.T) {
	t.Helper()
	var left string
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); runtime.Gosched() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		left = ""
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(stack, "biobridge/agent/control.") || strings.Contains(stack, "jrpc2.(*Server)") {
				left = stack
			}
		}
		if left == "" {
			return
		}
	}
	t.Errorf("left behind:\n%s", left)
}
