package rdsim_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

// noon is the simulated PC's clock where a test needs a fixed one.
var noon = time.Date(2026, 3, 14, 6, 30, 0, 0, time.UTC)

// profile returns a profile that must exist.
func profile(t *testing.T, name string) rdsim.Profile {
	t.Helper()
	p, ok := rdsim.ProfileNamed(name)
	if !ok {
		t.Fatalf("no profile %s", name)
	}
	return p
}

// start runs a service on free ports until the test ends, and then looks for
// what it left behind. Fingers come at once unless the options say otherwise.
func start(t *testing.T, opts rdsim.Options) *rdsim.Server {
	t.Helper()
	if opts.FingerDelay == 0 {
		opts.FingerDelay = -1
	}
	if opts.Profile.Name == "" {
		opts.Profile = profile(t, "secugen") // no quirks
	}
	s, err := rdsim.New(opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if err := s.Start(); err != nil {
		t.Fatalf("Start: %v", err)
	}
	running++
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if running--; running == 0 {
			until(t, "no goroutine of a service is left", func() bool { return !serving() })
		}
	})
	return s
}

// quietPort returns a free port below those that systems give out, so that nobody
// else comes to stand on it while a test's service is away.
func quietPort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000)))
		if err == nil {
			defer ln.Close()
			return ln.Addr().(*net.TCPAddr).Port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// running counts the services of the test that runs; tests do not run in
// parallel.
var running int

// serving reports whether any goroutine belongs to a service.
func serving() bool {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, of := range []string{"rdsim.(*Server)", "rdsim.(*holdingListener)", "net/http.(*conn).serve"} {
		if bytes.Contains(stacks, []byte(of)) {
			return true
		}
	}
	return false
}

// until waits for something that is bound to come.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !true(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// answer is what a bare client saw.
type answer struct {
	status int
	header http.Header
	body   string
}

// client is as bare as can be: one request a connection, nothing followed,
// nothing unpacked, any certificate and any TLS.
func client(change func(*http.Transport)) *http.Client {
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10},
	}
	if change != nil {
		change(transport)
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newRequest(ctx context.Context, t *testing.T, verb, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, verb, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml")
	return r
}

// try asks and returns the error, if any, of the call or of reading the answer.
func try(ctx context.Context, t *testing.T, verb, url, body string) (answer, error) {
	t.Helper()
	resp, err := client(nil).Do(newRequest(ctx, t, verb, url, body))
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(text)}, err
}

// ask asks for an answer that must come, marked as simulated.
func ask(t *testing.T, verb, url, body string) answer {
	t.Helper()
	a, err := try(t.Context(), t, verb, url, body)
	if err != nil {
		t.Fatalf("%s %s: %v", verb, url, err)
	}
	if a.header.Get(rdsim.SimulatedHeader) != "rd" {
		t.Errorf("%s %s: the answer is not marked as simulated", verb, url)
	}
	return a
}

func rdService(t *testing.T, s *rdsim.Server) answer { return ask(t, "RDSERVICE", s.URL()+"/", "") }

func deviceInfo(t *testing.T, s *rdsim.Server) answer {
	return ask(t, "DEVICEINFO", s.URL()+s.Profile().ServedInfoPath(), "")
}

// captureURL is where CAPTURE goes.
func captureURL(s *rdsim.Server) string { return s.URL() + s.Profile().ServedCapturePath() }

// capture takes one with PidOptions that the profile accepts.
func capture(t *testing.T, s *rdsim.Server) answer {
	t.Helper()
	return ask(t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions())
}

// document is as much of any answer as the tests look at.
type document struct {
	XMLName xml.Name
	Status  string `xml:"status,attr"`
	Info    string `xml:"info,attr"`
	DC      string `xml:"dc,attr"`
	Paths   []struct {
		ID   string `xml:"id,attr"`
		Path string `xml:"path,attr"`
	} `xml:"Interface"`
	Resp struct {
		ErrCode string `xml:"errCode,attr"`
		ErrInfo string `xml:"errInfo,attr"`
		FCount  string `xml:"fCount,attr"`
		FType   string `xml:"fType,attr"`
		QScore  string `xml:"qScore,attr"`
	}
	DeviceInfo struct {
		DC string `xml:"dc,attr"`
	}
	Data string
}

func (a answer) parse(t *testing.T) document {
	t.Helper()
	var d document
	if err := xml.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatalf("the answer is not XML: %v\n%.300s", err, a.body)
	}
	return d
}

// code returns the errCode of PidData.
func (a answer) code(t *testing.T) string {
	t.Helper()
	return a.parse(t).Resp.ErrCode
}

// open opens a block that must be good.
func (a answer) open(t *testing.T) *pidtest.Opened {
	t.Helper()
	opened, err := pidtest.Simulated().Open([]byte(a.body))
	if err != nil {
		t.Fatalf("Open: %v\n%.400s", err, a.body)
	}
	return opened
}
