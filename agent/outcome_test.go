package agent_test

import (
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko"
	"biobridge/eko/ekosim"
)

// slow behaviours hold an answer back for seconds; here they are told to hurry.
var hurried = map[ekosim.Behaviour]int64{
	ekosim.SlowBank: 20, ekosim.SlowAnswer: 20, ekosim.LateMoney: 50,
}

// TestAgent_Transact_Behaviours meets every way in which Eko can misbehave, and
// ends knowing what Eko knows.
func TestAgent_Transact_Behaviours(t *testing.T) {
	for _, b := range ekosim.Behaviours() {
		t.Run(string(b.Behaviour), func(t *testing.T) {
			t.Parallel()
			sh := openShop(t, setup{client: func(c *eko.Config) { c.Timeout = patience }})
			fault := ekosim.Fault{Behaviour: b.Behaviour, Operation: ekosim.CashWithdrawal, DelayMS: hurried[b.Behaviour], Inquiries: 1}
			if err := sh.eko.SetFault(fault); err != nil {
				t.Fatal(err)
			}
			r := withdraw(t, 500)
			r.ClientRefID = "B" + strings.ToUpper(strings.ReplaceAll(string(b.Behaviour), "_", "-"))[:min(19, len(b.Behaviour))]
			tx := sh.transact(r)
			checkSentences(t, tx)
			books, known := sh.eko.Transaction(r.ClientRefID)
			if n := sh.eko.Attempts(r.ClientRefID); n > 1 {
				t.Fatalf("%d attempts", n)
			}
			if !tx.State.Settled() && known && (books.TxStatus == "0" || books.TxStatus == "1" || books.TxStatus == "4") {
				tx = sh.settled(r.ClientRefID)
			}
			books, known = sh.eko.Transaction(r.ClientRefID)
			switch {
			case !known:
				if tx.State == contract.Succeeded || sh.eko.Moved(r.ClientRefID) != 0 {
					t.Errorf("Eko knows nothing of it and the journal says %s", tx.State)
				}
			default:
				want := map[string]contract.State{"0": contract.Succeeded, "1": contract.Failed, "2": contract.Pending,
					"3": contract.RefundPending, "4": contract.Refunded, "5": contract.Pending, "6": contract.Pending}[books.TxStatus]
				if tx.State != want && tx.State != contract.Pending {
					t.Errorf("Eko says %q, the journal %s (%s)", books.TxStatus, tx.State, tx.Reason)
				}
			}
		})
	}
}

// patience is how long Eko may take in these tests: answers that never end are
// cut off after it.
const patience = 3 * time.Second

// checkSentences: where the result is open, the shopkeeper must be told not to
// pay out and not to repeat.
func checkSentences(t *testing.T, tx contract.Transaction) {
	t.Helper()
	if tx.Message == "" {
		t.Errorf("%s (%s) says nothing", tx.State, tx.Reason)
	}
	low := strings.ToLower(tx.Remedy)
	switch tx.State {
	case contract.Pending:
		if !strings.Contains(tx.Message, "not known yet") || !strings.Contains(low, "do not pay out") || !strings.Contains(low, "do not repeat") {
			t.Errorf("pending (%s) says %q, %q", tx.Reason, tx.Message, tx.Remedy)
		}
	case contract.RefundPending:
		if !strings.Contains(low, "do not pay out") {
			t.Errorf("refund_pending says %q, %q", tx.Message, tx.Remedy)
		}
	}
}

// TestAgent_Inquire asks by hand, together, and as a stranger.
func TestAgent_Inquire(t *testing.T) {
	sh := openShop(t, setup{still: true})
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostAnswer}); err != nil {
		t.Fatal(err)
	}
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Pending {
		t.Fatalf("answer lost: %s", tx.State)
	}
	stranger := agent.Caller{Origin: "https://other.example", User: "shop"}
	none, err := sh.agent.Inquire(t.Context(), stranger, tx.ClientRefID)
	sh.is(none, err, contract.NotFound)
	tx, err = sh.agent.Inquire(t.Context(), page, tx.ClientRefID)
	if err != nil || tx.State != contract.Succeeded || tx.TID == "" {
		t.Fatalf("Inquire: %+v, %v", tx, err)
	}
	before := len(sh.eko.Requests())
	if again, err := sh.agent.Inquire(t.Context(), page, tx.ClientRefID); err != nil || again.State != contract.Succeeded || len(sh.eko.Requests()) != before {
		t.Errorf("a settled one: %s, %v, %d requests more", again.State, err, len(sh.eko.Requests())-before)
	}
}

// TestAgent_Settle is the phone call to Eko.
func TestAgent_Settle(t *testing.T) {
	sh := openShop(t, setup{still: true})
	local := agent.Caller{Local: true, User: "shop"}
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostRequest}); err != nil {
		t.Fatal(err)
	}
	lost := sh.transact(withdraw(t, 500))
	if lost.State != contract.Pending {
		t.Fatalf("request lost: %s", lost.State)
	}
	tx, err := sh.agent.Settle(t.Context(), page, lost.ClientRefID, "because")
	sh.is(tx, err, contract.Unauthorized)
	tx, err = sh.agent.Settle(t.Context(), local, lost.ClientRefID, "  ")
	sh.is(tx, err, contract.InvalidParams)
	if tx, err = sh.agent.Settle(t.Context(), local, lost.ClientRefID, "Ravi at Eko, 4 pm: never arrived"); err != nil || tx.State != contract.Failed || tx.Reason != "declared_failed" {
		t.Fatalf("Settle: %+v, %v", tx, err)
	}
	trail := sh.trail(lost.ClientRefID)
	last := trail[len(trail)-1]
	if last.By != "local:shop" || !strings.Contains(last.Reason, "Ravi at Eko") {
		t.Errorf("the trail ends with %+v", last)
	}
	tx, err = sh.agent.Settle(t.Context(), local, lost.ClientRefID, "again")
	sh.is(tx, err, contract.RequestConflict)

	// Eko knows the other one: its word stands against the user's.
	if err := sh.eko.SetFault(ekosim.Fault{Behaviour: ekosim.LostAnswer}); err != nil {
		t.Fatal(err)
	}
	paid := sh.transact(withdraw(t, 600))
	if tx, err = sh.agent.Settle(t.Context(), local, paid.ClientRefID, "I think it failed"); err != nil || tx.State != contract.Succeeded {
		t.Errorf("Settle against Eko's word: %s, %v", tx.State, err)
	}
}
