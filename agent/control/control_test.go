package control_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

func TestEveryMethod(t *testing.T) {
	house := newHouse()
	house.approvals = []control.Approval{{ID: "1", Origin: "https://new.example"}}
	c := open(t, control.Config{Backend: house}).dial(t)
	ctx := t.Context()

	if s, err := c.Status(ctx); err != nil || s.Version != "1.2.3" || s.PID != 42 || len(s.Devices) != 1 || len(s.Pages) != 2 {
		t.Errorf("Status = %+v, %v", s, err)
	}
	if d, err := c.Devices(ctx, true); err != nil || len(d) != 1 || d[0].ID != "d2" {
		t.Errorf("Devices = %+v, %v", d, err)
	}
	if r, err := c.Transactions(ctx, control.Filter{Day: "2026-11-21", State: contract.Pending, Limit: 7}); err != nil || len(r.Transactions) != 2 || r.Next != "n" {
		t.Errorf("Transactions = %+v, %v", r, err)
	}
	if f := house.filters[0]; f.Day != "2026-11-21" || f.State != contract.Pending || f.Limit != 7 {
		t.Errorf("filter = %+v", f)
	}
	if r, err := c.Transaction(ctx, "MINE"); err != nil || r.ClientRefID != "MINE" {
		t.Errorf("Transaction = %+v, %v", r, err)
	}
	if r, err := c.Inquire(ctx, "MINE"); err != nil || r.ClientRefID != "MINE" {
		t.Errorf("Inquire = %+v, %v", r, err)
	}
	if _, err := c.Settle(ctx, "MINE", "Eko says so"); err != nil || !house.was("settle MINE Eko says so") {
		t.Errorf("Settle: %v, %v", err, house.asked)
	}
	if r, err := c.Receipt(ctx, "MINE", "text", "hi"); err != nil || r.Format != "text" || r.Body != "hi" {
		t.Errorf("Receipt = %+v, %v", r, err)
	}
	if a, err := c.Approvals(ctx); err != nil || len(a) != 1 {
		t.Errorf("Approvals = %+v, %v", a, err)
	}
	if o, err := c.Origins(ctx); err != nil || len(o) != 1 {
		t.Errorf("Origins = %+v, %v", o, err)
	}
	if l, err := c.LogTail(ctx, 10); err != nil || len(l) != 2 {
		t.Errorf("LogTail = %v, %v", l, err)
	}
	for what, err := range map[string]error{
		"decide 1 remember":          c.Decide(ctx, "1", control.AllowRemember),
		"allow https://new.example":  c.AllowOrigin(ctx, "https://new.example", []contract.Scope{contract.ScopeDevice}),
		"deny https://new.example":   c.DenyOrigin(ctx, "https://new.example"),
		"accept compared with Eko's": c.AcceptNewJournal(ctx, "compared with Eko's"),
		"stop":                       c.Stop(ctx),
	} {
		if err != nil || !house.was(what) {
			t.Errorf("%s: %v, asked %v", what, err, house.asked)
		}
	}
	if path, err := c.Backup(ctx); err != nil || path != "/var/backups/journal.db" || !house.was("backup") {
		t.Errorf("backup: %q, %v", path, err)
	}
	if names, err := c.Secrets(ctx); err != nil || len(names) != 1 || names[0] != "access_key" {
		t.Errorf("Secrets = %v, %v", names, err)
	}
	// Every byte arrives as it was given: the door is no place for corrections.
	if inUse, err := c.SetSecret(ctx, "access_key", []byte("k\r\n\x00\xff")); err != nil || !inUse || !house.was("set access_key 6b0d0a00ff") {
		t.Errorf("SetSecret = %v, %v, asked %v", inUse, err, house.asked)
	}
	if inUse, err := c.RemoveSecret(ctx, "proxy"); err != nil || inUse || !house.was("remove proxy") {
		t.Errorf("RemoveSecret = %v, %v", inUse, err)
	}
	if err := c.Decide(ctx, "1", "perhaps"); err == nil || house.was("decide 1 perhaps") {
		t.Errorf("an answer that is none was passed on: %v", err)
	}
	if p := house.peers[0]; !p.Admin || p.PID != os.Getpid() || p.ID == "" {
		t.Errorf("peer = %+v, want this process, which runs the agent", p)
	}
}

func TestNotRunning(t *testing.T) {
	address := newAddress(t)
	if _, err := control.Dial(t.Context(), address); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("Dial = %v, want ErrNotRunning", err)
	}
	if msg := control.ErrNotRunning.Error(); !strings.Contains(msg, "biobridge service start") {
		t.Errorf("%q doesn't say what to do", msg)
	}
}

func TestErrors(t *testing.T) {
	house := newHouse()
	d := open(t, control.Config{Backend: house, Explain: func(err error) *control.Error {
		if err.Error() == "known" {
			return &control.Error{Code: contract.Unavailable, Message: "Explained.", Remedy: "Wait."}
		}
		return nil
	}})
	c := d.dial(t)
	for _, test := range []struct {
		err  error
		code contract.Code
		text string
	}{
		{&control.Error{Code: contract.LimitExceeded, Message: "Too much.", Remedy: "Less."}, contract.LimitExceeded, "Too much. Less."},
		{fmt.Errorf("wrapped: %w", &control.Error{Code: contract.NotFound, Message: "Nothing."}), contract.NotFound, "Nothing."},
		{errors.New("known"), contract.Unavailable, "Explained. Wait."},
		{errors.New("canary 999941057058"), contract.Internal, "Something went wrong"},
	} {
		house.fail = test.err
		_, err := c.Origins(t.Context())
		refusal, ok := errors.AsType[*control.Error](err)
		if !ok || refusal.Code != test.code || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%v became %v, want %s %q", test.err, err, test.code, test.text)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("the cause crossed the door: %v", err)
		}
	}
	if !strings.Contains(d.log.String(), "canary") {
		t.Error("the cause of an incident is not in the log")
	}
}

func TestAllow(t *testing.T) {
	d := open(t, control.Config{Allow: func(control.Peer) bool { return false }})
	// This process runs the agent, so it is an administrator of it.
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Errorf("Status of an administrator: %v", err)
	}
}

func TestGivenUp(t *testing.T) {
	house := newHouse()
	entered, left := make(chan struct{}), make(chan struct{})
	house.status = func(ctx context.Context) (control.Status, error) {
		close(entered)
		<-ctx.Done()
		close(left)
		return control.Status{}, ctx.Err()
	}
	c := open(t, control.Config{Backend: house}).dial(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if _, err := c.Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Status = %v, want the context's error", err)
	}
	if _, err := c.Devices(t.Context(), false); err != nil {
		t.Errorf("the next call: %v", err)
	}
	_ = c.Close()
	<-left // the connection's end is the end of its calls
}

func TestStopped(t *testing.T) {
	house := newHouse()
	entered := make(chan struct{})
	house.status = func(ctx context.Context) (control.Status, error) {
		close(entered)
		<-ctx.Done()
		return control.Status{}, ctx.Err()
	}
	d := open(t, control.Config{Backend: house})
	c, watcher := d.dial(t), d.dial(t)
	events, err := watcher.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() { _, err := c.Status(context.Background()); answered <- err }()
	<-entered
	d.stop()
	if err := <-answered; err == nil {
		t.Error("Status succeeded although the agent stopped")
	}
	if _, open := <-events; open {
		t.Error("an event came from a stopped agent")
	}
	if _, err := c.Devices(t.Context(), false); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("a call after the end = %v, want ErrNotRunning", err)
	}
	if _, err := control.Dial(t.Context(), d.address); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("Dial after the end = %v, want ErrNotRunning", err)
	}
}

func TestWatch(t *testing.T) {
	house := newHouse()
	c := open(t, control.Config{Backend: house}).dial(t)
	events, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); err != nil {
		t.Errorf("a second Watch: %v", err)
	}
	record := house.records["THEIRS"]
	sent := []control.Event{
		{Kind: "device.changed", Device: &contract.DeviceChanged{Change: "added"}},
		{Kind: "transaction.updated", Transaction: &record},
		{Kind: "approval.changed", Approvals: []control.Approval{{ID: "1"}}},
		{Kind: "asking.changed", Asking: 2},
	}
	for _, e := range sent {
		house.events <- e
	}
	for _, want := range sent {
		got := <-events
		if got.Kind != want.Kind || got.Asking != want.Asking || len(got.Approvals) != len(want.Approvals) {
			t.Errorf("event = %+v, want %+v", got, want)
		}
	}
}

// stumbling is a listener that fails now and then, as one does that has no free
// file descriptor.
type stumbling struct {
	net.Listener
	faults int
}

func (s *stumbling) Accept() (net.Conn, error) {
	if s.faults > 0 {
		s.faults--
		return nil, errors.New("too many open files")
	}
	return s.Listener.Accept()
}

func TestServe_listenerStumbles(t *testing.T) {
	address := newAddress(t)
	l, err := control.Listen(address, false)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{log: &lockedBuffer{}, address: address}
	d.serve(t, control.Config{}, &stumbling{l, 3})
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Error(err)
	}
}
