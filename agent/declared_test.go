package agent_test

import (
	"slices"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/eko/ekosim"
)

// TestAgent_Declared_Overruled goes on asking about what was declared failed: the
// money has moved, and Eko finds it after all.
func TestAgent_Declared_Overruled(t *testing.T) {
	var c oneClock
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{still: true, now: c.now, config: func(c *agent.Config) { c.Catalogue = texts }})
	sh.open("HIDDEN", ekosim.NotFound) // three inquiries don't find it
	if tx, err := sh.agent.Settle(t.Context(), local, "HIDDEN", "Ravi at Eko: never arrived"); err != nil || !declared(tx) {
		t.Fatalf("Settle: %s (%s), %v", tx.State, tx.Reason, err)
	}
	if left, err := sh.agent.Pending(t.Context(), page); err != nil || len(left) != 0 {
		t.Errorf("it still counts as open: %v, %v", left, err)
	}
	c.move(6 * time.Hour)
	agent.Upkeep(sh.agent, t.Context())
	c.move(20 * 24 * time.Hour)
	tx, err := sh.agent.Inquire(t.Context(), page, "HIDDEN")
	if err != nil || !declared(tx) || sh.asked(ekosim.Inquiry) != 3 {
		t.Fatalf("after three inquiries without news: %s (%s), %d, %v", tx.State, tx.Reason, sh.asked(ekosim.Inquiry), err)
	}

	c.move(6 * time.Hour)
	agent.Upkeep(sh.agent, t.Context())
	tx, err = sh.agent.Get(t.Context(), page, "HIDDEN")
	if err != nil || tx.State != contract.Succeeded || tx.Reason != "overruled" || tx.TID == "" {
		t.Fatalf("after Eko has found it: %s (%s), %v", tx.State, tx.Reason, err)
	}
	checkSentences(t, tx)
	if hindi := sh.agent.Localise(tx, locale.Hindi); hindi.Message != texts.Text(locale.Hindi, "agent.overruled.message", "", nil) {
		t.Errorf("in Hindi it is %+v", hindi)
	}
	trail := sh.trail("HIDDEN")
	last := trail[len(trail)-1]
	if last.By != "eko" || last.From != contract.Failed || last.To != contract.Succeeded || last.Eko.TxStatus == nil {
		t.Errorf("the trail ends with %+v", last)
	}
	reminded := func() bool {
		status, err := sh.agent.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(status.Problems, func(p contract.LocalisedPoint) bool { return p.Code == "overruled" && p.Remedy != "" })
	}
	if !reminded() {
		t.Error("nobody is told")
	}
	c.move(49 * time.Hour)
	if reminded() {
		t.Error("it is still told after two days")
	}
	agent.Upkeep(sh.agent, t.Context())
	if sh.asked(ekosim.Inquiry) != 4 {
		t.Errorf("Eko is asked on: %d", sh.asked(ekosim.Inquiry))
	}
}

// TestAgent_Declared_Confirmed stops asking when Eko itself says failed, and after
// a month.
func TestAgent_Declared_Confirmed(t *testing.T) {
	var c oneClock
	sh := openShop(t, setup{still: true, now: c.now})
	for _, ref := range []string{"LOST", "LOST-TOO"} {
		sh.open(ref, ekosim.LostRequest)
		if tx, err := sh.agent.Settle(t.Context(), local, ref, "never arrived"); err != nil || !declared(tx) {
			t.Fatalf("Settle: %s (%s), %v", tx.State, tx.Reason, err)
		}
	}
	failed := journal.Change{To: contract.Failed, By: "eko", Reason: "failed", Result: &journal.Result{Reason: "failed"}}
	if r, err := sh.journal.Advance(t.Context(), "LOST", failed); err != nil || r.Declared() {
		t.Fatalf("Eko's own word: %s (%s), %v", r.State, r.Reason, err)
	}
	before := sh.asked(ekosim.Inquiry)
	c.move(29 * 24 * time.Hour)
	agent.Upkeep(sh.agent, t.Context())
	c.move(3 * 24 * time.Hour)
	agent.Upkeep(sh.agent, t.Context())
	if n := sh.asked(ekosim.Inquiry) - before; n != 1 {
		t.Errorf("%d inquiries, want one: into what is still a person's word, within a month", n)
	}
}

func declared(tx contract.Transaction) bool {
	return tx.State == contract.Failed && tx.Reason == journal.ReasonDeclared
}
