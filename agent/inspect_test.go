package agent_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/locale"
	"biobridge/pid"
	"biobridge/rdservice/rdsim"
)

func (sh *shop) deviceID() string {
	sh.t.Helper()
	devices, err := sh.agent.Devices(sh.t.Context(), true)
	if err != nil || len(devices) == 0 {
		sh.t.Fatalf("Devices: %v, %v", devices, err)
	}
	return devices[0].ID
}

func TestAgent_Inspect(t *testing.T) {
	sh := openShop(t, setup{})
	got, err := sh.agent.Inspect(t.Context(), page, sh.deviceID())
	if err != nil || !strings.Contains(got.RDService, "<RDService") || !strings.Contains(got.DeviceInfo, sh.scanner.Device().Info().DC) {
		t.Errorf("%+v, %v", got, err)
	}
	if sh.captures() != 0 {
		t.Error("a finger was asked for")
	}
	for _, id := range []string{"", "nobody"} {
		_, err := sh.agent.Inspect(t.Context(), page, id)
		sh.is(contract.Transaction{}, err, contract.NoDevice)
	}
	id := sh.deviceID()
	sh.faults("html@RDSERVICE")
	_, err = sh.agent.Inspect(t.Context(), page, id)
	sh.is(contract.Transaction{}, err, contract.DeviceIsNotReady)
}

// TestAgent_Inspect_whileCaptured leaves a scanner alone that waits for a finger.
func TestAgent_Inspect_whileCaptured(t *testing.T) {
	sh := openShop(t, setup{})
	id := sh.deviceID()
	asked := 0
	_, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, agent.NewTicket(), func(p contract.CaptureProgress) {
		if p.Stage != contract.StagePlaceFinger {
			return
		}
		asked++
		_, err := sh.agent.Inspect(t.Context(), page, id)
		sh.is(contract.Transaction{}, err, contract.DeviceIsBusy)
	})
	if err != nil || asked == 0 {
		t.Fatalf("Capture: %v, asked %d times", err, asked)
	}
	if _, err := sh.agent.Inspect(t.Context(), page, id); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestAgent_Capture_PidOptions shows the request as it was sent, but for the OTP.
func TestAgent_Capture_PidOptions(t *testing.T) {
	sh := openShop(t, setup{})
	for _, otp := range []pid.OTP{"", "481516"} {
		result, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true, OTP: otp}, agent.NewTicket(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := `otp=""`
		if otp != "" {
			want = `otp="[otp]"`
		}
		if !strings.Contains(result.PidOptions, want) || strings.Contains(result.PidOptions, "481516") {
			t.Errorf("shown: %s", result.PidOptions)
		}
		requests := sh.scanner.Requests()
		sent := string(requests[len(requests)-1].Body)
		if shown := strings.Replace(result.PidOptions, "[otp]", string(otp), 1); sent != shown {
			t.Errorf("sent %s, shown %s", sent, shown)
		}
	}
}

func TestAgent_Capture_Problems(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{config: func(c *agent.Config) {
		c.Catalogue, c.Policy = texts, pid.DefaultPolicy()
		c.Policy.Quality = map[string]pid.Limits{"": {RetryBelow: 101}}
	}})
	result, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, agent.NewTicket(), nil)
	if err != nil {
		t.Fatal(err)
	}
	low := func() contract.CaptureProblem {
		t.Helper()
		i := slices.IndexFunc(result.Problems, func(p contract.CaptureProblem) bool { return p.Code == "quality_low" })
		if i < 0 {
			t.Fatalf("problems %+v", result.Problems)
		}
		return result.Problems[i]
	}
	english := low()
	if english.Severity != "warning" || english.Element == "" || english.Message == "" {
		t.Errorf("%+v", english)
	}
	result = sh.agent.LocaliseCapture(result, locale.Hindi)
	hindi := low()
	if hindi.Message == english.Message || strings.ContainsAny(hindi.Message+hindi.Remedy, "{}") || hindi.Element != english.Element {
		t.Errorf("in Hindi: %+v", hindi)
	}
	if w := result.Capture.Warnings; len(w) != len(result.Problems) || w[0].Message != result.Problems[0].Message {
		t.Errorf("warnings %+v", w)
	}
}

// A refused capture says what the scanner was asked, and why it is refused in the
// page's language; the sentences at hand stay as they are.
func TestAgent_Capture_RefusedForItsTester(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sh := openShop(t, setup{config: func(c *agent.Config) {
		c.Policy = pid.DefaultPolicy()
		c.Policy.Quality = map[string]pid.Limits{"": {RetryBelow: 102, RejectBelow: 101}}
	}})
	_, err = sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true, OTP: "481516"}, agent.NewTicket(), nil)
	refused, ok := errors.AsType[*agent.Error](err)
	if !ok || refused.Code != contract.CaptureRejected {
		t.Fatalf("the capture ends with %v", err)
	}
	requests := sh.scanner.Requests()
	sent := string(requests[len(requests)-1].Body)
	if shown, _ := refused.Data["pid_options"].(string); strings.Replace(shown, "[otp]", "481516", 1) != sent || strings.Contains(shown, "481516") {
		t.Errorf("sent %s, shown %s", sent, shown)
	}
	if d, ok := refused.Data["device"].(*contract.DeviceSummary); !ok || d.ID == "" {
		t.Errorf("the scanner is %+v", refused.Data["device"])
	}
	low := func(lang locale.Lang) pid.Problem {
		t.Helper()
		found, _ := refused.Details(texts, lang)["problems"].([]pid.Problem)
		i := slices.IndexFunc(found, func(p pid.Problem) bool { return p.Code == "quality_too_low" })
		if i < 0 {
			t.Fatalf("problems %+v", found)
		}
		return found[i]
	}
	hindi, english := low(locale.Hindi), low(locale.English)
	if hindi.Message == english.Message || hindi.Remedy == english.Remedy || strings.ContainsAny(hindi.Message+hindi.Remedy+english.Message, "{}") || hindi.Element != english.Element {
		t.Errorf("%+v is in Hindi %+v", english, hindi)
	}
}

// A scanner that fails was asked, too.
func TestAgent_Capture_FailedForItsTester(t *testing.T) {
	sh := openShop(t, setup{})
	if err := sh.scanner.SetFaults(rdsim.Fault{Name: "500", Verb: "CAPTURE"}); err != nil {
		t.Fatal(err)
	}
	_, err := sh.agent.Capture(t.Context(), page, agent.CaptureRequest{Consent: true}, agent.NewTicket(), nil)
	e, ok := errors.AsType[*agent.Error](err)
	if !ok || e.Code != contract.CaptureFailed {
		t.Fatalf("the capture ends with %v", err)
	}
	if shown, _ := e.Data["pid_options"].(string); !strings.Contains(shown, "<PidOptions") {
		t.Errorf("%s: shown %q", e.Code, shown)
	}
}
