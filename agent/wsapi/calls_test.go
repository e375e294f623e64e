package wsapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

const (
	withdrawal = `{"client_ref_id":"REF1","aadhaar":"123412341234","bank_code":"HDFC","amount":100,"customer_id":"9876543210","consent":true}`
	enquiry    = `{"client_ref_id":"REF2","aadhaar":"123412341234","bank_code":"HDFC","customer_id":"9876543210","consent":true}`
)

// counter is a finger that is not placed until the test says so.
type counter struct {
	entered chan *agent.Ticket
	finger  chan struct{}
}

func newCounter() *counter {
	return &counter{entered: make(chan *agent.Ticket, 100), finger: make(chan struct{})}
}

func (c *counter) transact(ctx context.Context, _ agent.Caller, r agent.TransactRequest, t *agent.Ticket, p agent.Progress) (contract.Transaction, error) {
	p(contract.CaptureProgress{Stage: contract.StagePlaceFinger, ClientRefID: r.ClientRefID, Message: "Place the finger on the scanner."})
	c.entered <- t
	select {
	case <-c.finger:
		return transaction(r.ClientRefID, contract.Succeeded), nil
	case <-ctx.Done():
		return contract.Transaction{}, ctx.Err()
	}
}

func TestTransact(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	var got struct{ Transaction contract.Transaction }
	if err := json.Unmarshal(p.must("aeps.cash_withdrawal", `{"client_ref_id":"REF1","aadhaar":"123412341234","bank_code":"HDFC","amount":100,"customer_id":"9876543210","latlong":"1,2","user_code":"U1","device":"d1","notify_customer":true,"confirm_repeat":true,"otp":"123456","otp_request_id":"o1","consent":true}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Transaction.State != contract.Succeeded || got.Transaction.Message != "en: state succeeded" {
		t.Errorf("transaction = %+v", got.Transaction)
	}
	r := shop.transacted[0]
	if r.Service != contract.CashWithdrawal || r.ClientRefID != "REF1" || r.Amount != 100 || r.BankCode != "HDFC" || r.CustomerID != "9876543210" ||
		r.LatLong != "1,2" || r.UserCode != "U1" || r.Device != "d1" || !r.NotifyCustomer || !r.ConfirmRepeat || string(r.OTP) != "123456" ||
		r.OTPRequestID != "o1" || !r.Consent || r.Aadhaar.Last4() != "1234" {
		t.Errorf("the agent was asked for something else than the page: %+v", r)
	}
	if c := shop.callers[0]; c.Origin != shopOrigin || c.Local || len(c.Scopes) != len(everyScope) {
		t.Errorf("caller = %+v", c)
	}
}

func TestProgress_goesToWhoAskedOnly(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = counter.transact
	b := open(t, wsapi.Config{Agent: shop})
	asks, sameOrigin, other := b.join(t, shopOrigin), b.join(t, shopOrigin), b.join(t, otherOrigin)
	id, answer := asks.begin("aeps.cash_withdrawal", withdrawal)
	note := asks.note()
	var progress struct {
		ID             json.RawMessage
		Stage, Message string
		ClientRefID    string `json:"client_ref_id"`
	}
	if err := json.Unmarshal(note.Params, &progress); err != nil {
		t.Fatal(err)
	}
	if note.Method != "capture.progress" || string(progress.ID) != id || progress.Stage != "place_finger" || progress.ClientRefID != "REF1" || progress.Message == "" {
		t.Errorf("progress = %s %+v", note.Method, progress)
	}
	close(counter.finger)
	asks.wait(answer)
	for _, p := range []*page{sameOrigin, other} {
		p.must("device.list", `{}`) // anything sent before has arrived now
		if n := len(p.notes); n != 0 {
			t.Errorf("another connection got %d notifications", n)
		}
	}
}

func TestCancel(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = func(ctx context.Context, _ agent.Caller, _ agent.TransactRequest, ticket *agent.Ticket, _ agent.Progress) (contract.Transaction, error) {
		counter.entered <- ticket
		<-counter.finger
		return contract.Transaction{}, &agent.Error{Code: contract.CaptureCancelled, Key: "agent.capture_cancelled", Message: "M", Remedy: "R"}
	}
	b := open(t, wsapi.Config{Agent: shop})
	p, other := b.join(t, shopOrigin), b.join(t, shopOrigin)
	id, answer := p.begin("aeps.cash_withdrawal", withdrawal)
	<-counter.entered
	if m := other.call("$/cancelRequest", `{"id":`+id+`}`); m.Error.code() != "not_found" {
		t.Errorf("cancelling another connection's call: %+v, want not_found", m)
	}
	if got := p.must("$/cancelRequest", `{"id":`+id+`}`); string(got) != `{"cancelled":true}` {
		t.Errorf("cancel = %s", got)
	}
	close(counter.finger)
	if m := p.wait(answer); m.Error.code() != "capture_cancelled" {
		t.Errorf("the cancelled call: %+v, want capture_cancelled", m.Error)
	}
	if m := p.call("$/cancelRequest", `{"id":`+id+`}`); m.Error.code() != "not_found" {
		t.Errorf("cancelling an answered call: %+v, want not_found", m)
	}
}

func TestCancel_asNotification(t *testing.T) {
	shop := newShop()
	entered := make(chan struct{}, 1)
	shop.list = func(ctx context.Context, refresh bool) ([]contract.Device, error) {
		if !refresh {
			return nil, nil
		}
		entered <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	id, answer := p.begin("device.list", `{"refresh":true}`)
	<-entered
	p.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":` + id + `}}`)
	if m := p.wait(answer); m.Error.code() != "capture_cancelled" {
		t.Errorf("the cancelled call: %+v", m.Error)
	}
}

func TestPageLeaves(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = counter.transact
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	p.begin("aeps.cash_withdrawal", withdrawal)
	<-counter.entered
	_ = p.ws.Close()
	// The connection's end takes the call with it, or the server's end would wait.
	b.stop()
}

func TestShutdown(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = counter.transact
	b := open(t, wsapi.Config{Agent: shop})
	idle, busy, stranger := b.join(t, shopOrigin), b.join(t, shopOrigin), b.dial(t, otherOrigin)
	busy.begin("aeps.cash_withdrawal", withdrawal)
	<-counter.entered
	b.stop()
	for _, p := range []*page{idle, busy, stranger} {
		if code, _ := p.closed(); code != 1001 {
			t.Errorf("close code = %d, want 1001", code)
		}
	}
}

func TestCalls_atOnce(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = counter.transact
	b := open(t, wsapi.Config{Agent: shop, Limits: wsapi.Limits{Calls: 3}})
	p := b.join(t, shopOrigin)
	var answers []chan message
	for range 3 {
		_, answer := p.begin("aeps.cash_withdrawal", withdrawal)
		answers = append(answers, answer)
		<-counter.entered
	}
	if m := p.call("device.list", `{}`); m.Error.code() != "limit_exceeded" {
		t.Errorf("a fourth call at once: %+v, want limit_exceeded", m)
	}
	if m := p.call("$/cancelRequest", `{"id":"x"}`); m.Error.code() != "not_found" {
		t.Errorf("a cancel beside the limit: %+v, want an answer of its own", m)
	}
	close(counter.finger)
	for _, answer := range answers {
		if m := p.wait(answer); m.Error != nil {
			t.Errorf("a call within the limit: %+v", m.Error)
		}
	}
	p.must("device.list", `{}`)
}

func TestCalls_sameID(t *testing.T) {
	shop, counter := newShop(), newCounter()
	shop.transact = counter.transact
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	id, answer := p.begin("aeps.cash_withdrawal", withdrawal)
	<-counter.entered
	m := p.raw(`{"jsonrpc":"2.0","id":`+id+`,"method":"device.list"}`, "null")
	if m.Error.code() != "invalid_params" || m.Error.Data["field"] != "id" {
		t.Errorf("an id in use: %+v", m.Error)
	}
	close(counter.finger)
	if m := p.wait(answer); m.Error != nil {
		t.Errorf("the first call with that id: %+v", m.Error)
	}
}

func TestInternalError_tellsAnIncidentOnly(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.join(t, shopOrigin)
	m := p.call("transaction.inquire", `{"client_ref_id":"BROKEN"}`)
	if m.Error.code() != "internal" || m.Error.Code != -32603 {
		t.Fatalf("error = %+v", m.Error)
	}
	if raw, _ := json.Marshal(m); strings.Contains(string(raw), "4000") {
		t.Errorf("the page was told the cause: %s", raw)
	}
	incident, _ := m.Error.Data["incident"].(string)
	if incident == "" || !strings.Contains(b.log.String(), incident) {
		t.Errorf("incident %q is not in the log", incident)
	}
}

func TestPanic_endsOneCallOnly(t *testing.T) {
	shop := newShop()
	shop.list = func(_ context.Context, refresh bool) ([]contract.Device, error) {
		if refresh {
			panic("4000 1234 5678 9010")
		}
		return nil, nil
	}
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	if m := p.call("device.list", `{"refresh":true}`); m.Error.code() != "internal" {
		t.Errorf("error = %+v", m.Error)
	}
	p.must("device.list", `{}`)
	if strings.Contains(b.log.String(), "4000 1234") {
		t.Error("the panic's value is in the log")
	}
}

func TestEvents(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop})
	p := b.dial(t, shopOrigin)
	p.must("bridge.hello", `{"client":{"name":"x","version":"1"},"locale":"hi"}`)
	updated := transaction("A", contract.Succeeded)
	shop.publish(agent.Event{Kind: agent.TransactionUpdated, Transaction: &updated})
	note := p.note()
	if note.Method != "transaction.updated" || !strings.Contains(string(note.Params), "hi: state succeeded") {
		t.Errorf("notification = %s %s", note.Method, note.Params)
	}
	shop.mu.Lock()
	defer shop.mu.Unlock()
	for _, caller := range shop.subscribers {
		if caller.Origin != shopOrigin || caller.Local {
			t.Errorf("subscribed as %+v", caller)
		}
	}
}

func TestErrors_numbersOfEveryCode(t *testing.T) {
	shop := newShop()
	b := open(t, wsapi.Config{Agent: shop})
	p := b.join(t, shopOrigin)
	seen := make(map[int]contract.Code)
	for i, code := range contract.Codes() {
		shop.transact = func(context.Context, agent.Caller, agent.TransactRequest, *agent.Ticket, agent.Progress) (contract.Transaction, error) {
			return contract.Transaction{}, &agent.Error{Code: code, Key: "agent.test", Message: "M", Remedy: "R", Data: map[string]any{"more": i, "code": "overwritten"}, Err: errors.New("cause")}
		}
		m := p.call("aeps.cash_withdrawal", withdrawal)
		if m.Error.code() != string(code) || m.Error.Data["message"] != "M" || m.Error.Data["remedy"] != "R" || m.Error.Data["more"] != float64(i) {
			t.Errorf("%s: %+v", code, m.Error)
		}
		if m.Error.Message != "M" || m.Error.Code == 0 {
			t.Errorf("%s: %+v", code, m.Error)
		}
		if other, twice := seen[m.Error.Code]; twice {
			t.Errorf("%s and %s have the number %d", code, other, m.Error.Code)
		}
		seen[m.Error.Code] = code
	}
	if m := p.call("no.such.method", `{}`); m.Error.Code != -32601 || m.Error.code() != "not_found" {
		t.Errorf("unknown method: %+v", m.Error)
	}
}

func TestManyPages(t *testing.T) {
	b := open(t, wsapi.Config{})
	for i := range 20 {
		p := b.join(t, shopOrigin)
		p.must("device.list", `{}`)
		if pages := b.Pages(); len(pages) != 1 || pages[0].Connections != i+1 || pages[0].Origin != shopOrigin {
			t.Fatalf("pages = %+v", pages)
		}
	}
}

func TestOrigin_connectionsLimit(t *testing.T) {
	b := open(t, wsapi.Config{Limits: wsapi.Limits{Origin: 2}})
	first, second := b.join(t, shopOrigin), b.join(t, shopOrigin)
	third := b.dial(t, shopOrigin)
	if note := third.note(); note.Method != "bridge.refused" || !strings.Contains(string(note.Params), "limit_exceeded") {
		t.Errorf("notification = %s %s", note.Method, note.Params)
	}
	if code, _ := third.closed(); code != wsapi.CloseTooMany {
		t.Errorf("close code = %d, want %d", code, wsapi.CloseTooMany)
	}
	b.join(t, otherOrigin)
	for _, p := range []*page{first, second} {
		p.must("device.list", `{}`)
	}
}

func TestReceipt(t *testing.T) {
	b := open(t, wsapi.Config{})
	p := b.dial(t, shopOrigin)
	p.must("bridge.hello", `{"client":{"name":"x","version":"1"},"locale":"hi"}`)
	for _, test := range []struct{ params, lang, format, body string }{
		{`{"client_ref_id":"A"}`, "hi", "", ""},
		{`{"client_ref_id":"A","format":"data","locale":"en"}`, "en", "", ""},
		{`{"client_ref_id":"A","format":"text"}`, "hi", "text", "RRN"},
		{`{"client_ref_id":"A","format":"html58"}`, "hi", "html58", "width: 54mm"},
		{`{"client_ref_id":"A","format":"html80"}`, "hi", "html80", "width: 74mm"},
		{`{"client_ref_id":"A","format":"htmla4"}`, "hi", "htmla4", "A4"},
	} {
		var got struct {
			Receipt      agent.Receipt
			Format, Body string
		}
		if err := json.Unmarshal(p.must("transaction.receipt", test.params), &got); err != nil {
			t.Fatal(err)
		}
		if string(got.Receipt.Lang) != test.lang || got.Receipt.ClientRefID != "A" || got.Format != test.format || !strings.Contains(got.Body, test.body) || (test.body == "") != (got.Body == "") {
			t.Errorf("%s: %+v", test.params, got)
		}
	}
	if m := p.call("transaction.receipt", `{"client_ref_id":"A","format":"pdf"}`); m.Error.Data["field"] != "format" {
		t.Errorf("an unknown format: %+v", m.Error)
	}
}
