package pid_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"biobridge/pid"
)

// shown formats, marshals and logs a value in every way that a careless line
// might.
func shown(t *testing.T, value any) map[string]string {
	t.Helper()
	told := make(map[string]string)
	for _, verb := range []string{"v", "+v", "#v", "s", "q", "x", "X", "d", "T", "40s", "c", "e", "t", "b", "o", "U"} {
		told["%"+verb] = fmt.Sprintf("%"+verb, value)
	}
	told["Sprint"] = fmt.Sprint(value)
	told["Errorf"] = fmt.Errorf("capture: %v", value).Error()
	told["panic"] = func() (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		panic(fmt.Sprint(value))
	}()
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("marshal %T: %v", value, err)
	}
	told["JSON"] = string(asJSON)
	if asXML, err := xml.Marshal(value); err == nil {
		told["XML"] = string(asXML)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("captured", "value", value)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("captured", slog.Group("g", "value", value))
	told["text log"], told["JSON log"] = text.String(), structured.String()
	return told
}

func TestCapture_Redacts(t *testing.T) {
	doc := sample(t)
	c := mustParse(t, []byte(doc))
	var secrets []string
	for _, part := range []string{"<Data type=\"X\">", "<Hmac>", " mc=\""} {
		secrets = append(secrets, content(t, doc, part, doc[len(doc)-1:])[:40])
	}
	secrets = append(secrets, fmt.Sprintf("%x", doc[:20]), fmt.Sprintf("%d", []byte(doc[:8])), "PidData")
	type holder struct {
		Capture *pid.Capture
		Copy    any
	}
	for name, value := range map[string]any{
		"pointer": c, "value": *c, "in a struct": holder{c, *c}, "pointer to a struct": &holder{c, c},
		"in a slice": []*pid.Capture{c}, "in a map": map[string]any{"c": *c}, "pointer to a pointer": &c,
	} {
		for way, told := range shown(t, value) {
			for _, secret := range secrets {
				if strings.Contains(told, secret) {
					t.Errorf("%s through %s shows %q", name, way, secret)
				}
			}
		}
	}
	if got := fmt.Sprint(c); !strings.Contains(got, `vendor "mantra", model "MFS110", code "0"`) {
		t.Errorf("Sprint = %s, want a summary that helps", got)
	}
}

func TestOTP_Redacts(t *testing.T) {
	const secret = "735146"
	otp := pid.OTP(secret)
	options := pid.Options{FCount: 1, OTP: otp}
	for name, value := range map[string]any{
		"otp": otp, "pointer": &otp, "options": options, "pointer to options": &options,
		"slice": []pid.OTP{otp}, "map": map[string]pid.OTP{"otp": otp},
	} {
		for way, told := range shown(t, value) {
			for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%v", []byte(secret))} {
				if strings.Contains(told, form) {
					t.Errorf("%s through %s shows the OTP: %s", name, way, told)
				}
			}
		}
	}
	if !bytes.Contains(options.XML(), []byte(secret)) {
		t.Error("the scanner does not get the OTP")
	}
}

func TestCapture_Wipe(t *testing.T) {
	c := mustParse(t, []byte(sample(t)))
	kept := c.Bytes()
	digest, device := c.Digest(), c.Device().DC
	c.Wipe()
	if c.Bytes() != nil {
		t.Error("Bytes is not nil after Wipe")
	}
	if len(bytes.Trim(kept, "\x00")) > 0 {
		t.Error("the buffer still holds the document")
	}
	if c.Digest() != digest || c.Device().DC != device || digest == [32]byte{} {
		t.Error("what was read from the document went with it")
	}
	if v := pid.DefaultPolicy().Check(c, takenAt); len(v.Problems) > 0 {
		t.Errorf("a wiped capture has problems %s", codes(v.Problems))
	}
	c.Wipe()
	if got := fmt.Sprint(c); !strings.Contains(got, "0 bytes") {
		t.Errorf("Sprint = %s after Wipe", got)
	}
}

// The race detector is the judge.
func TestCapture_Concurrent(t *testing.T) {
	c := mustParse(t, []byte(sample(t)))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_ = pid.DefaultPolicy().Check(c, takenAt)
			c.Device().Params["srno"] = "changed by a caller"
			c.Resp().QScore[0] = 1
			_ = c.Bytes()
			_ = fmt.Sprint(c)
		})
	}
	wg.Wait()
	wg.Go(c.Wipe)
	wg.Go(c.Wipe)
	wg.Go(func() { _ = c.String() })
	wg.Wait()
	if c.Device().Serial != "1234567" || c.Device().Params["srno"] != "1234567" {
		t.Error("a caller changed the capture")
	}
}
