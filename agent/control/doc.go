// Package control is the local user's door: the Unix socket or named pipe that
// the command line and the tray use, with its server and its client. No page
// reaches it: a browser can open neither.
//
// Invariants:
//   - Who may do what follows from who is asking, as the operating system says
//     it ([Peer]), never from what the caller says about himself.
//   - The socket lies in the data directory; only a file that nobody answers is
//     taken away to make room.
//   - An error keeps its code, message and remedy on the way to the client. What
//     the backend can't explain arrives as an incident number, its cause is in the
//     log only.
//   - Frames, queues and the number of connections are bounded; a client that
//     reads too slowly is ended.
//   - [Server.Run] leaves no goroutine and no socket behind.
//
// It knows nothing of the agent: the daemon gives it a [Backend].
package control
