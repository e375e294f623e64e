// Package contract is biobridge's public vocabulary: the words and JSON shapes
// that the partner's page, the tray and the command line read. It holds names
// and shapes only; who may ask for what, and what is true, is decided elsewhere.
//
// Invariants:
//   - Every name here is in use by somebody else's program. A field may be
//     added; none may be renamed, and none may change its meaning.
//   - No shape can hold a full Aadhaar number, a PID block or a key, but for
//     [CaptureResult], whose purpose is to hand a block to the page that asked.
//   - Names are Eko's own in snake_case, so that a partner reads one vocabulary.
//   - Constants that cross a process are written out, never counted.
//
// It imports nothing of ours and does no work.
package contract
