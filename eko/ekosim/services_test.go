package ekosim_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"biobridge/eko/ekosim"
)

// serviceStates reads a list of services: service_code to status.
func serviceStates(t *testing.T, r reply) map[string]int {
	t.Helper()
	r.want(0, -1, 1299)
	var doc struct {
		Data struct {
			List []struct {
				ServiceCode string `json:"service_code"`
				Status      int    `json:"status"`
				StatusDesc  string `json:"status_desc"`
			} `json:"service_status_list"`
		} `json:"data"`
	}
	if err := json.Unmarshal(r.body, &doc); err != nil {
		t.Fatalf("decode %s: %v", r.body, err)
	}
	states := map[string]int{}
	for _, row := range doc.Data.List {
		states[row.ServiceCode] = row.Status
	}
	return states
}

func TestServices_onBothAPIs(t *testing.T) {
	s := open(t, ekosim.Options{})
	for _, r := range []reply{
		s.get("/v1/user/services/user_code:"+ekosim.UserCode, "user_code", ""),
		s.get("/v3/user/account/services"),
	} {
		if got := serviceStates(t, r); len(got) != 3 || got["43"] != 1 || got["52"] != 1 || got["39"] != 1 {
			t.Errorf("services %v", got)
		}
	}
	s.get("/v1/user/services/user_code:11111111", "user_code", "").want(463, 1, 463)
	s.get("/v1/user/services", "user_code", "").want(0, -1, 1280)
	s.get("/v3/tools/catalog/service-codes").want(0, -1, 1280)
}

func TestActivation_waitsForSomebodyAtEko(t *testing.T) {
	s := open(t, ekosim.Options{})
	activate := func(code string) reply {
		body := url.Values{"initiator_id": {ekosim.InitiatorID}, "user_code": {"99990003"}, "service_code": {code}}
		return s.sendRaw(http.MethodPut, "/v1/user/service/activate", "application/x-www-form-urlencoded", []byte(body.Encode()), "")
	}
	f := func() form { return s.v2("2", "500").with("user_code", "99990003") }
	s.aeps(f()).want(346, 1, 346)
	if r := activate("52").want(0, 0, 1259); r.data("service_status") != "2" {
		t.Errorf("service_status %q", r.data("service_status"))
	}
	s.aeps(f()).want(346, 1, 346)
	if err := s.sim.SetService("99990003", ekosim.ServiceAePS, ekosim.ServiceActivated); err != nil {
		t.Fatal(err)
	}
	s.aeps(f()).want(0, 0, 1463)
	if r := activate("39").want(0, 0, 1259); r.data("service_status") != "1" { // settlement needs no papers
		t.Errorf("service_status %q", r.data("service_status"))
	}
	if s.sim.SetService("11111111", 52, 1) == nil || s.sim.SetService(ekosim.UserCode, 52, 7) == nil {
		t.Error("nonsense was set")
	}
}

func TestActivation_onV3(t *testing.T) {
	s := open(t, ekosim.Options{})
	put := func(path string) reply {
		return s.send(http.MethodPut, "/v3/admin/network/agent/"+path, form{"initiator_id": ekosim.InitiatorID})
	}
	put("99990001/service/43/deactivate").want(0, 0, 0)
	s.v3Send("cash-withdrawl", s.v3(500)).want(346, 1, 346)
	put("99990001/service/43/activate").want(0, 0, 0)
	s.v3Send("cash-withdrawl", s.v3(500)).want(0, 0, 1463)
	put("11111111/service/43/activate").want(1297, 1, 1297)
	put("11111111/service/43/deactivate").want(1297, 1, 1297)
	put("shop/service/43/activate").wantInvalid("user_code")
}

func TestActivation_ofFingpayWithDocuments(t *testing.T) {
	s := open(t, ekosim.Options{})
	send := func(userCode string, change func(map[string]any)) reply {
		members := map[string]any{"initiator_id": ekosim.InitiatorID, "aadhar": newsAadhaar, "latlong": "28.6,77.2",
			"ifsc": "SBIN0000001", "account": "12345678901", "modelname": "MFS110", "devicenumber": "1",
			"shop_type": "5411", "office_address": map[string]string{"line": "1"}, "address_as_per_proof": map[string]string{"line": "1"}}
		change(members)
		raw, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := w.WriteField("form-data", string(raw)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"pan_card", "aadhar_front", "aadhar_back"} {
			part, err := w.CreateFormFile(name, name+".jpg")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := part.Write([]byte("\xff\xd8 simulated")); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return s.sendRaw(http.MethodPut, "/v3/admin/network/agent/"+userCode+"/aeps-fingpay/activate", w.FormDataContentType(), b.Bytes(), "")
	}
	asIs := func(map[string]any) {}
	if r := send("99990003", asIs).want(0, 0, 1259); r.data("service_code") != "43" || r.data("service_status") != "1" {
		t.Errorf("answer %s", r.body)
	}
	if strings.Contains(s.lastRequest().Body, newsAadhaar) {
		t.Errorf("the history holds an Aadhaar number: %s", s.lastRequest().Body)
	}
	send("11111111", asIs).want(1297, 1, 1297)
	send("99990003", func(m map[string]any) { m["aadhar"] = "123456789012" }).wantInvalid("aadhar")
	send("99990003", func(m map[string]any) { delete(m, "shop_type") }).wantInvalid("shop_type")
	s.get("/v3/user/collection/aeps-fingpay/get-Mcc-Category").want(0, 0, 2110)
	s.get("/v3/user/collection/aeps-fingpay/get-states").want(0, 0, 2127)
}

func TestBanks_areDescribed(t *testing.T) {
	s := open(t, ekosim.Options{})
	for _, r := range []reply{
		s.get("/v1/banks", "bank_code", "IDFB"), s.get("/v3/tools/reference/bank/IDFB"),
	} {
		if r.want(0, 0, 466); r.data("code") != "IDFB" || r.data("bank_id") != "262" || r.data("isverificationavailable") != "1" {
			t.Errorf("answer %s", r.body)
		}
	}
	for _, r := range []reply{
		s.get("/v1/banks", "ifsc", "SBIN0000123"), s.get("/v3/tools/reference/banks/ifsc/SBIN0000123"),
	} {
		if r.want(0, -1, 414); r.data("ifsc") != "SBIN0000123" || r.data("branch") == "" {
			t.Errorf("answer %s", r.body)
		}
	}
	s.get("/v1/banks", "bank_code", "XXXX").want(467, 1, 467)
	s.get("/v1/banks").want(467, 1, 467)
	s.get("/v3/tools/reference/banks").want(0, -1, -1)
}

func TestWallet_writesItsBalanceInExponents(t *testing.T) {
	s := open(t, ekosim.Options{})
	for _, r := range []reply{s.get("/v1/customers/mobile_number:9999900000/balance"), s.get("/v3/user/account/balance")} {
		if r.want(0, -1, 1); !strings.Contains(r.data("balance"), "E9") || r.data("currency") != "INR" {
			t.Errorf("answer %s", r.body)
		}
	}
}

// settler speaks one of the two generations of settlement.
type settler struct {
	add    func(account string) reply
	list   func() reply
	settle func(amount int, recipient, ref string) reply
}

func settlers(s *shop) map[string]settler {
	const v1 = "/v1/agent/user_code:" + ekosim.UserCode + "/"
	post := func(method, path string, v url.Values) reply {
		v.Set("initiator_id", ekosim.InitiatorID)
		v.Set("service_code", "39")
		return s.sendRaw(method, path, "application/x-www-form-urlencoded", []byte(v.Encode()), "")
	}
	common := form{"initiator_id": ekosim.InitiatorID, "user_code": ekosim.UserCode}
	number := func(text string) json.Number { return json.Number(text) }
	return map[string]settler{
		"v1": {
			add: func(account string) reply {
				return post(http.MethodPut, v1+"settlementaccount", url.Values{"bank_id": {"108"}, "ifsc": {"SBIN0000001"}, "account": {account}})
			},
			list: func() reply { return s.get(v1+"settlementaccounts", "service_code", "39", "user_code", "") },
			settle: func(amount int, recipient, ref string) reply {
				return post(http.MethodPost, v1+"settlement", url.Values{"amount": {strconv.Itoa(amount)},
					"recipient_id": {recipient}, "payment_mode": {"5"}, "client_ref_id": {ref}})
			},
		},
		"v3": {
			add: func(account string) reply {
				return s.send(http.MethodPost, "/v3/user/payment/aeps/settlement/account", common.with("bank_id", 108).
					with("ifsc", "SBIN0000001").with("account", account).with("service_code", 39))
			},
			list: func() reply { return s.get("/v3/user/payment/aeps/settlement/accounts") },
			settle: func(amount int, recipient, ref string) reply {
				return s.send(http.MethodPost, "/v3/user/payment/aeps/settlement", common.with("amount", amount).
					with("recipient_id", number(recipient)).with("payment_mode", 5).with("client_ref_id", ref))
			},
		},
	}
}

func TestSettlement(t *testing.T) {
	for name := range settlers(&shop{}) {
		t.Run(name, func(t *testing.T) {
			s := open(t, ekosim.Options{})
			at := settlers(s)[name]
			s.aeps(s.v2("2", "1000")).want(0, 0, 1463)
			recipient := at.add("12345678901").want(0, 0, 1336).data("recipient_id")
			at.add("900000001334").want(1334, 1, 1334)
			at.add("900000001335").want(1335, 1, 1335)
			if r := at.list().want(0, -1, 1321); r.data("unsettled_fund") != "1000.00" || !strings.Contains(string(r.body), recipient) {
				t.Errorf("list %s", r.body)
			}
			at.settle(1001, recipient, newRef()).want(347, 1, 347)
			at.settle(0, recipient, newRef()).want(347, 1, 347)
			at.settle(400, "1", newRef()).wantInvalid("recipient_id")
			ref := newRef()
			r := at.settle(400, recipient, ref).want(0, 0, 1477)
			at.settle(400, recipient, ref).wantInvalid("client_ref_id")
			if r.data("tx_status") != "0" || r.data("amount") != "400.00" || r.data("balance") != "600.00" {
				t.Errorf("answer %s", r.body)
			}
			at.add("12345678902").want(0, 0, 1336)
			at.add("12345678903").want(0, 0, 1336)
			at.add("12345678904").want(1335, 1, 1335) // three at most
			if err := s.sim.SetService(ekosim.UserCode, ekosim.ServiceSettlement, ekosim.ServiceDeactivated); err != nil {
				t.Fatal(err)
			}
			at.settle(100, recipient, newRef()).want(346, 1, 346)
			at.list().want(346, 1, 346)
			at.add("12345678905").want(346, 1, 346)
		})
	}
}
