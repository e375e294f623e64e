package ekosim_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/eko/ekosim"
	"biobridge/pid/pidtest"
)

const (
	asha   = "123412341234" // SBIN, HDFC, and SIMG which wants fType 0
	ramesh = "999941057058" // SBIN, PUNB
)

// shop is a client of the simulator, written by hand from Eko's documents.
type shop struct {
	t      *testing.T
	sim    *ekosim.Server
	base   string
	http   *http.Client
	device *pidtest.Device

	// What a test may get wrong on purpose.
	accessKey string
	header    func(http.Header)
	clock     func() time.Time
}

// open starts a simulator behind a real HTTP server.
func open(t *testing.T, o ekosim.Options) *shop {
	t.Helper()
	sim, err := ekosim.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	var sockets atomic.Int64
	srv := httptest.NewUnstartedServer(sim)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			sockets.Add(1)
		case http.StateClosed, http.StateHijacked:
			sockets.Add(-1)
		}
	}
	srv.Start()
	// What a lie about the length leaves behind is no answer to the next request.
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	t.Cleanup(func() {
		sim.Close()
		transport.CloseIdleConnections()
		srv.Close() // blocks until every handler has returned
		if n := sockets.Load(); n != 0 {
			t.Errorf("%d connections are left open", n)
		}
	})
	return &shop{t: t, sim: sim, base: srv.URL + "/ekoapi", device: testDevice(t),
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		accessKey: ekosim.AccessKey, header: func(http.Header) {}, clock: time.Now}
}

var deviceOnce = sync.OnceValues(func() (*pidtest.Device, error) {
	return pidtest.NewDevice(pidtest.DeviceSpec{DeviceInfo: pidtest.DeviceInfo{
		DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.8", MI: "MFS110"},
		NotBefore: time.Now().AddDate(-5, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0)})
})

func testDevice(t *testing.T) *pidtest.Device {
	t.Helper()
	device, err := deviceOnce()
	if err != nil {
		t.Fatalf("make a device: %v", err)
	}
	return device
}

// in returns the same shop for a subtest.
func (s *shop) in(t *testing.T) *shop {
	inner := *s
	inner.t = t
	return &inner
}

// finger is a scan; its zero value is one good finger with fType 2, taken now.
type finger struct {
	fType     string // "" is "2"
	at        time.Time
	wadh, otp string
	uidai     *pidtest.UIDAI
	dataType  string
}

// scan returns a PidData document.
func (s *shop) scan(f finger) string {
	s.t.Helper()
	if f.fType == "" {
		f.fType = "2"
	}
	if f.at.IsZero() {
		f.at = s.clock()
	}
	if f.uidai == nil {
		f.uidai = pidtest.Simulated()
	}
	if f.dataType == "" {
		f.dataType = "X"
	}
	fType, _ := strconv.Atoi(f.fType)
	bios, err := pidtest.Fingers(rand.Reader, fType, []int{38}, nil)
	if err != nil {
		s.t.Fatalf("make a finger: %v", err)
	}
	sealed, err := f.uidai.Seal(s.device, pidtest.SealRequest{Time: f.at, Wadh: f.wadh, OTP: f.otp, Bios: bios})
	if err != nil {
		s.t.Fatalf("seal: %v", err)
	}
	i := s.device.Info()
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`<PidData><Resp errCode="0" errInfo="" fCount="1" fType="%s" nmPoints="38" qScore="80"/>`+
		`<DeviceInfo dpId="%s" rdsId="%s" rdsVer="%s" mi="%s" mc="%s" dc="%s"/>`+
		`<Skey ci="%s">%s</Skey><Hmac>%s</Hmac><Data type="%s">%s</Data></PidData>`,
		f.fType, i.DPID, i.RDSID, i.RDSVer, i.MI, b64(sealed.MC), i.DC,
		sealed.CI, b64(sealed.Skey), b64(sealed.Hmac), f.dataType, b64(sealed.Data))
}

func hmac64(key, message string) string {
	mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(key))))
	io.WriteString(mac, message)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (s *shop) encrypt(aadhaar string) string {
	s.t.Helper()
	der, err := base64.StdEncoding.DecodeString(s.sim.PublicKey())
	if err != nil {
		s.t.Fatalf("PublicKey is no base64: %v", err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		s.t.Fatalf("PublicKey is no X.509: %v", err)
	}
	//lint:ignore SA1019 the padding that Eko's API prescribes
	cipherText, err := rsa.EncryptPKCS1v15(rand.Reader, key.(*rsa.PublicKey), []byte(aadhaar))
	if err != nil {
		s.t.Fatalf("encrypt: %v", err)
	}
	return base64.StdEncoding.EncodeToString(cipherText)
}

// form is the body of a request; "aadhaar" is the plain number, which is hashed,
// encrypted and sent as aadhar.
type form map[string]any

func (f form) with(key string, value any) form {
	changed := form{}
	for k, v := range f {
		changed[k] = v
	}
	if value == nil {
		delete(changed, key)
	} else {
		changed[key] = value
	}
	return changed
}

var references atomic.Int64

func newRef() string { return "T" + strconv.FormatInt(references.Add(1), 10) }

// v2 is a good body for POST v2/aeps.
func (s *shop) v2(serviceType, amount string) form {
	return form{
		"service_type": serviceType, "initiator_id": ekosim.InitiatorID, "user_code": ekosim.UserCode,
		"customer_id": "9876543210", "bank_code": "SBIN", "amount": amount, "client_ref_id": newRef(),
		"pipe": "0", "notify_customer": "0", "latlong": "28.61,77.20", "source_ip": "127.0.0.1",
		"aadhaar": ramesh, "piddata": s.scan(finger{}),
	}
}

// v3 is a good body for the operations of v3 below aeps-fingpay.
func (s *shop) v3(amount int) form {
	f := form{
		"initiator_id": ekosim.InitiatorID, "user_code": ekosim.UserCode, "client_ref_id": newRef(),
		"bank_code": "SBIN", "latlong": "28.61,77.20", "aadhaar": ramesh, "piddata": s.scan(finger{}),
	}
	if amount > 0 {
		f["amount"] = amount
	}
	return f
}

// reply is an answer, or why there was none.
type reply struct {
	t      *testing.T
	err    error
	status int
	header http.Header
	body   []byte
	doc    map[string]any
}

// send signs a body and posts it as JSON. An error on the way is in the reply.
func (s *shop) send(method, path string, f form) reply {
	s.t.Helper()
	body := form{}
	for k, v := range f {
		body[k] = v
	}
	aadhaar, _ := f["aadhaar"].(string)
	if aadhaar != "" {
		delete(body, "aadhaar")
		body["aadhar"] = s.encrypt(aadhaar)
	}
	amount := "0"
	if a, ok := f["amount"]; ok {
		amount = fmt.Sprint(a)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatalf("encode the body: %v", err)
	}
	return s.sendRaw(method, path, "application/json", raw, aadhaar+amount+fmt.Sprint(f["user_code"]))
}

// sendRaw posts bytes; hashed is what request_hash covers behind the timestamp.
func (s *shop) sendRaw(method, path, contentType string, body []byte, hashed string) reply {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatalf("make a request: %v", err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	ts := strconv.FormatInt(s.clock().UnixMilli(), 10)
	req.Header["developer_key"] = []string{ekosim.DeveloperKey}
	req.Header["secret-key"] = []string{hmac64(s.accessKey, ts)}
	req.Header["secret-key-timestamp"] = []string{ts}
	if hashed != "" {
		req.Header["request_hash"] = []string{hmac64(s.accessKey, ts+hashed)}
	}
	s.header(req.Header)
	return s.do(req)
}

func (s *shop) do(req *http.Request) reply {
	s.t.Helper()
	r := reply{t: s.t}
	resp, err := s.http.Do(req)
	if err != nil {
		r.err = err
		return r
	}
	defer resp.Body.Close()
	r.status, r.header = resp.StatusCode, resp.Header
	if resp.Header.Get("X-Biobridge-Simulated") != "eko" {
		s.t.Errorf("%s %s: the answer is not marked as simulated", req.Method, req.URL.Path)
	}
	if r.body, err = io.ReadAll(io.LimitReader(resp.Body, 32<<20)); err != nil {
		r.err = err
		return r
	}
	json.Unmarshal(r.body, &r.doc) // what is no JSON has no doc
	return r
}

func (s *shop) aeps(f form) reply {
	s.t.Helper()
	return s.send(http.MethodPost, "/v2/aeps", f)
}

// get asks with the identity every GET needs.
func (s *shop) get(path string, query ...string) reply {
	s.t.Helper()
	q := url.Values{"initiator_id": {ekosim.InitiatorID}, "user_code": {ekosim.UserCode}}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	for key, values := range q {
		if values[0] == "" {
			delete(q, key)
		}
	}
	return s.sendRaw(http.MethodGet, path+"?"+q.Encode(), "", nil, "")
}

func (s *shop) inquire(ref string) reply {
	s.t.Helper()
	return s.get("/v2/transactions/client_ref_id:" + ref)
}

// code is a number at the top of an answer, however it was written.
func (r reply) code(key string) int {
	r.t.Helper()
	n, err := strconv.Atoi(text(r.doc[key]))
	if err != nil {
		r.t.Fatalf("%s is %v in %s", key, r.doc[key], r.body)
	}
	return n
}

// data is a member of data as text; "" if there is none.
func (r reply) data(key string) string {
	data, _ := r.doc["data"].(map[string]any)
	value, present := data[key]
	if !present {
		return ""
	}
	return text(value)
}

func (r reply) hasData(key string) bool {
	data, _ := r.doc["data"].(map[string]any)
	_, present := data[key]
	return present
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// want checks the three codes of the envelope.
func (r reply) want(status, responseStatusID, responseTypeID int) reply {
	r.t.Helper()
	if r.err != nil {
		r.t.Fatalf("no answer: %v", r.err)
	}
	if r.status != http.StatusOK {
		r.t.Fatalf("HTTP %d: %s", r.status, r.body)
	}
	if got := [3]int{r.code("status"), r.code("response_status_id"), r.code("response_type_id")}; got != [3]int{status, responseStatusID, responseTypeID} {
		r.t.Fatalf("codes %v, want %v: %s", got, [3]int{status, responseStatusID, responseTypeID}, r.body)
	}
	return r
}

// wantRefused checks a gateway's refusal.
func (r reply) wantRefused(status int) reply {
	r.t.Helper()
	if r.err != nil {
		r.t.Fatalf("no answer: %v", r.err)
	}
	if r.status != status {
		r.t.Fatalf("HTTP %d, want %d: %s", r.status, status, r.body)
	}
	if r.doc != nil {
		r.t.Errorf("a gateway's refusal is no JSON: %s", r.body)
	}
	return r
}

// wantInvalid checks status 97 and the field complained about.
func (r reply) wantInvalid(field string) {
	r.t.Helper()
	r.want(97, 1, -1)
	list, ok := r.doc["invalid_params"].(map[string]any)
	if !ok {
		list, ok = r.doc["invalid_parameters"].(map[string]any)
	}
	if _, named := list[field]; !ok || !named {
		r.t.Errorf("%q is not named in %s", field, r.body)
	}
}

func (s *shop) wantMoved(ref string, moved, attempts int) {
	s.t.Helper()
	if got := s.sim.Moved(ref); got != moved {
		s.t.Errorf("money moved %d times for %s, want %d", got, ref, moved)
	}
	if got := s.sim.Attempts(ref); got != attempts {
		s.t.Errorf("%d attempts for %s, want %d", got, ref, attempts)
	}
}

func (s *shop) lastRequest() ekosim.Request {
	s.t.Helper()
	requests := s.sim.Requests()
	if len(requests) == 0 {
		s.t.Fatal("nothing was recorded")
	}
	return requests[len(requests)-1]
}

func refOf(f form) string { return fmt.Sprint(f["client_ref_id"]) }

func (s *shop) v3Send(operation string, f form) reply {
	s.t.Helper()
	return s.send(http.MethodPost, "/v3/customer/collection/aeps-fingpay/"+operation+"/9876543210", f)
}

const wadhEKYC = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="
