package agent

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"biobridge/agent/contract"
	"biobridge/eko"
	"biobridge/pid"
)

var (
	referenceShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)
	bankShape      = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
	mobileShape    = regexp.MustCompile(`^[6-9][0-9]{9}$`)
	userCodeShape  = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)
	otpShape       = regexp.MustCompile(`^[0-9]{4,8}$`)
	otpIDShape     = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)
	placeShape     = regexp.MustCompile(`^(-?[0-9]{1,3}(?:\.[0-9]{1,12})?), ?(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)$`)
)

// validate checks a request and fills in what the configuration knows. What it
// returns is complete; the warnings stop nothing.
func (a *Agent) validate(r TransactRequest) (TransactRequest, []contract.LocalisedPoint, error) {
	if err := checkService(r); err != nil {
		return r, nil, err
	}
	switch {
	case !r.Consent:
		return r, nil, invalid("consent", keyNoConsent)
	case r.ClientRefID != "" && !referenceShape.MatchString(r.ClientRefID):
		return r, nil, invalid("client_ref_id", keyBadReference)
	case r.Aadhaar.IsZero():
		return r, nil, invalid("aadhaar", keyBadAadhaar)
	case !bankShape.MatchString(r.BankCode):
		return r, nil, invalid("bank_code", keyBadBank)
	case !a.cfg.Banks.Offers(r.BankCode, r.Service):
		return r, nil, invalid("bank_code", keyNoService)
	case !mobileShape.MatchString(r.CustomerID):
		return r, nil, invalid("customer_id", keyBadCustomer)
	case r.OTP != "" && !otpShape.MatchString(string(r.OTP)):
		return r, nil, invalid("otp", keyBadOTP)
	case r.OTPRequestID != "" && !otpIDShape.MatchString(r.OTPRequestID):
		return r, nil, invalid("otp_request_id", keyBadOTP)
	}
	r, err := a.place(r)
	if err != nil {
		return r, nil, err
	}
	if !a.needsOTP(r) {
		// Eko refuses one that it hasn't asked for.
		r.OTP, r.OTPRequestID = "", ""
	}
	return r, a.amountWarnings(r), a.checkLimits(r)
}

func checkService(r TransactRequest) error {
	switch r.Service {
	case contract.CashWithdrawal, contract.AadhaarPay:
		if r.Amount < 1 {
			return invalid("amount", keyBadAmount)
		}
	case contract.BalanceEnquiry, contract.MiniStatement:
		if r.Amount != 0 {
			return invalid("amount", keyNeedlessAmount)
		}
	default:
		return invalid("service", keyBadService)
	}
	return nil
}

// place settles which merchant and which place the request is for: the
// configuration's where it has them, else the page's.
func (a *Agent) place(r TransactRequest) (TransactRequest, error) {
	switch configured := a.cfg.UserCode; {
	case configured != "" && r.UserCode != "" && r.UserCode != configured:
		return r, invalid("user_code", keyUserCodeDiffers)
	case configured != "":
		r.UserCode = configured
	case !userCodeShape.MatchString(r.UserCode):
		return r, invalid("user_code", keyBadUserCode)
	}
	switch configured := a.cfg.LatLong; {
	case configured != "" && r.LatLong != "" && !samePlace(r.LatLong, configured):
		return r, invalid("latlong", keyLatLongDiffers)
	case configured != "":
		r.LatLong = configured
	case r.LatLong == "" && !a.cfg.LatLongWanted:
		// Eko's v2 does without (eko-api.md section 4.1).
	default:
		if _, _, ok := parsePlace(r.LatLong); !ok {
			return r, invalid("latlong", keyBadLatLong)
		}
		// Eko takes no blanks.
		r.LatLong = strings.ReplaceAll(r.LatLong, " ", "")
	}
	return r, nil
}

// parsePlace reads "latitude,longitude" in degrees, as Eko takes them.
func parsePlace(s string) (lat, long float64, ok bool) {
	parts := placeShape.FindStringSubmatch(s)
	if parts == nil {
		return 0, 0, false
	}
	lat, errA := strconv.ParseFloat(parts[1], 64)
	long, errB := strconv.ParseFloat(parts[2], 64)
	inRange := lat >= -90 && lat <= 90 && long >= -180 && long <= 180
	return lat, long, errA == nil && errB == nil && inRange
}

// samePlace reports whether two texts name the same point however they are
// written ("28.50,77.1" and "28.5, 77.10").
func samePlace(a, b string) bool {
	latA, longA, okA := parsePlace(a)
	latB, longB, okB := parsePlace(b)
	return a == b || (okA && okB && latA == latB && longA == longB)
}

// checkLimits holds what can be said before the journal is asked.
func (a *Agent) checkLimits(r TransactRequest) error {
	l := a.cfg.Limits
	if r.Service.MovesMoney() && l.MaxAmount > 0 && r.Amount > l.MaxAmount {
		return fail(keyMaxAmount, map[string]string{"limit": strconv.FormatInt(l.MaxAmount, 10)}, nil).with("limit", l.MaxAmount)
	}
	if a.needsOTP(r) && (r.OTP == "" || r.OTPRequestID == "") {
		limit := l.OTPAbove
		if limit <= 0 {
			limit = ekoOTPAbove
		}
		return fail(keyOTPRequired, map[string]string{"limit": strconv.FormatInt(limit, 10)}, nil).with("limit", limit)
	}
	return nil
}

// ekoOTPAbove is from where on Eko's v3 wants the customer's OTP.
const ekoOTPAbove = 5000

// needsOTP reports whether the customer's OTP goes along: by Eko's rule, or by
// the configuration's.
func (a *Agent) needsOTP(r TransactRequest) bool {
	above := a.cfg.Limits.OTPAbove
	return a.cfg.Eko.NeedsOTP(eko.Service(r.Service), eko.Rupees(r.Amount)) ||
		r.Service == contract.CashWithdrawal && above > 0 && r.Amount > above
}

// amountWarnings are for amounts that many issuers refuse (eko-api.md section 11).
func (a *Agent) amountWarnings(r TransactRequest) []contract.LocalisedPoint {
	if r.Service != contract.CashWithdrawal {
		return nil
	}
	var out []contract.LocalisedPoint
	l := a.cfg.Limits
	if l.WarnBelow > 0 && r.Amount < l.WarnBelow {
		out = append(out, warning(warnBelow, map[string]string{"limit": strconv.FormatInt(l.WarnBelow, 10)}))
	}
	if l.WarnStep > 1 && r.Amount%l.WarnStep != 0 {
		out = append(out, warning(warnStep, map[string]string{"limit": strconv.FormatInt(l.WarnStep, 10)}))
	}
	return out
}

// shortestScan is the least that every vendor's service takes: ACPL's wants more
// than a second (rd-service.md section 4.1).
const shortestScan = time.Second + time.Millisecond

// captureOptions checks a page's request for a capture of its own.
func (a *Agent) captureOptions(r CaptureRequest) (pid.Options, error) {
	ekyc := r.Purpose == "ekyc"
	switch {
	case !r.Consent:
		return pid.Options{}, invalid("consent", keyNoConsent)
	case r.Purpose != "" && r.Purpose != "transaction" && r.Purpose != "daily_auth" && !ekyc:
		return pid.Options{}, invalid("purpose", keyBadPurpose)
	case ekyc != (r.Wadh != ""):
		return pid.Options{}, invalid("wadh", keyBadWadh)
	case r.BankCode != "" && !bankShape.MatchString(r.BankCode):
		return pid.Options{}, invalid("bank_code", keyBadBank)
	case r.OTP != "" && !otpShape.MatchString(string(r.OTP)):
		return pid.Options{}, invalid("otp", keyBadOTP)
	}
	o := a.fingerOptions(r.BankCode)
	o.Wadh, o.OTP = r.Wadh, r.OTP
	if r.Timeout != 0 {
		o.Timeout = max(r.Timeout, shortestScan)
	}
	return o, o.Validate()
}

// fingerOptions is one finger in the record type that the bank wants.
func (a *Agent) fingerOptions(bank string) pid.Options {
	return pid.Options{
		FCount: 1, FType: a.cfg.Banks.FType(bank, a.cfg.Capture.FType),
		Timeout: max(a.cfg.Capture.Timeout, shortestScan),
	}
}
