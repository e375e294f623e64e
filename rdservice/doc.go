// Package rdservice talks to the RD services of fingerprint and iris scanners:
// the drivers that listen on this computer's loopback ports and answer the HTTP
// methods RDSERVICE, DEVICEINFO and CAPTURE. It finds them ([Finder]), asks them
// ([Client]) and keeps a table of them current ([Watcher]).
//
// Invariants:
//   - Only loopback is ever spoken to, on the port that was probed. What an
//     answer says about hosts and ports is not followed.
//   - Any program may sit on such a port, so all that it says is hostile: size,
//     time and depth are capped; there are no redirects, proxies, cookies or
//     credentials; each request has a connection of its own.
//   - Every service is listed. None hides another, ready or not.
//   - A capture is sent once. It is sent again only after the scanner itself
//     answered that it was not ready to begin, or HTTP that the path is unknown.
//   - Ending a context closes the connection, and that releases the scanner.
//   - An id given out by a [Watcher] reaches the scanner it was given for or none,
//     as far as its service can say who it is.
//   - A PID block leaves this package inside a [pid.Capture] only; no error, log
//     line or printed value holds one.
//
// Facts about the protocol and its vendors are those of rd-service.md, named by
// section where they are used.
//
// It knows nothing of Eko, of transactions, of who asks, or of what a good
// capture is: that is package pid's.
package rdservice
