package agent

import (
	"context"
	"errors"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
)

// changeOf is an outcome as a change of state. nextInquiry counts where the
// transaction stays unsettled.
func changeOf(o eko.Outcome, nextInquiry time.Time) journal.Change {
	return journal.Change{
		To: contract.State(o.State), By: "eko", Reason: o.Reason,
		Result: resultOf(o), NextInquiryAt: later(nextInquiry, o.RetryAfter),
	}
}

// later honours Eko's wish to be left alone, up to an hour.
func later(at time.Time, wish time.Duration) time.Time { return at.Add(min(wish, time.Hour)) }

func resultOf(o eko.Outcome) *journal.Result {
	r := &journal.Result{
		TID: o.TID, BankRefNum: o.BankRefNum, CustomerBalance: o.CustomerBalance,
		Reason: o.Reason, Message: o.Message, Remedy: o.Remedy,
		Eko: contract.EkoCodes{
			Status: o.Codes.Status, ResponseStatusID: o.Codes.ResponseStatusID,
			ResponseTypeID: o.Codes.ResponseTypeID, TxStatus: o.Codes.TxStatus,
		},
		Receipt: receiptLines(o),
	}
	for _, l := range o.MiniStatement {
		r.MiniStatement = append(r.MiniStatement, contract.StatementLine(l))
	}
	return r
}

// receiptLines keeps what a slip shows, by Eko's own names (eko-api.md section
// 5.2). The masked Aadhaar number is not among them: the journal has its own.
func receiptLines(o eko.Outcome) map[string]string {
	d := o.Details
	out := make(map[string]string)
	for name, value := range map[string]string{
		"sender_name": d.SenderName, "merchantname": d.MerchantName, "merchant_code": d.MerchantCode,
		"shop": d.Shop, "shop_address_line1": d.ShopAddress, "terminal_id": d.TerminalID,
		"stan": d.STAN, "auth_code": d.AuthCode,
		"transaction_date": d.TransactionDate, "transaction_time": d.TransactionTime,
		"reason": d.Reason, "comment": d.Comment, "commission": d.Commission, "tds": d.TDS, "fee": d.Fee,
		"service_tax": d.ServiceTax, "totalfee": d.TotalFee, "gst": d.GST, "message": o.EkoMessage,
	} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// owe keeps a change that could not be written; Run tries again until it is on
// disk. Nobody is told it before.
func (a *Agent) owe(ref string, c journal.Change) {
	a.mu.Lock()
	a.owed[ref] = c
	a.mu.Unlock()
	a.poke()
}

// payOwed tries to write what could not be written before, and reports whether
// anything is still owed.
func (a *Agent) payOwed(ctx context.Context) (left bool) {
	a.mu.Lock()
	owed := make(map[string]journal.Change, len(a.owed))
	for ref, c := range a.owed {
		owed[ref] = c
	}
	a.mu.Unlock()
	for ref, c := range owed {
		r, err := a.cfg.Journal.Advance(ctx, ref, c)
		if errors.Is(err, journal.ErrTransition) {
			r, err = a.cfg.Journal.Get(ctx, ref)
			if err == nil && r.State == contract.Sending && c.To == contract.Abandoned {
				// The write that seemed to fail had reached the disk. Nothing was sent.
				c.To, c.Reason = contract.Failed, "not_sent"
				r, err = a.cfg.Journal.Advance(ctx, ref, c)
			}
		}
		if err != nil {
			left = true
			continue
		}
		a.mu.Lock()
		delete(a.owed, ref)
		if r.State.Settled() {
			delete(a.asked, ref)
		}
		a.mu.Unlock()
		a.tell(r)
	}
	return left
}
