package control_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

const nobody = 65534

// sharedDir is a directory that every user may look into.
func sharedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "door")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// asNobody runs one of this binary's tests as another user of the computer.
func asNobody(t *testing.T, address, test string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(sharedDir(t), "client")
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied, "-test.run", "^"+test+"$", "-test.v")
	cmd.Env = []string{"DOOR_ADDRESS=" + address, "GOCOVERDIR=" + t.TempDir()}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// serveAll opens a door for every user.
func serveAll(t *testing.T, cfg control.Config) *door {
	t.Helper()
	d := &door{log: &lockedBuffer{}, address: filepath.Join(sharedDir(t), "control.sock")}
	l, err := control.Listen(d.address, true)
	if err != nil {
		t.Fatal(err)
	}
	d.serve(t, cfg, l)
	return d
}

func TestAnotherUser(t *testing.T) {
	house := newHouse()
	own := house.records["MINE"]
	own.User = "uid:65534"
	house.records["OWN"] = own
	house.approvals = []control.Approval{{ID: "1", User: "uid:65534"}, {ID: "2", User: "uid:4294967294"}, {ID: "3"}}
	d := serveAll(t, control.Config{Backend: house, Allow: func(p control.Peer) bool { return p.ID == "uid:65534" }})
	record := house.records["THEIRS"]
	house.events <- control.Event{Kind: "transaction.updated", Transaction: &record}
	house.events <- control.Event{Kind: "approval.changed", Approvals: house.approvals}
	asNobody(t, d.address, "TestStoryAnotherUser")
	for _, forbidden := range []string{"stop", "settle THEIRS x", "inquire THEIRS", "receipt THEIRS", "decide 2 once"} {
		if house.was(forbidden) {
			t.Errorf("another user did: %s", forbidden)
		}
	}
	for _, f := range house.filters {
		if f.User != "uid:65534" {
			t.Errorf("another user listed transactions of %q", f.User)
		}
	}
	for _, p := range house.peers {
		if p.ID != "uid:65534" || p.Admin || p.PID == 0 {
			t.Errorf("peer = %+v", p)
		}
	}
}

// TestStoryAnotherUser is the other user's side of TestAnotherUser.
func TestStoryAnotherUser(t *testing.T) {
	address := os.Getenv("DOOR_ADDRESS")
	if address == "" {
		t.Skip("runs within TestAnotherUser")
	}
	ctx := t.Context()
	c, err := control.Dial(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	code := func(err error) contract.Code {
		if refusal, ok := errors.AsType[*control.Error](err); ok {
			return refusal.Code
		}
		return ""
	}
	if s, err := c.Status(ctx); err != nil || len(s.Pages) != 1 || s.Pages[0].User != "uid:65534" {
		t.Errorf("Status = %+v, %v, want the own page only", s, err)
	}
	if err := c.Stop(ctx); code(err) != contract.Unauthorized {
		t.Errorf("Stop = %v, want unauthorized", err)
	}
	if page, err := c.Transactions(ctx, control.Filter{User: "uid:4294967294"}); err != nil || len(page.Transactions) != 1 || page.Transactions[0].ClientRefID != "MINE" {
		t.Errorf("Transactions = %+v, %v, want what is nobody else's", page, err)
	}
	if _, err := c.Transaction(ctx, "OWN"); err != nil {
		t.Errorf("own transaction: %v", err)
	}
	for name, ask := range map[string]func() error{
		"get":     func() error { _, err := c.Transaction(ctx, "THEIRS"); return err },
		"inquire": func() error { _, err := c.Inquire(ctx, "THEIRS"); return err },
		"settle":  func() error { _, err := c.Settle(ctx, "THEIRS", "x"); return err },
		"receipt": func() error { _, err := c.Receipt(ctx, "THEIRS", "text", "en"); return err },
		"decide":  func() error { return c.Decide(ctx, "2", control.AllowOnce) },
	} {
		if err := ask(); code(err) != contract.NotFound {
			t.Errorf("%s of another user's = %v, want not_found", name, err)
		}
	}
	if list, err := c.Approvals(ctx); err != nil || len(list) != 2 || list[0].ID != "1" || list[1].ID != "3" {
		t.Errorf("Approvals = %+v, %v, want 1 and 3", list, err)
	}
	if err := c.Decide(ctx, "1", control.AllowOnce); err != nil {
		t.Errorf("deciding an own question: %v", err)
	}
	events, err := c.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Kind != "approval.changed" || len(e.Approvals) != 2 {
		t.Errorf("event = %+v, want the approvals and not the other's transaction", e)
	}
}

func TestAnotherUser_notAllowed(t *testing.T) {
	d := serveAll(t, control.Config{Allow: func(control.Peer) bool { return false }})
	asNobody(t, d.address, "TestStoryNotAllowed")
}

// TestStoryNotAllowed is the other user's side of TestAnotherUser_notAllowed.
func TestStoryNotAllowed(t *testing.T) {
	address := os.Getenv("DOOR_ADDRESS")
	if address == "" {
		t.Skip("runs within TestAnotherUser_notAllowed")
	}
	c, err := control.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Status(t.Context()); err == nil {
		t.Error("a user who isn't allowed was served")
	}
}

func TestAnotherUser_closedDoor(t *testing.T) {
	d := &door{log: &lockedBuffer{}, address: filepath.Join(sharedDir(t), "control.sock")}
	l, err := control.Listen(d.address, false)
	if err != nil {
		t.Fatal(err)
	}
	d.serve(t, control.Config{}, l)
	asNobody(t, d.address, "TestStoryClosedDoor")
}

// TestStoryClosedDoor is the other user's side of TestAnotherUser_closedDoor.
func TestStoryClosedDoor(t *testing.T) {
	address := os.Getenv("DOOR_ADDRESS")
	if address == "" {
		t.Skip("runs within TestAnotherUser_closedDoor")
	}
	if _, err := control.Dial(t.Context(), address); !errors.Is(err, control.ErrNotAllowed) {
		t.Errorf("Dial = %v, want ErrNotAllowed", err)
	}
}

func TestAnotherUser_takesAllPlaces(t *testing.T) {
	d := serveAll(t, control.Config{PerUser: 3})
	asNobody(t, d.address, "TestStoryTakesAllPlaces")
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Errorf("an administrator: %v", err)
	}
}

// TestStoryTakesAllPlaces is the other user's side of TestAnotherUser_takesAllPlaces.
func TestStoryTakesAllPlaces(t *testing.T) {
	address := os.Getenv("DOOR_ADDRESS")
	if address == "" {
		t.Skip("runs within TestAnotherUser_takesAllPlaces")
	}
	served := 0
	for range 10 {
		c, err := control.Dial(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Status(t.Context()); err == nil {
			served++
		}
	}
	if served != 3 {
		t.Errorf("%d connections of one user were served, want 3", served)
	}
}
