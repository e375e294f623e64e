package rdsim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"biobridge/rdservice/rdsim"
)

// manage asks the management endpoint and decodes its answer.
func manage[T any](t *testing.T, url, method string) (value T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client(nil).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get(rdsim.SimulatedHeader) != "rd" {
		t.Fatalf("%s %s: status %d", method, url, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestManagement(t *testing.T) {
	s := start(t, rdsim.Options{})
	door := httptest.NewServer(s.Management())
	defer door.Close()
	state := func(method, path string) rdsim.State { return manage[rdsim.State](t, door.URL+path, method) }

	now := state("GET", "/")
	expect(t, "profile", now.Profile, "secugen")
	expect(t, "status", now.Status, "READY")
	expect(t, "dc", now.DC, s.Device().Info().DC)
	expect(t, "endpoint", now.Endpoints[0], s.Endpoints()[0])

	expect(t, "plugged", state("POST", "/unplug").Plugged, false)
	expect(t, "status", rdService(t, s).parse(t).Status, "NOTREADY")
	expect(t, "plugged", state("POST", "/plug").Plugged, true)
	expect(t, "status", state("POST", "/status?value=USED").Status, "USED")
	expect(t, "status", state("POST", "/status?value=").Status, "READY")
	expect(t, "finger", state("POST", "/finger?present=false").Finger, false)
	expect(t, "finger", state("POST", "/finger?present=true").Finger, true)

	expect(t, "faults", strings.Join(state("POST", "/faults?fault=reset@CAPTURE*2&fault=low").Faults, " "), "reset@CAPTURE*2 low")
	expect(t, "fault kinds", len(manage[[]rdsim.FaultKind](t, door.URL+"/faults", "GET")), len(rdsim.Faults()))
	expect(t, "faults", len(state("DELETE", "/faults").Faults), 0)

	if all := manage[[]rdsim.Request](t, door.URL+"/requests", "GET"); len(all) != 1 || all[0].Verb != "RDSERVICE" {
		t.Errorf("history %+v", all)
	}
	state("DELETE", "/requests")
	expect(t, "history", len(s.Requests()), 0)
	old := s.Port()
	if state("POST", "/restart?move=true"); s.Port() == old {
		t.Error("the port did not move")
	}
}

func TestManagement_Refuses(t *testing.T) {
	s := start(t, rdsim.Options{})
	tests := []struct {
		name, method, target, host, origin string
		status                             int
	}{
		{"a page", "POST", "/unplug", "127.0.0.1", "https://evil.example", 403},
		{"a page without an origin", "POST", "/unplug", "127.0.0.1", "null", 403},
		{"a rebound name", "POST", "/unplug", "evil.example:1234", "", 403},
		{"a name that looks like loopback", "POST", "/unplug", "127.0.0.1.evil.example", "", 403},
		{"a read that changes", "GET", "/unplug", "localhost:99", "", 405},
		{"an unknown fault", "POST", "/faults?fault=nonsense", "[::1]:99", "", 400},
		{"neither true nor false", "POST", "/finger?present=perhaps", "127.0.0.1", "", 400},
		{"neither true nor false", "POST", "/restart?move=perhaps", "127.0.0.1", "", 400},
		{"an unknown path", "GET", "/nothing", "127.0.0.1", "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.target, nil)
			r.Host = tt.host
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			s.Management().ServeHTTP(w, r)
			expect(t, "status", w.Code, tt.status)
		})
	}
	expect(t, "status", s.Status(), rdsim.StatusReady)
}
