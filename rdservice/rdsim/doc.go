// Package rdsim is a simulated RD service: what a scanner's vendor installs on a
// shop's PC, with a scanner and a customer's finger behind it. It is written
// from the documents (rd-service.md) and imports nothing that it is there to
// test, so that a word misread in the product is not misread here as well.
//
// Three doors lead in:
//   - the protocol: RDSERVICE, DEVICEINFO and CAPTURE over HTTP and HTTPS on
//     loopback, in the exact shape of one vendor, a [Profile];
//   - the methods of [Server], for tests: plug and unplug, faults, history;
//   - [Server.Management], the same for other processes, to be served on another
//     port.
//
// Invariants:
//   - Strict: a request that any documented service refuses is refused, with the
//     code of rd-service.md section 7.
//   - Hostile on request: every way to misbehave is a named [Fault], set by hand
//     or drawn from a seed. Without faults the service is as good as its vendor.
//   - Observable: every request is recorded with what became of it.
//   - Unmistakable: every HTTP answer carries [SimulatedHeader], and every device
//     certificate, in DEVICEINFO as in PidData, names "SIMULATED" as its
//     organisation. The texts and attributes themselves are the vendor's, as an
//     added Param would change the shapes that this package exists to show.
//   - Harmless: it listens on 127.0.0.1 only, and blocks can be sealed for
//     nobody but a simulated UIDAI (see package pidtest).
//   - One scanner takes one capture at a time. Whoever leaves frees it.
//   - The same seed and the same requests in the same order give the same
//     answers, but for session keys, certificate serial numbers and times.
//
// It stores nothing. It does not judge fingers: every finger belongs to whoever
// is asked for.
package rdsim
