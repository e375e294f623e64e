package journal

import (
	"slices"

	"biobridge/agent/contract"
)

// legal is the life of money: what may follow each state. Nothing leads out of
// a settled one.
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

// Reachable reports whether Advance takes a transaction from one state to the
// other, be it in two steps.
func Reachable(from, to contract.State) bool { return steps(from, to) != nil }

// durable reports whether the change to this state must have reached the disk
// when the write returns. Up to captured nothing has moved: losing such a row
// in a power failure loses nothing, and the next durable write carries it along.
func durable(to contract.State) bool {
	return to != contract.Started && to != contract.Captured
}

// unsettledSQL is the condition of every partial index and query over rows that
// still wait for something.
const unsettledSQL = `state IN ('started','captured','sending','pending','refund_pending')`
