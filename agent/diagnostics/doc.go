// Package diagnostics packs what support needs to see of a PC into one zip file:
// versions, the configuration without secrets, doctor's answers, what the agent
// says of itself, the end of the log, and how many transactions stand in which
// state.
//
// Invariants:
//   - Nothing personal and no secret is in it: no Aadhaar number, mobile number,
//     fingerprint, key, OTP, name of a person or single transaction. A test fills
//     an agent with canaries and searches the bundle for them.
//   - It is made without the agent too: what can't be had is named in the bundle
//     instead of failing it.
//   - It is written where the user says and sent nowhere.
package diagnostics
