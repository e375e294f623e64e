package agent_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid"
	"biobridge/rdservice"
	"biobridge/rdservice/rdsim"
)

// The people of the simulated bank.
const (
	asha   = "123412341234"
	ramesh = "999941057058"
)

var page = agent.Caller{Origin: "https://portal.example", User: "shop"}

// shop is a whole counter: scanner, agent, journal and Eko, all real but for
// the finger and the bank.
type shop struct {
	t       testing.TB
	agent   *agent.Agent
	journal *journal.Journal
	watcher *rdservice.Watcher
	scanner *rdsim.Server
	eko     *ekosim.Server
	path    string
	ekoURL  string
	// stop ends the agent, close the world around it.
	stop, close func()
}

// setup changes how a shop is built.
type setup struct {
	config  func(*agent.Config)
	scanner func(*rdsim.Options)
	eko     func(*ekosim.Options)
	client  func(*eko.Config)
	now     func() time.Time
	// path is an existing journal's; empty: a fresh one.
	path string
	// still leaves the recovery loop out.
	still bool
}

func openShop(t testing.TB, s setup) *shop {
	t.Helper()
	sh := &shop{t: t, path: s.path}
	if sh.path == "" {
		sh.path = filepath.Join(t.TempDir(), "journal.db")
	}
	sh.openScanner(s)
	ekoOptions := ekosim.Options{Seed: 1}
	if s.eko != nil {
		s.eko(&ekoOptions)
	}
	var err error
	if sh.eko, err = ekosim.New(ekoOptions); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sh.eko)
	sh.close = func() {
		sh.eko.Close()
		server.CloseClientConnections()
		server.Close()
		sh.scanner.Close()
	}
	t.Cleanup(sh.close)
	sh.ekoURL = server.URL + "/ekoapi"
	sh.openAgent(s, sh.ekoURL)
	return sh
}

func (sh *shop) openScanner(s setup) {
	sh.t.Helper()
	profile, ok := rdsim.ProfileNamed("mantra-l1")
	if !ok {
		sh.t.Fatal("no profile mantra-l1")
	}
	o := rdsim.Options{Profile: profile, Seed: 1, FingerDelay: -1, SettleTime: time.Nanosecond, Scheme: "http"}
	if s.scanner != nil {
		s.scanner(&o)
	}
	var err error
	if sh.scanner, err = rdsim.New(o); err != nil {
		sh.t.Fatal(err)
	}
	if err := sh.scanner.Start(); err != nil {
		sh.t.Fatal(err)
	}
	sh.t.Cleanup(func() { sh.scanner.Close() })
}

func (sh *shop) openAgent(s setup, ekoURL string) {
	sh.t.Helper()
	t := sh.t
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	if sh.journal, err = journal.Open(t.Context(), sh.path, journal.Options{Log: log, Now: s.now, Busy: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	sh.watcher = rdservice.NewWatcher(rdservice.Config{
		HTTPPorts: []int{sh.scanner.Port()}, HTTPSPorts: []int{}, ProbeTimeout: time.Minute,
	}, rdservice.WatchConfig{RetryPause: time.Millisecond})
	key, err := eko.ParseAccessKey(ekosim.AccessKey)
	if err != nil {
		t.Fatal(err)
	}
	ec := eko.Config{
		API: "v2", BaseURL: ekoURL, DeveloperKey: ekosim.DeveloperKey, InitiatorID: ekosim.InitiatorID,
		PublicKey: sh.eko.PublicKey(), Signer: eko.KeySigner{Key: key}, Timeout: 20 * time.Second,
	}
	if s.client != nil {
		s.client(&ec)
	}
	client, err := eko.NewClient(ec)
	if err != nil {
		t.Fatal(err)
	}
	cfg := agent.Config{
		Journal: sh.journal, Watcher: sh.watcher, Eko: client, Environment: "simulated",
		UserCode: ekosim.UserCode, LatLong: "28.6139,77.2090", HashKey: make([]byte, 32), Log: log, Now: s.now,
		Capture: agent.CaptureConfig{FType: pid.FMRFIR}, Grace: 20 * time.Second,
	}
	if s.config != nil {
		s.config(&cfg)
	}
	if sh.agent, err = agent.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	if s.still {
		close(ended)
	} else {
		go func() { ended <- sh.agent.Run(ctx) }()
	}
	stopped := false
	sh.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		client.Close()
		if err := sh.journal.Close(); err != nil {
			t.Errorf("close the journal: %v", err)
		}
	}
	t.Cleanup(func() { sh.stop() })
}

func aadhaar(t testing.TB, digits string) agent.Aadhaar {
	t.Helper()
	a, err := agent.ParseAadhaar(digits)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func withdraw(t testing.TB, amount int64) agent.TransactRequest {
	return agent.TransactRequest{
		Service: contract.CashWithdrawal, Aadhaar: aadhaar(t, asha), BankCode: "SBIN", Amount: amount,
		CustomerID: "9999912345", Consent: true,
	}
}

// transact must give a transaction.
func (sh *shop) transact(r agent.TransactRequest) contract.Transaction {
	sh.t.Helper()
	tx, err := sh.agent.Transact(sh.t.Context(), page, r, agent.NewTicket(), nil)
	if err != nil {
		sh.t.Fatalf("Transact: %v", err)
	}
	return tx
}

// refused must give an error with a code.
func (sh *shop) refused(r agent.TransactRequest, code contract.Code) *agent.Error {
	sh.t.Helper()
	tx, err := sh.agent.Transact(sh.t.Context(), page, r, agent.NewTicket(), nil)
	return sh.is(tx, err, code)
}

func (sh *shop) is(tx contract.Transaction, err error, code contract.Code) *agent.Error {
	sh.t.Helper()
	e, ok := errors.AsType[*agent.Error](err)
	if !ok || e.Code != code {
		sh.t.Fatalf("got transaction %s (%s), error %v, want %s", tx.State, tx.Reason, err, code)
	}
	if e.Message == "" || e.Remedy == "" {
		sh.t.Errorf("%s has message %q, remedy %q", e.Key, e.Message, e.Remedy)
	}
	return e
}

// settled waits until a transaction is settled by the loop's own inquiries.
func (sh *shop) settled(ref string) contract.Transaction {
	sh.t.Helper()
	events, end := sh.agent.Subscribe(page)
	defer end()
	// Only a fault lets this end by time.
	overdue := time.NewTimer(2 * time.Minute)
	defer overdue.Stop()
	for {
		tx, err := sh.agent.Get(sh.t.Context(), page, ref)
		if err != nil {
			sh.t.Fatal(err)
		}
		if tx.State.Settled() {
			return tx
		}
		select {
		case <-events:
		case <-overdue.C:
			sh.t.Fatalf("%s is still %s (%s)", ref, tx.State, tx.Reason)
		}
	}
}

func (sh *shop) trail(ref string) []journal.TrailEntry {
	sh.t.Helper()
	trail, err := sh.journal.Trail(sh.t.Context(), ref)
	if err != nil {
		sh.t.Fatal(err)
	}
	return trail
}
