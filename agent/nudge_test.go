package agent_test

import (
	"sync/atomic"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

// TestAgent_Nudge: when the network is back, what nobody answered is asked about
// at once; what Eko did answer keeps its time.
func TestAgent_Nudge(t *testing.T) {
	tests := []struct {
		name    string
		inquiry ekosim.Behaviour // how the last inquiries fared
		when    string           // the agent is nudged: after or during the last of them
		asks    bool
	}{
		{"nobody nudges", ekosim.LostRequest, "", false},
		{"not answered", ekosim.LostRequest, "after", true},
		{"the answer lost", ekosim.LostAnswer, "after", true},
		{"nudged while it was asked", ekosim.LostRequest, agent.AfterInquiry, true},
		{"answered", ekosim.HTTP500, "after", false},
		{"asked to wait", ekosim.TooMany, "after", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &oneClock{}
			now := c.standing()
			var last atomic.Bool
			var sh *shop
			sh = openShop(t, setup{now: now, still: true,
				scanner: func(o *rdsim.Options) { o.Clock = now },
				eko:     func(o *ekosim.Options) { o.Clock = now },
				client:  func(e *eko.Config) { e.Now = now },
				config: func(cfg *agent.Config) {
					cfg.Failpoint = func(name string) {
						if last.Load() && name == tt.when {
							sh.agent.Nudge()
						}
					}
				}})
			sh.open("PAID", ekosim.LostAnswer)
			const inquiries = 6 // the next one is half a minute away
			if err := sh.eko.SetFault(ekosim.Fault{Operation: ekosim.Inquiry, Behaviour: tt.inquiry, Times: inquiries}); err != nil {
				t.Fatal(err)
			}
			for i := range inquiries {
				last.Store(i == inquiries-1)
				c.move(5 * time.Second)
				if tx, err := sh.agent.Inquire(t.Context(), page, "PAID"); err != nil || tx.State != contract.Pending {
					t.Fatalf("Inquire: %s (%s), %v", tx.State, tx.Reason, err)
				}
			}
			last.Store(false)
			if tt.when == "after" {
				sh.agent.Nudge()
			}
			c.move(2 * time.Second)
			wait, err := agent.FollowUp(sh.agent, t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !tt.asks {
				if wait < 10*time.Second || wait >= time.Minute {
					t.Errorf("it looks again in %s, want the inquiry's own time", wait)
				}
				return
			}
			if tx := sh.settled("PAID"); tx.State != contract.Succeeded {
				t.Errorf("it became %s (%s)", tx.State, tx.Reason)
			}
		})
	}
}

// TestAgent_Nudge_NotFasterThanAPage: a network that comes and goes doesn't make
// Eko be asked every moment.
func TestAgent_Nudge_NotFasterThanAPage(t *testing.T) {
	c := &oneClock{}
	sh := openShop(t, setup{now: c.standing(), still: true})
	sh.open("PAID", ekosim.LostAnswer)
	if err := sh.eko.SetFault(ekosim.Fault{Operation: ekosim.Inquiry, Behaviour: ekosim.LostRequest, Times: 3}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.move(5 * time.Second)
		if _, err := sh.agent.Inquire(t.Context(), page, "PAID"); err != nil {
			t.Fatal(err)
		}
	}
	sh.agent.Nudge()
	if wait, err := agent.FollowUp(sh.agent, t.Context()); err != nil || wait != time.Second {
		t.Errorf("it looks again in %s (%v), want a second after the last inquiry", wait, err)
	}
}
