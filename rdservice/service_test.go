package rdservice_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/rdservice"
)

// fakeService is a small RD service with every answer in the test's hand.
type fakeService struct {
	*httptest.Server

	mu       sync.Mutex
	answers  map[string]http.HandlerFunc // by method and path
	requests []*http.Request
	bodies   []string
}

// startService listens on a free port. Until told otherwise it is a ready Mantra
// L1 with device code dc.
func startService(t *testing.T, dc string) *fakeService {
	t.Helper()
	s := newService(dc)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.stop)
	return s
}

// startTLSService is startService over https.
func startTLSService(t *testing.T, dc string) *fakeService {
	t.Helper()
	s := newService(dc)
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.stop)
	return s
}

func newService(dc string) *fakeService {
	s := &fakeService{answers: map[string]http.HandlerFunc{}}
	s.status("READY")
	s.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", dc, "MFS110",
		`<Param name="srno" value="0000001"/><Param name="modality_type" value="Finger"/><Param name="device_type" value="L1"/>`))
	return s
}

func (s *fakeService) stop() {
	s.CloseClientConnections()
	s.Close()
}

// ServeHTTP is called by the server.
func (s *fakeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	answer := s.answers[r.Method+" "+r.URL.Path]
	s.mu.Unlock()
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

func (s *fakeService) handle(methodAndPath string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[methodAndPath] = h
}

func (s *fakeService) answer(methodAndPath, body string) {
	s.handle(methodAndPath, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
}

// status makes the service say so on RDSERVICE.
func (s *fakeService) status(status string) {
	s.answer("RDSERVICE /", fmt.Sprintf(`<RDService status=%q info="Mantra MFS110 Authentication Vendor Device Manager"><Interface id="DEVICEINFO" path="/rd/info"/><Interface id="CAPTURE" path="/rd/capture"/></RDService>`, status))
}

// calls lists what was asked, as "METHOD /path".
func (s *fakeService) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.requests {
		out = append(out, r.Method+" "+r.URL.Path)
	}
	return out
}

func (s *fakeService) count(call string) int {
	n := 0
	for _, c := range s.calls() {
		if c == call {
			n++
		}
	}
	return n
}

func (s *fakeService) port() int { return portOf(s.Listener) }

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func deviceInfo(dpID, rdsID, rdsVer, dc, mi, params string) string {
	return fmt.Sprintf(`<DeviceInfo dpId=%q rdsId=%q rdsVer=%q dc=%q mi=%q mc="AAAA"><additional_info>%s</additional_info></DeviceInfo>`, dpID, rdsID, rdsVer, dc, mi, params)
}

// refusal is a PidData that says no.
func refusal(code, info string) string {
	return fmt.Sprintf(`<?xml version="1.0"?><PidData><Resp errCode=%q errInfo=%q/></PidData>`, code, info)
}

// startRaw listens on a free port and gives each connection to serve, which owns
// it. All connections are closed at the end.
func startRaw(t *testing.T, serve func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			serving.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return portOf(l)
}

// startSilent listens on a port that takes connections and says nothing.
func startSilent(t *testing.T) int {
	t.Helper()
	return startRaw(t, func(c net.Conn) { io.Copy(io.Discard, c) })
}

// closedPorts returns ports on which nothing listens. They lie below those that
// systems give out, so that no other test's server comes to stand on one.
func closedPorts(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for port := 20000 + rand.IntN(5000); len(ports) < n && port < 30000; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		l.Close()
		ports = append(ports, port)
	}
	if len(ports) < n {
		t.Fatalf("only %d of %d ports are free", len(ports), n)
	}
	return ports
}

// at is a configuration that looks at these ports by http only. Its time limits
// are none that a busy machine meets: a test of one sets it.
func at(ports ...int) rdservice.Config {
	return rdservice.Config{HTTPPorts: ports, ProbeTimeout: time.Minute, InfoTimeout: time.Minute, CaptureGrace: time.Minute}
}

func mustFind(t *testing.T, cfg rdservice.Config) []rdservice.Device {
	t.Helper()
	devices, err := rdservice.NewFinder(cfg).Find(t.Context())
	if err != nil {
		t.Fatalf("Find: %v", err)
	}
	return devices
}

func mustFindOne(t *testing.T, cfg rdservice.Config) rdservice.Device {
	t.Helper()
	devices := mustFind(t, cfg)
	if len(devices) != 1 {
		t.Fatalf("Find returned %d devices, want 1: %+v", len(devices), devices)
	}
	return devices[0]
}

func portsOf(devices []rdservice.Device) []string {
	var out []string
	for _, d := range devices {
		out = append(out, d.Scheme()+" "+strconv.Itoa(d.Port()))
	}
	slices.Sort(out)
	return out
}

// oneFinger is an ordinary request with a short time limit.
func oneFinger() pid.Options {
	return pid.Options{FCount: 1, FType: pid.FMRFIR, Timeout: 10 * time.Second}
}
