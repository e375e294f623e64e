package wsapi_test

import (
	"context"
	"errors"
	"sync"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// shop is an agent whose calls do what the test says, for what a real one does
// only by chance. The real one is in agent_test.go.
type shop struct {
	mu          sync.Mutex
	devices     []contract.Device
	subscribers map[chan agent.Event]agent.Caller
	callers     []agent.Caller
	transacted  []agent.TransactRequest
	captured    []agent.CaptureRequest
	steps       []agent.MerchantRequest

	// transact answers a transaction; nil succeeds at once.
	transact func(context.Context, agent.Caller, agent.TransactRequest, *agent.Ticket, agent.Progress) (contract.Transaction, error)
	list     func(context.Context, bool) ([]contract.Device, error)
	pending  []contract.Transaction
}

var scanner = contract.Device{ID: "d1", Vendor: "mantra", Model: "MFS110", Modality: "finger", Status: contract.DeviceReady, Info: "Ready"}

// changed is the event of a scanner that came, went or changed.
func changed(change string) agent.Event {
	return agent.Event{Kind: agent.DeviceChanged, Device: &contract.DeviceChanged{Change: change, Device: scanner, Devices: []contract.Device{scanner}}}
}

func newShop() *shop {
	return &shop{devices: []contract.Device{scanner}, subscribers: make(map[chan agent.Event]agent.Caller)}
}

func (s *shop) note(c agent.Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callers = append(s.callers, c)
}

func (s *shop) Devices(ctx context.Context, refresh bool) ([]contract.Device, error) {
	if s.list != nil {
		return s.list(ctx, refresh)
	}
	return s.devices, nil
}

func (s *shop) Capture(ctx context.Context, c agent.Caller, r agent.CaptureRequest, t *agent.Ticket, p agent.Progress) (contract.CaptureResult, error) {
	s.note(c)
	s.mu.Lock()
	s.captured = append(s.captured, r)
	s.mu.Unlock()
	p(contract.CaptureProgress{Stage: contract.StagePlaceFinger, Message: "Place the finger on the scanner.", Attempt: 1})
	return contract.CaptureResult{PidData: "<PidData/>", PidOptions: "<PidOptions/>", Problems: []contract.CaptureProblem{}}, nil
}

func (s *shop) LocaliseCapture(r contract.CaptureResult, lang locale.Lang) contract.CaptureResult {
	r.Problems = append(r.Problems, contract.CaptureProblem{Code: "quality_low", Severity: "warning", Message: string(lang)})
	return r
}

func (s *shop) Inspect(_ context.Context, c agent.Caller, device string) (contract.Inspection, error) {
	s.note(c)
	return contract.Inspection{RDService: "<RDService/> of " + device}, nil
}

func (s *shop) Transact(ctx context.Context, c agent.Caller, r agent.TransactRequest, t *agent.Ticket, p agent.Progress) (contract.Transaction, error) {
	s.note(c)
	s.mu.Lock()
	s.transacted = append(s.transacted, r)
	s.mu.Unlock()
	if s.transact != nil {
		return s.transact(ctx, c, r, t, p)
	}
	return transaction(r.ClientRefID, contract.Succeeded), nil
}

func transaction(ref string, state contract.State) contract.Transaction {
	return contract.Transaction{ClientRefID: ref, Service: contract.CashWithdrawal, State: state, Amount: 100, Message: "state " + string(state), MiniStatement: []contract.StatementLine{}}
}

func (s *shop) Get(_ context.Context, c agent.Caller, ref string) (contract.Transaction, error) {
	s.note(c)
	return transaction(ref, contract.Pending), nil
}

func (s *shop) List(_ context.Context, c agent.Caller, f agent.Filter) (agent.Page, error) {
	s.note(c)
	return agent.Page{}, nil
}

func (s *shop) Inquire(_ context.Context, c agent.Caller, ref string) (contract.Transaction, error) {
	s.note(c)
	if ref == "BROKEN" {
		return contract.Transaction{}, errors.New("the table of secrets is 4000 1234 5678 9010")
	}
	return transaction(ref, contract.Succeeded), nil
}

func (s *shop) Receipt(_ context.Context, c agent.Caller, ref string, lang locale.Lang) (agent.Receipt, error) {
	s.note(c)
	return agent.Receipt{Lang: lang, Title: "Cash withdrawal", ClientRefID: ref, State: contract.Succeeded, Final: true, Lines: []agent.ReceiptLine{{Key: "rrn", Label: "RRN", Value: "1"}}}, nil
}

func (s *shop) Pending(context.Context, agent.Caller) ([]contract.Transaction, error) {
	return s.pending, nil
}

func (s *shop) Localise(t contract.Transaction, lang locale.Lang) contract.Transaction {
	t.Message = string(lang) + ": " + t.Message
	return t
}

func (s *shop) Subscribe(c agent.Caller) (<-chan agent.Event, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := make(chan agent.Event, 16)
	s.subscribers[events] = c
	return events, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, events)
	}
}

// publish gives an event to every subscriber, without loss.
func (s *shop) publish(e agent.Event) {
	s.mu.Lock()
	list := make([]chan agent.Event, 0, len(s.subscribers))
	for events := range s.subscribers {
		list = append(list, events)
	}
	s.mu.Unlock()
	for _, events := range list {
		events <- e
	}
}
