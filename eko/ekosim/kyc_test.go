package ekosim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
)

const (
	sitasAadhaar  = "999900000063" // of the merchant who may do everything
	sitasMobile   = "9999900001"
	newUserCode   = "99990004" // activated, without eKYC
	newsAadhaar   = "999900000071"
	newsMobile    = "9999900004"
	kycPathV3     = "/v3/user/collection/aeps-fingpay/kyc/"
	reasonEKYC    = "Please complete bank eKYC to process the transaction."
	reasonInvalid = "Merchant is Inactive or Invalid Details"
)

// agent is a good body for the merchant's own steps, on v2 and v3 alike.
func (s *shop) agent() form {
	return form{"initiator_id": ekosim.InitiatorID, "user_code": newUserCode, "customer_id": newsMobile,
		"aadhaar": newsAadhaar, "client_ref_id": newRef(), "latlong": "28.61,77.20"}
}

// steps are the addresses of eKYC, which are alike on both APIs.
type steps struct{ otp, verify, biometric, daily, method string }

var (
	v2Steps = steps{"/v2/aeps/otp", "/v2/aeps/otp/verify", "/v2/aeps/kyc", "/v2/aeps/dailyKyc", http.MethodPost}
	v3Steps = steps{kycPathV3 + "otp", kycPathV3 + "otp/verify", kycPathV3 + "biometric", kycPathV3 + "biometric/daily", http.MethodPut}
)

func TestEKYC_thenDailyKYC(t *testing.T) {
	for name, at := range map[string]steps{"v2": v2Steps, "v3": v3Steps} {
		t.Run(name, func(t *testing.T) {
			s := open(t, ekosim.Options{})
			daily := func() reply {
				f := s.agent().with("piddata", s.scan(finger{})).with("bank_code", "SBIN")
				method := at.method
				if name == "v2" {
					f = f.with("service_code", "43")
				}
				return s.send(method, at.daily, f)
			}
			if r := daily().want(1714, 1, 1714); r.data("reason") != reasonEKYC {
				t.Errorf("reason %q", r.data("reason"))
			}

			sent := s.send(http.MethodPost, at.otp, s.agent()).want(0, 0, 1600)
			carried := s.agent().with("otp_ref_id", sent.data("otp_ref_id")).with("reference_tid", sent.data("reference_tid"))
			finish := func(f form, wadh string) reply {
				return s.send(at.method, at.biometric, f.with("piddata", s.scan(finger{wadh: wadh})).with("bank_code", "SBIN"))
			}
			if r := finish(carried, wadhEKYC).want(461, 1, 461); r.data("reason") != reasonInvalid {
				t.Errorf("unverified: reason %q", r.data("reason"))
			}
			s.send(at.method, at.verify, carried.with("otp", "000000")).want(461, 1, 461)
			verified := s.send(at.method, at.verify, carried.with("otp", s.smsFor(sent.data("otp_ref_id")))).want(0, 0, 1604)

			carried = carried.with("otp_ref_id", verified.data("otp_ref_id")).with("reference_tid", verified.data("reference_tid"))
			finish(carried, "").want(461, 1, 461) // eKYC wants its wadh
			finish(carried, wadhEKYC).want(0, 0, 1605)

			daily().want(0, 0, 1713)
			daily().want(0, 0, 1969) // already done, and no finger is charged twice
		})
	}
}

func TestEKYC_ofFinoIsTheFingerAlone(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.agent().with("bank_code", "SBIN")
	finish := func(f form) reply { return s.send(http.MethodPost, v2Steps.biometric, f) }
	finish(f.with("piddata", s.scan(finger{wadh: wadhEKYC}))).want(461, 1, 461)
	f = f.with("ekyc_flag", "1")
	finish(f.with("piddata", s.scan(finger{}))).want(461, 1, 461)
	finish(f.with("aadhaar", ramesh).with("piddata", s.scan(finger{wadh: wadhEKYC}))).want(461, 1, 461)
	finish(f.with("piddata", s.scan(finger{wadh: wadhEKYC}))).want(0, 0, 1605)
}

func TestEitherService_isEnoughOnV2(t *testing.T) {
	s := open(t, ekosim.Options{})
	for code, want := range map[int]int{ekosim.ServiceAePS: 346, ekosim.ServiceFingpay: 0} {
		if err := s.sim.SetService("99990003", code, ekosim.ServiceActivated); err != nil {
			t.Fatal(err)
		}
		s.aeps(s.v2("2", "500").with("user_code", "99990003")).want(0, 0, 1463)
		if got := s.v3Send("cash-withdrawl", s.v3(500).with("user_code", "99990003")).code("status"); got != want {
			t.Errorf("v3 with service %d: status %d", code, got)
		}
		if err := s.sim.SetService("99990003", code, ekosim.ServiceDeactivated); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDailyKYC_isForOneDayInIndia(t *testing.T) {
	// 18:00 UTC is 23:30 in India.
	now := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	s := open(t, ekosim.Options{Clock: func() time.Time { return now }, Rules: ekosim.Rules{DailyKYC: true}})
	s.clock = func() time.Time { return now }
	daily := func() reply {
		return s.send(http.MethodPut, v3Steps.daily, s.agent().with("user_code", ekosim.UserCode).
			with("aadhaar", sitasAadhaar).with("customer_id", sitasMobile).
			with("piddata", s.scan(finger{})).with("bank_code", "SBIN"))
	}
	r := s.aeps(s.v2("2", "500")).want(1464, 1, 1464)
	if r.data("tx_status") != "" || !strings.Contains(r.data("comment"), "FP069") {
		t.Errorf("answer %s", r.body)
	}
	s.aeps(s.v2("3", "0")).want(1464, 1, 1464)
	daily().want(0, 0, 1713)
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
	now = now.Add(31 * time.Minute)
	s.aeps(s.v2("2", "500")).want(1464, 1, 1464)
	daily().want(0, 0, 1713)
	s.aeps(s.v2("2", "500")).want(0, 0, 1463)
}

func TestDailyKYC_asAForm(t *testing.T) {
	s := open(t, ekosim.Options{})
	body := url.Values{}
	for key, value := range s.agent().with("user_code", ekosim.UserCode).with("customer_id", sitasMobile).with("aadhaar", nil) {
		body.Set(key, value.(string))
	}
	body.Set("aadhar", s.encrypt(sitasAadhaar))
	body.Set("piddata", s.scan(finger{}))
	body.Set("bank_code", "SBIN")
	body.Set("service_code", "52")
	s.sendRaw(http.MethodPost, v2Steps.daily, "application/x-www-form-urlencoded", []byte(body.Encode()), "").want(0, 0, 1713)
}

func TestDailyKYC_isTheMerchantsOwn(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.agent().with("user_code", ekosim.UserCode).with("customer_id", sitasMobile).with("bank_code", "SBIN")
	stranger := f.with("aadhaar", ramesh).with("piddata", s.scan(finger{}))
	if r := s.send(http.MethodPut, v3Steps.daily, stranger).want(1714, 1, 1714); r.data("reason") != reasonInvalid {
		t.Errorf("reason %q", r.data("reason"))
	}
	wrongOptions := f.with("aadhaar", sitasAadhaar).with("piddata", s.scan(finger{wadh: wadhEKYC}))
	if r := s.send(http.MethodPut, v3Steps.daily, wrongOptions).want(1714, 1, 1714); r.data("reason") != "Authentication Failed. Invalid Biometric data." {
		t.Errorf("reason %q", r.data("reason"))
	}
	inactive := f.with("user_code", "99990002").with("aadhaar", sitasAadhaar).with("piddata", s.scan(finger{}))
	s.send(http.MethodPut, v3Steps.daily, inactive).want(346, 1, 346)
}

func TestTwoFactor_registrationAndAuthentication(t *testing.T) {
	s := open(t, ekosim.Options{})
	step := func(serviceType string) form {
		return s.v2(serviceType, "0").with("user_code", newUserCode).with("customer_id", newsMobile).with("aadhaar", newsAadhaar)
	}
	if r := s.aeps(step("7")).want(461, 1, 461); r.data("reason") != reasonEKYC {
		t.Errorf("unregistered: reason %q", r.data("reason"))
	}
	s.aeps(step("6").with("aadhaar", ramesh)).want(461, 1, 461)
	s.aeps(step("6")).want(0, 0, 1259)
	if r := s.aeps(step("7").with("amount", nil)).want(0, 0, 1713); r.data("reference_tid") == "" {
		t.Errorf("no reference: %s", r.body)
	}
}

func TestMerchantAuth_isForOneWithdrawal(t *testing.T) {
	now := time.Now()
	s := open(t, ekosim.Options{Clock: func() time.Time { return now }, Rules: ekosim.Rules{MerchantAuth: true}})
	s.clock = func() time.Time { return now }
	authenticate := func() string {
		t.Helper()
		f := s.agent().with("user_code", ekosim.UserCode).with("customer_id", sitasMobile).with("aadhaar", sitasAadhaar).
			with("bank_code", "SBIN").with("piddata", s.scan(finger{}))
		return s.send(http.MethodPost, "/v2/aeps/aepsmerchantauth", f).want(0, 0, 1713).data("reference_tid")
	}
	refused := func(f form) {
		t.Helper()
		if r := s.aeps(f).want(1464, 1, 1464); !strings.Contains(r.data("comment"), "Merchant authentication") {
			t.Errorf("comment %q", r.data("comment"))
		}
		s.wantMoved(refOf(f), 0, 1)
	}
	refused(s.v2("2", "500"))
	refused(s.v2("2", "500").with("reference_tid", "MA1"))
	ref := authenticate()
	s.aeps(s.v2("2", "500").with("reference_tid", ref)).want(0, 0, 1463)
	refused(s.v2("2", "500").with("reference_tid", ref))
	s.aeps(s.v2("2", "500").with("reference_id", authenticate())).want(0, 0, 1463) // the other spelling
	ref = authenticate()
	now = now.Add(91 * time.Second)
	refused(s.v2("2", "500").with("reference_tid", ref))
	s.aeps(s.v2("3", "0")).want(0, 0, 1466) // an enquiry needs none
}
