package pid

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The sizes of what an RD service seals (rd-service.md section 5.2): one
// RSA-2048 block; a SHA-256 and its GCM tag; a time, a tag and at least some
// content.
const (
	skeySize    = 256
	hmacSize    = 48
	minDataSize = len(timestampLayout) + 16 + 200
)

// Check judges a capture at a moment, by everything that can be known without
// UIDAI's key (rd-service.md section 5.4). A failed capture has one problem,
// capture_failed, and is not looked into further. It must not be called with a
// nil capture; a wiped one can still be checked.
func (p Policy) Check(c *Capture, now time.Time) Verdict {
	k := &check{policy: p, capture: c, now: now}
	if err, failed := c.Err().(*RespError); failed {
		k.failed(err)
		return Verdict{Problems: k.problems}
	}
	k.parts()
	k.identity()
	k.clock()
	k.replay()
	k.sealedFor()
	k.deviceCertificate()
	k.asRequested()
	k.quality()
	slices.SortStableFunc(k.problems, func(a, b Problem) int {
		return cmp.Compare(rank(a.Severity), rank(b.Severity))
	})
	return Verdict{Problems: k.problems}
}

func rank(s Severity) int {
	if s == SeverityError {
		return 0
	}
	return 1
}

// check gathers the problems of one capture.
type check struct {
	policy   Policy
	capture  *Capture
	now      time.Time
	problems []Problem
}

type args = map[string]string

func (k *check) add(code, element string, a args) {
	k.problems = append(k.problems, newProblem(code, element, a))
}

func (k *check) failed(err *RespError) {
	detail := "error " + err.Code
	if err.Info != "" {
		detail += " (" + err.Info + ")"
	}
	k.add("capture_failed", "Resp", args{"detail": detail, "code": err.Code})
}

// parts checks that everything sealed is there and has its size.
func (k *check) parts() {
	c := k.capture
	if !c.hasDevice {
		k.add("missing_element", "DeviceInfo", args{"element": "DeviceInfo"})
	}
	k.part("Skey", c.skey, skeySize, skeySize)
	k.part("Hmac", c.hmac, hmacSize, hmacSize)
	k.part("Data", c.data, minDataSize, maxDocument)
	if c.data.present && c.dataType != "X" {
		k.add("not_xml_data", "Data@type", nil)
	}
}

func (k *check) part(element string, part sealedPart, atLeast, atMost int) {
	switch {
	case !part.present:
		k.add("missing_element", element, args{"element": element})
	case part.notBase64:
		k.add("bad_base64", element, args{"element": element})
	case part.size < atLeast || part.size > atMost:
		k.add("bad_length", element, args{"element": element, "size": strconv.Itoa(part.size)})
	}
}

func (k *check) identity() {
	c := k.capture
	if !c.hasDevice {
		return
	}
	d := c.device
	for _, field := range []struct {
		name    string
		present bool
	}{
		{"dpId", d.DPID != ""}, {"rdsId", d.RDSID != ""}, {"rdsVer", d.RDSVer != ""},
		{"dc", d.DC != ""}, {"mi", d.MI != ""}, {"mc", c.hasCertificate},
	} {
		if !field.present {
			k.add("missing_device_identity", "DeviceInfo@"+field.name, args{"element": field.name})
		}
	}
	if d.DC != "" && !isUUID(d.DC) {
		k.add("dc_shape", "DeviceInfo@dc", nil)
	}
	before := k.policy.DeviceBefore
	if before != nil && before.DC != "" && !strings.EqualFold(before.DC, d.DC) {
		k.add("device_changed", "DeviceInfo@dc", nil)
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (c == '-') {
			return false
		}
		if c != '-' && !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

func (k *check) clock() {
	at, err := k.capture.TakenAt()
	if err != nil {
		if part := k.capture.data; part.present && !part.notBase64 {
			k.add("bad_timestamp", "Data", nil)
		}
		return
	}
	age := k.now.Sub(at)
	p := k.policy
	switch {
	case p.MaxAge > 0 && age > p.MaxAge:
		k.add("stale_capture", "Data", args{"age": rounded(age)})
	case p.MaxAhead > 0 && -age > p.MaxAhead:
		k.add("future_capture", "Data", args{"age": rounded(-age)})
	case p.WarnSkew > 0 && age.Abs() > p.WarnSkew:
		k.add("clock_skew", "Data", args{"age": rounded(age.Abs())})
	}
}

// rounded writes a time span as a person would say it, with unit signs that a
// sentence in any language can hold.
func rounded(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	default:
		return fmt.Sprintf("%d s", int(d/time.Second))
	}
}

func (k *check) replay() {
	seen := k.policy.Seen
	if seen == nil {
		return
	}
	for _, part := range []struct {
		element string
		sealedPart
	}{{"Data", k.capture.data}, {"Skey", k.capture.skey}} {
		if part.present && !part.notBase64 && seen(part.digest) {
			k.add("replayed_capture", part.element, nil)
			return
		}
	}
}

// sealedFor checks ci. A date in the past proves nothing: real blocks carried
// one a year old and were good (rd-service.md section 5.2).
func (k *check) sealedFor() {
	if !k.capture.skey.present {
		return
	}
	ci := k.capture.ci
	expiry, err := time.Parse("20060102", ci)
	if err != nil || len(ci) != len("20060102") {
		k.add("bad_ci", "Skey@ci", nil)
		return
	}
	if k.now.After(expiry.AddDate(0, 0, 1)) {
		k.add("ci_expired", "Skey@ci", args{"date": expiry.Format(time.DateOnly)})
	}
}

func (k *check) deviceCertificate() {
	const element = "DeviceInfo@mc"
	c := k.capture
	if !c.hasCertificate {
		return // said under missing_device_identity
	}
	certificate, err := c.Certificate()
	if err != nil {
		k.add("certificate_unreadable", element, nil)
		return
	}
	if at, err := c.TakenAt(); err == nil {
		slack := k.policy.WarnSkew
		if at.Add(slack).Before(certificate.NotBefore) || at.Add(-slack).After(certificate.NotAfter) {
			k.add("certificate_not_valid", element, args{
				"not_before": certificate.NotBefore.In(india).Format(time.DateOnly),
				"not_after":  certificate.NotAfter.In(india).Format(time.DateOnly),
			})
		}
	}
	if !strings.HasPrefix(certificate.IssuerCN, "DS ") {
		k.add("certificate_issuer", element, nil)
	}
	// Morpho and Evolute name the device in the subject, others a fixed text.
	dc, named := strings.CutPrefix(certificate.SubjectCN, "rd_device_")
	if named && !strings.EqualFold(dc, c.device.DC) {
		k.add("certificate_device", element, nil)
	}
}

func (k *check) asRequested() {
	want := k.policy.Requested
	if want == nil {
		return
	}
	r := k.capture.resp
	if want.FCount > 0 {
		k.ftype(r.FType, want.FType)
		k.count("Resp@fCount", r.FCount, want.FCount)
	}
	if want.ICount > 0 {
		k.count("Resp@iCount", r.ICount, want.ICount)
	}
}

func (k *check) ftype(stated string, want FType) {
	got, err := strconv.Atoi(stated)
	switch {
	case err != nil:
		k.add("ftype_not_stated", "Resp@fType", nil)
	case FType(got) != want:
		k.add("wrong_ftype", "Resp@fType", args{"got": strconv.Itoa(got), "want": strconv.Itoa(int(want))})
	}
}

// count lets an empty or odd count pass: Morpho leaves them empty.
func (k *check) count(element, stated string, want int) {
	got, err := strconv.Atoi(stated)
	if err == nil && got != want {
		k.add("wrong_count", element, args{"got": strconv.Itoa(got), "want": strconv.Itoa(want)})
	}
}

// quality goes by qScore alone. nmPoints is under Eko's 35 on most good
// captures, and no vendor's scale is documented.
func (k *check) quality() {
	r := k.capture.resp
	if want, err := strconv.Atoi(r.FCount); err == nil && want > 1 && r.QScore != nil && len(r.QScore) != want {
		k.add("quality_count", "Resp@qScore", args{"got": strconv.Itoa(len(r.QScore)), "want": strconv.Itoa(want)})
	}
	score, scored := r.LowestQScore()
	if !scored {
		return
	}
	limits := k.policy.limits(Vendor(k.capture.device))
	a := func(limit int) args { return args{"score": strconv.Itoa(score), "limit": strconv.Itoa(limit)} }
	switch {
	case score < limits.RejectBelow:
		k.add("quality_too_low", "Resp@qScore", a(limits.RejectBelow))
	case score < limits.RetryBelow:
		k.add("quality_low", "Resp@qScore", a(limits.RetryBelow))
	}
}
