package journal

import (
	"slices"

	"biobridge/agent/contract"
)

// legal is the life of money: what may follow each state. Nothing leads out of
// a settled one, but for [Record.Declared].
var legal = map[contract.State][]contract.State{
	contract.Started:       {contract.Captured, contract.Abandoned},
	contract.Captured:      {contract.Sending, contract.Abandoned},
	contract.Sending:       {contract.Succeeded, contract.Failed, contract.RefundPending, contract.Pending},
	contract.Pending:       {contract.Succeeded, contract.Failed, contract.RefundPending},
	contract.RefundPending: {contract.Refunded},
}

// Allowed reports whether a transaction may go from one state to the other in
// one step.
func Allowed(from, to contract.State) bool { return slices.Contains(legal[from], to) }

// steps lists the states to pass through from one to the other: one step where
// it is legal, two where Eko reports a refund that nobody had seen begin, nil
// where there is no way.
func steps(from, to contract.State) []contract.State {
	switch {
	case Allowed(from, to):
		return []contract.State{to}
	case to == contract.Refunded && Allowed(from, contract.RefundPending):
		return []contract.State{contract.RefundPending, contract.Refunded}
	}
	return nil
}

// Reachable reports whether a word of Eko's takes the transaction to a state, be
// it in two steps.
func (r Record) Reachable(to contract.State) bool { return r.steps(to, byEko) != nil }

// ReasonDeclared: the local user declared a transaction failed that Eko didn't
// know.
const ReasonDeclared = "declared_failed"

// Declared reports whether the transaction is settled by the local user's word
// alone. Eko's own word still overrules it.
func (r Record) Declared() bool {
	return r.State == contract.Failed && r.Reason == ReasonDeclared
}

// byEko is Change.By where an answer of Eko's causes it.
const byEko = "eko"

func (r Record) steps(to contract.State, by string) []contract.State {
	switch {
	case !r.Declared() || by != byEko:
		return steps(r.State, to)
	case to == contract.Failed:
		return []contract.State{to}
	}
	return steps(contract.Pending, to)
}

// durable reports whether the change to this state must have reached the disk
// when the write returns. Up to captured nothing has moved: losing such a row
// in a power failure loses nothing, and the next durable write carries it along.
func durable(to contract.State) bool {
	return to != contract.Started && to != contract.Captured
}

// unsettledSQL is the condition of every partial index and query over rows that
// still wait for something.
const unsettledSQL = `state IN ('started','captured','sending','pending','refund_pending')`
