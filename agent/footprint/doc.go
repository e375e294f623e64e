// Package footprint keeps a program small that waits most of its life. Both the
// agent and the tray link far more than they use while nothing happens.
//
// Giving memory back costs a few page faults later and changes nothing else: it is
// safe at any time, and what can't be given back is kept. Where a system offers no
// way, nothing is done.
package footprint
