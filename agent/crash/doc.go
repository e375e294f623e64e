// Package crash is a test and nothing else: it kills the agent at every arrow of
// a transaction's life, and at random moments, starts it again, and counts the
// money at the simulated Eko.
//
// The agent is a real process: the test binary starts itself again, and the
// child builds journal, watcher, Eko client and agent as the daemon does and
// takes orders on its standard input. It dies by SIGKILL, of its own hand at a
// failpoint, or of the test's while Eko holds the request. Scanner and Eko live
// on in the parent.
//
// TestCrash_Program does the same to the program as it is installed, through its
// configuration file, its WebSocket API and its local door; it has no failpoints.
//
// After each death the next process takes over the journal, the page repeats its
// call with the same client_ref_id, as a page that lost its connection does, and
// then three things must hold:
//
//   - not doubled: no reference moved money twice, or was submitted twice. The
//     simulator is told to forget references, so a second submission would
//     really pay a second time;
//   - not lost: where money moved, the journal doesn't say failed or abandoned,
//     and knows the transaction;
//   - not wrong: where the journal says succeeded, money moved; what the page
//     was told before the kill is what the journal says after it; and whatever
//     Eko has decided, the journal has learned.
//
// BIOBRIDGE_CRASH_KILLS is the number of kills (40 where it isn't set, 300 in
// CI); at least two thirds of them are at random moments. The program dies a tenth
// as often. BIOBRIDGE_CRASH_SEED repeats a run.
package crash
