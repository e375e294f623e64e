// Package setup does what an installer leaves to the program itself, because the
// program can test it and an installer's tables can't say it: the first
// configuration, and on Windows the rights on the data directory, the service's
// recovery, the event log's source, the browsers' policy and the end of running
// trays.
//
// Invariants:
//   - A configuration that is there is never changed.
//   - A configuration that wouldn't start is not installed.
//   - Only what Install wrote is taken away by Remove; journal, secrets and
//     configuration stay unless their removal is asked for.
//   - Everything may be done twice: a repair is another Install.
package setup
