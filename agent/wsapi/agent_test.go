package wsapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/agent/wsapi"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid"
	"biobridge/rdservice"
	"biobridge/rdservice/rdsim"
)

const simulatedAadhaar = "123412341234"

// realShop is a whole counter behind the door: scanner, agent, journal and Eko.
type realShop struct {
	*bridge
	scanner *rdsim.Server
	eko     *ekosim.Server
	now     func() time.Time
}

// fromNoon is a clock that begins at noon in India, so that no day ends in a test.
func fromNoon() func() time.Time {
	year, month, day := time.Now().UTC().Date()
	noon := time.Until(time.Date(year, month, day, 6, 30, 0, 0, time.UTC))
	return func() time.Time { return time.Now().Add(noon) }
}

func openRealShop(t testing.TB, noFinger bool) *realShop {
	t.Helper()
	profile, ok := rdsim.ProfileNamed("mantra-l1")
	if !ok {
		t.Fatal("no profile mantra-l1")
	}
	shop := &realShop{now: fromNoon()}
	var err error
	if shop.scanner, err = rdsim.New(rdsim.Options{Profile: profile, Seed: 1, Clock: shop.now, FingerDelay: -1, SettleTime: time.Nanosecond, Scheme: "http", NoFinger: noFinger}); err != nil {
		t.Fatal(err)
	}
	if err := shop.scanner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shop.scanner.Close() })
	if shop.eko, err = ekosim.New(ekosim.Options{Seed: 1, Clock: shop.now}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(shop.eko)
	t.Cleanup(func() { shop.eko.Close(); server.Close() })
	a := shop.openAgent(t, server.URL+"/ekoapi")
	shop.bridge = open(t, wsapi.Config{Agent: a})
	return shop
}

func (shop *realShop) openAgent(t testing.TB, ekoURL string) *agent.Agent {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	book, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), journal.Options{Log: log, Now: shop.now})
	if err != nil {
		t.Fatal(err)
	}
	key, err := eko.ParseAccessKey(ekosim.AccessKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := eko.NewClient(eko.Config{
		API: "v2", BaseURL: ekoURL, DeveloperKey: ekosim.DeveloperKey, InitiatorID: ekosim.InitiatorID,
		PublicKey: shop.eko.PublicKey(), Signer: eko.KeySigner{Key: key}, Timeout: patience, Now: shop.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	watcher := rdservice.NewWatcher(rdservice.Config{HTTPPorts: []int{shop.scanner.Port()}, HTTPSPorts: []int{}, ProbeTimeout: patience, Now: shop.now}, rdservice.WatchConfig{})
	a, err := agent.New(agent.Config{
		Journal: book, Watcher: watcher, Eko: client, Environment: "simulated",
		UserCode: ekosim.UserCode, LatLong: "28.6139,77.2090", HashKey: make([]byte, 32), Log: log, Now: shop.now, Grace: patience,
		Capture: agent.CaptureConfig{FType: pid.FMRFIR},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Devices(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		client.Close()
		if err := book.Close(); err != nil {
			t.Errorf("close the journal: %v", err)
		}
	})
	return a
}

const realWithdrawal = `{"client_ref_id":"REAL1","aadhaar":"` + simulatedAadhaar + `","bank_code":"SBIN","amount":500,"customer_id":"9999912345","consent":true}`

func (p *page) transaction(raw json.RawMessage) contract.Transaction {
	p.t.Helper()
	var got struct{ Transaction contract.Transaction }
	if err := json.Unmarshal(raw, &got); err != nil {
		p.t.Fatal(err)
	}
	return got.Transaction
}

// until returns the first notification that a condition accepts.
func (p *page) until(accept func(message) bool) message {
	p.t.Helper()
	for {
		if m := p.note(); accept(m) {
			return m
		}
	}
}

func TestRealShop_withdrawal(t *testing.T) {
	shop := openRealShop(t, false)
	p, otherTab, stranger := shop.join(t, shopOrigin), shop.join(t, shopOrigin), shop.join(t, otherOrigin)
	var list struct{ Devices []contract.Device }
	if err := json.Unmarshal(p.must("device.list", `{}`), &list); err != nil || len(list.Devices) != 1 || list.Devices[0].Status != contract.DeviceReady {
		t.Fatalf("devices = %+v, %v", list, err)
	}
	tx := p.transaction(p.must("aeps.cash_withdrawal", realWithdrawal))
	if tx.State != contract.Succeeded || tx.Amount != 500 || tx.AadhaarLast4 != "1234" || tx.TID == "" {
		t.Fatalf("transaction = %+v", tx)
	}
	if n := shop.eko.Moved("REAL1"); n != 1 {
		t.Errorf("money moved %d times", n)
	}
	again := p.transaction(p.must("aeps.cash_withdrawal", realWithdrawal))
	if again.TID != tx.TID || shop.eko.Moved("REAL1") != 1 {
		t.Errorf("the same reference again: %+v", again)
	}
	otherTab.until(func(m message) bool {
		return m.Method == "transaction.updated" && strings.Contains(string(m.Params), `"succeeded"`)
	})
	if m := stranger.call("transaction.get", `{"client_ref_id":"REAL1"}`); m.Error.code() != "not_found" {
		t.Errorf("another origin asks for it: %+v", m)
	}
	if m := stranger.call("aeps.cash_withdrawal", realWithdrawal); m.Error.code() != "request_conflict" {
		t.Errorf("another origin uses its reference: %+v", m.Error)
	}
	stranger.must("device.list", `{}`)
	for len(stranger.notes) > 0 {
		if m := <-stranger.notes; strings.Contains(string(m.Params), "REAL1") {
			t.Errorf("another origin was told %s %s", m.Method, m.Params)
		}
	}
}

func TestRealShop_enquiries(t *testing.T) {
	shop := openRealShop(t, false)
	p := shop.join(t, shopOrigin)
	params := strings.Replace(realWithdrawal, `"amount":500,`, "", 1)
	balance := p.transaction(p.must("aeps.balance_enquiry", strings.Replace(params, "REAL1", "REAL2", 1)))
	if balance.State != contract.Succeeded || balance.CustomerBalance == "" {
		t.Errorf("balance = %+v", balance)
	}
	statement := p.transaction(p.must("aeps.mini_statement", strings.Replace(params, "REAL1", "REAL3", 1)))
	if statement.State != contract.Succeeded || len(statement.MiniStatement) == 0 {
		t.Errorf("mini statement = %+v", statement)
	}
	var page struct{ Transactions []contract.Transaction }
	if err := json.Unmarshal(p.must("transaction.list", `{"service":"mini_statement"}`), &page); err != nil || len(page.Transactions) != 1 {
		t.Errorf("list = %+v, %v", page, err)
	}
	var captured contract.CaptureResult
	if err := json.Unmarshal(p.must("capture", `{"bank_code":"SBIN","consent":true}`), &captured); err != nil || !strings.Contains(captured.PidData, "<PidData") {
		t.Errorf("capture = %v", err)
	}
	shop.stop()
	block := captured.PidData[strings.Index(captured.PidData, "<Data"):][:120]
	for _, secret := range []string{simulatedAadhaar, block[20:60]} {
		if strings.Contains(shop.bridge.log.String(), secret) {
			t.Errorf("%q is in the door's log", secret)
		}
	}
}

func TestRealShop_cancel(t *testing.T) {
	shop := openRealShop(t, true)
	p := shop.join(t, shopOrigin)
	id, answer := p.begin("aeps.cash_withdrawal", realWithdrawal)
	p.until(func(m message) bool {
		return m.Method == "capture.progress" && strings.Contains(string(m.Params), `"place_finger"`)
	})
	p.must("$/cancelRequest", `{"id":`+id+`}`)
	if m := p.wait(answer); m.Error.code() != "capture_cancelled" {
		t.Errorf("the cancelled withdrawal: %+v", m.Error)
	}
	if tx := p.transaction(p.must("transaction.get", `{"client_ref_id":"REAL1"}`)); tx.State != contract.Abandoned {
		t.Errorf("state = %s, want abandoned", tx.State)
	}
	if n := shop.eko.Moved("REAL1"); n != 0 {
		t.Errorf("money moved %d times", n)
	}
}

func TestRealShop_pageLeaves(t *testing.T) {
	shop := openRealShop(t, true)
	watches := shop.join(t, shopOrigin)
	p := shop.join(t, shopOrigin)
	p.begin("aeps.cash_withdrawal", realWithdrawal)
	p.until(func(m message) bool { return strings.Contains(string(m.Params), `"place_finger"`) })
	_ = p.ws.Close()
	watches.until(func(m message) bool {
		return m.Method == "transaction.updated" && strings.Contains(string(m.Params), `"abandoned"`)
	})
}
