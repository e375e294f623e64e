package pid_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"biobridge/pid"
)

func readSeed(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/seed-mantra.xml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func mustParse(t testing.TB, raw []byte) *pid.Capture {
	t.Helper()
	c, err := pid.Parse(raw)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return c
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestSeed(t *testing.T) {
	raw := readSeed(t)
	c := mustParse(t, raw)
	if !bytes.Equal(c.Bytes(), raw) {
		t.Fatal("Bytes differs from what was parsed")
	}
	if err := c.Err(); err != nil {
		t.Errorf("Err() = %v, want nil", err)
	}

	taken, err := c.TakenAt()
	if want := at(t, "2021-12-06T06:48:23+05:30"); err != nil || !taken.Equal(want) {
		t.Errorf("TakenAt() = %v, %v, want %v", taken, err, want)
	}
	cert, err := c.Certificate()
	if err != nil {
		t.Fatalf("Certificate: %v", err)
	}
	want := pid.Certificate{
		SubjectCN: "Mantra Softech India Pvt Ltd", IssuerCN: "DS Mantra Softech India Pvt Ltd 7",
		NotBefore: at(t, "2021-11-25T12:21:35Z"), NotAfter: at(t, "2021-12-15T05:23:12Z"),
		Serial: "017d220ca70d",
	}
	if cert != want {
		t.Errorf("Certificate() = %+v, want %+v", cert, want)
	}
	device := c.Device()
	if got := pid.Vendor(device); got != "mantra" {
		t.Errorf("Vendor = %q, want mantra", got)
	}
	if device.Serial != "2174371" || device.MI != "MFS100" || device.Level != "L0" {
		t.Errorf("Device() = %+v, want the published MFS100", device)
	}
	if device.Params["sysid"] != "356922093643968" {
		t.Errorf("Params = %v, want the published ones", device.Params)
	}
	if score, _ := c.Resp().LowestQScore(); score != 83 {
		t.Errorf("qScore = %d, want 83", score)
	}
}

func TestSeed_Verdict(t *testing.T) {
	c := mustParse(t, readSeed(t))
	policy := pid.DefaultPolicy()
	policy.Requested = &pid.Options{FCount: 1, FType: pid.FMR}

	if v := policy.Check(c, at(t, "2021-12-06T06:49:00+05:30")); len(v.Problems) > 0 {
		t.Errorf("37 seconds after the scan: %+v, want no problem", v.Problems)
	}
	v := policy.Check(c, at(t, "2026-11-21T10:00:00+05:30"))
	if v.Accepted() || len(v.Errors()) != 1 || v.Errors()[0].Code != "stale_capture" {
		t.Errorf("years after the scan: %+v, want stale_capture as the only error", v.Problems)
	}
	if v.Retry() {
		t.Error("Retry() = true for a stale scan of good quality")
	}
}
