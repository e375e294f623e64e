package ekosim

import (
	"strconv"
	"time"
)

// session is an eKYC on its way: OTP sent, OTP verified, finger.
type session struct {
	otpRefID, otp string
	verified      bool
	expires       time.Time
}

const (
	sessionLifetime = 10 * time.Minute
	tokenLifetime   = 90 * time.Second // not published by Eko; a peer's figure
)

// kycFailed is eKYC's failure (eko-api.md section 5.3).
func kycFailed(reason string) object {
	return envelope(461, 1, 461, "Failed!Please try after some time",
		object{{"last_used_okekey", ""}, {"reason", reason}})
}

func ekycOTP(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	if x.aadhaar != m.Aadhaar || x.fields["customer_id"] != m.Mobile {
		return kycFailed("Merchant is Inactive or Invalid Details")
	}
	otpRef, tid := digitsOf(x.chance, 7), "EKYKF"+digitsOf(x.chance, 22)+"I"
	m.sessions[tid] = &session{otpRefID: otpRef, otp: x.s.send(x, otpRef), expires: x.s.now().Add(sessionLifetime)}
	return envelope(0, 0, 1600, "OTP request has been sent", object{{"reference_tid", tid}, {"otp_ref_id", otpRef}})
}

func ekycVerify(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	k := x.session(m)
	if k == nil || k.otp != x.fields["otp"] {
		return kycFailed("The details entered are incorrect or the OTP has expired. Kindly request a new OTP.")
	}
	delete(m.sessions, x.fields["reference_tid"])
	otpRef, tid := digitsOf(x.chance, 6), "BEKYF"+digitsOf(x.chance, 22)+"I"
	m.sessions[tid] = &session{otpRefID: otpRef, verified: true, expires: x.s.now().Add(sessionLifetime)}
	return envelope(0, 0, 1604, "Validation successful", object{{"reference_tid", tid}, {"otp_ref_id", otpRef}})
}

// session returns the eKYC that the request continues. The caller holds s.mu.
func (x *exchange) session(m *merchant) *session {
	k := m.sessions[x.fields["reference_tid"]]
	if k == nil || k.otpRefID != x.fields["otp_ref_id"] || x.s.now().After(k.expires) || x.aadhaar != m.Aadhaar {
		return nil
	}
	return k
}

func ekycBiometric(x *exchange) object {
	b := x.openBlock(wadhEKYC)
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	// Fino's eKYC is the finger alone (eko-api.md section 6).
	if x.fields["ekyc_flag"] != "1" {
		if k := x.session(m); k == nil || !k.verified {
			return kycFailed("Merchant is Inactive or Invalid Details")
		}
	}
	if reason := x.ownFinger(m, &b); reason != "" {
		return kycFailed(reason)
	}
	delete(m.sessions, x.fields["reference_tid"])
	m.EKYC = true
	return envelope(0, 0, 1605, "Congratulations! eKYC successful", object{{"user_code", m.UserCode}})
}

func dailyKYC(x *exchange) object {
	failed := func(reason string) object {
		return envelope(1714, 1, 1714, "KYC Fail", object{{"reason", reason}, {"comment", ""}})
	}
	b := x.openBlock("")
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	services := x.services()
	if code, err := strconv.Atoi(x.fields["service_code"]); err == nil { // v2 names the one it means
		services = []int{code}
	}
	m, refused := x.merchantOf(services...)
	if refused != nil {
		return refused
	}
	if m.authenticated == day(x.s.now()) {
		return envelope(0, 0, 1969, "Fingpay daily KYC is completed",
			object{{"reason", ""}, {"user_code", m.UserCode}})
	}
	if !m.EKYC {
		return failed("Please complete bank eKYC to process the transaction.")
	}
	if reason := x.ownFinger(m, &b); reason != "" {
		return failed(reason)
	}
	m.authenticated = day(x.s.now())
	return envelope(0, 0, 1713, "KYC sucess", object{{"user_code", m.UserCode}})
}

// ownFinger says what speaks against this being the merchant's own scan. The
// caller holds s.mu.
func (x *exchange) ownFinger(m *merchant, b *block) string {
	x.s.useBlock(b)
	switch {
	case b.reason != "":
		return b.reason
	case x.aadhaar != m.Aadhaar:
		return "Merchant is Inactive or Invalid Details"
	default:
		return ""
	}
}

// register is v2's service_type 6. Only its name is published; the answer is
// the simulator's choice.
func register(x *exchange) object {
	b := x.openBlock("")
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	if reason := x.ownFinger(m, &b); reason != "" {
		return kycFailed(reason)
	}
	m.EKYC = true
	return envelope(0, 0, 1259, "AePS Registration Successful",
		object{{"user_code", m.UserCode}, {"initiator_id", x.fields["initiator_id"]}})
}

// merchantAuth is v2's service_type 7 and the path aepsmerchantauth: it gives a
// reference for one withdrawal, and counts as the day's authentication. The
// answer's shape is the simulator's choice.
func merchantAuth(x *exchange) object {
	b := x.openBlock("")
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, refused := x.merchantOf(x.services()...)
	if refused != nil {
		return refused
	}
	if !m.EKYC {
		return kycFailed("Please complete bank eKYC to process the transaction.")
	}
	if reason := x.ownFinger(m, &b); reason != "" {
		return kycFailed(reason)
	}
	m.authenticated = day(x.s.now())
	ref := "MA" + digitsOf(x.chance, 16)
	m.tokens[ref] = token{expires: x.s.now().Add(tokenLifetime)}
	return envelope(0, 0, 1713, "Merchant authentication successful",
		object{{"user_code", m.UserCode}, {"reference_tid", ref}})
}
