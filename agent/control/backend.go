package control

import (
	"context"

	"biobridge/agent/contract"
)

// Backend is what the door opens to. Its methods are called concurrently, only
// for a [Peer] whose rights have been checked, and return when ctx ends. An error
// that is or wraps an [*Error] reaches the client as it is; anything else becomes
// an incident.
type Backend interface {
	Status(ctx context.Context, peer Peer) (Status, error)
	Devices(ctx context.Context, peer Peer, refresh bool) ([]contract.Device, error)

	Transactions(ctx context.Context, peer Peer, filter Filter) (Records, error)
	Transaction(ctx context.Context, peer Peer, ref string) (Record, error)
	Inquire(ctx context.Context, peer Peer, ref string) (Record, error)
	// Settle declares a transaction that Eko doesn't know failed. The reason is
	// recorded with the peer's name.
	Settle(ctx context.Context, peer Peer, ref, reason string) (Record, error)
	Receipt(ctx context.Context, peer Peer, ref, format, lang string) (Receipt, error)
	// AcceptNewJournal lets the agent move money again after a damaged journal was
	// set aside.
	AcceptNewJournal(ctx context.Context, peer Peer, reason string) error
	// Backup writes a consistent copy of the journal beside it and returns where.
	Backup(ctx context.Context, peer Peer) (path string, err error)

	Approvals(ctx context.Context, peer Peer) ([]Approval, error)
	Decide(ctx context.Context, peer Peer, id string, answer Answer) error
	Origins(ctx context.Context, peer Peer) ([]Origin, error)
	AllowOrigin(ctx context.Context, peer Peer, origin string, scopes []contract.Scope) error
	DenyOrigin(ctx context.Context, peer Peer, origin string) error

	// Secrets lists the names of the secrets that are stored.
	Secrets(ctx context.Context, peer Peer) ([]string, error)
	// SetSecret seals a secret under the agent's own account, which alone can open
	// it, and reports whether it is in use already: else the agent has to be
	// restarted. The value is the backend's to overwrite.
	SetSecret(ctx context.Context, peer Peer, name string, value []byte) (inUse bool, err error)
	// RemoveSecret forgets a secret, and reports the same.
	RemoveSecret(ctx context.Context, peer Peer, name string) (inUse bool, err error)

	LogTail(ctx context.Context, peer Peer, lines int) ([]string, error)
	// Stop begins an orderly stop and returns at once.
	Stop(ctx context.Context, peer Peer) error
	// Watch returns a channel of events until the function beside it is called.
	// It never blocks the sender: a slow watcher loses events.
	Watch(ctx context.Context, peer Peer) (<-chan Event, func())
}
