package control

import "biobridge/agent/contract"

// adminOnly are the methods that take the agent away from everybody, let money
// move again after damage or change by whose key it moves; all others are for every user whom the door lets in,
// within what is his ([session.own]).
var adminOnly = map[string]bool{
	"stop":               true,
	"accept_new_journal": true,
	"backup":             true,
	"secrets":            true,
	"set_secret":         true,
	"remove_secret":      true,
	"log_tail":           true, // it tells of everybody's pages
}

func notAllowed(message, remedy string) *Error {
	return &Error{Code: contract.Unauthorized, Message: message, Remedy: remedy}
}

// mayCall checks a peer's right to a method.
func mayCall(peer Peer, method string) error {
	if adminOnly[method] && !peer.Admin {
		return notAllowed("Only an administrator of this computer may do this.", "Ask whoever looks after this computer.")
	}
	return nil
}

// sees reports whether a record is the peer's to see: an administrator sees all,
// others what was asked for under their own account.
func sees(peer Peer, user string) bool {
	return peer.Admin || user == "" || user == peer.ID
}

var errNotFound = &Error{Code: contract.NotFound, Message: "There is no such transaction.", Remedy: "Check the reference."}
