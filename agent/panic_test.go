package agent_test

import (
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
)

// TestAgent_Panic breaks a transaction off in the middle, at each of its steps:
// the agent goes on, and what is on record is true.
func TestAgent_Panic(t *testing.T) {
	for point, want := range map[string]contract.State{
		agent.AfterStarted: contract.Abandoned, agent.AfterCaptured: contract.Abandoned,
		agent.AfterSending: contract.Pending, agent.AfterAnswer: contract.Succeeded, agent.AfterOutcome: contract.Succeeded,
	} {
		t.Run(point, func(t *testing.T) {
			armed := true
			sh := openShop(t, setup{config: func(c *agent.Config) {
				c.Failpoint = func(name string) {
					if armed && name == point {
						armed = false
						panic("nobody thought of this")
					}
				}
			}})
			r := withdraw(t, 500)
			r.ClientRefID = "PANIC"
			e := sh.refused(r, contract.Internal)
			if e.Data["incident"] == nil {
				t.Errorf("data %v", e.Data)
			}
			tx := contract.Transaction{}
			if want == contract.Pending {
				// Eko never heard of it, and no inquiry says so.
				var err error
				if tx, err = sh.agent.Inquire(t.Context(), page, "PANIC"); err != nil {
					t.Fatal(err)
				}
			} else {
				tx = sh.settled("PANIC")
			}
			if tx.State != want || tx.Message == "" {
				t.Errorf("it became %s (%s)", tx.State, tx.Reason)
			}
			if tx := sh.transact(withdraw(t, 600)); tx.State != contract.Succeeded {
				t.Errorf("the next one: %s", tx.State)
			}
		})
	}
}
