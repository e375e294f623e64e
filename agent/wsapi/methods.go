package wsapi

import (
	"context"
	"encoding/json"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// The longest texts that are taken; what they may hold is the agent's to say.
const (
	maxRef    = 20
	maxAmount = 1_000_000_000
	maxToken  = 4096
)

// helloDevices is how long hello waits for the list of scanners. It is known from
// memory but in the first moments, or where there is none; device.changed tells
// the rest.
const helloDevices = 100 * time.Millisecond

type helloResult struct {
	Bridge      string                 `json:"bridge"` // its version
	Protocol    int                    `json:"protocol"`
	Environment string                 `json:"environment"`
	Scopes      []contract.Scope       `json:"scopes"`
	Devices     []contract.Device      `json:"devices"`
	Pending     []contract.Transaction `json:"pending"`
}

// hello introduces the page, sets its language and starts its events. It may be
// repeated, to change the language.
func (c *conn) hello(ctx context.Context, _ *call, p *object) (any, error) {
	if !p.sub("client", func(client *object) {
		client.needText("name", 100)
		client.needText("version", 50)
	}) {
		p.fail("client", missingField, "object")
	}
	lang := locale.Lang(p.choice("locale", string(locale.English), string(locale.Hindi)))
	p.text("token", maxToken) // reserved: no deployment needs one yet
	if err := p.end(); err != nil {
		return nil, err
	}
	if lang == "" {
		lang = locale.English
	}
	first := c.greet(lang)
	caller := c.caller()
	if first {
		events, stop := c.server.cfg.Agent.Subscribe(caller)
		c.tasks.Go(func() { defer stop(); c.follow(events) })
	}
	return c.welcome(ctx, caller), nil
}

// welcome says what the page may know. A scanner or a journal that is out of
// order doesn't keep a page out: it is told when it asks.
func (c *conn) welcome(ctx context.Context, caller agent.Caller) helloResult {
	cfg := c.server.cfg
	result := helloResult{
		Bridge:      cfg.Version,
		Protocol:    Protocol,
		Environment: cfg.Environment,
		Scopes:      append([]contract.Scope{}, caller.Scopes...),
		Devices:     []contract.Device{},
		Pending:     []contract.Transaction{},
	}
	if overlap(caller.Scopes, scopes(contract.ScopeDevice)) {
		soon, cancel := context.WithTimeout(ctx, helloDevices)
		devices, err := cfg.Agent.Devices(soon, false)
		cancel()
		if err != nil {
			c.log.Debug("devices are not known at hello", "error", err)
		}
		result.Devices = append(result.Devices, devices...)
	}
	if overlap(caller.Scopes, scopes(contract.ScopeTransact, contract.ScopeHistory)) {
		pending, err := cfg.Agent.Pending(ctx, caller)
		if err != nil {
			c.log.Warn("pending transactions are not known for hello", "error", err)
		}
		for _, t := range pending {
			result.Pending = append(result.Pending, c.localise(t))
		}
	}
	return result
}

func (c *conn) deviceList(ctx context.Context, _ *call, p *object) (any, error) {
	refresh := p.flag("refresh")
	if err := p.end(); err != nil {
		return nil, err
	}
	devices, err := c.server.cfg.Agent.Devices(ctx, refresh)
	if err != nil {
		return nil, err
	}
	return map[string]any{"devices": append([]contract.Device{}, devices...)}, nil
}

// deviceInspect shows the scanner's own answers to a page that could take a block
// from it, and with that its DeviceInfo.
func (c *conn) deviceInspect(ctx context.Context, _ *call, p *object) (any, error) {
	device := p.needText("device", 100)
	if err := p.end(); err != nil {
		return nil, err
	}
	return c.server.cfg.Agent.Inspect(ctx, c.caller(), device)
}

func (c *conn) capture(ctx context.Context, running *call, p *object) (any, error) {
	in := agent.CaptureRequest{
		Device:   p.text("device", 100),
		BankCode: p.text("bank_code", 20),
		Purpose:  p.choice("purpose", "transaction", "daily_auth", "ekyc"),
		Wadh:     p.text("wadh", 100),
		Consent:  p.flag("consent"),
	}
	fill(&in.OTP, p.text("otp", 20))
	if ms, given := p.whole("timeout_ms", 1000, 99_999); given {
		in.Timeout = time.Duration(ms) * time.Millisecond
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	res, err := c.server.cfg.Agent.Capture(ctx, c.caller(), in, running.ticket, c.progress(running.id))
	if err != nil {
		return nil, err
	}
	return c.server.cfg.Agent.LocaliseCapture(res, c.language()), nil
}

// transact is the method of one AePS service.
func transact(service contract.Service) func(*conn, context.Context, *call, *object) (any, error) {
	return func(c *conn, ctx context.Context, running *call, p *object) (any, error) {
		in, err := readTransact(service, p)
		if err != nil {
			return nil, err
		}
		t, err := c.server.cfg.Agent.Transact(ctx, c.caller(), in, running.ticket, c.progress(running.id))
		if err != nil {
			return nil, err
		}
		return transactionResult{c.localise(t)}, nil
	}
}

func readTransact(service contract.Service, p *object) (agent.TransactRequest, error) {
	in := agent.TransactRequest{
		Service:        service,
		ClientRefID:    p.text("client_ref_id", maxRef),
		BankCode:       p.needText("bank_code", 20),
		CustomerID:     p.needText("customer_id", 20),
		LatLong:        p.text("latlong", 60),
		UserCode:       p.text("user_code", 40),
		Device:         p.text("device", 100),
		NotifyCustomer: p.flag("notify_customer"),
		ConfirmRepeat:  p.flag("confirm_repeat"),
		OTPRequestID:   p.text("otp_request_id", 100),
		Consent:        p.flag("consent"),
	}
	fill(&in.OTP, p.text("otp", 20))
	number := p.needText("aadhaar", 40)
	amount, given := p.whole("amount", 0, maxAmount)
	if service.MovesMoney() && !given {
		p.fail("amount", missingField, "whole", "low", "1", "high", "10000")
	}
	in.Amount = amount
	if err := p.end(); err != nil {
		return agent.TransactRequest{}, err
	}
	aadhaar, err := agent.ParseAadhaar(number)
	if err != nil {
		return agent.TransactRequest{}, err
	}
	in.Aadhaar = aadhaar
	return in, nil
}

// fill puts a text into a field of a type that redacts itself.
func fill[T ~string](field *T, text string) { *field = T(text) }

// progress tells the connection that asked, and no other, how its capture goes.
func (c *conn) progress(id string) agent.Progress {
	return func(p contract.CaptureProgress) {
		p.ID = json.RawMessage(id)
		args := map[string]string{}
		if p.Device != nil {
			args["device"] = p.Device.Model
		}
		p.Message = c.server.cfg.Catalogue.Text(c.language(), "stage."+string(p.Stage), p.Message, args)
		c.notify("capture.progress", p)
	}
}
