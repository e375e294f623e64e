package wsapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

const newOrigin = "https://new.example"

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// knock tries to come in and returns the refusal that it gets.
func (b *bridge) knock(t testing.TB, origin string) string {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+b.addr+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	_, data, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	_, _, _ = ws.ReadMessage()
	return string(data)
}

func TestApproval(t *testing.T) {
	clock := newClock()
	var b *bridge
	var decided []wsapi.Decision
	var changes [][]wsapi.Question
	refuse := errors.New("the list can't be written")
	approvals := wsapi.NewApprovals(wsapi.ApprovalConfig{
		Now: clock.Now,
		Decided: func(_ context.Context, d wsapi.Decision) error {
			decided = append(decided, d)
			if refuse != nil {
				return refuse
			}
			if d.Answer == wsapi.Deny {
				return nil
			}
			return b.SetOrigins([]wsapi.Origin{{Name: d.Origin, Scopes: d.Scopes}})
		},
		Changed: func(q []wsapi.Question) { changes = append(changes, q) },
	})
	b = open(t, wsapi.Config{Approvals: approvals})

	for range 5 {
		if refusal := b.knock(t, newOrigin); !strings.Contains(refusal, "being asked") || !strings.Contains(refusal, "origin_denied") {
			t.Errorf("refusal = %s, want that the user is being asked", refusal)
		}
	}
	open := approvals.List()
	if len(open) != 1 || open[0].Origin != newOrigin || len(open[0].Scopes) == 0 || open[0].User == "" || !open[0].Expires.After(open[0].Asked) {
		t.Fatalf("questions = %+v, want one about %s", open, newOrigin)
	}
	if err := approvals.Decide(t.Context(), "nonsense", wsapi.Deny); !errors.Is(err, wsapi.ErrNoQuestion) {
		t.Errorf("Decide of nothing = %v", err)
	}
	if err := approvals.Decide(t.Context(), open[0].ID, "perhaps"); err == nil {
		t.Error("Decide took an answer that is none")
	}
	if err := approvals.Decide(t.Context(), open[0].ID, wsapi.AllowRemember); !errors.Is(err, refuse) {
		t.Errorf("Decide = %v, want the list's error", err)
	}
	if len(approvals.List()) != 1 {
		t.Error("the question is gone although nothing came of the answer")
	}
	refuse = nil
	if err := approvals.Decide(t.Context(), open[0].ID, wsapi.AllowRemember); err != nil {
		t.Fatal(err)
	}
	if err := approvals.Decide(t.Context(), open[0].ID, wsapi.Deny); !errors.Is(err, wsapi.ErrNoQuestion) {
		t.Errorf("a second answer = %v, want ErrNoQuestion", err)
	}
	b.join(t, newOrigin).must("device.list", `{}`)
	if last := decided[len(decided)-1]; last.Answer != wsapi.AllowRemember || last.Origin != newOrigin {
		t.Errorf("decision = %+v", last)
	}
	if len(changes) != 2 || len(changes[0]) != 1 || len(changes[1]) != 0 {
		t.Errorf("changes = %+v, want one question, then none", changes)
	}
}

func TestApproval_cantNag(t *testing.T) {
	clock := newClock()
	approvals := wsapi.NewApprovals(wsapi.ApprovalConfig{Now: clock.Now, PerHour: 6, Decided: func(context.Context, wsapi.Decision) error { return nil }})
	b := open(t, wsapi.Config{Approvals: approvals})
	asked := func(origin string) bool { return strings.Contains(b.knock(t, origin), "being asked") }

	if !asked(newOrigin) {
		t.Fatal("the first knock was no question")
	}
	if err := approvals.Decide(t.Context(), approvals.List()[0].ID, wsapi.Deny); err != nil {
		t.Fatal(err)
	}
	if asked(newOrigin) {
		t.Error("a page that was denied asks again at once")
	}
	clock.pass(11 * time.Minute)
	if !asked(newOrigin) {
		t.Error("a page that was denied may never ask again")
	}
	clock.pass(3 * time.Minute)
	if n := len(approvals.List()); n != 0 {
		t.Errorf("%d questions stand after their time", n)
	}
	if asked(newOrigin) {
		t.Error("a page that was ignored asks again at once")
	}
	for i := range 3 {
		if !asked(fmt.Sprintf("https://n%d.example", i)) {
			t.Errorf("question %d was not raised", i)
		}
	}
	if asked("https://n9.example") {
		t.Error("a fourth question stands at once")
	}
	clock.pass(3 * time.Minute)
	if !asked("https://n9.example") {
		t.Error("a sixth question was not raised although none stands")
	}
	if asked("https://n10.example") {
		t.Error("a seventh question was raised within the hour")
	}
	clock.pass(time.Hour)
	if !asked("https://n10.example") {
		t.Error("no question may be raised after the hour")
	}
}

// What no user could judge, or what could never be allowed, is no question.
func TestApproval_notForEverybody(t *testing.T) {
	approvals := wsapi.NewApprovals(wsapi.ApprovalConfig{
		Decided: func(context.Context, wsapi.Decision) error { return nil },
		Refused: func(origin, _ string) bool { return origin == "https://refused.example" },
	})
	b := open(t, wsapi.Config{Approvals: approvals, Environment: "production"})
	for _, origin := range []string{"https://refused.example", "null", "http://plain.example", "http://localhost:3000", "https://NEW.example", "https://new.example/x", "chrome-extension://abc", "file://"} {
		if refusal := b.knock(t, origin); strings.Contains(refusal, "being asked") {
			t.Errorf("%s became a question", origin)
		}
	}
	if n := len(approvals.List()); n != 0 {
		t.Errorf("%d questions stand", n)
	}
}

func TestUsers(t *testing.T) {
	for _, test := range []struct {
		name  string
		users wsapi.Users
		in    bool
	}{
		{"any", wsapi.Users{Mode: "any"}, true},
		{"listed, and it's us", wsapi.Users{Mode: "listed", Listed: []string{"uid:4294967294", ownID(t)}}, true},
		{"listed, and it's not us", wsapi.Users{Mode: "listed", Listed: []string{"uid:4294967294"}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			approvals := wsapi.NewApprovals(wsapi.ApprovalConfig{Decided: func(context.Context, wsapi.Decision) error { return nil }})
			b := open(t, wsapi.Config{Users: test.users, Approvals: approvals})
			if test.in {
				b.join(t, shopOrigin)
				if pages := b.Pages(); pages[0].User != ownID(t) {
					t.Errorf("user = %q, want %q", pages[0].User, ownID(t))
				}
				return
			}
			if refusal := b.knock(t, shopOrigin); !strings.Contains(refusal, `"unauthorized"`) {
				t.Errorf("refusal = %s, want unauthorized", refusal)
			}
			b.knock(t, newOrigin)
			if n := len(approvals.List()); n != 0 {
				t.Error("a user who may not come in has raised a question")
			}
		})
	}
	for _, users := range []wsapi.Users{{Mode: "everyone"}, {Mode: "listed"}} {
		if _, err := wsapi.New(wsapi.Config{Agent: newShop(), Users: users}); err == nil {
			t.Errorf("New took %+v", users)
		}
	}
}
