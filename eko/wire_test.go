package eko_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/eko"
)

// wireRequest is a request as its bytes stood on the wire.
type wireRequest struct {
	Line   string
	Header []string // as written, in order
	Body   []byte
	Conn   int // which connection it came on, from 1
}

func (r wireRequest) header(name string) (value string, found bool) {
	for _, line := range r.Header {
		if k, v, ok := strings.Cut(line, ": "); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// wireServer is a server that shows what was really sent. answer says what to
// write back; returning false breaks the connection off.
type wireServer struct {
	t      testing.TB
	ln     net.Listener
	answer func(c net.Conn, r wireRequest) (keep bool)

	mu       sync.Mutex
	requests []wireRequest
	conns    int
	open     map[net.Conn]bool
	wg       sync.WaitGroup
}

func newWireServer(t testing.TB, cfg *tls.Config, answer func(net.Conn, wireRequest) bool) *wireServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &wireServer{t: t, ln: ln, answer: answer, open: map[net.Conn]bool{}}
	if cfg != nil {
		s.ln = tls.NewListener(ln, cfg)
	}
	s.wg.Go(s.accept)
	t.Cleanup(func() {
		_ = s.ln.Close()
		s.closeConns()
		s.wg.Wait()
	})
	return s
}

func (s *wireServer) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns++
		n := s.conns
		s.open[c] = true
		s.mu.Unlock()
		s.wg.Go(func() { s.serve(c, n) })
	}
}

func (s *wireServer) serve(c net.Conn, n int) {
	defer func() {
		_ = c.Close()
		s.mu.Lock()
		delete(s.open, c)
		s.mu.Unlock()
	}()
	in := bufio.NewReader(c)
	for {
		r, err := readWire(in)
		if err != nil {
			return
		}
		r.Conn = n
		s.mu.Lock()
		s.requests = append(s.requests, r)
		s.mu.Unlock()
		if !s.answer(c, r) {
			return
		}
	}
}

func readWire(in *bufio.Reader) (wireRequest, error) {
	var r wireRequest
	var raw bytes.Buffer
	req, err := http.ReadRequest(bufio.NewReaderSize(io.TeeReader(onlyHead{in}, &raw), 1))
	if err != nil {
		return r, err
	}
	lines := strings.Split(strings.TrimSuffix(raw.String(), "\r\n\r\n"), "\r\n")
	r.Line, r.Header = lines[0], lines[1:]
	r.Body = make([]byte, max(0, req.ContentLength))
	_, err = io.ReadFull(in, r.Body)
	return r, err
}

// onlyHead reads byte by byte up to the blank line, so that the body stays in
// the reader below.
type onlyHead struct{ in *bufio.Reader }

func (h onlyHead) Read(p []byte) (int, error) {
	b, err := h.in.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

func (s *wireServer) seen() []wireRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]wireRequest(nil), s.requests...)
}

func (s *wireServer) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

func (s *wireServer) closeConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close()
	}
}

// closeHeard closes n connections that stand, and returns when the other side's
// system has heard of it: a busy one delivers even to itself a moment later.
func (s *wireServer) closeHeard(n int) {
	for s.connections() < n {
		runtime.Gosched()
	}
	s.closeConns()
	if runtime.GOOS != "linux" {
		return
	}
	// proc_pid_net(5): remote address, then state 08, which is CLOSE_WAIT.
	closed := fmt.Sprintf(" 0100007F:%04X 08 ", s.ln.Addr().(*net.TCPAddr).Port)
	for {
		table, err := os.ReadFile("/proc/self/net/tcp")
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Count(string(table), closed) == n {
			return
		}
	}
}

func (s *wireServer) url() string {
	scheme := "http"
	if _, plain := s.ln.(*net.TCPListener); !plain {
		scheme = "https"
	}
	return scheme + "://" + s.ln.Addr().String() + "/ekoapi"
}

// nobodysAddress is an address of this computer where nobody listens. Its port is
// that of an open connection's own end, so that nobody else comes to listen there.
func nobodysAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	holds, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = holds.Close() })
	return holds.LocalAddr().String()
}

// respond writes a whole HTTP answer.
func respond(c net.Conn, status int, contentType, body string, header ...string) bool {
	extra := ""
	for _, line := range header {
		extra += line + "\r\n"
	}
	_, err := fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s",
		status, http.StatusText(status), contentType, len(body), extra, body)
	return err == nil
}

func always(body string, header ...string) func(net.Conn, wireRequest) bool {
	return func(c net.Conn, _ wireRequest) bool { return respond(c, 200, "application/json", body, header...) }
}

// authority is a certificate authority of the test's own, for 127.0.0.1 and the
// names, localhost where none is given. The first name is the authority's own.
func authority(t testing.TB, names ...string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	if names == nil {
		names = []string{"localhost"}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: names,
	}
	der := mustDER(t)(x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key))
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

// The account of the seed's AePS page.
const (
	stagingKeyText = "d2fe1d99-6298-4af2-8cc5-d97dcf46df30"
	developerKey   = "becbbce45f79c6f5109f848acd540567"
	initiatorID    = "9962981729"
	userCode       = "20810200"
)

// fixedTime is the timestamp of the signing vectors.
var fixedTime = time.UnixMilli(1700000000000)

func testConfig(t testing.TB, base string) eko.Config {
	t.Helper()
	_, public := testPair(t)
	return eko.Config{
		API: "v2", BaseURL: base, DeveloperKey: developerKey, InitiatorID: initiatorID, PublicKey: public,
		Signer: eko.KeySigner{Key: mustKey(t, stagingKeyText)}, Timeout: time.Minute,
	}
}

func newClient(t testing.TB, cfg eko.Config) *eko.Client {
	t.Helper()
	c, err := eko.NewClient(cfg)
	if err != nil {
		t.Fatalf("NewClient: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// pidData is synthetic and has everything that JSON could spoil.
const pidData = "<?xml version=\"1.0\"?>\n<PidData>\n\t<Resp errCode=\"0\" errInfo='it&apos;s done'/>\r\n <Data type=\"X\">AAAA+/8=</Data>\u2028<Skey ci=\"20270501\">É&amp;</Skey></PidData>\n"

func withdrawal(t testing.TB) eko.Request {
	t.Helper()
	return eko.Request{
		Service: eko.CashWithdrawal, ClientRefID: "REF1", Aadhaar: mustAadhaar(t, "123412341234"), BankCode: "SBIN", Amount: 500,
		CustomerID: "9999999999", UserCode: userCode, LatLong: "28.6139,77.2090", SourceIP: "203.0.113.7", NotifyCustomer: true, PidData: []byte(pidData),
	}
}

func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
