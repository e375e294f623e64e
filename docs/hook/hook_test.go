package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/eko"
)

const (
	shopToken  = "shop-token-17"
	userCode   = "20810200"
	sessionKey = "0123456789abcdef0123456789abcdef"
)

// server is the hook as a partner would run it, over TLS.
type server struct {
	*httptest.Server
	hook    *hook
	sealKey string
	log     bytes.Buffer
}

func start(t *testing.T, accessKey string, now time.Time) *server {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	private, public, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(shopToken))
	raw, err := json.Marshal(configFile{
		AccessKeyFile: file("access", accessKey), OpenKeyFile: file("open", private), SessionKeyFile: file("session", sessionKey),
		Tokens: map[string]merchant{hex.EncodeToString(digest[:]): {UserCode: userCode, MaxAmount: 10000}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := loadConfig(file("hook.json", string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{sealKey: public}
	s.hook = newHook(cfg, slog.New(slog.NewTextHandler(&s.log, nil)))
	s.hook.now = func() time.Time { return now }
	s.Server = httptest.NewTLSServer(s.hook)
	t.Cleanup(s.Close)
	return s
}

// session is the address of a callback for a merchant who has signed in.
func (s *server) session(code string, end time.Time) string {
	return s.URL + "/hook?session=" + url.QueryEscape(sealSession([]byte(sessionKey), code, end))
}

type reply struct {
	status int
	header http.Header
	answer
}

func (s *server) post(t *testing.T, address, contentType, body string, header ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got := reply{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&got.answer); err != nil {
		t.Fatalf("the answer is not JSON: %v", err)
	}
	return got
}

func (s *server) bridge(t *testing.T, token string) *eko.HookSigner {
	t.Helper()
	bearer, err := eko.ParseBearerToken(token)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	signer, err := eko.NewHookSigner(eko.HookConfig{URL: s.URL + "/hook", Token: bearer, SealKey: s.sealKey, Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = signer.Close() })
	return signer
}

type vector struct {
	ID, Key, Timestamp string
	Aadhaar, Amount    *string
	UserCode           *string `json:"user_code"`
	CustomerID         string  `json:"customer_id"`
	RecipientID        string  `json:"recipient_id"`
	UtilityAccNo       string  `json:"utility_acc_no"`
	SecretKey          string  `json:"secret_key"`
	RequestHash        string  `json:"request_hash"`
	Negative           bool
}

func (v vector) at(t *testing.T) time.Time {
	t.Helper()
	ms, err := strconv.ParseInt(v.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(ms)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// All 24 good vectors come out of the one endpoint, asked as the bridge, the
// gateway or the widget would ask.
func TestHook_vectors(t *testing.T) {
	raw, err := os.ReadFile("../../eko/testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	good := 0
	for _, v := range list {
		if v.Negative {
			continue
		}
		good++
		t.Run(v.ID, func(t *testing.T) {
			s := start(t, v.Key, v.at(t))
			if code := deref(v.UserCode); code != "" && code != userCode {
				for digest := range s.hook.cfg.merchants {
					s.hook.cfg.merchants[digest] = merchant{UserCode: code}
				}
			}
			key, hash := s.ask(t, v)
			if key != v.SecretKey || hash != v.RequestHash {
				t.Errorf("signed %s, %s; want %s, %s", key, hash, v.SecretKey, v.RequestHash)
			}
		})
	}
	if good != 24 {
		t.Errorf("%d good vectors, want 24", good)
	}
}

// ask puts a vector's question in the way of the caller it belongs to.
func (s *server) ask(t *testing.T, v vector) (key, hash string) {
	t.Helper()
	if v.Aadhaar == nil && v.RequestHash != "" {
		r := s.post(t, s.session(v.owner(), v.at(t).Add(time.Minute)), "application/json", v.question(t))
		return r.SecretKey, r.RequestHash
	}
	r := eko.SignRequest{Service: eko.Query, ClientRefID: "REF1", UserCode: deref(v.UserCode), TimestampMS: v.at(t).UnixMilli()}
	if v.Aadhaar != nil {
		a, err := eko.ParseAadhaar(*v.Aadhaar)
		if err != nil {
			t.Fatal(err)
		}
		amount, err := strconv.Atoi(*v.Amount)
		if err != nil {
			t.Fatal(err)
		}
		r.Service, r.Aadhaar, r.Amount = eko.CashWithdrawal, a, eko.Rupees(amount)
		r.HashParams = []string{eko.HashAadhaar, eko.HashAmount, eko.HashUserCode}
	}
	signature, _, err := s.bridge(t, shopToken).Sign(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return signature.SecretKey, signature.RequestHash
}

func (v vector) owner() string {
	if code := deref(v.UserCode); code != "" {
		return code
	}
	return userCode
}

// question is what the gateway or the widget sends for a vector.
func (v vector) question(t *testing.T) string {
	t.Helper()
	data := map[string]any{"user_code": deref(v.UserCode), "customer_id": v.CustomerID, "amount": deref(v.Amount)}
	detail := map[string]any{"client_ref_id": "REF1", "data": data}
	switch {
	case v.RecipientID != "":
		data["recipient_id"] = json.Number(v.RecipientID)
		detail["interaction_type_id"] = 221
	case v.UtilityAccNo != "":
		data["utility_acc_no"] = v.UtilityAccNo
		detail["request_hash_params"] = []string{"utility_acc_no", "amount", "user_code"}
	case v.CustomerID != "" && v.Amount != nil:
		data["type"] = "2"
		detail["request_hash_params"] = []string{"customer_id", "amount", "user_code"}
	case v.CustomerID != "":
		data["type"] = "3"
	default:
		detail["interaction_type_id"] = "149"
	}
	for name, value := range data {
		if value == "" {
			delete(data, name)
		}
	}
	raw, err := json.Marshal(map[string]any{"action": "debit-hook", "detail": detail})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

const testKey = "d2fe1d99-6298-4af2-8cc5-d97dcf46df30"

// The widget's page of the seed sends detail as a text inside JSON, and its own
// script really sends a form labelled as JSON.
func TestHook_shapesOfTheSeed(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	s := start(t, testKey, now)
	detail := `{"url":"https://staging.eko.in:25004/ekoapi/v1/transactions","http_method":"POST","interaction_type_id":221,` +
		`"interaction_label":"Send Cash","body":"client_ref_id=1527237883837&amount=1000","client_ref_id":"1527237883837",` +
		`"data":{"amount":"1000","channel":"2","recipient_id":10009977,"customer_id":"8888888888"}}`
	key, err := eko.ParseAccessKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	want := eko.Sign(key, now.UnixMilli(), "8888888888", "10009977", "1000")
	inner, _ := json.Marshal(detail)
	for name, q := range map[string]struct{ contentType, body string }{
		"detail as an object":    {"application/json", `{"action":"debit-hook","detail":` + detail + `}`},
		"without an action":      {"application/json", `{"detail":` + detail + `}`},
		"detail as a text":       {"application/json", `{"detail":` + string(inner) + `}`},
		"a form called JSON":     {"application/json", url.Values{"detail": {detail}}.Encode()},
		"a form called a form":   {"application/x-www-form-urlencoded", url.Values{"detail": {detail}}.Encode()},
		"Indo-Nepal in the same": {"application/json", `{"detail":` + strings.Replace(detail, ":221", `:"279"`, 1) + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, testKey, now)
			r := s.post(t, s.session(userCode, now.Add(time.Minute)), q.contentType, q.body)
			if !r.Continue || !r.Allow || r.CamelKey != want.SecretKey || r.CamelTimestamp != want.Timestamp || r.RequestHash != want.RequestHash {
				t.Errorf("answer %+v, want %+v", r.answer, want)
			}
		})
	}
	if strings.Contains(s.log.String(), "8888888888") {
		t.Error("the log holds a mobile number")
	}
}

func TestHook_refuses(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	gateway := func(change func(data, detail map[string]any)) string {
		data := map[string]any{"type": "2", "customer_id": "9999999999", "bank_code": "SBIN", "amount": "500", "user_code": userCode}
		detail := map[string]any{"client_ref_id": "REF1", "request_hash_params": []string{"customer_id", "amount", "user_code"}, "data": data}
		change(data, detail)
		raw, _ := json.Marshal(map[string]any{"action": "debit-hook", "detail": detail})
		return string(raw)
	}
	plain := gateway(func(map[string]any, map[string]any) {})
	good := func(s *server) string { return s.session(userCode, now.Add(time.Minute)) }
	tests := map[string]struct {
		address func(*server) string
		body    string
		status  int
	}{
		"nobody":                     {func(s *server) string { return s.URL }, plain, 401},
		"a session of yesterday":     {func(s *server) string { return s.session(userCode, now.Add(-time.Second)) }, plain, 401},
		"a session of a stranger":    {func(s *server) string { return s.session("99999999", now.Add(time.Hour)) }, plain, 401},
		"a session that was changed": {func(s *server) string { return strings.Replace(good(s), userCode, "20810201", 1) }, plain, 401},
		"a session in three parts":   {func(s *server) string { return s.URL + "?session=a.b.c" }, plain, 401},
		"another merchant":           {good, gateway(func(data, _ map[string]any) { data["user_code"] = "20310006" }), 200},
		"too much":                   {good, gateway(func(data, _ map[string]any) { data["amount"] = "10001" }), 200},
		"a negative amount":          {good, gateway(func(data, _ map[string]any) { data["amount"] = "-5" }), 200},
		"an Aadhaar number as mobile number": {good, gateway(func(data, _ map[string]any) {
			data["customer_id"] = "123412341234"
		}), 200},
		"an order of its own": {good, gateway(func(_, detail map[string]any) {
			detail["request_hash_params"] = []string{"amount", "customer_id", "user_code"}
		}), 200},
		"the bridge's order from a browser": {good, gateway(func(_, detail map[string]any) {
			detail["request_hash_params"] = []string{"aadhar", "amount", "user_code"}
		}), 200},
		"a type of its own": {good, gateway(func(data, detail map[string]any) {
			data["type"] = "9"
			delete(detail, "request_hash_params")
		}), 200},
		"an interaction of its own": {good, gateway(func(_, detail map[string]any) { detail["interaction_type_id"] = 344 }), 200},
		"an action of its own":      {good, strings.Replace(plain, "debit-hook", "sign-this", 1), 400},
		"a phase of its own":        {good, strings.Replace(plain, `"action"`, `"phase":"now","action"`, 1), 400},
		"data as a list":            {good, `{"detail":{"data":[]}}`, 400},
		"two documents":             {good, plain + plain, 400},
		"HTML":                      {good, "<html>", 400},
		"empty":                     {good, "", 400},
		"enormous":                  {good, `{"detail":"` + strings.Repeat("x", 70<<10) + `"}`, 400},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, testKey, now)
			r := s.post(t, tt.address(s), "application/json", tt.body)
			if r.status != tt.status || r.Allow || r.Continue || r.SecretKey != "" || r.RequestHash != "" || r.CamelKey != "" || r.Message == "" {
				t.Errorf("HTTP %d, %+v; want a no under %d", r.status, r.answer, tt.status)
			}
		})
	}
}

// A repeated question gets a fresh signature and no second decision; the same
// reference with another content gets none.
func TestHook_repetition(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	s := start(t, testKey, now)
	signer := s.bridge(t, shopToken)
	a, err := eko.ParseAadhaar("123412341234")
	if err != nil {
		t.Fatal(err)
	}
	r := eko.SignRequest{Service: eko.CashWithdrawal, ClientRefID: "REF1", UserCode: userCode, Amount: 500, Aadhaar: a, TimestampMS: now.UnixMilli(),
		HashParams: []string{eko.HashAadhaar, eko.HashAmount, eko.HashUserCode}}
	if _, err := signer.Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(time.Second)
		s.hook.now = func() time.Time { return now }
		got, _, err := signer.Sign(t.Context(), r)
		if err != nil || got.Timestamp != strconv.FormatInt(now.UnixMilli(), 10) {
			t.Fatalf("Sign = %+v, %v", got, err)
		}
	}
	if n := len(s.hook.decided); n != 2 {
		t.Errorf("%d decisions, want one for each phase", n)
	}
	// An inquiry about the same reference is another question, and none that is
	// remembered.
	inquiry := eko.SignRequest{Service: eko.TransactionInquiry, ClientRefID: "REF1", UserCode: userCode, TimestampMS: now.UnixMilli()}
	if got, _, err := signer.Sign(t.Context(), inquiry); err != nil || got.RequestHash != "" {
		t.Errorf("inquiry: %+v, %v", got, err)
	}
	if n := len(s.hook.decided); n != 2 {
		t.Errorf("%d decisions after an inquiry, want those of the transaction", n)
	}
	r.Amount = 700
	if _, _, err := signer.Sign(t.Context(), r); err == nil {
		t.Error("the same reference was signed with another amount")
	}
	now = now.Add(time.Hour)
	if _, err := signer.Check(t.Context(), r); err != nil || len(s.hook.decided) != 1 {
		t.Errorf("after an hour: %v, %d decisions", err, len(s.hook.decided))
	}
	if _, err := s.bridge(t, "another-token").Check(t.Context(), r); err == nil {
		t.Error("an unknown token was let in")
	}
	if text := s.log.String(); strings.Contains(text, "123412341234") || strings.Contains(text, testKey) {
		t.Error("the log holds a secret")
	}
}

// The gateway's pages may ask from a browser, nobody else's.
func TestHook_origins(t *testing.T) {
	s := start(t, testKey, time.UnixMilli(1700000000000))
	for origin, allowed := range map[string]bool{
		"https://stagegateway.eko.in": true, "https://gateway.eko.in": true, "http://gateway.eko.in": false,
		"https://gateway.eko.in.example": false, "null": false, "": false,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		resp, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		got := resp.Header.Get("Access-Control-Allow-Origin")
		if (got == origin && got != "") != allowed || (allowed && (resp.Header.Get("Access-Control-Allow-Methods") != "POST, OPTIONS" || resp.Header.Get("Access-Control-Allow-Headers") != "Content-Type")) {
			t.Errorf("origin %q: %v", origin, resp.Header)
		}
	}
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: HTTP %d", resp.StatusCode)
	}
}

// The gateway's report of a result is noted and signs nothing.
func TestHook_result(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	s := start(t, testKey, now)
	r := s.post(t, s.session(userCode, now.Add(time.Minute)), "application/json",
		`{"action":"eko-response","detail":{"client_ref_id":"REF1","response":{"status":0,"data":{"tx_status":"0"}}}}`)
	if r.status != 200 || !r.Allow || r.SecretKey != "" {
		t.Errorf("HTTP %d, %+v", r.status, r.answer)
	}
}

func TestLoadConfig_refuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	private, _, err := eko.NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	good := configFile{AccessKeyFile: file("a", testKey), OpenKeyFile: file("o", private), SessionKeyFile: file("s", sessionKey)}
	for name, change := range map[string]func(*configFile){
		"no access key":       func(c *configFile) { c.AccessKeyFile = "" },
		"access key is lost":  func(c *configFile) { c.AccessKeyFile = filepath.Join(dir, "none") },
		"access key, two":     func(c *configFile) { c.AccessKeyFile = file("a2", testKey+"\n"+testKey) },
		"open key is junk":    func(c *configFile) { c.OpenKeyFile = file("o2", "junk") },
		"session key, short":  func(c *configFile) { c.SessionKeyFile = file("s2", "short") },
		"token in the open":   func(c *configFile) { c.Tokens = map[string]merchant{shopToken: {UserCode: userCode}} },
		"token without owner": func(c *configFile) { c.Tokens = map[string]merchant{strings.Repeat("0", 64): {}} },
	} {
		c := good
		change(&c)
		if _, err := c.open(); err == nil || strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := good.open(); err != nil {
		t.Error(err)
	}
	for name, text := range map[string]string{"unknown member": `{"acces_key_file":""}`, "no JSON": "x"} {
		if _, err := loadConfig(file("c.json", text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
