// Package pidtest seals and opens PID blocks with real cryptography under
// throw-away keys: the scanner's half and UIDAI's half of a capture, for
// simulators and tests. It is written from rd-service.md section 5.2 and shares
// nothing with the code that reads PID blocks in the product, so that a mistake
// made there is not made here as well.
//
// Invariants:
//   - Only keys that this package made can be used: [UIDAI] and [Device] hold
//     theirs in unexported fields and nothing imports one. A real UIDAI
//     certificate can't be passed in, so no block made here can ever be valid,
//     and no real block can be opened.
//   - Every certificate made here names "SIMULATED" as its organisation, so that
//     a block is recognisable as simulated wherever it turns up, in the shape of
//     every vendor.
//   - [UIDAI.Open] believes nothing: it decrypts, recomputes and verifies, and
//     each refusal carries the code UIDAI would answer.
//
// Everything is safe for concurrent use. Session keys and padding come from the
// system's random source even where a seed decides the rest: a session key that
// came back would look like a replay. (A test that wants the same bytes twice
// calls testing/cryptotest.SetGlobalRandom.)
package pidtest
