// Package doctor looks at everything a transaction needs on this PC and says of
// each what was found and what to do about it: one screen that a support person
// can have read out over the phone.
//
// Invariants:
//   - It changes nothing: no file, no setting, no money. Eko is asked for nothing
//     that costs or counts.
//   - Every finding that is not ok has a remedy.
//   - It works while the agent runs, while it doesn't, and without a network, and
//     takes no longer than the slowest single check.
//   - Nothing personal and no key is part of a finding.
//
// It does not repair.
package doctor
