// Package eko is the client of Eko's AePS API: it signs a request, sends it once
// and turns whatever comes back into exactly one [Outcome].
//
// Invariants:
//   - Success is proved, never assumed: [Decide] is the only place where an
//     answer becomes an outcome, and all four of Eko's codes decide together.
//   - A POST is written to at most one connection, once. Nothing here repeats it.
//   - An inquiry ends in another state than Pending only by the tx_status of a
//     complete answer; one that was not signed or sent says nothing.
//   - An outcome says Sent=false only where no byte of the request can have left.
//   - The amount is turned into text once; hash and body carry the same text.
//   - A signature is made for one request, right before it is sent, and never kept.
//   - No error, log line or [Exchange] holds an Aadhaar number, a PID block, an
//     OTP or a key; errors hold no text of the other side at all.
//   - TLS is verified always; plain HTTP goes to this computer only.
//   - The PID block is sent as the scanner made it, byte for byte.
//
// The package knows two generations of the API, v2 and v3, behind one set of
// types; their field names stay inside it. It knows nothing of scanners, of the
// journal or of what an outcome means for a shopkeeper's day, and it never asks
// twice: whoever calls decides when to inquire.
package eko
