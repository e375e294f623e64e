package agent

import (
	"context"
	"strings"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
)

// Receipt is a customer's slip as data: [Receipt.HTML] and [Receipt.Text] lay it
// out. It holds no full Aadhaar number.
type Receipt struct {
	Lang  locale.Lang `json:"lang"`
	Title string      `json:"title"`
	// Final is false while the result may still change; Notice then says so in
	// words, and must be the most visible thing on the slip. A slip of something
	// that did not succeed has a notice too.
	Final  bool   `json:"final"`
	Notice string `json:"notice,omitempty"`
	// Simulated slips say that no money has moved.
	Simulated string        `json:"simulated,omitempty"`
	Lines     []ReceiptLine `json:"lines"`
	// Statement is a mini statement's rows, under Columns.
	Columns   []string                 `json:"columns,omitempty"`
	Statement []contract.StatementLine `json:"statement,omitempty"`
	Thanks    string                   `json:"thanks,omitempty"`

	ClientRefID string         `json:"client_ref_id"`
	State       contract.State `json:"state"`
}

// ReceiptLine is one line: Key is stable, Label worded, Value as it came.
type ReceiptLine struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value string `json:"value"`
}

// Receipt returns a transaction's slip in a language, with every line of
// eko-api.md section 11 that is known. Nothing is invented: a line whose value
// nobody told is left out.
func (a *Agent) Receipt(ctx context.Context, c Caller, ref string, lang locale.Lang) (Receipt, error) {
	r, err := a.owned(ctx, c, ref)
	if err != nil {
		return Receipt{}, a.report(err)
	}
	return a.receipt(r, lang), nil
}

func (a *Agent) receipt(r journal.Record, lang locale.Lang) Receipt {
	say := func(key string) string {
		return a.cfg.Catalogue.Text(lang, "receipt."+key, receiptWords[key], nil)
	}
	tx := a.Localise(a.present(r), lang)
	out := Receipt{
		Lang: lang, Title: say("service_" + string(tx.Service)), ClientRefID: tx.ClientRefID, State: tx.State,
		Final: tx.State.Settled(), Lines: a.receiptLines(r, tx, say),
	}
	if tx.State != contract.Succeeded {
		notice := "notice_" + string(tx.State)
		if _, own := receiptWords[notice+"_enquiry"]; own && !tx.Service.MovesMoney() {
			notice += "_enquiry"
		}
		out.Notice = strings.TrimSpace(say(notice) + " " + tx.Message)
	}
	if tx.Simulated {
		out.Simulated = say("simulated")
	}
	if len(tx.MiniStatement) > 0 {
		out.Columns = []string{say("date"), say("type"), say("amount"), say("narration")}
		out.Statement = tx.MiniStatement
	}
	if tx.State == contract.Succeeded {
		out.Thanks = say("thanks")
	}
	return out
}

// receiptLines are the slip's lines in their order.
func (a *Agent) receiptLines(r journal.Record, tx contract.Transaction, say func(string) string) []ReceiptLine {
	eko := r.Receipt
	amount := ""
	if tx.Amount > 0 {
		amount = "₹ " + rupees(tx.Amount)
	}
	balance := ""
	if tx.CustomerBalance != "" {
		balance = "₹ " + tx.CustomerBalance
	}
	var out []ReceiptLine
	for _, l := range []struct{ key, value string }{
		{"result", say("state_" + string(tx.State))},
		{"date_time", r.CreatedAt.In(india).Format("02-01-2006 15:04:05")},
		{"merchant", eko["merchantname"]},
		{"shop", eko["shop"]},
		{"location", eko["shop_address_line1"]},
		{"agent_id", firstOf(eko["merchant_code"], tx.UserCode)},
		{"terminal_id", eko["terminal_id"]},
		{"customer", eko["sender_name"]},
		{"mobile", masked(tx.CustomerID)},
		{"aadhaar", "XXXX XXXX " + tx.AadhaarLast4},
		{"bank", a.cfg.Banks.Name(tx.BankCode)},
		{"amount", amount},
		{"balance", balance},
		{"rrn", tx.BankRefNum},
		{"stan", eko["stan"]},
		{"auth_code", eko["auth_code"]},
		{"response_code", responseCode(tx)},
		{"tid", tx.TID},
		{"client_ref_id", tx.ClientRefID},
	} {
		if l.value != "" {
			out = append(out, ReceiptLine{Key: l.key, Label: say(l.key), Value: l.value})
		}
	}
	return out
}

// india is the receipt's clock.
var india = time.FixedZone("IST", 5*60*60+30*60)

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// masked keeps a mobile number's last four digits.
func masked(mobile string) string {
	if len(mobile) < 4 {
		return ""
	}
	return strings.Repeat("X", len(mobile)-4) + mobile[len(mobile)-4:]
}

// responseCode is what a support person asks for first.
func responseCode(tx contract.Transaction) string {
	var parts []string
	for _, code := range []*int64{tx.Eko.ResponseTypeID, tx.Eko.TxStatus} {
		if code != nil {
			parts = append(parts, decimal(*code))
		}
	}
	return strings.Join(parts, "/")
}
