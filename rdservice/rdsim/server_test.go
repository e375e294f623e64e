package rdsim_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"biobridge/rdservice/rdsim"
)

func TestNew_Refuses(t *testing.T) {
	good := profile(t, "secugen")
	for name, opts := range map[string]rdsim.Options{
		"no profile":    {},
		"other scheme":  {Profile: good, Scheme: "ftp"},
		"rate above 1":  {Profile: good, FaultRate: 1.5},
		"unknown fault": {Profile: good, Faults: []rdsim.Fault{{Name: "nonsense"}}},
	} {
		if _, err := rdsim.New(opts); err == nil {
			t.Errorf("%s: New made a service", name)
		}
	}
}

func TestServer_StartAndClose(t *testing.T) {
	s := start(t, rdsim.Options{Port: quietPort(t)})
	if err := s.Start(); !errors.Is(err, rdsim.ErrRunning) {
		t.Errorf("a second Start: %v", err)
	}
	old := s.Endpoints()[0]
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", old.Port)); err == nil {
		t.Error("the port still takes connections")
	}
	expect(t, "address when stopped", s.URL(), "")
	if err := s.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if err := s.Start(); err != nil {
		t.Fatalf("Start again: %v", err)
	}
	rdService(t, s)
}

// Close waits for whoever waits: a capture that nothing else would end, a
// request without an answer, a connection without a request.
func TestServer_CloseEndsEverything(t *testing.T) {
	s := start(t, rdsim.Options{NoFinger: true, Faults: []rdsim.Fault{{Name: "hang-accept", Times: 1}, {Name: "late"}, {Name: "hang"}}})
	held, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	var group sync.WaitGroup
	for verb, url := range map[string]string{"CAPTURE": captureURL(s), "RDSERVICE": s.URL() + "/"} {
		group.Go(func() {
			if _, err := try(t.Context(), t, verb, url, strings.Replace(s.Profile().ExampleOptions(), "10000", "99999", 1)); err == nil {
				t.Errorf("%s was answered", verb)
			}
		})
	}
	until(t, "both requests have arrived", func() bool { return len(s.Requests()) == 2 && s.Status() == rdsim.StatusUsed })
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	until(t, "Close has returned", func() bool { return len(closed) == 1 })
	for _, q := range s.Requests() {
		expect(t, q.Verb+" is done", q.Done, true)
	}
	group.Wait()
	if _, err := held.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the held connection ended with %v", err)
	}
}

func TestServer_PortTaken(t *testing.T) {
	s := start(t, rdsim.Options{})
	other, err := rdsim.New(rdsim.Options{Profile: profile(t, "idemia-l1-dual"), Port: s.Port()})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err == nil {
		t.Error("two services share a port")
		other.Close()
	}
}

// A dual service listens twice and is one scanner.
func TestServer_Dual(t *testing.T) {
	s := start(t, rdsim.Options{Profile: profile(t, "idemia-l1-dual")})
	all := s.Endpoints()
	if len(all) != 2 || all[0].Scheme != "http" || all[1].Scheme != "https" {
		t.Fatalf("endpoints %v", all)
	}
	path := s.Profile().ServedInfoPath()
	first, second := ask(t, "DEVICEINFO", all[0].URL()+path, ""), ask(t, "DEVICEINFO", all[1].URL()+path, "")
	expect(t, "dc", second.parse(t).DC, first.parse(t).DC)
}

func TestServer_Scheme(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		for _, name := range []string{"mantra-l1", "idemia-l1", "secugen"} {
			s := start(t, rdsim.Options{Profile: profile(t, name), Scheme: scheme})
			if all := s.Endpoints(); len(all) != 1 || all[0].Scheme != scheme {
				t.Errorf("%s with %s alone: endpoints %v", name, scheme, all)
			}
			rdService(t, s)
		}
	}
}

// A vendor's service takes the first port of its range that is free, and on a
// move another one of the range.
func TestServer_VendorPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	first := taken.Addr().(*net.TCPAddr).Port
	last := min(first+200, 65535)
	p := profile(t, "idemia-l1-dual")
	p.Listen = fmt.Sprintf("http %d-%d, https %d-%d", first, last, first, last)
	s := start(t, rdsim.Options{Profile: p, VendorPorts: true})
	before := s.Endpoints()
	if before[0].Port <= first || before[1].Port <= before[0].Port || before[1].Port > last {
		t.Errorf("endpoints %v, want two different ones of %d to %d, the first being taken", before, first, last)
	}
	if err := s.Restart(true); err != nil {
		t.Fatal(err)
	}
	for i, e := range s.Endpoints() {
		if e.Port == before[i].Port || e.Port < first || e.Port > last {
			t.Errorf("moved from %v to %v", before[i], e)
		}
	}
}

func TestServer_TLSVersions(t *testing.T) {
	for name, want := range map[string]uint16{"tls-1.0": tls.VersionTLS10, "tls-1.2": tls.VersionTLS12, "idemia-l1": tls.VersionTLS13} {
		s := start(t, rdsim.Options{Profile: profile(t, name)})
		resp, err := client(nil).Do(newRequest(t.Context(), t, "RDSERVICE", s.URL()+"/", ""))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		resp.Body.Close()
		expect(t, name, resp.TLS.Version, want)
		modern := client(func(tr *http.Transport) { tr.TLSClientConfig.MinVersion = tls.VersionTLS13 })
		if _, err := modern.Do(newRequest(t.Context(), t, "RDSERVICE", s.URL()+"/", "")); (err == nil) != (want == tls.VersionTLS13) {
			t.Errorf("%s towards a client that wants TLS 1.3: %v", name, err)
		}
	}
}

// A Mantra L1 cuts a connection that is used again; others do not.
func TestServer_ReusedConnection(t *testing.T) {
	for name, cut := range map[string]bool{"mantra-l1": true, "secugen": false} {
		s := start(t, rdsim.Options{Profile: profile(t, name), Scheme: "http"})
		c := client(func(tr *http.Transport) { tr.DisableKeepAlives = false })
		for i := range 2 {
			resp, err := c.Do(newRequest(t.Context(), t, "RDSERVICE", s.URL()+"/", ""))
			if (err != nil) != (cut && i == 1) {
				t.Fatalf("%s, request %d: %v", name, i+1, err)
			}
			if err == nil {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}
		c.CloseIdleConnections()
	}
}

func TestServer_WrongRequests(t *testing.T) {
	s := start(t, rdsim.Options{})
	for _, tt := range []struct {
		verb, path string
		status     int
	}{
		{"GET", "/", 405}, {"POST", "/rd/capture", 405}, {"rdservice", "/", 405},
		{"RDSERVICE", "/rd/info", 404}, {"DEVICEINFO", "/", 404}, {"CAPTURE", "/capture", 200},
	} {
		a := ask(t, tt.verb, s.URL()+tt.path, s.Profile().ExampleOptions())
		expect(t, tt.verb+" "+tt.path, a.status, tt.status)
		if tt.verb == "CAPTURE" {
			expect(t, "errCode", a.code(t), "770")
		}
	}
	huge := ask(t, "CAPTURE", captureURL(s), strings.Repeat(" ", 70_000))
	expect(t, "a body of 70 kB", huge.status, 413)
}

// A Mantra L1 also takes POST, and RDSERVICE on the path of DEVICEINFO.
func TestServer_MantraTakesMore(t *testing.T) {
	s := start(t, rdsim.Options{Profile: profile(t, "mantra-l1"), Scheme: "http"})
	ask(t, "POST", s.URL()+"/rd/capture", s.Profile().ExampleOptions()).open(t)
	expect(t, "POST to DEVICEINFO", ask(t, "POST", s.URL()+"/rd/info", "").parse(t).DC, s.Device().Info().DC)
	expect(t, "RDSERVICE", ask(t, "RDSERVICE", s.URL()+"/rd/info", "").parse(t).Status, "READY")
	expect(t, "with a query against caching", ask(t, "DEVICEINFO", s.URL()+"/rd/info?ts=1", "").parse(t).DC, s.Device().Info().DC)
}

func TestServer_Preflight(t *testing.T) {
	s := start(t, rdsim.Options{})
	r := newRequest(t.Context(), t, "OPTIONS", s.URL()+"/rd/capture", "")
	r.Header.Set("Origin", "https://portal.partner.example")
	r.Header.Set("Access-Control-Request-Method", "CAPTURE")
	r.Header.Set("Access-Control-Request-Private-Network", "true")
	resp, err := client(nil).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	expect(t, "status", resp.StatusCode, 204)
	expect(t, "origin", resp.Header.Get("Access-Control-Allow-Origin"), "*")
	expect(t, "private network", resp.Header.Get("Access-Control-Allow-Private-Network"), "true")
	if methods := resp.Header.Get("Access-Control-Allow-Methods"); !strings.Contains(methods, "CAPTURE") {
		t.Errorf("allowed methods %q", methods)
	}
	expect(t, "on an answer", rdService(t, s).header.Get("Access-Control-Allow-Origin"), "*")
}

func TestCapture_OneAtATime(t *testing.T) {
	s := start(t, rdsim.Options{NoFinger: true})
	first := make(chan answer)
	go func() {
		a, _ := try(t.Context(), t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions())
		first <- a
	}()
	until(t, "the scanner waits", func() bool { return s.Status() == rdsim.StatusUsed })
	expect(t, "status meanwhile", rdService(t, s).parse(t).Status, "USED")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			a, err := try(t.Context(), t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions())
			if err != nil || !strings.Contains(a.body, `errCode="710"`) {
				t.Errorf("a second capture: %v\n%.200s", err, a.body)
			}
		})
	}
	group.Wait()
	s.SetFinger(true)
	(<-first).open(t)
	capture(t, s).open(t)
}

func TestCapture_Timeout(t *testing.T) {
	s := start(t, rdsim.Options{NoFinger: true})
	short := strings.Replace(s.Profile().ExampleOptions(), "10000", "20", 1)
	expect(t, "errCode", ask(t, "CAPTURE", captureURL(s), short).code(t), "700")
	expect(t, "status", s.Status(), rdsim.StatusReady)
	expect(t, "recorded", s.Requests()[0].ErrCode, "700")
}

func TestCapture_ClientLeaves(t *testing.T) {
	s := start(t, rdsim.Options{NoFinger: true})
	leave(t, s)
	until(t, "the scanner is free", func() bool { return s.Status() == rdsim.StatusReady })
	until(t, "the history tells", func() bool { return s.Requests()[0].Done })
	expect(t, "left", s.Requests()[0].Left, true)
	s.SetFinger(true)
	capture(t, s).open(t)
}

func TestScanner_PlugAndUnplug(t *testing.T) {
	s := start(t, rdsim.Options{Unplugged: true})
	expect(t, "status", rdService(t, s).parse(t).Status, "NOTREADY")
	expect(t, "dc", deviceInfo(t, s).parse(t).DC, "")
	expect(t, "errCode", capture(t, s).code(t), "720")
	s.Plug()
	s.Plug()
	expect(t, "status", rdService(t, s).parse(t).Status, "READY")
	expect(t, "dc", deviceInfo(t, s).parse(t).DC, s.Device().Info().DC)
	s.SetFinger(false)
	result := make(chan answer)
	go func() {
		a, _ := try(t.Context(), t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions())
		result <- a
	}()
	until(t, "the scanner waits", func() bool { return s.Status() == rdsim.StatusUsed })
	s.Unplug()
	s.Unplug()
	expect(t, "errCode when pulled out", (<-result).code(t), "730")
}

func TestScanner_SetStatus(t *testing.T) {
	s := start(t, rdsim.Options{})
	for status, code := range map[string]string{"USED": "710", "NOT_READY": "720", "READY": "0", "": "0"} {
		s.SetStatus(status)
		if status != "" {
			expect(t, "status", rdService(t, s).parse(t).Status, status)
		}
		expect(t, "errCode with "+status, capture(t, s).code(t), code)
	}
}

// Just after plug-in a Mantra is NOTREADY and answers -1509; the clock mends it.
func TestScanner_Settles(t *testing.T) {
	var clock struct {
		sync.Mutex
		now time.Time
	}
	clock.now = noon
	s := start(t, rdsim.Options{
		Profile: profile(t, "mantra-l1"), Scheme: "http", Unplugged: true, SettleTime: 3 * time.Second,
		Clock: func() time.Time { clock.Lock(); defer clock.Unlock(); return clock.now },
	})
	s.Plug()
	expect(t, "status", rdService(t, s).parse(t).Status, "NOTREADY")
	expect(t, "errCode", capture(t, s).code(t), "-1509")
	clock.Lock()
	clock.now = clock.now.Add(3 * time.Second)
	clock.Unlock()
	expect(t, "status", rdService(t, s).parse(t).Status, "READY")
	capture(t, s).open(t)
}

func TestServer_Restart(t *testing.T) {
	p := profile(t, "idemia-l1-dual")
	first := quietPort(t)
	p.Listen = fmt.Sprintf("http %d-%d, https %d-%d", first, first+200, first, first+200)
	s := start(t, rdsim.Options{Profile: p, VendorPorts: true})
	before := s.Endpoints()
	if err := s.Restart(false); err != nil {
		t.Fatal(err)
	}
	for i, e := range s.Endpoints() {
		expect(t, "endpoint", e, before[i])
	}
	if err := s.Restart(true); err != nil {
		t.Fatal(err)
	}
	for i, e := range s.Endpoints() {
		if e.Port == before[i].Port {
			t.Errorf("still on port %d", e.Port)
		}
		ask(t, "RDSERVICE", e.URL()+"/", "")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(false); err != nil || s.URL() != "" {
		t.Errorf("a restart of a closed service: %v, %s", err, s.URL())
	}
}

// Restarts, closes, plugs and captures at once: nothing but errors may come of it.
func TestServer_AllAtOnce(t *testing.T) {
	s := start(t, rdsim.Options{FingerDelay: time.Millisecond})
	var group sync.WaitGroup
	for _, do := range []func(){
		func() { _ = s.Restart(true) },
		func() { _ = s.Close(); _ = s.Start() },
		func() { s.Unplug(); s.Plug() },
		func() { s.SetFinger(false); s.SetFinger(true) },
		func() { _, _ = try(t.Context(), t, "CAPTURE", s.URL()+"/rd/capture", s.Profile().ExampleOptions()) },
		func() { _, _ = try(t.Context(), t, "RDSERVICE", s.URL()+"/", "") },
		func() { s.Requests(); s.State() },
		func() { _ = s.SetFaults(rdsim.Fault{Name: "port-moved", Times: 1}) },
	} {
		group.Go(func() {
			for range 10 {
				do()
			}
		})
	}
	group.Wait()
}

func TestSeed_Reproduces(t *testing.T) {
	run := func(seed uint64) string {
		s := start(t, rdsim.Options{Seed: seed, Clock: func() time.Time { return noon }})
		text := s.Serial() + " " + s.Device().Info().DC
		for range 5 {
			a := capture(t, s)
			text += " " + a.parse(t).Resp.QScore
			for _, bio := range a.open(t).Bios {
				text += fmt.Sprintf(" %x", bio.Data[:40])
			}
		}
		return text
	}
	expect(t, "the second run", run(7), run(7))
	if run(7) == run(8) {
		t.Error("two seeds give the same")
	}
	// One seed, two profiles on one PC: two scanners.
	a, b := start(t, rdsim.Options{}), start(t, rdsim.Options{Profile: profile(t, "precision")})
	if a.Device().Info().DC == b.Device().Info().DC {
		t.Error("two profiles have the same device code")
	}
}

func TestRequests(t *testing.T) {
	s := start(t, rdsim.Options{})
	rdService(t, s)
	capture(t, s)
	all := s.Requests()
	if len(all) != 2 {
		t.Fatalf("%d requests", len(all))
	}
	q := all[1]
	if q.Verb != "CAPTURE" || q.Path != "/rd/capture" || q.Scheme != "http" || q.Port != s.Port() ||
		q.ContentType != "text/xml" || q.Body != s.Profile().ExampleOptions() || q.Status != 200 || q.ErrCode != "0" || q.Left {
		t.Errorf("recorded %+v", q)
	}
	s.ForgetRequests()
	expect(t, "requests", len(s.Requests()), 0)
}

// The history of a service that runs for weeks is bounded, in number and size.
func TestRequests_Bounded(t *testing.T) {
	s := start(t, rdsim.Options{})
	c := client(func(tr *http.Transport) { tr.DisableKeepAlives = false })
	defer c.CloseIdleConnections()
	for i := range 1005 {
		resp, err := c.Do(newRequest(t.Context(), t, "RDSERVICE", s.URL()+"/", strings.Repeat(" ", i*10)))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	all := s.Requests()
	expect(t, "requests kept", len(all), 1000)
	expect(t, "the oldest one's body", len(all[0].Body), 50)
	expect(t, "the latest one's body", len(all[999].Body), 4<<10)
}

// BenchmarkStart is what a demo or a test pays for one scanner.
func BenchmarkStart(b *testing.B) {
	p, _ := rdsim.ProfileNamed("mantra-l1")
	for b.Loop() {
		s, err := rdsim.New(rdsim.Options{Profile: p})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Start(); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
