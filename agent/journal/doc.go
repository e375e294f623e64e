// Package journal is the durable memory of every transaction: one SQLite file,
// one row a transaction and, beside it, an auditor's trail of every change of
// state with its time and reason.
//
// Invariants:
//   - A change of state that the table in states.go does not list is refused
//     with [ErrTransition]; from sending and pending only an answer of Eko's
//     leads on, never a second submission.
//   - A row and its line in the trail are written in one SQLite transaction.
//     The trail is append-only, and neither it nor an unsettled row can be
//     deleted: triggers in the file itself hold that.
//   - [Journal.Begin] and the change to captured may be lost in a power failure
//     (nothing has moved yet); every other change has been fsynced when the
//     call returns. A withdrawal therefore costs two fsyncs: one before the
//     first byte leaves for Eko, one before anybody is told the outcome.
//   - A write that has begun is finished: cancelling the caller's context does
//     not interrupt it.
//   - A step of the merchant's own is written before it is sent, since Eko charges
//     for it; a repeat on the same day in India has to be meant
//     ([Journal.BeginMerchant]).
//   - One process holds a journal at a time ([ErrLocked] names the other one).
//   - Whatever was under way when the last process ended is put right by [Open]:
//     sending becomes pending, started and captured become abandoned.
//   - A damaged file is never repaired in place and never deleted. It is set
//     aside with its log under another name (a mark beside it holds how far that
//     has come, so that a power cut in between loses nothing), what can still be
//     read of it is carried over, and no money may be begun until the local user
//     has said so ([Journal.AcceptDamage]).
//   - A program works on with a file that a newer one has migrated, as long as that
//     one has said it may: an update that fails is taken back over the migrated file.
//     Any other newer file is refused ([ErrNewer]) and left as it is.
//   - Order is the order of writing (a sequence number), not the PC's clock,
//     which may be set back.
//   - No full Aadhaar number, PID block or key is ever stored. People are
//     recognised by a keyed hash that the caller makes.
//
// It does not know Eko, scanners or pages, and it decides no outcome.
package journal
