package wsapi

import (
	"context"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

type transactionResult struct {
	Transaction contract.Transaction `json:"transaction"`
}

// localise words a transaction in the connection's language.
func (c *conn) localise(t contract.Transaction) contract.Transaction {
	return c.server.cfg.Agent.Localise(t, c.language())
}

func (c *conn) transactionGet(ctx context.Context, _ *call, p *object) (any, error) {
	return c.one(ctx, p, c.server.cfg.Agent.Get)
}

func (c *conn) transactionInquire(ctx context.Context, _ *call, p *object) (any, error) {
	return c.one(ctx, p, c.server.cfg.Agent.Inquire)
}

// one answers a method that names one transaction.
func (c *conn) one(ctx context.Context, p *object, find func(context.Context, agent.Caller, string) (contract.Transaction, error)) (any, error) {
	ref := p.needText("client_ref_id", maxRef)
	if err := p.end(); err != nil {
		return nil, err
	}
	t, err := find(ctx, c.caller(), ref)
	if err != nil {
		return nil, err
	}
	return transactionResult{c.localise(t)}, nil
}

type transactionPage struct {
	Transactions []contract.Transaction `json:"transactions"`
	Next         string                 `json:"next,omitempty"`
}

func (c *conn) transactionList(ctx context.Context, _ *call, p *object) (any, error) {
	filter := agent.Filter{
		Date:   p.text("date", 10),
		From:   p.text("from", 10),
		To:     p.text("to", 10),
		Cursor: p.text("cursor", 200),
	}
	if state := p.text("state", 20); state != "" {
		filter.States = []contract.State{contract.State(state)}
	}
	if service := p.text("service", 40); service != "" {
		filter.Services = []contract.Service{contract.Service(service)}
	}
	limit, _ := p.whole("limit", 1, 200)
	filter.Limit = int(limit)
	if err := p.end(); err != nil {
		return nil, err
	}
	page, err := c.server.cfg.Agent.List(ctx, c.caller(), filter)
	if err != nil {
		return nil, err
	}
	result := transactionPage{Transactions: []contract.Transaction{}, Next: page.Next}
	for _, t := range page.Transactions {
		result.Transactions = append(result.Transactions, c.localise(t))
	}
	return result, nil
}

// The forms of a receipt beside its data. The names are the control door's too.
var papers = map[string]agent.Paper{"html58": agent.Paper58, "html80": agent.Paper80, "htmla4": agent.PaperA4}

type receiptResult struct {
	Receipt agent.Receipt `json:"receipt"`
	// Format and Body are there when the page asked for a form: lines of text, or
	// an HTML page for a paper.
	Format string `json:"format,omitempty"`
	Body   string `json:"body,omitempty"`
}

func (c *conn) transactionReceipt(ctx context.Context, _ *call, p *object) (any, error) {
	ref := p.needText("client_ref_id", maxRef)
	lang := locale.Lang(p.choice("locale", string(locale.English), string(locale.Hindi)))
	format := p.choice("format", "data", "text", "html58", "html80", "htmla4")
	if err := p.end(); err != nil {
		return nil, err
	}
	if lang == "" {
		lang = c.language()
	}
	receipt, err := c.server.cfg.Agent.Receipt(ctx, c.caller(), ref, lang)
	if err != nil {
		return nil, err
	}
	result := receiptResult{Receipt: receipt, Format: format}
	switch format {
	case "", "data":
		result.Format = ""
	case "text":
		result.Body = receipt.Text(0)
	default:
		page, err := receipt.HTML(papers[format])
		if err != nil {
			return nil, err
		}
		result.Body = string(page)
	}
	return result, nil
}
