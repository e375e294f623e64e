// Package pid speaks the two documents of a biometric capture: PidOptions, which
// asks a scanner's RD service for one, and PidData, in which the encrypted PID
// block comes back.
//
// Invariants:
//   - The bytes of a PidData document are kept as they came and are never
//     encoded again: UIDAI's signatures and Eko's rules hold for those bytes.
//   - What [Parse] accepts has one meaning to every XML reader: no document
//     type, no repeated attribute or element, nothing after the end.
//   - Nothing here decrypts. The block is sealed for UIDAI; the checks use only
//     what stands outside it.
//   - No error, problem, log line or printed value carries content of a block.
//   - A [Problem]'s code is stable; [Problems] lists them all.
//
// It knows nothing of networks, of Eko, or of which shop asked.
package pid
