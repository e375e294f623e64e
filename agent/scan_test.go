package agent_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/pid"
	"biobridge/rdservice/rdsim"
)

func (sh *shop) faults(texts ...string) {
	sh.t.Helper()
	var faults []rdsim.Fault
	for _, text := range texts {
		f, err := rdsim.ParseFault(text)
		if err != nil {
			sh.t.Fatal(err)
		}
		faults = append(faults, f)
	}
	if err := sh.scanner.SetFaults(faults...); err != nil {
		sh.t.Fatal(err)
	}
}

func (sh *shop) captures() int {
	n := 0
	for _, r := range sh.scanner.Requests() {
		if r.Verb == "CAPTURE" {
			n++
		}
	}
	return n
}

// TestAgent_Transact_ScannerFails abandons the transaction, sends nothing, and
// tells in the contract's words why.
func TestAgent_Transact_ScannerFails(t *testing.T) {
	tests := []struct {
		fault string
		code  contract.Code
	}{
		{"error=700:timed out@CAPTURE", contract.CaptureTimeout},
		{"error=710:in use@CAPTURE", contract.DeviceIsBusy},
		{"error=730:aborted@CAPTURE", contract.CaptureFailed},
		{"error=999:no internet@CAPTURE", contract.CaptureFailed},
		{"html@CAPTURE", contract.CaptureRejected},
		{"reset@CAPTURE", contract.NoDevice},
		{"replay@CAPTURE", contract.CaptureRejected},
	}
	for i, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			sh := openShop(t, setup{})
			if tt.fault == "replay@CAPTURE" {
				sh.transact(withdraw(t, 700))
			}
			sh.faults(tt.fault)
			r := withdraw(t, 500)
			r.ClientRefID = fmt.Sprintf("FAIL%d", i)
			e := sh.refused(r, tt.code)
			if e.Data["client_ref_id"] != r.ClientRefID {
				t.Errorf("data %v", e.Data)
			}
			tx, err := sh.agent.Get(t.Context(), page, r.ClientRefID)
			if err != nil || tx.State != contract.Abandoned || tx.Message == "" || sh.eko.Attempts(r.ClientRefID) != 0 {
				t.Errorf("on record: %+v, %v", tx, err)
			}
			if tx := sh.transact(r); tx.State != contract.Abandoned {
				t.Errorf("the repeated call: %s", tx.State)
			}
		})
	}
}

// TestAgent_Transact_LowQuality asks for another finger, twice at most, and
// sends the best capture.
func TestAgent_Transact_LowQuality(t *testing.T) {
	var stages []string
	watch := func(p contract.CaptureProgress) { stages = append(stages, fmt.Sprintf("%s %d", p.Stage, p.Attempt)) }
	run := func(t *testing.T, sh *shop) (contract.Transaction, error) {
		stages = nil
		r := withdraw(t, 500)
		r.ConfirmRepeat = true
		return sh.agent.Transact(t.Context(), page, r, agent.NewTicket(), watch)
	}
	limits := func(retry, reject int) setup {
		return setup{config: func(c *agent.Config) {
			c.Policy = pid.DefaultPolicy()
			c.Policy.Quality = map[string]pid.Limits{"": {RetryBelow: retry, RejectBelow: reject}}
		}}
	}
	t.Run("weak each time", func(t *testing.T) {
		sh := openShop(t, limits(101, 0))
		tx, err := run(t, sh)
		want := []string{"looking 0", "place_finger 1", "retry 2", "place_finger 2", "retry 3", "place_finger 3", "captured 0"}
		if err != nil || tx.State != contract.Succeeded || sh.captures() != 3 || !slices.Equal(stages, want) {
			t.Errorf("%s, %v, %d captures, stages %v", tx.State, err, sh.captures(), stages)
		}
		if !slices.ContainsFunc(tx.Warnings, func(w contract.LocalisedPoint) bool { return w.Code == "quality_low" }) {
			t.Errorf("warnings %v", tx.Warnings)
		}
	})
	t.Run("good at once", func(t *testing.T) {
		sh := openShop(t, limits(1, 0))
		if tx, err := run(t, sh); err != nil || tx.State != contract.Succeeded || sh.captures() != 1 {
			t.Errorf("%s, %v, %d captures", tx.State, err, sh.captures())
		}
	})
	t.Run("never good enough", func(t *testing.T) {
		sh := openShop(t, limits(101, 101))
		_, err := run(t, sh)
		e := sh.is(contract.Transaction{}, err, contract.CaptureRejected)
		if sh.captures() != 3 || e.Data["problems"] == nil {
			t.Errorf("%d captures, data %v", sh.captures(), e.Data)
		}
	})
	t.Run("the further try fails", func(t *testing.T) {
		sh := openShop(t, limits(101, 0))
		stages = nil
		r := withdraw(t, 500)
		tx, err := sh.agent.Transact(t.Context(), page, r, agent.NewTicket(), func(p contract.CaptureProgress) {
			if p.Stage == contract.StageRetry {
				sh.faults("error=700:timed out@CAPTURE")
			}
		})
		if err != nil || tx.State != contract.Succeeded {
			t.Errorf("the first, weak capture was lost: %s, %v", tx.State, err)
		}
	})
}

// TestAgent_Transact_OldCapture lets the PC sleep between finger and sending.
func TestAgent_Transact_OldCapture(t *testing.T) {
	late := time.Duration(0)
	now := func() time.Time { return time.Now().Add(late) }
	sh := openShop(t, setup{now: now, still: true, config: func(c *agent.Config) {
		c.Failpoint = func(name string) {
			if name == agent.AfterCaptured && late == 0 {
				late = 2 * time.Minute
			}
		}
	}})
	tx := sh.transact(withdraw(t, 500))
	if tx.State != contract.Succeeded || sh.captures() != 2 {
		t.Errorf("%s after %d captures, want a second one", tx.State, sh.captures())
	}
}

// TestAgent_Transact_Untouched compares the block that Eko got with the one that
// the scanner gave.
func TestAgent_Transact_Untouched(t *testing.T) {
	sh := openShop(t, setup{})
	result, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true, BankCode: "SBIN"}, agent.NewTicket(), nil)
	if err != nil || !strings.Contains(result.PidData, "<PidData") || result.Capture.FType != 2 || result.Capture.TakenAt.IsZero() {
		t.Fatalf("Capture: %+v, %v", result.Capture, err)
	}
	// The block that was handed out is used up: played back, it is not sent.
	sh.faults("replay@CAPTURE")
	e := sh.refused(withdraw(t, 500), contract.CaptureRejected)
	sh.faults()
	if len(sh.eko.Requests()) != 0 {
		t.Errorf("a used capture was sent: %v", e)
	}
	sh.transact(withdraw(t, 600))
	sent := sh.eko.Requests()[0].PIDDigest
	if sent == "" || sent == fmt.Sprintf("%x", sha256.Sum256([]byte(result.PidData))) {
		t.Errorf("digest at Eko %q", sent)
	}
}

func TestAgent_Capture_Refuses(t *testing.T) {
	sh := openShop(t, setup{})
	const wadh = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="
	tests := []struct {
		name  string
		r     agent.CaptureRequest
		code  contract.Code
		field string
	}{
		{"no consent", agent.CaptureRequest{}, contract.InvalidParams, "consent"},
		{"an odd purpose", agent.CaptureRequest{Consent: true, Purpose: "fun"}, contract.InvalidParams, "purpose"},
		{"wadh outside eKYC", agent.CaptureRequest{Consent: true, Wadh: wadh}, contract.InvalidParams, "wadh"},
		{"eKYC without wadh", agent.CaptureRequest{Consent: true, Purpose: "ekyc"}, contract.InvalidParams, "wadh"},
		{"a wadh that is none", agent.CaptureRequest{Consent: true, Purpose: "ekyc", Wadh: "x"}, contract.InvalidParams, "wadh"},
		{"too long", agent.CaptureRequest{Consent: true, Timeout: time.Hour}, contract.InvalidParams, "timeout"},
		{"an odd bank", agent.CaptureRequest{Consent: true, BankCode: "?"}, contract.InvalidParams, "bank_code"},
		{"an odd OTP", agent.CaptureRequest{Consent: true, OTP: "x"}, contract.InvalidParams, "otp"},
		{"nobody's scanner", agent.CaptureRequest{Consent: true, Device: "nobody"}, contract.NoDevice, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sh.agent.Capture(t.Context(), page, tt.r, agent.NewTicket(), nil)
			e := sh.is(contract.Transaction{}, err, tt.code)
			if field, _ := e.Data["field"].(string); field != tt.field {
				t.Errorf("field %q, want %q (%v)", field, tt.field, e)
			}
		})
	}
	if sh.captures() != 0 {
		t.Error("a finger was asked for")
	}
	result, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true, Purpose: "ekyc", Wadh: wadh}, agent.NewTicket(), nil)
	if err != nil || result.PidData == "" {
		t.Errorf("eKYC: %v", err)
	}
}

// TestAgent_Transact_BankWantsFMR takes the record type from the table of banks,
// and the new one after the table has changed.
func TestAgent_Transact_BankWantsFMR(t *testing.T) {
	file := filepath.Join(t.TempDir(), "banks.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("bank_code,name,ftype,services\nSIMC,Cooperative,0,cash_withdrawal\n")
	banks, err := agent.OpenBanks(file)
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{config: func(c *agent.Config) { c.Banks = banks }})
	r := withdraw(t, 500)
	r.Aadhaar, r.BankCode = aadhaar(t, "999900000044"), "SIMC"
	if tx := sh.transact(r); tx.State != contract.Succeeded {
		t.Errorf("a bank with ftype 0: %s (%s)", tx.State, tx.Message)
	}
	balance := r
	balance.Service, balance.Amount = contract.BalanceEnquiry, 0
	if e := sh.refused(balance, contract.InvalidParams); e.Reason() != "service_not_at_bank" {
		t.Errorf("reason %s", e.Reason())
	}
	write("bank_code,name,ftype,services\nSIMC,Cooperative,0,cash_withdrawal balance_enquiry\n")
	if err := banks.Reload(); err != nil {
		t.Fatal(err)
	}
	if tx := sh.transact(balance); tx.State != contract.Succeeded {
		t.Errorf("after the change: %s (%s)", tx.State, tx.Message)
	}
}

// TestNothingPersonalOnDisk looks for the Aadhaar number, the block and the OTP
// in every file of the journal.
func TestNothingPersonalOnDisk(t *testing.T) {
	sh := openShop(t, setup{})
	result, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, agent.NewTicket(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := withdraw(t, 500)
	r.OTP, r.OTPRequestID = "48151623", "REQ1"
	sh.transact(r)
	sh.stop()
	files, _ := filepath.Glob(sh.path + "*")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for name, secret := range map[string]string{"Aadhaar": asha, "OTP": "48151623", "block": result.PidData[len(result.PidData)/2:][:40]} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds the %s", filepath.Base(f), name)
			}
		}
	}
}
