package wsapi

import (
	"context"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// Backend is what the door opens to; *agent.Agent is the one there is. Every
// method returns when ctx ends; what is on its way to Eko by then goes on without
// the caller.
type Backend interface {
	Devices(ctx context.Context, refresh bool) ([]contract.Device, error)
	Capture(context.Context, agent.Caller, agent.CaptureRequest, *agent.Ticket, agent.Progress) (contract.CaptureResult, error)
	// LocaliseCapture words the remarks on a capture in a language.
	LocaliseCapture(contract.CaptureResult, locale.Lang) contract.CaptureResult
	Inspect(ctx context.Context, caller agent.Caller, device string) (contract.Inspection, error)
	Transact(context.Context, agent.Caller, agent.TransactRequest, *agent.Ticket, agent.Progress) (contract.Transaction, error)
	Get(ctx context.Context, caller agent.Caller, ref string) (contract.Transaction, error)
	List(context.Context, agent.Caller, agent.Filter) (agent.Page, error)
	Inquire(ctx context.Context, caller agent.Caller, ref string) (contract.Transaction, error)
	Pending(context.Context, agent.Caller) ([]contract.Transaction, error)
	Receipt(ctx context.Context, caller agent.Caller, ref string, lang locale.Lang) (agent.Receipt, error)
	merchantBackend
	// Localise words a transaction in a language.
	Localise(contract.Transaction, locale.Lang) contract.Transaction
	// Subscribe returns what the caller may know, as it happens, until the function
	// beside it is called. A subscriber that is slow loses events.
	Subscribe(agent.Caller) (<-chan agent.Event, func())
}
