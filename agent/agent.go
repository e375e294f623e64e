package agent

import (
	"context"
	"errors"

	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// errStopping is why work ends when the agent shuts down.
var errStopping = errors.New("the agent is shutting down")

type Agent struct{ cfg Config }

func New(cfg Config) (*Agent, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Agent{cfg: cfg}, nil
}
func (a *Agent) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (a *Agent) Devices(ctx context.Context, refresh bool) ([]contract.Device, error) {
	return nil, nil
}
func (a *Agent) Capture(ctx context.Context, c Caller, r CaptureRequest, t *Ticket, p Progress) (contract.CaptureResult, error) {
	return contract.CaptureResult{}, fail(keyNoDevice, nil, nil)
}
func (a *Agent) Transact(ctx context.Context, c Caller, r TransactRequest, t *Ticket, p Progress) (contract.Transaction, error) {
	return contract.Transaction{}, fail(keyNoDevice, nil, nil)
}
func (a *Agent) Get(ctx context.Context, c Caller, ref string) (contract.Transaction, error) {
	return contract.Transaction{}, fail(keyNotFound, nil, nil)
}
func (a *Agent) List(ctx context.Context, c Caller, f Filter) (Page, error) { return Page{}, nil }
func (a *Agent) Inquire(ctx context.Context, c Caller, ref string) (contract.Transaction, error) {
	return contract.Transaction{}, fail(keyNotFound, nil, nil)
}
func (a *Agent) Pending(ctx context.Context, c Caller) ([]contract.Transaction, error) {
	return nil, nil
}

// Localise returns the transaction with its sentences in a language.
func (a *Agent) Localise(t contract.Transaction, lang locale.Lang) contract.Transaction { return t }

func (a *Agent) Settle(ctx context.Context, c Caller, ref, reason string) (contract.Transaction, error) {
	return contract.Transaction{}, fail(keyNotFound, nil, nil)
}

// Event is something that a subscriber may want to know.
type Event struct {
	Kind        string
	Device      *contract.DeviceChanged
	Transaction *contract.Transaction
}

func (a *Agent) Subscribe(c Caller) (<-chan Event, func()) { return make(chan Event), func() {} }

// Banks is the table of banks.
type Banks struct{}
