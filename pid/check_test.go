package pid_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/pid/pidtest"
)

// requested compares with what the sample was asked for.
func requested(o pid.Options) pid.Policy {
	p := pid.DefaultPolicy()
	p.Requested = &o
	return p
}

func TestPolicy_Check(t *testing.T) {
	good := sample(t)
	data := content(t, good, `<Data type="X">`, "<")
	hmac := content(t, good, `<Hmac>`, "<")
	skeyTag := "<Skey " + content(t, good, "<Skey ", "</Skey>") + "</Skey>"
	skey := content(t, skeyTag, ">", "<")
	info := "<DeviceInfo" + content(t, good, "<DeviceInfo", "</DeviceInfo>") + "</DeviceInfo>"
	ci := content(t, good, `ci="`, `"`)
	dc := content(t, good, ` dc="`, `"`)
	mc := content(t, good, ` mc="`, `"`)
	stamped := func(stamp string) string {
		block, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		return edit(t, good, data, base64.StdEncoding.EncodeToString(append([]byte(stamp), block[19:]...)))
	}

	for _, test := range []struct {
		name     string
		doc      string
		problems string
	}{
		{"good", good, ""},

		{"no DeviceInfo", edit(t, good, info, ""), "missing_element DeviceInfo"},
		{"no Skey", edit(t, good, skeyTag, ""), "missing_element Skey"},
		{"empty Skey", edit(t, good, skey, ""), "missing_element Skey"},
		{"blank Hmac", edit(t, good, hmac, " \n"), "missing_element Hmac"},
		{"no Data", edit(t, good, `<Data type="X">`+data+"</Data>", ""), "missing_element Data"},
		{"Resp alone", `<PidData><Resp errCode="0"/></PidData>`,
			"missing_element DeviceInfo, missing_element Skey, missing_element Hmac, missing_element Data, ftype_not_stated Resp@fType"},
		{"Skey not base64", edit(t, good, skey, "*"+skey), "bad_base64 Skey"},
		{"Skey without padding", edit(t, good, skey, strings.TrimRight(skey, "=")), "bad_base64 Skey"},
		{"Data not base64", edit(t, good, data, "_"+data), "bad_base64 Data"},
		{"Skey of another key size", edit(t, good, skey, encoded(128)), "bad_length Skey"},
		{"Skey a byte short", edit(t, good, skey, encoded(255)), "bad_length Skey"},
		{"Hmac without its tag", edit(t, good, hmac, encoded(32)), "bad_length Hmac"},
		{"Data without content", edit(t, good, data, base64.StdEncoding.EncodeToString([]byte("2026-03-14T11:02:30"))), "bad_length Data"},
		{"protobuf", edit(t, good, `type="X"`, `type="P"`), "not_xml_data Data@type"},
		{"no type", edit(t, good, ` type="X"`, ""), "not_xml_data Data@type"},

		{"no dpId", edit(t, good, "MANTRA.MSIPL", ""), "missing_device_identity DeviceInfo@dpId"},
		{"no rdsId", edit(t, good, "RENESAS.MANTRA.001", " "), "missing_device_identity DeviceInfo@rdsId"},
		{"no rdsVer", edit(t, good, ` rdsVer="1.4.1"`, ""), "missing_device_identity DeviceInfo@rdsVer"},
		{"no mi", edit(t, good, `mi="MFS110"`, `mi=""`), "missing_device_identity DeviceInfo@mi"},
		{"no mc", edit(t, good, mc, ""), "missing_device_identity DeviceInfo@mc"},
		{"no dc", edit(t, good, dc, ""), "missing_device_identity DeviceInfo@dc"},
		{"dc without dashes", edit(t, good, dc, strings.ReplaceAll(dc, "-", "")), "dc_shape DeviceInfo@dc"},
		{"dc with its dashes elsewhere", edit(t, good, dc, strings.ReplaceAll(dc, "-", "")+"----"), "dc_shape DeviceInfo@dc"},
		{"dc with other letters", edit(t, good, dc, "zzzzzzzz"+dc[8:]), "dc_shape DeviceInfo@dc"},
		{"dc in capitals", edit(t, good, dc, strings.ToUpper(dc)), ""},

		{"no time", stamped("xxxxxxxxxxxxxxxxxxx"), "bad_timestamp Data"},
		{"blank for T", stamped("2026-03-14 11:02:30"), "bad_timestamp Data"},
		{"single digits", stamped("2026-03-14T9:02:3.0"), "bad_timestamp Data"},
		{"an hour of one digit", stamped("2026-03-14T9:02:30 "), "bad_timestamp Data"},
		{"an hour of one digit and a fraction cut short", stamped("2026-03-14T9:02:30."), "bad_timestamp Data"},
		{"no such day", stamped("2026-02-30T11:02:30"), "bad_timestamp Data"},
		{"no such hour", stamped("2026-03-14T24:02:30"), "bad_timestamp Data"},

		{"no ci", edit(t, good, ` ci="`+ci+`"`, ""), "bad_ci Skey@ci"},
		{"ci of nine digits", edit(t, good, ci, ci+"0"), "bad_ci Skey@ci"},
		{"ci no date", edit(t, good, ci, "20281301"), "bad_ci Skey@ci"},
		{"ci with dashes", edit(t, good, ci, "2028-1-1"), "bad_ci Skey@ci"},
		{"ci in the past", edit(t, good, ci, "20260313"), "ci_expired Skey@ci"},
		{"ci today", edit(t, good, ci, "20260314"), ""},

		{"mc not base64", edit(t, good, mc, "*"+mc), "certificate_unreadable DeviceInfo@mc"},
		{"mc of nothing", edit(t, good, mc, "AAAA"), "certificate_unreadable DeviceInfo@mc"},

		{"other type", edit(t, good, `fType="2"`, `fType="0"`), "wrong_ftype Resp@fType"},
		{"type not told", edit(t, good, `fType="2"`, `fType=""`), "ftype_not_stated Resp@fType"},
		{"more fingers", edit(t, good, `fCount="1"`, `fCount="2"`), "wrong_count Resp@fCount, quality_count Resp@qScore"},
		{"count not told", edit(t, good, `fCount="1"`, `fCount=""`), ""},

		{"score too low", edit(t, good, `qScore="78"`, `qScore="24"`), "quality_too_low Resp@qScore"},
		{"score low", edit(t, good, `qScore="78"`, `qScore="25"`), "quality_low Resp@qScore"},
		{"score just enough", edit(t, good, `qScore="78"`, `qScore="45"`), ""},
		{"no score", edit(t, good, `qScore="78"`, `qScore="null"`), ""},
		{"few minutiae", edit(t, good, `nmPoints="38"`, `nmPoints="1"`), ""},

		{"errors before warnings", edit(t, good, dc, "x", ci, "0"), "bad_ci Skey@ci, dc_shape DeviceInfo@dc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := mustParse(t, []byte(test.doc))
			v := requested(pid.Options{FCount: 1, FType: pid.FMRFIR}).Check(c, takenAt)
			if got := codes(v.Problems); got != test.problems {
				t.Fatalf("problems %q, want %q", got, test.problems)
			}
			holdsTogether(t, v)
			for _, p := range v.Problems {
				if strings.ContainsAny(p.Message+p.Remedy, "{}") {
					t.Errorf("problem %+v is not filled in", p)
				}
			}
		})
	}
}

// holdsTogether checks what is true of every verdict.
func holdsTogether(t *testing.T, v pid.Verdict) {
	t.Helper()
	if len(v.Errors())+len(v.Warnings()) != len(v.Problems) || v.Accepted() != (len(v.Errors()) == 0) {
		t.Errorf("%d errors and %d warnings of %d problems, accepted %v",
			len(v.Errors()), len(v.Warnings()), len(v.Problems), v.Accepted())
	}
	for _, p := range v.Problems {
		if p.Element == "" || p.Message == "" || p.Remedy == "" {
			t.Errorf("problem %+v is incomplete", p)
		}
	}
}

func TestPolicy_Clock(t *testing.T) {
	c := mustParse(t, []byte(sample(t)))
	for _, test := range []struct {
		after    time.Duration
		problems string
		words    string
	}{
		{0, "", ""},
		{2 * time.Minute, "", ""},
		{2*time.Minute + time.Second, "clock_skew Data", "by 2 min."},
		{10 * time.Minute, "clock_skew Data", "by 10 min."},
		{10*time.Minute + time.Second, "stale_capture Data", "10 min before now"},
		{5 * time.Hour, "stale_capture Data", "5 h before now"},
		{2 * time.Hour, "stale_capture Data", "2 h before now"},
		{48 * time.Hour, "stale_capture Data", "2 d before now"},
		{-2 * time.Minute, "", ""},
		{-3 * time.Minute, "clock_skew Data", "by 3 min."},
		{-10 * time.Minute, "clock_skew Data", "by 10 min."},
		{-10*time.Minute - time.Second, "future_capture Data", "10 min after now"},
	} {
		t.Run(fmt.Sprint(test.after), func(t *testing.T) {
			v := pid.DefaultPolicy().Check(c, takenAt.Add(test.after).UTC())
			if got := codes(v.Problems); got != test.problems {
				t.Fatalf("problems %q, want %q", got, test.problems)
			}
			if test.words != "" && !strings.Contains(v.Problems[0].Message, test.words) {
				t.Errorf("message %q does not say %q", v.Problems[0].Message, test.words)
			}
		})
	}
	strict := pid.Policy{WarnSkew: time.Second}
	for skew, words := range map[time.Duration]string{3 * time.Second: "by 3 s.", 2 * time.Minute: "by 2 min."} {
		v := strict.Check(c, takenAt.Add(skew))
		if codes(v.Problems) != "clock_skew Data" || !strings.Contains(v.Problems[0].Message, words) {
			t.Errorf("%+v, want a skew %s", v.Problems, words)
		}
	}
	for _, months := range []int{1, -1} {
		if v := (pid.Policy{}).Check(c, takenAt.AddDate(0, months, 0)); len(v.Problems) > 0 {
			t.Errorf("a policy without limits finds %s", codes(v.Problems))
		}
	}
}

func TestPolicy_Replay(t *testing.T) {
	first := newSample(t, pidtest.DeviceSpec{})
	second := newSample(t, pidtest.DeviceSpec{})
	sameKey := second
	sameKey.Sealed.Skey = first.Sealed.Skey

	used := make(map[[32]byte]bool)
	policy := pid.DefaultPolicy()
	policy.Seen = func(digest [32]byte) bool { return used[digest] }
	check := func(d pidtest.Document) string {
		c := mustParse(t, d.XML())
		got := codes(policy.Check(c, takenAt).Problems)
		used[c.Digest()], used[c.SkeyDigest()] = true, true
		return got
	}
	for _, step := range []struct {
		name string
		d    pidtest.Document
		want string
	}{
		{"first", first, ""},
		{"the same again", first, "replayed_capture Data"},
		{"another with the first one's key", sameKey, "replayed_capture Skey"},
		{"another", newSample(t, pidtest.DeviceSpec{}), ""},
	} {
		if got := check(step.d); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}

	// The blanks that a driver writes do not make it another capture.
	data := content(t, string(first.XML()), `<Data type="X">`, "<")
	respaced := mustParse(t, []byte(edit(t, string(first.XML()), data, wrapped(data))))
	if got := codes(policy.Check(respaced, takenAt).Problems); got != "replayed_capture Data" {
		t.Errorf("the first in lines: %q, want replayed_capture Data", got)
	}

	// Blocks that are missing all look the same and are no replay of each other.
	used[[32]byte{}] = true
	empty := mustParse(t, []byte(`<PidData><Resp errCode="0"/></PidData>`))
	if got := codes(policy.Check(empty, takenAt).Problems); strings.Contains(got, "replayed") {
		t.Errorf("an empty answer: %q, want no replay", got)
	}
}

func TestPolicy_Request(t *testing.T) {
	good := sample(t)
	iris := edit(t, good, `fCount="1" fType="2"`, `fCount="0" iCount="1" iType="0"`)
	for _, test := range []struct {
		name     string
		doc      string
		policy   pid.Policy
		problems string
	}{
		{"nothing to compare with", edit(t, good, `fType="2"`, `fType="1"`), pid.DefaultPolicy(), ""},
		{"FMR asked for", good, requested(pid.Options{FCount: 1, FType: pid.FMR}), "wrong_ftype Resp@fType"},
		{"two fingers asked for", good, requested(pid.Options{FCount: 2, FType: pid.FMRFIR}), "wrong_count Resp@fCount"},
		{"iris", iris, requested(pid.Options{ICount: 1}), ""},
		{"two irises given", edit(t, iris, `iCount="1"`, `iCount="2"`), requested(pid.Options{ICount: 1}), "wrong_count Resp@iCount"},
		{"two irises asked for", iris, requested(pid.Options{ICount: 2}), "wrong_count Resp@iCount"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := test.policy.Check(mustParse(t, []byte(test.doc)), takenAt)
			if got := codes(v.Problems); got != test.problems {
				t.Errorf("problems %q, want %q", got, test.problems)
			}
		})
	}
}

func TestPolicy_DeviceBefore(t *testing.T) {
	c := mustParse(t, []byte(sample(t)))
	same := c.Device()
	same.DC = strings.ToUpper(same.DC)
	for _, test := range []struct {
		name     string
		before   pid.DeviceInfo
		problems string
	}{
		{"the same, in capitals", same, ""},
		{"another", pid.DeviceInfo{DC: "00000000-0000-4000-8000-000000000000"}, "device_changed DeviceInfo@dc"},
		{"not known", pid.DeviceInfo{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			policy := pid.DefaultPolicy()
			policy.DeviceBefore = &test.before
			if got := codes(policy.Check(c, takenAt).Problems); got != test.problems {
				t.Errorf("problems %q, want %q", got, test.problems)
			}
		})
	}
}

func TestPolicy_Quality(t *testing.T) {
	good := sample(t)
	for _, test := range []struct {
		name, dpID, qScore string
		problems           string
		retry              bool
	}{
		{"Mantra", "MANTRA.MSIPL", "44", "quality_low Resp@qScore", true},
		{"Mantra, far too low", "MANTRA.MSIPL", "3", "quality_too_low Resp@qScore", true},
		{"Morpho's 27", "Morpho.SmartChip", "27\n", "", false},
		{"Tatvik's 2", "TATVIK.TATVIK", "2", "", false},
		{"Evolute's null", "EVOLUTE.EVOLUTE", "null", "", false},
		{"a vendor nobody knows", "NEW.VENDOR", "30", "quality_low Resp@qScore", true},
		{"the worse of two", "MANTRA.MSIPL", "90,30", "quality_low Resp@qScore", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := edit(t, good, "MANTRA.MSIPL", test.dpID, `qScore="78"`, `qScore="`+test.qScore+`"`)
			v := pid.DefaultPolicy().Check(mustParse(t, []byte(doc)), takenAt)
			if got := codes(v.Problems); got != test.problems || v.Retry() != test.retry {
				t.Errorf("problems %q, retry %v, want %q, %v", got, v.Retry(), test.problems, test.retry)
			}
		})
	}
	t.Run("no retry where more is wrong", func(t *testing.T) {
		doc := edit(t, good, `qScore="78"`, `qScore="3"`)
		v := pid.DefaultPolicy().Check(mustParse(t, []byte(doc)), takenAt.AddDate(0, 0, 5))
		if v.Retry() {
			t.Errorf("Retry() = true for %s", codes(v.Problems))
		}
	})
}

// Every problem that is found comes from the table, and the table is fit to be
// shown and translated.
func TestProblems(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range pid.Problems() {
		if seen[p.Code] {
			t.Errorf("%s stands in the table twice", p.Code)
		}
		seen[p.Code] = true
		if p.Code == "" || strings.Trim(p.Code, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("%q is not snake_case", p.Code)
		}
		if p.Severity != pid.SeverityError && p.Severity != pid.SeverityWarning {
			t.Errorf("%s has severity %q", p.Code, p.Severity)
		}
		for _, text := range []string{p.Message, p.Remedy} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", p.Code, text)
			}
		}
	}
}
