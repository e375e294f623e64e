// Package daemon is the life of the agent's process: it reads the
// configuration, builds every part, opens the doors, and closes them again in
// the order that loses nothing.
//
// Invariants:
//   - A configuration with an unknown key or an unusable value starts nothing;
//     the error names file, line and key.
//   - The stage that failed is part of the error: a support person reads from it
//     what to look at.
//   - The start never waits for the network, a scanner or Eko.
//   - When [Daemon.Run] returns, no goroutine, listener or file is left.
//
// It knows no rule of money: those are package agent's.
package daemon
