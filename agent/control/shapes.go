package control

import (
	"time"

	"biobridge/agent/contract"
)

// Status is the agent in one answer: what the tray's icon and the first screen of
// the command line need.
type Status struct {
	Version     string    `json:"version"`
	Environment string    `json:"environment"`
	PID         int       `json:"pid"`
	StartedAt   time.Time `json:"started_at"`
	DataDir     string    `json:"data_dir"`
	// Listen is every address of the WebSocket API, for example "127.0.0.1:21101".
	Listen  []string          `json:"listen"`
	Devices []contract.Device `json:"devices"`
	Pages   []Page            `json:"pages"`
	// Asking is how many browsers seem to be asking their user for permission:
	// connections that have been silent since they were opened.
	Asking int `json:"asking"`
	// Approvals is how many questions wait for the local user.
	Approvals int     `json:"approvals"`
	Pending   int     `json:"pending"`
	Journal   Journal `json:"journal"`
	// Problems is what the user should do something about, worst first.
	Problems []contract.LocalisedPoint `json:"problems,omitempty"`
	// ClockSkewMS is this computer's clock minus Eko's in milliseconds, nil while
	// unknown.
	ClockSkewMS *int64 `json:"clock_skew_ms"`
	Simulated   bool   `json:"simulated,omitempty"`
}

// Page is an origin with open connections.
type Page struct {
	Origin      string `json:"origin"`
	User        string `json:"user,omitempty"`
	Connections int    `json:"connections"`
}

// Journal is how the journal is.
type Journal struct {
	OK bool `json:"ok"`
	// SetAside is the file of a journal that could not be read; new money is
	// refused until the user decides by [Client.AcceptNewJournal].
	SetAside string `json:"set_aside,omitempty"`
	Message  string `json:"message,omitempty"`
}

// Filter selects transactions. Zero fields select everything.
type Filter struct {
	// Day is a date in Asia/Kolkata as 2006-01-02; From and To are instants.
	Day     string           `json:"day,omitempty"`
	From    *time.Time       `json:"from,omitempty"`
	To      *time.Time       `json:"to,omitempty"`
	State   contract.State   `json:"state,omitempty"`
	Origin  string           `json:"origin,omitempty"`
	Service contract.Service `json:"service,omitempty"`
	// User is set by the door for everybody but an administrator: the peer's own.
	User string `json:"user,omitempty"`
	// Limit is at most 200; 0 means 50. Cursor is Next of the page before.
	Limit  int    `json:"limit,omitempty"`
	Cursor string `json:"cursor,omitempty"`
}

// Record is a transaction with what only the local user sees: whose it is.
type Record struct {
	contract.Transaction
	Origin string `json:"origin,omitempty"`
	User   string `json:"user,omitempty"`
}

// Records is one page of transactions, the newest first.
type Records struct {
	Transactions []Record `json:"transactions"`
	Next         string   `json:"next,omitempty"`
}

// Receipt is a slip for paper or screen.
type Receipt struct {
	ClientRefID string `json:"client_ref_id"`
	// Format is "text", "html58", "html80" or "htmla4".
	Format string `json:"format"`
	Body   string `json:"body"`
}

// Answer is what the local user says to a question.
type Answer string

// The answers. AllowOnce lasts until the agent stops; Deny is remembered only
// as long as the question may not be asked again.
const (
	AllowOnce     Answer = "once"
	AllowRemember Answer = "remember"
	Deny          Answer = "deny"
)

// Approval is a page that is not on the list and asks to be.
type Approval struct {
	ID string `json:"id"`
	// Origin is shown in full: it is what the user decides about.
	Origin  string           `json:"origin"`
	Scopes  []contract.Scope `json:"scopes"`
	User    string           `json:"user,omitempty"`
	Asked   time.Time        `json:"asked"`
	Expires time.Time        `json:"expires"`
}

// Origin is a page that may connect, or one that may not.
type Origin struct {
	Origin string           `json:"origin"`
	Scopes []contract.Scope `json:"scopes"`
	// Source is "config", "policy", "user" or "once".
	Source string `json:"source"`
	// Managed is set where policy fixed it: the user can't widen it.
	Managed bool `json:"managed,omitempty"`
	Denied  bool `json:"denied,omitempty"`
	// User is whose pages the decision is about; empty: everybody's.
	User string `json:"user,omitempty"`
}

// Event is something that happened, for [Client.Watch].
type Event struct {
	// Kind is "device.changed", "transaction.updated", "approval.changed",
	// "asking.changed", "problem.changed" or "stopping".
	Kind        string                    `json:"kind"`
	Device      *contract.DeviceChanged   `json:"device,omitempty"`
	Transaction *Record                   `json:"transaction,omitempty"`
	Approvals   []Approval                `json:"approvals,omitempty"`
	Asking      int                       `json:"asking,omitempty"`
	Problems    []contract.LocalisedPoint `json:"problems,omitempty"`
}
