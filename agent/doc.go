// Package agent is a transaction's life: it validates what a page asks for,
// chooses the scanner, takes and checks the capture, writes the journal, sends
// the request to Eko once, records the outcome, tells who asked, and goes on
// asking Eko about whatever is not settled.
//
// Invariants:
//   - A client_ref_id leads to one submission at most, whoever repeats it, at
//     whatever moment the page, the agent or the power goes away. The reference
//     and the state sending are fsynced before the first byte leaves; from
//     there on only inquiries follow.
//   - The outcome is on disk before anyone is told it. When it cannot be
//     written, the answer is "pending", which is what a restart would say. Only
//     started and captured are announced before they are fsynced (package
//     journal says why that costs nothing).
//   - A page can give up a transaction until it is being sent and not after
//     ([Ticket.Cancel]); from then on the work is the agent's own and no
//     caller's context ends it.
//   - A page sees its own transactions under its own user of the PC, and
//     doesn't learn that others exist. Only the local user's door sees all.
//   - Limits of a person are checked in the same database transaction that
//     writes the row, so two requests at once cannot both pass.
//   - One capture serves one call and is wiped after it. A full Aadhaar number
//     is held only while its request is under way, and reaches the disk as a
//     keyed hash and four digits.
//   - Every error that leaves this package is an [*Error] with a code of the
//     public contract, a sentence and a remedy for the shopkeeper.
//
// It knows nothing of HTTP, WebSocket or SQL, and decides no outcome: package
// eko does, and package agent/journal decides which changes of state are legal.
package agent
