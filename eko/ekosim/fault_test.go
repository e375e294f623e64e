package ekosim_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

// lost is a reply without an answer.
func lost(t *testing.T, r reply) {
	t.Helper()
	if r.err == nil || r.status != 0 {
		t.Errorf("there was an answer: HTTP %d %s", r.status, r.body)
	}
}

// page is an HTTP status with a page.
func page(status int) func(*testing.T, reply) {
	return func(t *testing.T, r reply) {
		t.Helper()
		if r.err != nil || r.status != status || r.doc != nil {
			t.Errorf("HTTP %d, %v: %s", r.status, r.err, r.body)
		}
	}
}

func retryAfter(status int) func(*testing.T, reply) {
	return func(t *testing.T, r reply) {
		t.Helper()
		page(status)(t, r)
		if r.header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
		}
	}
}

func codes(status, responseStatusID, responseTypeID int, txStatus string) func(*testing.T, reply) {
	return func(t *testing.T, r reply) {
		t.Helper()
		r.want(status, responseStatusID, responseTypeID)
		if got := r.data("tx_status"); got != txStatus {
			t.Errorf("tx_status is %q, want %q", got, txStatus)
		}
	}
}

// unreadable is an answer that a strict reader must not take for one document.
func unreadable(t *testing.T, r reply) {
	t.Helper()
	if r.err != nil || r.status != 200 || r.doc != nil {
		t.Errorf("HTTP %d, %v: %s", r.status, r.err, r.body)
	}
}

func cut(t *testing.T, r reply) {
	t.Helper()
	if !errors.Is(r.err, io.ErrUnexpectedEOF) || r.status != 200 || json.Valid(r.body) {
		t.Errorf("HTTP %d, %v: %s", r.status, r.err, r.body)
	}
}

// behaviours says of each fault what the client sees, how often money moves, and
// what the first inquiry says: a tx_status, or "" for not found.
var behaviours = []struct {
	amount  int
	sees    func(*testing.T, reply)
	moved   int
	inquiry string
}{
	{101, lost, 0, ""},
	{102, lost, 1, "0"},
	{108, lost, 1, ""},
	{109, page(500), 0, ""},
	{110, page(500), 1, "0"},
	{111, page(504), 0, ""},
	{112, page(504), 1, "0"},
	{113, page(402), 0, ""},
	{114, page(403), 0, ""},
	{115, page(404), 0, ""},
	{116, page(405), 0, ""},
	{117, page(415), 0, ""},
	{118, retryAfter(503), 0, ""},
	{119, retryAfter(503), 1, "0"},
	{120, retryAfter(429), 0, ""},
	{121, page(307), 0, ""},
	{122, page(200), 0, ""},
	{123, page(200), 1, "0"},
	{124, cut, 1, "0"},
	{125, func(t *testing.T, r reply) {
		if !errors.Is(r.err, io.ErrUnexpectedEOF) || !json.Valid(r.body) {
			t.Errorf("%v: %s", r.err, r.body)
		}
	}, 1, "0"},
	{126, func(t *testing.T, r reply) {
		if r.err != nil || json.Valid(r.body) {
			t.Errorf("%v: %s", r.err, r.body)
		}
	}, 1, "0"},
	{127, func(t *testing.T, r reply) {
		if r.status != 200 || len(r.body) != 0 {
			t.Errorf("HTTP %d: %s", r.status, r.body)
		}
	}, 1, "0"},
	{128, func(t *testing.T, r reply) {
		unreadable(t, r)
		d := json.NewDecoder(bytes.NewReader(r.body))
		var first, second map[string]any
		if d.Decode(&first) != nil || d.Decode(&second) != nil || text(first["status"]) != "1464" || text(second["status"]) != "0" {
			t.Errorf("not a failure and a success: %s", r.body)
		}
	}, 1, "0"},
	{129, func(t *testing.T, r reply) {
		if strings.Count(string(r.body), `"tx_status"`) != 2 || !json.Valid(r.body) {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{131, func(t *testing.T, r reply) {
		if codes(0, 0, 1463, "0")(t, r); !strings.HasPrefix(r.data("client_ref_id"), "OTHER") {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{132, func(t *testing.T, r reply) {
		if codes(0, 0, 1463, "0")(t, r); r.data("amount") != "232.00" {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{133, codes(0, 0, 1463, "9"), 1, "9"},
	{134, codes(0, 3, 1465, "3"), 1, "3"},
	{135, codes(0, 4, 1465, "4"), 1, "4"},
	{136, codes(0, 5, 1465, "5"), 1, "5"},
	{137, codes(0, 2, 1465, "6"), 0, "6"},
	{138, func(t *testing.T, r reply) {
		if codes(0, 0, 1463, "")(t, r); r.hasData("tx_status") {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{139, noKeySeen, 1, "0"},
	{140, codes(1464, 1, 1463, "0"), 1, "0"},
	{141, func(t *testing.T, r reply) {
		if codes(0, 0, 1459, "")(t, r); !r.hasData("fp_transaction_id") {
			t.Errorf("body %s", r.body)
		}
	}, 0, ""},
	{142, codes(0, 2, 1465, "2"), 1, "2"},
	{143, codes(0, 2, 1465, "2"), 0, "2"},
	{144, codes(0, 2, 1465, "2"), 1, "2"},
	{145, codes(0, -2, -1, ""), 0, ""},
	{146, func(t *testing.T, r reply) {
		z, err := gzip.NewReader(bytes.NewReader(r.body))
		if err != nil || r.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%v, Content-Encoding %q", err, r.header.Get("Content-Encoding"))
		}
		if body, err := io.ReadAll(z); err != nil || !json.Valid(body) {
			t.Errorf("%v: %s", err, body)
		}
	}, 1, "0"},
	{147, codes(1464, 1, 1464, "1"), 0, "1"},
	{148, codes(55, 1, 55, ""), 0, ""},
	{149, func(t *testing.T, r reply) {
		codes(0, 0, 1463, "0")(t, r)
		if date, err := http.ParseTime(r.header.Get("Date")); err != nil || time.Until(date) < 50*time.Minute {
			t.Errorf("Date %q", r.header.Get("Date"))
		}
	}, 1, "0"},
	{151, func(t *testing.T, r reply) {
		if string(r.body) != "null" {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{152, unreadable, 1, "0"},
	{153, func(t *testing.T, r reply) {
		data, _ := r.doc["data"].(map[string]any)
		if data["tx_status"] != 0.0 || data["amount"] != 153.0 {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{154, func(t *testing.T, r reply) {
		if !bytes.HasPrefix(r.body, []byte("\xef\xbb\xbf{")) || !json.Valid(r.body[3:]) {
			t.Errorf("body %s", r.body)
		}
	}, 1, "0"},
	{155, func(t *testing.T, r reply) {
		if len(r.body) != 200_000 || !bytes.HasPrefix(r.body, []byte("[[[[")) {
			t.Errorf("%d bytes", len(r.body))
		}
	}, 1, "0"},
	{156, noKeySeen, 0, ""},
}

func noKeySeen(t *testing.T, r reply) {
	t.Helper()
	if !strings.HasPrefix(text(r.doc["message"]), "No key for response") || r.doc["data"] != nil {
		t.Errorf("body %s", r.body)
	}
}

func TestAmounts_askForFaults(t *testing.T) {
	s := open(t, ekosim.Options{})
	tested := map[int64]bool{103: true, 104: true, 105: true, 106: true, 107: true} // by name below: they take time
	for _, b := range behaviours {
		tested[int64(b.amount)] = true
		t.Run(strconv.Itoa(b.amount), func(t *testing.T) {
			s := s.in(t)
			f := s.v2("2", strconv.Itoa(b.amount))
			b.sees(t, s.aeps(f))
			s.wantMoved(refOf(f), b.moved, 1)
			r := s.inquire(refOf(f))
			if b.inquiry == "" {
				r.want(168, 1, 168)
				return
			}
			if got := r.want(0, 0, 1472).data("tx_status"); got != b.inquiry {
				t.Errorf("inquiry says %q, want %q", got, b.inquiry)
			}
		})
	}
	for _, line := range ekosim.Behaviours() {
		if !tested[line.Amount] {
			t.Errorf("%d (%s) is not tested", line.Amount, line.Behaviour)
		}
		if line.Amount%50 == 0 || line.Amount <= 100 {
			t.Errorf("%d (%s) is an amount that people ask for", line.Amount, line.Behaviour)
		}
		if line.Help == "" {
			t.Errorf("%s is not explained", line.Behaviour)
		}
	}
}

func TestAmounts_thatAreOrdinaryBehave(t *testing.T) {
	s := open(t, ekosim.Options{})
	for amount := 50; amount <= 10_000; amount += 950 {
		f := s.v2("2", strconv.Itoa(amount))
		s.aeps(f).want(0, 0, 1463)
		s.wantMoved(refOf(f), 1, 1)
	}
}

// What becomes of what was pending.
func TestPending_settles(t *testing.T) {
	tests := []struct {
		behaviour       ekosim.Behaviour
		end             string
		moved, refunded int
	}{
		{ekosim.PendingSuccess, "0", 1, 0},
		{ekosim.PendingFailure, "1", 0, 0},
		{ekosim.RefundPendingTx, "4", 1, 1},
		{ekosim.HoldTx, "0", 1, 0},
		{ekosim.AwaitedTx, "1", 0, 0},
		{ekosim.UnknownTxStatus, "0", 1, 0},
		{ekosim.NotFound, "0", 1, 0},
	}
	for _, test := range tests {
		t.Run(string(test.behaviour), func(t *testing.T) {
			s := open(t, ekosim.Options{})
			before, _ := s.sim.Balance(ramesh, "SBIN")
			if err := s.sim.SetFault(ekosim.Fault{Behaviour: test.behaviour, Inquiries: 3}); err != nil {
				t.Fatal(err)
			}
			f := s.v2("2", "500")
			s.aeps(f)
			var last string
			for n := 1; n <= 4; n++ {
				last = s.inquire(refOf(f)).data("tx_status")
				if n < 3 && last == test.end {
					t.Errorf("inquiry %d already says %q", n, last)
				}
			}
			if last != test.end {
				t.Errorf("in the end inquiry says %q, want %q", last, test.end)
			}
			tx, _ := s.sim.Transaction(refOf(f))
			if tx.Moved != test.moved || tx.Refunded != test.refunded {
				t.Errorf("moved %d, refunded %d", tx.Moved, tx.Refunded)
			}
			after, _ := s.sim.Balance(ramesh, "SBIN")
			if want := ekosim.Rupees(500) * ekosim.Paise(test.moved-test.refunded); before-after != want {
				t.Errorf("the account lost %s, want %s", (before - after).Text(), want.Text())
			}
		})
	}
}

func TestPending_settlesByTheClock(t *testing.T) {
	now := time.Now()
	s := open(t, ekosim.Options{Clock: func() time.Time { return now }})
	s.clock = func() time.Time { return now }
	if err := s.sim.SetFault(ekosim.Fault{Behaviour: ekosim.PendingFailure, DelayMS: 60_000}); err != nil {
		t.Fatal(err)
	}
	f, late := s.v2("2", "500"), s.v2("2", "103")
	s.aeps(f).want(0, 2, 1465)
	lost(t, s.aeps(late))
	for range 5 {
		if got := s.inquire(refOf(f)).data("tx_status"); got != "2" {
			t.Fatalf("too early inquiry says %q", got)
		}
	}
	s.wantMoved(refOf(late), 0, 1)
	if got := s.inquire(refOf(late)).data("tx_status"); got != "2" {
		t.Errorf("before the late money moves inquiry says %q", got)
	}
	now = now.Add(5 * time.Second)
	s.wantMoved(refOf(late), 1, 1)
	now = now.Add(time.Minute)
	if got := s.inquire(refOf(f)).data("tx_status"); got != "1" {
		t.Errorf("after a minute inquiry says %q", got)
	}
}

func TestSlowBank_movesMoneyThoughTheClientLeft(t *testing.T) {
	s := open(t, ekosim.Options{})
	if err := s.sim.SetFault(ekosim.Fault{Behaviour: ekosim.SlowBank, DelayMS: 3_600_000}); err != nil {
		t.Fatal(err)
	}
	f := s.v2("2", "500")
	leave, left := s.impatient(f)
	for len(s.sim.Transactions()) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("it never arrived")
		}
	}
	leave()
	lost(t, <-left)
	s.wantMoved(refOf(f), 0, 1)
	s.sim.Close() // the bank decides now
	for s.sim.Moved(refOf(f)) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the money never moved")
		}
	}
	s.wantMoved(refOf(f), 1, 1)
}

// impatient sends a withdrawal and returns how to leave, and what came of it.
func (s *shop) impatient(f form) (leave func(), left chan reply) {
	ctx, cancel := context.WithCancel(s.t.Context())
	patient := s.http.Transport
	hasty := *s
	hasty.http = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return patient.RoundTrip(r.WithContext(ctx))
	})}
	left = make(chan reply, 1)
	go func() { left <- hasty.aeps(f) }()
	return cancel, left
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnswersThatDoNotEnd(t *testing.T) {
	for _, behaviour := range []ekosim.Behaviour{ekosim.SlowAnswer, ekosim.Endless} {
		t.Run(string(behaviour), func(t *testing.T) {
			s := open(t, ekosim.Options{})
			if err := s.sim.SetFault(ekosim.Fault{Behaviour: behaviour, DelayMS: 3_600_000}); err != nil {
				t.Fatal(err)
			}
			f := s.v2("2", "500")
			leave, left := s.impatient(f)
			for s.sim.Moved(refOf(f)) == 0 {
				if t.Context().Err() != nil {
					t.Fatal("the money never moved")
				}
			}
			leave()
			if r := <-left; r.err == nil {
				t.Errorf("there was an answer: %s", r.body)
			}
			s.wantMoved(refOf(f), 1, 1)
		})
	}
}

func TestClose_endsAnAnswerThatIsHeldBack(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "106")
	_, left := s.impatient(f)
	for s.sim.Moved(refOf(f)) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the money never moved")
		}
	}
	s.sim.Close()
	s.sim.Close()
	if r := <-left; r.err == nil {
		t.Errorf("there was an answer: %s", r.body)
	}
}

func TestHugeAnswer_isTrueAndTooLarge(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "107")
	r := s.aeps(f).want(0, 0, 1463)
	if len(r.body) < 10<<20 {
		t.Errorf("only %d bytes", len(r.body))
	}
	s.wantMoved(refOf(f), 1, 1)
}

func TestRedirect_followedIsASecondSubmission(t *testing.T) {
	s := open(t, ekosim.Options{})
	s.http.CheckRedirect = nil
	if err := s.sim.SetFault(ekosim.Fault{Behaviour: ekosim.Redirect}); err != nil {
		t.Fatal(err)
	}
	f := s.v2("2", "500")
	s.aeps(f).want(0, 0, 1463)
	s.wantMoved(refOf(f), 1, 2)
}

func TestFaults_hitWhatTheyAreMeantFor(t *testing.T) {
	s := open(t, ekosim.Options{})
	set := func(f ekosim.Fault) {
		t.Helper()
		if err := s.sim.SetFault(f); err != nil {
			t.Fatal(err)
		}
	}
	// Twice, then no more; enquiries are not meant.
	set(ekosim.Fault{Behaviour: ekosim.HTTP500, Times: 2})
	s.aeps(s.v2("3", "0")).want(0, 0, 1466)
	s.aeps(s.v2("2", "500")).wantRefused(500)
	s.aeps(s.v2("5", "500")).wantRefused(500)
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)

	// One reference only.
	f := s.v2("2", "500")
	set(ekosim.Fault{Behaviour: ekosim.LostAnswer, ClientRefID: refOf(f)})
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
	lost(t, s.aeps(f))

	// One operation, here the inquiry by either number.
	set(ekosim.Fault{Behaviour: ekosim.HTTP504, Operation: ekosim.Inquiry, ClientRefID: refOf(f), Times: 2})
	tx, _ := s.sim.Transaction(refOf(f))
	s.inquire(refOf(f)).wantRefused(504)
	s.get("/v2/transactions/" + tx.TID).wantRefused(504)
	s.inquire(refOf(f)).want(0, 0, 1472)

	// Everything, until it is cleared.
	set(ekosim.Fault{Behaviour: ekosim.HTML, Operation: "*", Times: -1})
	page(200)(t, s.inquire(refOf(f)))
	page(200)(t, s.aeps(s.v2("4", "0")))
	page(200)(t, s.get("/v3/user/account/services"))
	s.sim.ClearFaults()
	s.inquire(refOf(f)).want(0, 0, 1472)

	// A shield against amounts.
	set(ekosim.Fault{Behaviour: ekosim.Behave, Times: -1})
	s.aeps(s.v2("2", "101")).want(0, 0, 1463)

	// What deserves a refusal gets it and uses up nothing.
	s.sim.ClearFaults()
	set(ekosim.Fault{Behaviour: ekosim.LostRequest})
	s.aeps(s.v2("2", "0")).wantInvalid("amount")
	if len(s.sim.Faults()) != 1 {
		t.Error("the fault is used up")
	}
}

func TestSlowness_isForEveryOperation(t *testing.T) {
	s := open(t, ekosim.Options{})
	if err := s.sim.SetFault(ekosim.Fault{Behaviour: ekosim.SlowBank, Operation: ekosim.UserServices, DelayMS: 3_600_000}); err != nil {
		t.Fatal(err)
	}
	done := make(chan reply, 1)
	go func() { done <- s.get("/v3/user/account/services") }()
	for len(s.sim.Faults()) > 0 {
		if t.Context().Err() != nil {
			t.Fatal("it never arrived")
		}
	}
	s.sim.Close() // an hour passes at once
	(<-done).want(0, -1, 1299)
}

func TestFaults_thatMakeNoSense(t *testing.T) {
	s := open(t, ekosim.Options{})
	for _, f := range []ekosim.Fault{
		{}, {Behaviour: "nonsense"}, {Behaviour: ekosim.HTTP500, Operation: "nonsense"},
		{Behaviour: ekosim.SlowBank, DelayMS: -1}, {Behaviour: ekosim.PendingSuccess, Inquiries: -1},
	} {
		if err := s.sim.SetFault(f); err == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}

func TestParseFault(t *testing.T) {
	for text, want := range map[string]ekosim.Fault{
		"lost_answer":      {Behaviour: ekosim.LostAnswer, Times: -1},
		"lost_answer*3":    {Behaviour: ekosim.LostAnswer, Times: 3},
		"http_500@inquiry": {Behaviour: ekosim.HTTP500, Operation: ekosim.Inquiry, Times: -1},
		"html@**2":         {Behaviour: ekosim.HTML, Operation: "*", Times: 2},
		"html@*":           {Behaviour: ekosim.HTML, Operation: "*", Times: -1},
	} {
		if got, err := ekosim.ParseFault(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "nonsense", "html@nonsense", "html*0", "html*-1", "html*x", "html@", "HTML"} {
		if got, err := ekosim.ParseFault(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
