package crash_test

import (
	"biobridge/agent/contract"
	"biobridge/rdservice/rdsim"
)

// faultCaptureFails makes the scanner give up once.
var faultCaptureFails = rdsim.Fault{Name: "error", Arg: "730:aborted", Verb: "CAPTURE", Times: 1}

// judge lets the page repeat its call, lets the agent find out the truth, and
// compares it with Eko's.
func (r *rounds) judge(ref string, amount int64) {
	y := r.tally
	y.mu.Lock()
	y.transactions++
	y.mu.Unlock()
	repeated, alive := r.ask(order{Op: "transact", Ref: ref, Amount: amount})
	if !alive {
		y.fault(&y.wrong, "%s (seed %d): the next agent died on the repeated call; log:\n%s", ref, r.seed, r.agent.log)
		r.start("")
		return
	}
	final, _ := r.ask(order{Op: "await", Ref: ref})
	if final.Code == contract.NotFound {
		final = repeated
	}
	if _, known := r.town.sim.Transaction(ref); final.State == contract.Pending && !known {
		// It never reached the bank, and no inquiry can say so: this is where the
		// shopkeeper phones Eko.
		final, _ = r.ask(order{Op: "settle", Ref: ref})
		y.mu.Lock()
		y.declared++
		y.mu.Unlock()
	}
	r.compare(ref, amount, repeated, final)
}

// compare holds the journal's last word against Eko's books and against what
// the page was told.
func (r *rounds) compare(ref string, amount int64, repeated, final answer) {
	y, sim := r.tally, r.town.sim
	moved, attempts := sim.Moved(ref), sim.Attempts(ref)
	books, known := sim.Transaction(ref)
	about := func(kind *int, what string) {
		y.fault(kind, "%s of ₹%d (seed %d): %s; moved %d in %d attempts, Eko says %q; the journal %s (%s %s), the repeated call %s (%s), the page heard %+v; log:\n%s",
			ref, amount, r.seed, what, moved, attempts, books.TxStatus, final.State, final.Code, final.Reason,
			repeated.State, repeated.Code, r.heard, r.agent.log)
	}
	if moved > 1 || attempts > 1 {
		about(&y.doubled, "doubled")
	}
	refunded := known && books.Refunded > 0
	switch final.State {
	case contract.Succeeded:
		y.count(&y.succeeded)
		if moved == 0 || refunded {
			about(&y.wrong, "succeeded without money")
		}
	case contract.Failed, contract.Abandoned, contract.Refunded:
		y.count(map[contract.State]*int{contract.Failed: &y.failed, contract.Refunded: &y.failed, contract.Abandoned: &y.abandoned}[final.State])
		if moved > 0 && !refunded {
			about(&y.lost, "money moved and the journal denies it")
		}
	case contract.Pending, contract.RefundPending:
		if known && books.TxStatus != "2" && books.TxStatus != "3" {
			about(&y.wrong, "Eko has decided and the journal has not learned it")
		}
	default:
		y.count(&y.unknown)
		about(&y.wrong, "no final state")
	}
	if states := map[string]contract.State{"0": contract.Succeeded, "1": contract.Failed, "4": contract.Refunded}; known {
		if want, decided := states[books.TxStatus]; decided && final.State != want {
			about(&y.wrong, "not what Eko says")
		}
	}
	r.compareHeard(about, final)
}

// compareHeard: a final word that the page got must stay the word.
func (r *rounds) compareHeard(about func(*int, string), final answer) {
	if r.heard == nil {
		return
	}
	switch {
	case r.heard.Code != "" && final.State != contract.Abandoned && final.State != contract.Failed:
		about(&r.tally.wrong, "the page was told that nothing was sent")
	case r.heard.Code == "" && r.heard.State.Settled() && r.heard.State != final.State:
		about(&r.tally.wrong, "the page was told another final state")
	}
}

func (y *tally) count(n *int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	*n++
}
