package rdsim_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

// setFault sets one fault by its text.
func setFault(t *testing.T, s *rdsim.Server, text string) {
	t.Helper()
	f, err := rdsim.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetFaults(f); err != nil {
		t.Fatal(err)
	}
}

// refused expects UIDAI to refuse the block with a code.
func refused(code string) func(*testing.T, *rdsim.Server) {
	return func(t *testing.T, s *rdsim.Server) {
		_, err := pidtest.Simulated().Open([]byte(capture(t, s).body))
		if refusal, ok := errors.AsType[*pidtest.OpenError](err); !ok || refusal.Code != code {
			t.Errorf("Open says %v, want %s", err, code)
		}
	}
}

// says expects RDSERVICE's body to hold a text.
func says(text string) func(*testing.T, *rdsim.Server) {
	return func(t *testing.T, s *rdsim.Server) {
		if a := rdService(t, s); !strings.Contains(a.body, text) {
			t.Errorf("the answer lacks %q:\n%.300s", text, a.body)
		}
	}
}

func status(code int) func(*testing.T, *rdsim.Server) {
	return func(t *testing.T, s *rdsim.Server) {
		if a := rdService(t, s); a.status != code {
			t.Errorf("status %d, want %d", a.status, code)
		}
	}
}

// fails expects no whole answer, with an error that passes the check.
func fails(check func(error) bool) func(*testing.T, *rdsim.Server) {
	return func(t *testing.T, s *rdsim.Server) {
		if _, err := try(t.Context(), t, "RDSERVICE", s.URL()+"/", ""); err == nil || !check(err) {
			t.Errorf("the client saw %v", err)
		}
	}
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// faultChecks says for every fault what a bare client sees of it.
var faultChecks = map[string]func(*testing.T, *rdsim.Server){
	"hang-accept":  checkHangAccept,
	"hang":         checkHang,
	"hang-headers": checkHangHeaders,
	"drip":         checkDrip,
	"reset":        fails(func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || isWSAReset(err) }),
	"close":        fails(is(io.EOF)),
	"cut":          fails(is(io.ErrUnexpectedEOF)),

	"405": status(405), "404": status(404), "500": status(500), "redirect": status(302),
	"html":  says("<h1>It works!</h1>"),
	"big":   checkBig,
	"empty": func(t *testing.T, s *rdsim.Server) { expect(t, "body", rdService(t, s).body, "") },
	"gzip":  checkGzip,
	"no-type": func(t *testing.T, s *rdsim.Server) {
		expect(t, "type", rdService(t, s).header.Get("Content-Type"), "application/octet-stream")
	},

	"doctype":             says("<!DOCTYPE x [<!ENTITY a"),
	"duplicate-attribute": says(`status="0" status="READY"`),
	"trailing":            says("</RDService>\n%PDF-1.4 garbage"),
	"second-root":         says("</RDService><RDService"),
	"bom":                 says("\xef\xbb\xbf<?xml"),
	"bad-utf8":            says("\xff\xfe"),
	"deep":                says(strings.Repeat("<a>", 10_000) + "<?xml"),
	"truncated":           checkTruncated,

	"port-moved":    checkPortMoved,
	"wrong-path":    checkWrongPath,
	"foreign-path":  says(`path="http://192.0.2.1:`),
	"messy-path":    says("  / rd//capture\""),
	"no-interfaces": func(t *testing.T, s *rdsim.Server) { expect(t, "interfaces", len(rdService(t, s).parse(t).Paths), 0) },
	"status":        says(`status="BUSY"`),
	"used":          checkUsed,
	"no-identity":   func(t *testing.T, s *rdsim.Server) { expect(t, "dc", deviceInfo(t, s).parse(t).DC, "") },
	"other-device":  checkOtherDevice,

	"error":        checkError,
	"unplugged":    checkUnplugged,
	"restart":      checkRestart,
	"late":         checkLate,
	"low":          checkLow,
	"wrong-ftype":  checkWrongFType,
	"wrong-fcount": func(t *testing.T, s *rdsim.Server) { expect(t, "fCount", capture(t, s).parse(t).Resp.FCount, "2") },
	"stale":        taken(-24 * time.Hour),
	"future":       taken(24 * time.Hour),
	"replay":       checkReplay,
	"expired-cert": refused(pidtest.CodeRotation),
	"no-resp":      refused(pidtest.CodeDocument),
	"no-hmac":      refused(pidtest.CodeHmac),
	"no-skey":      refused(pidtest.CodeSkey),
	"no-data":      refused(pidtest.CodeData),
	"two-data":     refused(pidtest.CodeData),
	"bad-base64":   refused(pidtest.CodeData),
	"short-skey":   refused(pidtest.CodeSkey),
	"short-hmac":   refused(pidtest.CodeHmac),
	"short-data":   refused(pidtest.CodeData),
	"no-time":      refused(pidtest.CodeData),
	"tampered":     refused(pidtest.CodeData),
	"bad-mc":       refused(pidtest.CodeMC),
	"no-mc":        refused(pidtest.CodeMC),
	"protobuf":     refused(pidtest.CodeData),
	"bad-ci":       refused(pidtest.CodeCI),
	"old-ci":       refused(pidtest.CodeCI),
}

// TestFaults shows every fault to a client, and that the service is well again
// once it is cleared.
func TestFaults(t *testing.T) {
	for _, kind := range rdsim.Faults() {
		t.Run(kind.Name, func(t *testing.T) {
			check, ok := faultChecks[kind.Name]
			if !ok {
				t.Fatal("nobody checks this fault")
			}
			s := start(t, rdsim.Options{Port: quietPort(t), Clock: func() time.Time { return noon }})
			setFault(t, s, kind.Name)
			check(t, s)
			if err := s.SetFaults(); err != nil {
				t.Fatal(err)
			}
			s.Plug()
			s.SetFinger(true)
			until(t, "the scanner is ready again", func() bool { return s.Status() == rdsim.StatusReady && s.URL() != "" })
			capture(t, s).open(t)
		})
	}
	if len(faultChecks) != len(rdsim.Faults()) {
		t.Errorf("%d checks for %d faults", len(faultChecks), len(rdsim.Faults()))
	}
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// isWSAReset knows Windows' name for a reset connection.
func isWSAReset(err error) bool {
	const wsaECONNRESET = 10054
	return errors.Is(err, syscall.Errno(wsaECONNRESET))
}

// The first connection hangs, the second is served: proof that the first was not
// merely slow.
func checkHangAccept(t *testing.T, s *rdsim.Server) {
	setFault(t, s, "hang-accept*1")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "RDSERVICE / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	rdService(t, s)
	expect(t, "requests seen", len(s.Requests()), 1)
	conn.SetReadDeadline(time.Now())
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading the hanging connection gives %v", err)
	}
}

func checkHang(t *testing.T, s *rdsim.Server) {
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := try(ctx, t, "RDSERVICE", s.URL()+"/", "")
		failed <- err
	}()
	until(t, "the request has arrived", func() bool { return len(s.Requests()) == 1 })
	expect(t, "done", s.Requests()[0].Done, false)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the client saw %v", err)
	}
	until(t, "the service has noticed", func() bool { return s.Requests()[0].Done })
}

func checkHangHeaders(t *testing.T, s *rdsim.Server) {
	ctx, cancel := context.WithCancel(t.Context())
	resp, err := client(nil).Do(newRequest(ctx, t, "RDSERVICE", s.URL()+"/", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, resp.ContentLength/2)); err != nil {
		t.Fatalf("the first half: %v", err)
	}
	expect(t, "done", s.Requests()[0].Done, false)
	cancel()
	if _, err := resp.Body.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("the client saw %v", err)
	}
}

// The bytes come one by one, 20 a second: never more than there was time for,
// whenever the client gets to look.
func checkDrip(t *testing.T, s *rdsim.Server) {
	begin := time.Now()
	resp, err := client(nil).Do(newRequest(t.Context(), t, "RDSERVICE", s.URL()+"/", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, b := "", make([]byte, 100)
	for range 4 {
		n, err := resp.Body.Read(b)
		got += string(b[:n])
		if most := 1 + int(time.Since(begin)/(50*time.Millisecond)); err != nil || n == 0 || len(got) > most {
			t.Fatalf("read %q, %v; want at most %d bytes by now", got, err, most)
		}
	}
	if !strings.HasPrefix(got, "<?xm") {
		t.Errorf("read %q", got)
	}
}

func checkBig(t *testing.T, s *rdsim.Server) {
	if n := len(rdService(t, s).body); n < 20<<20 {
		t.Errorf("%d bytes, want 20 MB", n)
	}
}

func checkGzip(t *testing.T, s *rdsim.Server) {
	a := rdService(t, s)
	expect(t, "encoding", a.header.Get("Content-Encoding"), "gzip")
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || !bytes.Contains(body, []byte("<RDService")) {
		t.Errorf("unpacked: %.100s, %v", body, err)
	}
}

func checkTruncated(t *testing.T, s *rdsim.Server) {
	var d document
	if err := xml.Unmarshal([]byte(rdService(t, s).body), &d); err == nil {
		t.Error("the document is whole")
	}
}

func checkPortMoved(t *testing.T, s *rdsim.Server) {
	setFault(t, s, "port-moved*1")
	old := s.URL()
	rdService(t, s)
	until(t, "the service is elsewhere", func() bool {
		now := s.URL()
		return now != "" && now != old
	})
	// Another program may have taken the port since.
	if a, err := try(t.Context(), t, "RDSERVICE", old+"/", ""); err == nil && a.header.Get(rdsim.SimulatedHeader) != "" {
		t.Error("the old port still answers")
	}
	rdService(t, s)
}

func checkWrongPath(t *testing.T, s *rdsim.Server) {
	for _, i := range rdService(t, s).parse(t).Paths {
		switch i.ID {
		case "CAPTURE":
			expect(t, "errCode", ask(t, "CAPTURE", s.URL()+i.Path, s.Profile().ExampleOptions()).code(t), "770")
		case "DEVICEINFO":
			expect(t, "status", ask(t, "DEVICEINFO", s.URL()+i.Path, "").status, 404)
		}
	}
}

func checkUsed(t *testing.T, s *rdsim.Server) {
	expect(t, "status", rdService(t, s).parse(t).Status, "USED")
	expect(t, "errCode", capture(t, s).code(t), "710")
}

func checkOtherDevice(t *testing.T, s *rdsim.Server) {
	other := capture(t, s).open(t).Device.DC
	if other == s.Device().Info().DC {
		t.Error("the block is of the usual device")
	}
	expect(t, "DEVICEINFO's dc", deviceInfo(t, s).parse(t).DC, other)
}

func checkError(t *testing.T, s *rdsim.Server) {
	expect(t, "errCode", capture(t, s).code(t), "999")
	setFault(t, s, "error=-1307:no device: none@CAPTURE")
	resp := capture(t, s).parse(t).Resp
	expect(t, "errCode", resp.ErrCode, "-1307")
	expect(t, "errInfo", resp.ErrInfo, "no device: none")
}

func checkUnplugged(t *testing.T, s *rdsim.Server) {
	s.SetFinger(false)
	expect(t, "errCode", capture(t, s).code(t), "730")
	expect(t, "status", rdService(t, s).parse(t).Status, "NOTREADY")
	expect(t, "errCode without a scanner", capture(t, s).code(t), "720")
}

func checkRestart(t *testing.T, s *rdsim.Server) {
	s.SetFinger(false)
	setFault(t, s, "restart*1")
	old := s.URL()
	if _, err := try(t.Context(), t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions()); err == nil {
		t.Error("the capture was answered")
	}
	until(t, "the service is back", func() bool { return s.URL() != "" })
	expect(t, "address", s.URL(), old)
	expect(t, "left", s.Requests()[0].Left, true)
}

// A client that leaves frees the scanner; under this fault only the finger does.
func checkLate(t *testing.T, s *rdsim.Server) {
	s.SetFinger(false)
	leave(t, s)
	expect(t, "status", rdService(t, s).parse(t).Status, "USED")
	expect(t, "errCode of the next", capture(t, s).code(t), "710")
	s.SetFinger(true)
	until(t, "the scanner is free", func() bool { return s.Status() == rdsim.StatusReady })
}

// leave begins a capture and goes away while it waits for a finger.
func leave(t *testing.T, s *rdsim.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error)
	go func() {
		_, err := try(ctx, t, "CAPTURE", captureURL(s), s.Profile().ExampleOptions())
		failed <- err
	}()
	until(t, "the scanner waits", func() bool { return s.Status() == rdsim.StatusUsed })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the client saw %v", err)
	}
}

func checkLow(t *testing.T, s *rdsim.Server) {
	setFault(t, s, "low*1")
	if q := capture(t, s).parse(t).Resp.QScore; q < "26" || q > "44" {
		t.Errorf("the low score is %s", q)
	}
	if q := capture(t, s).parse(t).Resp.QScore; q < "58" || q > "94" {
		t.Errorf("the next score is %s", q)
	}
}

func checkWrongFType(t *testing.T, s *rdsim.Server) {
	opened := capture(t, s).open(t)
	expect(t, "fType", opened.FType, "0")
	expect(t, "records", len(opened.Bios), 1)
}

func taken(ahead time.Duration) func(*testing.T, *rdsim.Server) {
	return func(t *testing.T, s *rdsim.Server) {
		if at := capture(t, s).open(t).Time; !at.Equal(noon.Add(ahead)) {
			t.Errorf("taken at %v, want %v from %v", at, ahead, noon)
		}
	}
}

func checkReplay(t *testing.T, s *rdsim.Server) {
	first, second := capture(t, s), capture(t, s)
	expect(t, "the second block", second.body, first.body)
}

// Faults of the document leave the plain text of an HTTP error alone.
func TestFaults_OnErrors(t *testing.T) {
	s := start(t, rdsim.Options{})
	for _, kind := range rdsim.Faults() {
		switch kind.Name {
		case "doctype", "duplicate-attribute", "trailing", "second-root", "bom", "bad-utf8", "deep", "truncated":
			setFault(t, s, kind.Name)
			expect(t, kind.Name, ask(t, "DEVICEINFO", s.URL()+"/nowhere", "").body, "Not Found")
		}
	}
}

func TestParseFault(t *testing.T) {
	for _, text := range []string{"reset", "reset@CAPTURE", "reset@CAPTURE*2", "status=NOT_READY", "error=999:a=b, c", "error=999:x@CAPTURE*1"} {
		f, err := rdsim.ParseFault(text)
		if err != nil {
			t.Errorf("ParseFault(%q): %v", text, err)
		}
		if f.String() != text {
			t.Errorf("ParseFault(%q) reads %q", text, f)
		}
	}
	for _, text := range []string{"", "nonsense", "reset*0", "reset*x", "reset@GET", "low@RDSERVICE", "reset=1", "reset*-1", "hang-accept@CAPTURE"} {
		if f, err := rdsim.ParseFault(text); err == nil {
			t.Errorf("ParseFault(%q) gives %q", text, f)
		}
	}
}

// The first fault that touches a verb happens, as often as it says.
func TestFaults_OrderAndTimes(t *testing.T) {
	s := start(t, rdsim.Options{Faults: []rdsim.Fault{
		{Name: "500", Verb: "DEVICEINFO"}, {Name: "405", Times: 2}, {Name: "404", Times: 1},
	}})
	var got []int
	for range 4 {
		got = append(got, rdService(t, s).status)
	}
	for i, want := range []int{405, 405, 404, 200} {
		expect(t, "status", got[i], want)
	}
	expect(t, "DEVICEINFO", deviceInfo(t, s).status, 500)
	expect(t, "faults left", len(s.ActiveFaults()), 1)
}

// The same seed misbehaves in the same way.
func TestFaultRate(t *testing.T) {
	history := func(seed uint64) string {
		s := start(t, rdsim.Options{Seed: seed, FaultRate: 0.5})
		var names []string
		for len(names) < 30 {
			if name, ok := suffer(t, s); ok {
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	a, b, c := history(1), history(1), history(2)
	expect(t, "the second run", b, a)
	if a == c {
		t.Error("another seed misbehaves in the same way")
	}
	if !strings.Contains(a, " ") || strings.TrimSpace(a) == "" {
		t.Error("nothing happened at all")
	}
}

// suffer sends one request, leaves as soon as the service has drawn its fault,
// and returns that fault; false when the service was just restarting.
func suffer(t *testing.T, s *rdsim.Server) (fault string, ok bool) {
	s.ForgetRequests()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = try(ctx, t, "RDSERVICE", s.URL()+"/", "") // whatever comes of it
	}()
	until(t, "the request has met its fate", func() bool {
		select {
		case <-done:
			return true
		default:
			return len(s.Requests()) > 0
		}
	})
	cancel()
	<-done
	if all := s.Requests(); len(all) > 0 {
		return all[0].Fault, true
	}
	return "", false
}
