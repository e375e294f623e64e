// Package demo holds the commands with simulators in them: demo, which shows
// the whole product on one PC without any hardware, and sim, which runs one
// simulator alone. It is the only package that the simulators are linked into.
//
// Invariants:
//   - Nothing of a demo leaves this PC, moves money or outlives the process, and
//     every screen says that it is simulated.
//   - The agent of a demo is the real one, with the real guard: the page is
//     served from another port and is a stranger that the configuration allows.
//
// It knows no rule of money and changes none of the agent's.
package demo
