package ekosim_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

// FuzzBody feeds bodies to v2's withdrawal under good headers. Nothing may panic
// but to close a connection, and no money moves: request_hash covers nothing a
// fuzzer can find.
func FuzzBody(f *testing.F) {
	sim, err := ekosim.New(ekosim.Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range []string{
		"", "{", "{}", "[]", "null", `"x"`, `{"service_type":"2"}`, `{"service_type":2,"service_type":"2"}`,
		`{"service_type":"2","initiator_id":"9999900000","user_code":"99990001","customer_id":"9876543210",` +
			`"bank_code":"SBIN","amount":"500","client_ref_id":"F1","aadhar":"AAAA","piddata":"<PidData/>"}`,
		`{"service_type":"3","amount":"0"}{}`, `{"amount":1e400}`, `{"\ud800":"\ud800"}`, `{"a":{"b":[1,2,{"c":null}]}}`,
		"{\"\x00\":\"\xff\"}", "\xef\xbb\xbf{}", strings.Repeat("[", 1000),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
			}
		}()
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/ekoapi/v2/aeps", strings.NewReader(string(body)))
		stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
		for name, value := range map[string]string{
			"Content-Type": "application/json", "developer_key": ekosim.DeveloperKey, "secret-key-timestamp": stamp,
			"secret-key": hmac64(ekosim.AccessKey, stamp), "request_hash": hmac64(ekosim.AccessKey, stamp),
		} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		sim.ServeHTTP(w, r)
		if w.Header().Get("X-Biobridge-Simulated") != "eko" {
			t.Error("the answer is not marked")
		}
		if w.Code == http.StatusOK && !strings.Contains(w.Body.String(), "invalid_param") {
			t.Errorf("not refused: %s", w.Body)
		}
		if n := len(sim.Transactions()); n != 0 {
			t.Errorf("%d transactions", n)
		}
		sim.ClearRequests()
	})
}
