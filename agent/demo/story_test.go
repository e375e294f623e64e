package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

// shop is a running stack with a page connected to it.
type shop struct {
	*demo.Stack
	t    *testing.T
	log  *lockedBuffer
	conn *websocket.Conn
	id   int
	// notes are the notifications that arrived, by method.
	notes map[string][]json.RawMessage
}

// noon is a clock that begins at noon in India: no day ends while a test runs.
func noon() func() time.Time {
	begin := time.Now()
	ahead := begin.Truncate(24 * time.Hour).Add(6*time.Hour + 30*time.Minute).Sub(begin)
	return func() time.Time { return time.Now().Add(ahead) }
}

// openShop runs a stack until the test ends and fails the test where it doesn't
// end in order.
func openShop(t *testing.T, change func(*daemon.Config)) *shop {
	t.Helper()
	s := &shop{t: t, log: &lockedBuffer{}, notes: map[string][]json.RawMessage{}}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	patient := func(c *daemon.Config) {
		c.RDService.ProbeTimeout.Duration = 30 * time.Second
		if change != nil {
			change(c)
		}
	}
	stack, err := demo.NewStack(demo.Options{
		DataDir: t.TempDir(), Profiles: []string{"mantra-l1"}, FingerDelay: -1, Seed: 7, Change: patient, Now: noon(), Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Stack = stack
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- stack.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the stack ended with %v", err)
		}
	})
	select {
	case <-stack.Ready():
	case err := <-done:
		done <- err
		t.Fatalf("the stack didn't start: %v\n%s", err, s.log)
	}
	s.connect(s.PageURL)
	s.mustCall("bridge.hello", map[string]any{"client": map[string]string{"name": "test", "version": "1"}}, nil)
	for ready := false; !ready; {
		var list struct{ Devices []contract.Device }
		s.mustCall("device.list", map[string]any{"refresh": true}, &list)
		ready = len(list.Devices) == 1 && list.Devices[0].Status == contract.DeviceReady
	}
	return s
}

func (s *shop) connect(origin string) {
	s.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+s.Doors.Pages[0]+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn = conn
	s.t.Cleanup(func() { _ = conn.Close() })
}

type wireError struct {
	Code    int
	Message string
	Data    map[string]any
}

// call makes one call and returns its error, nil where it has a result.
func (s *shop) call(method string, params, result any) *wireError {
	s.t.Helper()
	s.id++
	if err := s.conn.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": s.id, "method": method, "params": params}); err != nil {
		s.t.Fatalf("%s: %v", method, err)
	}
	for {
		var m struct {
			ID             int
			Method         string
			Params, Result json.RawMessage
			Error          *wireError
		}
		if err := s.conn.ReadJSON(&m); err != nil {
			s.t.Fatalf("%s: %v", method, err)
		}
		switch {
		case m.Method != "":
			s.notes[m.Method] = append(s.notes[m.Method], m.Params)
		case m.ID != s.id:
			s.t.Fatalf("%s: an answer to call %d", method, m.ID)
		case m.Error != nil:
			return m.Error
		default:
			if result != nil {
				if err := json.Unmarshal(m.Result, result); err != nil {
					s.t.Fatalf("%s: %v", method, err)
				}
			}
			return nil
		}
	}
}

func (s *shop) mustCall(method string, params, result any) {
	s.t.Helper()
	if err := s.call(method, params, result); err != nil {
		s.t.Fatalf("%s: %+v", method, *err)
	}
}

func withdrawal(ref string, amount int64) map[string]any {
	return map[string]any{"client_ref_id": ref, "aadhaar": aadhaar, "bank_code": "SBIN", "amount": amount, "customer_id": "9999999999", "consent": true}
}

const aadhaar = "999941057058"

// settled waits until a transaction is settled: as transaction.updated says, or
// the journal.
func (s *shop) settled(ref string) contract.Transaction {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	client, err := control.Dial(ctx, s.Doors.Control)
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	events, err := client.Watch(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for {
		r, err := client.Transaction(ctx, ref)
		if err != nil {
			s.t.Fatal(err)
		}
		if r.State.Settled() {
			return r.Transaction
		}
		if _, open := <-events; !open {
			s.t.Fatalf("%s is still %s after two minutes", ref, r.State)
		}
	}
}

func TestStory_WithdrawalFromPageToReceipt(t *testing.T) {
	s := openShop(t, nil)
	before, _ := s.Eko.Balance(aadhaar, "SBIN")
	var got struct{ Transaction contract.Transaction }
	s.mustCall("aeps.cash_withdrawal", withdrawal("STORY1", 500), &got)
	tx := got.Transaction
	if tx.State != contract.Succeeded || tx.Amount != 500 || tx.AadhaarLast4 != "7058" || tx.BankRefNum == "" || tx.TID == "" {
		t.Errorf("transaction %+v", tx)
	}
	if after, _ := s.Eko.Balance(aadhaar, "SBIN"); before-after != ekosim.Rupees(500) {
		t.Errorf("the account went down by %v", before-after)
	}
	for _, stage := range []string{"looking", "place_finger", "captured"} {
		if !strings.Contains(string(bytes.Join(rawNotes(s.notes["capture.progress"]), nil)), `"`+stage+`"`) {
			t.Errorf("the page was not told the stage %s", stage)
		}
	}
	var again struct{ Transaction contract.Transaction }
	s.mustCall("aeps.cash_withdrawal", withdrawal("STORY1", 500), &again)
	if again.Transaction.TID != tx.TID || s.Eko.Attempts("STORY1") != 1 {
		t.Errorf("the same reference was submitted %d times, TID %s then %s", s.Eko.Attempts("STORY1"), tx.TID, again.Transaction.TID)
	}
	if err := s.call("aeps.cash_withdrawal", withdrawal("STORY1", 600), nil); err == nil || err.Data["code"] != "request_conflict" {
		t.Errorf("the same reference with another amount: %+v, want request_conflict", err)
	}
}

// TestStory_ScannerIsFreeAgain holds that a page which goes by device.changed is
// told when the scanner is free again.
func TestStory_ScannerIsFreeAgain(t *testing.T) {
	s := openShop(t, nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("FREE1", 500), nil)
	for status := contract.DeviceStatus(""); status != contract.DeviceReady; {
		s.mustCall("device.list", map[string]any{}, nil) // brings the notifications along
		for _, note := range s.notes["device.changed"] {
			var changed contract.DeviceChanged
			if err := json.Unmarshal(note, &changed); err != nil {
				t.Fatal(err)
			}
			status = changed.Device.Status
		}
	}
}

func rawNotes(notes []json.RawMessage) [][]byte {
	out := make([][]byte, len(notes))
	for i, n := range notes {
		out[i] = n
	}
	return out
}

func TestStory_LostAnswerIsPendingAndThenTheTruth(t *testing.T) {
	s := openShop(t, nil)
	var got struct{ Transaction contract.Transaction }
	s.mustCall("aeps.cash_withdrawal", withdrawal("LOST1", 102), &got)
	if got.Transaction.State != contract.Pending {
		t.Fatalf("after a lost answer the state is %s, want pending", got.Transaction.State)
	}
	if tx := s.settled("LOST1"); tx.State != contract.Succeeded {
		t.Errorf("settled as %s, but the money moved", tx.State)
	}
	if s.Eko.Moved("LOST1") != 1 || s.Eko.Attempts("LOST1") != 1 {
		t.Errorf("moved %d times in %d attempts", s.Eko.Moved("LOST1"), s.Eko.Attempts("LOST1"))
	}
}

func TestStory_StrangerIsToldThatHeIsOne(t *testing.T) {
	s := openShop(t, nil)
	s.connect("https://evil.example")
	var note struct {
		Method string
		Params struct{ Code, Message, Remedy string }
	}
	if err := s.conn.ReadJSON(&note); err != nil {
		t.Fatal(err)
	}
	if note.Method != "bridge.refused" || note.Params.Code != "origin_denied" || note.Params.Remedy == "" {
		t.Errorf("the stranger is told %+v", note)
	}
	_, _, err := s.conn.ReadMessage()
	if !websocket.IsCloseError(err, 4403) {
		t.Errorf("the stranger's connection ended with %v, want close code 4403", err)
	}
}

func TestStory_NothingPersonalIsLeftBehind(t *testing.T) {
	logDir := t.TempDir()
	s := openShop(t, func(c *daemon.Config) { c.Capture.Timeout = daemon.Duration{Duration: 5 * time.Second} })
	var captured contract.CaptureResult
	s.mustCall("capture", map[string]any{"consent": true, "bank_code": "SBIN"}, &captured)
	for _, amount := range []int64{500, 102, 109, 136} {
		s.call("aeps.cash_withdrawal", withdrawal("", amount), nil)
	}
	s.call("aeps.cash_withdrawal", map[string]any{"aadhaar": "999941057059", "consent": true}, nil)
	s.mustCall("aeps.mini_statement", map[string]any{"aadhaar": aadhaar, "bank_code": "SBIN", "customer_id": "9999999999", "consent": true}, nil)
	if err := os.WriteFile(filepath.Join(logDir, "log"), []byte(s.log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	canaries := map[string]string{
		"an Aadhaar number": aadhaar, "a wrong Aadhaar number": "999941057059", "a PID block": "<Skey",
		"sealed data": captured.PidData[len(captured.PidData)/2:][:60], "the access key": ekosim.AccessKey,
	}
	for _, dir := range []string{s.Config.DataDir, logDir} {
		searched := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			searched++
			for what, canary := range canaries {
				if bytes.Contains(content, []byte(canary)) {
					t.Errorf("%s holds %s", filepath.Base(path), what)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if searched == 0 {
			t.Errorf("%s holds nothing to search", dir)
		}
	}
}

func TestStory_PairsForTheSanityTestAreMasked(t *testing.T) {
	s := openShop(t, nil)
	person := map[string]any{"aadhaar": aadhaar, "bank_code": "SBIN", "customer_id": "9876543210", "consent": true}
	s.mustCall("aeps.balance_enquiry", person, nil)
	s.mustCall("aeps.mini_statement", person, nil)
	if _, missing, err := daemon.SanityPairs(s.Config.DataDir); err != nil || len(missing) != 1 || missing[0] != contract.CashWithdrawal {
		t.Errorf("missing %v, %v; want the withdrawal", missing, err)
	}
	s.mustCall("aeps.cash_withdrawal", withdrawal("SANITY1", 500), nil)
	pairs, missing, err := daemon.SanityPairs(s.Config.DataDir)
	if err != nil || len(missing) > 0 || len(pairs) != 3 {
		t.Fatalf("%d pairs, missing %v, %v", len(pairs), missing, err)
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	for what, canary := range map[string]string{
		"an Aadhaar number": aadhaar, "a mobile number": "9876543210", "the access key": ekosim.AccessKey, "a PID block": "Skey", "a name": "Ramesh",
	} {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("the pairs hold %s", what)
		}
	}
	if !bytes.Contains(text, []byte(`service_type`)) || !bytes.Contains(text, []byte("1463")) {
		t.Errorf("the pairs don't show request and answer: %s", text)
	}
}
