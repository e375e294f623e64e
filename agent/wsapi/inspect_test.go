package wsapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"biobridge/agent/contract"
	"biobridge/agent/wsapi"
)

func TestInspect(t *testing.T) {
	p := open(t, wsapi.Config{}).join(t, shopOrigin)
	if got := string(p.must("device.inspect", `{"device":"d1"}`)); got != `{"rd_service":"\u003cRDService/\u003e of d1","device_info":""}` && got != `{"rd_service":"<RDService/> of d1","device_info":""}` {
		t.Errorf("got %s", got)
	}
	for _, params := range []string{`{}`, `{"device":""}`, `{"device":7}`, `{"device":"d1","path":"/"}`} {
		if m := p.call("device.inspect", params); m.Error.code() != "invalid_params" {
			t.Errorf("with %s: %+v", params, m)
		}
	}
}

// A capture's remarks are in the page's language.
func TestCapture_localised(t *testing.T) {
	p := open(t, wsapi.Config{}).join(t, shopOrigin)
	p.must("bridge.hello", `{"client":{"name":"shop","version":"1"},"locale":"hi"}`)
	var got contract.CaptureResult
	if err := json.Unmarshal(p.must("capture", `{"consent":true}`), &got); err != nil || len(got.Problems) != 1 || got.Problems[0].Message != "hi" {
		t.Errorf("problems %+v, %v", got.Problems, err)
	}
}

func TestRealShop_inspect(t *testing.T) {
	shop := openRealShop(t, false)
	p := shop.join(t, shopOrigin)
	var known struct{ Devices []contract.Device }
	if err := json.Unmarshal(p.must("device.list", `{"refresh":true}`), &known); err != nil || len(known.Devices) == 0 {
		t.Fatalf("devices %+v, %v", known, err)
	}
	var got contract.Inspection
	err := json.Unmarshal(p.must("device.inspect", `{"device":"`+known.Devices[0].ID+`"}`), &got)
	if err != nil || !strings.Contains(got.RDService, "<RDService") || !strings.Contains(got.DeviceInfo, "<DeviceInfo") {
		t.Errorf("got %+v, %v", got, err)
	}
	if m := p.call("device.inspect", `{"device":"nobody"}`); m.Error.code() != "no_device" {
		t.Errorf("nobody's: %+v", m.Error)
	}
}

// Whatever time the protocol lets a page ask for, the scanner is asked for a time
// that every vendor's service takes.
func TestRealShop_captureTimes(t *testing.T) {
	p := openRealShop(t, false).join(t, shopOrigin)
	for ms, want := range map[string]string{"1000": `timeout="1001"`, "1001": `timeout="1001"`, "99999": `timeout="99999"`} {
		var got contract.CaptureResult
		if err := json.Unmarshal(p.must("capture", `{"consent":true,"timeout_ms":`+ms+`}`), &got); err != nil || !strings.Contains(got.PidOptions, want) {
			t.Errorf("with %s ms the scanner was asked %s, %v", ms, got.PidOptions, err)
		}
	}
	for _, ms := range []string{"999", "100000"} {
		if m := p.call("capture", `{"consent":true,"timeout_ms":`+ms+`}`); m.Error.code() != "invalid_params" {
			t.Errorf("with %s ms: %+v", ms, m)
		}
	}
}
