// Package cli holds biobridge's commands, one a file: what each takes, prints
// and exits with. A command asks the running agent through the control door, or
// uses the packages below by itself where no agent is needed.
//
// Invariants:
//   - What a command prints for programs (--json) is a shape of the contract.
//   - No command takes a secret as an argument that a process list would show,
//     but for eko sign, whose keys are the published staging ones.
//   - A command that fails says what to do next.
//
// It knows nothing of simulators: those commands are in agent/demo.
package cli
