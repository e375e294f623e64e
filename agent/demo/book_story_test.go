package demo_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"biobridge/agent/cli"
	"biobridge/agent/contract"
	"biobridge/agent/daemon"
)

// command runs biobridge against the shop's agent.
func (s *shop) command(args ...string) (code int, said string) {
	s.t.Helper()
	config := filepath.Join(s.t.TempDir(), "shop.toml")
	text := strings.Replace(daemon.Template, "# data_dir = \"/var/lib/biobridge\"", "data_dir = '"+s.Config.DataDir+"'", 1)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	root, out := cli.Root(), &bytes.Buffer{}
	root.SetArgs(append(args, "--config", config))
	root.SetOut(out)
	err := root.ExecuteContext(s.t.Context())
	return cli.ExitCode(err), out.String() + cli.Message(err)
}

// The day's book says what is in the cash box: Aadhaar Pay never was, a refund on
// its way is nothing that may have to be paid out.
func TestStory_TheDaysBook(t *testing.T) {
	const declined, unclear, refunding = 147, 144, 134 // the simulator's amounts for these
	s := openShop(t, nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("-PAID", 500), nil)
	s.mustCall("aeps.aadhaar_pay", withdrawal("PAY", 250), nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("DECLINED", declined), nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("OPEN", unclear), nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("BACK", refunding), nil)
	if back := s.settled("BACK"); back.State != contract.Refunded {
		t.Fatalf("BACK is %s", back.State)
	}
	var book struct {
		Transactions []contract.Transaction
		Totals       map[string]int64
	}
	if code, said := s.command("transactions", "--json"); code != 0 || json.Unmarshal([]byte(said), &book) != nil {
		t.Fatalf("exit %d: %s", code, said)
	}
	want := map[string]int64{
		"withdrawn": 500, "pending": unclear, "failed": declined,
		"refunding": 0, "refunded": refunding, "aadhaar_pay": 250, "aadhaar_pay_pending": 0, "count": 5,
	}
	if diff := cmp.Diff(want, book.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if _, said := s.command("transactions"); !strings.Contains(said, "5 transactions: withdrawn ₹500,") || !strings.Contains(said, "Aadhaar Pay ₹250") {
		t.Errorf("the book says\n%s", said)
	}
	s.spreadsheet(book.Transactions)
}

// spreadsheet holds the export against what the journal said: the shop's own
// time, no mobile number, no formula.
func (s *shop) spreadsheet(transactions []contract.Transaction) {
	s.t.Helper()
	code, said := s.command("transactions", "--csv")
	rows, err := csv.NewReader(strings.NewReader(said)).ReadAll()
	if code != 0 || err != nil || len(rows) != len(transactions)+1 {
		s.t.Fatalf("exit %d, %d rows, %v", code, len(rows), err)
	}
	for i, row := range rows[1:] {
		shopTime := transactions[i].CreatedAt.In(time.FixedZone("IST", 5*3600+1800)).Format("2006-01-02 15:04:05")
		if row[0] != shopTime {
			s.t.Errorf("%s was made at %s, the spreadsheet says %s", row[1], shopTime, row[0])
		}
		for column, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@") || cell == transactions[i].CustomerID {
				s.t.Errorf("%s is %q", rows[0][column], cell)
			}
		}
	}
}

func TestStory_UnusableArguments(t *testing.T) {
	s := openShop(t, nil)
	for _, args := range []string{
		"transactions --state bogus", "transactions --limit 0", "transactions --limit 201", "transactions --date 2026-02-30",
		"origin allow bogus", "origin allow https://portal.partner.example/path", "origin deny bogus",
		"receipt REF --format pdf", "receipt REF --lang fr",
	} {
		if code, said := s.command(strings.Fields(args)...); code != cli.ExitUnusable || strings.Contains(said, "incident") {
			t.Errorf("%s exits with %d: %s", args, code, said)
		}
	}
}

// A selection that can't be is refused by the name of what is wrong with it; it
// is not an empty day.
func TestStory_ListRefusesWhatItDoesntKnow(t *testing.T) {
	s := openShop(t, nil)
	for field, params := range map[string]map[string]any{
		"state":   {"state": "done"},
		"service": {"service": "withdrawal"},
		"date":    {"date": "2026-11-21", "from": "2026-11-20"},
		"cursor":  {"cursor": "!!"},
	} {
		e := s.call("transaction.list", params, nil)
		if e == nil || e.Data["code"] != "invalid_params" || e.Data["field"] != field {
			t.Errorf("with %v: %+v, want invalid_params of %s", params, e, field)
		}
	}
}

// What Eko's sanity test is shown is what was sent and answered, to the letter of
// every number that isn't masked.
func TestStory_SanityExportIsToTheLetter(t *testing.T) {
	const numbers = 153 // the simulator answers with amounts as numbers
	s := openShop(t, nil)
	s.mustCall("aeps.cash_withdrawal", withdrawal("LETTER", numbers), nil)
	code, said := s.command("sanity-export")
	if code != cli.ExitNo || !strings.Contains(said, `"amount": 153.00`) || !strings.Contains(said, `"amount": "153"`) {
		t.Errorf("exit %d:\n%s", code, said)
	}
}

// A page is told of a scanner when it stands differently, not whenever somebody
// looked.
func TestStory_ScannerIsToldOfOnce(t *testing.T) {
	s := openShop(t, nil)
	// The agent's first news of it may still be under way.
	s.mustCall("capture", map[string]any{"consent": true}, nil)
	s.mustCall("capture", map[string]any{"consent": true}, nil)
	var told []contract.DeviceChanged
	for busy := false; !busy || told[len(told)-1].Device.Status != contract.DeviceReady; {
		s.mustCall("device.list", map[string]any{"refresh": true}, nil) // news comes before or after its answer
		told = nil
		for _, raw := range s.notes["device.changed"] {
			var c contract.DeviceChanged
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			told = append(told, c)
			busy = busy || c.Device.Status == contract.DeviceBusy
		}
	}
	for i := range len(told) - 1 {
		if told[i].Device == told[i+1].Device && told[i+1].Change == "changed" {
			t.Errorf("told twice that it is %s", told[i].Device.Status)
		}
	}
}

// A shop whose partner's hook signs starts without the hook's token, says so, and
// takes it over the local door: under a service's own account there is no other
// way to seal it.
func TestStory_HooksTokenComesWhileTheAgentRuns(t *testing.T) {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for signer, token := range map[string]string{"hook": "hook_bearer", "relay": "relay_bearer"} {
		t.Run(signer, func(t *testing.T) {
			s := openShop(t, func(c *daemon.Config) {
				c.Eko.AccessKey, c.Eko.Signer, c.Eko.HookURL = "", signer, "http://127.0.0.1:1/hook"
				c.Eko.HookPublicKey = base64.StdEncoding.EncodeToString(key.PublicKey().Bytes())
			})
			client := s.door()
			if !s.complains(client, "key_missing") {
				t.Error("the status doesn't say that the token is missing")
			}
			e := s.call("aeps.cash_withdrawal", withdrawal("TOKEN", 500), nil)
			if e == nil || e.Data["code"] != string(contract.Unavailable) || s.Eko.Attempts("TOKEN") != 0 {
				t.Errorf("without a token: %+v, want unavailable", e)
			}
			if _, err := client.SetSecret(t.Context(), token, []byte("shop-token-17")); err != nil {
				t.Errorf("the token is not taken: %v", err)
			}
		})
	}
}

// A clock that seems wrong keeps money back only for as long as it seems so: who
// sends nothing gets no answer that could say otherwise, so Eko is asked.
func TestStory_ClockIsAskedForAgain(t *testing.T) {
	s := openShop(t, nil)
	pay := func(ref string) (contract.Transaction, *wireError) {
		var answer struct{ Transaction contract.Transaction }
		e := s.call("aeps.cash_withdrawal", withdrawal(ref, 500), &answer)
		return answer.Transaction, e
	}
	s.Eko.SetSkew(20 * time.Minute)
	if tx, e := pay("CLOCK1"); e != nil || tx.State != contract.Failed || tx.Reason != "clock_refused" || !strings.Contains(tx.Remedy, "date, time") {
		t.Errorf("signed at the wrong time: %+v, %+v; want failed, with the clock to blame", tx, e)
	}
	if said := s.log.String(); !strings.Contains(said, "eko refused the credentials") || !strings.Contains(said, "hash_order") {
		t.Error("the log doesn't say which causes of the refusal are left")
	}
	if _, e := pay("CLOCK2"); e == nil || e.Data["reason"] != "clock_wrong" || s.Eko.Attempts("CLOCK2") != 0 {
		t.Errorf("with a clock known to be wrong: %+v, want a refusal and nothing sent", e)
	}
	s.Eko.SetSkew(0)
	if tx, e := pay("CLOCK3"); e != nil || tx.State != contract.Succeeded {
		t.Errorf("with a clock that is right again: %+v, %+v; want a success", tx, e)
	}
}
