package control

// Peer is who is on the other end, as the operating system says.
type Peer struct {
	// ID is "uid:1000" on Linux, a SID on Windows: the same words as the user of
	// a page's connection.
	ID string `json:"id"`
	// Name is the account's name where the system knows one.
	Name string `json:"name,omitempty"`
	// PID is the calling process, 0 where unknown.
	PID int `json:"pid,omitempty"`
	// Admin is set for root, an elevated administrator, the system itself and the
	// account that the agent runs as.
	Admin bool `json:"admin,omitempty"`
}
