// Package wsapi is the browser's door: the WebSocket API of design section 6,
// which a partner's page reaches at ws://127.0.0.1:PORT/v1. It decides who may
// come in, reads what they ask strictly, hands it to the agent, and answers on
// the connection that asked and on no other.
//
// Invariants:
//   - Host is checked against the exact list on every route, then Origin against
//     the exact list. Nothing switches the guard off; development adds an origin.
//   - A stranger learns that he is one and what the shopkeeper can do about it:
//     no version, no device, no method's answer.
//   - Every connection has its own context, its own bounded send queue and its
//     own calls. One that reads too slowly is ended; none can hold up another.
//   - A frame that is not exactly what the protocol says is refused by the name
//     of what is wrong, never with the value that was wrong.
//   - A page that leaves cancels what it asked for, as far as that may still be
//     cancelled. Nothing is ever submitted again because of a lost connection.
//   - [Server.Serve] leaves no goroutine and no socket behind.
//
// It knows nothing of Eko, of XML or of scanners, and it keeps nothing.
package wsapi
