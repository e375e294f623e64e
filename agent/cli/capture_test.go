package cli_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"biobridge/agent/cli"
	"biobridge/rdservice/rdsim"
)

func TestCapture(t *testing.T) {
	s := startScanner(t, "mantra-l1", rdsim.Options{Seed: 1})
	other := startScanner(t, "secugen", rdsim.Options{Seed: 1})
	run := func(t *testing.T, args ...string) (int, string, string) {
		t.Helper()
		code, out, errOut := runCLI(t.Context(), append(append([]string{"capture"}, ports(t, s, other)...), args...)...)
		for _, secret := range []string{"<PidData", "<Skey", "<Hmac", "<Data"} {
			if strings.Contains(out+errOut, secret) {
				t.Fatalf("prints %s", secret)
			}
		}
		return code, out, errOut
	}

	t.Run("accepted", func(t *testing.T) {
		code, out, errOut := run(t, "--device", s.Serial())
		if code != cli.ExitOK || !strings.HasPrefix(out, "ACCEPTED") || !strings.Contains(out, s.Device().Info().DC) || !strings.Contains(errOut, "Waiting for a finger") {
			t.Errorf("exit %d\n%s%s", code, out, errOut)
		}
	})

	t.Run("by port, as JSON", func(t *testing.T) {
		code, out, _ := run(t, "--device", strconv.Itoa(other.Port()), "--json")
		if v := decodeVerdict(t, out); code != cli.ExitOK || v.Verdict != "accepted" || v.Device.Vendor != "secugen" {
			t.Errorf("exit %d\n%s", code, out)
		}
	})

	t.Run("by number, record type as asked for", func(t *testing.T) {
		code, out, _ := run(t, "--device", "1", "--ftype", "0", "--json")
		if v := decodeVerdict(t, out); code != cli.ExitOK || v.FType == nil || *v.FType != 0 {
			t.Errorf("exit %d\n%s", code, out)
		}
	})

	t.Run("rejected", func(t *testing.T) {
		setFault(t, s, "stale")
		code, out, _ := run(t, "--device", s.Serial())
		if code != cli.ExitNo || !strings.HasPrefix(out, "REJECTED") || !strings.Contains(out, "stale_capture") {
			t.Errorf("exit %d\n%s", code, out)
		}
	})

	t.Run("refused by the scanner", func(t *testing.T) {
		setFault(t, s, "error=999:No internet to management server")
		code, out, _ := run(t, "--device", s.Serial())
		for _, want := range []string{"FAILED with 999", "maker's server", "No internet to management server", "firewall"} {
			if code != cli.ExitNo || !strings.Contains(out, want) {
				t.Errorf("exit %d, lacks %q\n%s", code, want, out)
			}
		}
		code, out, _ = run(t, "--device", s.Serial(), "--json")
		var f struct{ Verdict, Code, Kind, Message, Remedy, Info string }
		if err := json.Unmarshal([]byte(out), &f); err != nil || code != cli.ExitNo || f.Verdict != "failed" || f.Code != "999" || f.Info == "" || f.Remedy == "" {
			t.Errorf("exit %d, %v\n%s", code, err, out)
		}
	})

	t.Run("the driver says nothing of use", func(t *testing.T) {
		setFault(t, s, "html@CAPTURE")
		if code, out, _ := run(t, "--device", s.Serial()); code != cli.ExitNo || !strings.Contains(out, "FAILED with unusable") {
			t.Errorf("exit %d\n%s", code, out)
		}
	})

	t.Run("unusable arguments", func(t *testing.T) {
		for _, args := range [][]string{{"--device", "7"}, {"--ftype", "3"}, {"--timeout", "1s"}, {"--timeout", "soon"}} {
			if code, out, errOut := run(t, args...); code != cli.ExitUnusable || errOut == "" {
				t.Errorf("%v: exit %d\n%s%s", args, code, out, errOut)
			}
		}
	})

	t.Run("no scanner", func(t *testing.T) {
		code, _, errOut := runCLI(t.Context(), "capture", "--http-ports", closedPort(t), "--https-ports", "")
		if code != cli.ExitNo || !strings.Contains(errOut, "No scanner was found") {
			t.Errorf("exit %d\n%s", code, errOut)
		}
	})

	t.Run("Ctrl-C", func(t *testing.T) {
		waiting := startScanner(t, "mantra-l0", rdsim.Options{Seed: 1, NoFinger: true})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer cancel()
			for waiting.Status() == "READY" {
				if ctx.Err() != nil {
					return
				}
			}
		}()
		code, _, errOut := runCLI(ctx, append([]string{"capture"}, ports(t, waiting)...)...)
		if code != cli.ExitNo || !strings.Contains(errOut, "given up") {
			t.Errorf("exit %d\n%s", code, errOut)
		}
	})
}

func setFault(t *testing.T, s *rdsim.Server, text string) {
	t.Helper()
	f, err := rdsim.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetFaults(f); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.SetFaults() })
}
