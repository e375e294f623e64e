package ekosim_test

import (
	"strings"
	"testing"
	"time"

	"biobridge/eko/ekosim"
	"biobridge/pid/pidtest"
)

func TestBlocks_spoiledInAnyWayMoveNothing(t *testing.T) {
	s := open(t, ekosim.Options{})
	good, err := pidtest.NewDocument(pidtest.Simulated(), pidtest.DeviceSpec{}, 2, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range pidtest.Breakages() {
		t.Run(b.Name, func(t *testing.T) {
			s := s.in(t)
			document := string(b.Break(good))
			f := s.v2("2", "500").with("piddata", document)
			r := s.aeps(f)
			if strings.Contains(document, "<PidData") {
				r.want(1464, 1, 1464)
				if comment := r.data("comment"); !strings.Contains(comment, "UIDAI error "+b.Code) {
					t.Errorf("comment is %q, want UIDAI error %s", comment, b.Code)
				}
			} else {
				r.wantInvalid("piddata")
			}
			s.wantMoved(refOf(f), 0, 1)
		})
	}
	if t.Run("and whole it is good", func(t *testing.T) {
		s := s.in(t)
		s.aeps(s.v2("2", "500").with("piddata", string(good.XML()))).want(0, 0, 1463)
	}); t.Failed() {
		t.Log("the breakages prove nothing if the whole document is refused")
	}
}

func TestBlocks_outOfPlaceMoveNothing(t *testing.T) {
	s := open(t, ekosim.Options{})
	other, err := pidtest.NewUIDAI()
	if err != nil {
		t.Fatal(err)
	}
	used := s.v2("2", "500")
	s.aeps(used).want(0, 0, 1463)
	tests := map[string]struct{ document, comment string }{
		"eleven minutes old":         {s.scan(finger{at: time.Now().Add(-11 * time.Minute)}), "UIDAI error 561"},
		"six minutes in the future":  {s.scan(finger{at: time.Now().Add(6 * time.Minute)}), "UIDAI error 562"},
		"used before":                {used["piddata"].(string), "UIDAI error 563"},
		"used before, laid out anew": {strings.Replace(used["piddata"].(string), "<Skey", "\n<Skey", 1), "UIDAI error 563"},
		"for another UIDAI":          {s.scan(finger{uidai: other}), "UIDAI error 501"},
		"with the wadh of eKYC":      {s.scan(finger{wadh: wadhEKYC}), "Invalid Biometric data"},
		"protobuf":                   {s.scan(finger{dataType: "P"}), "UIDAI error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			f := s.v2("2", "500").with("piddata", test.document)
			r := s.aeps(f).want(1464, 1, 1464)
			if !strings.Contains(r.data("comment"), test.comment) {
				t.Errorf("comment is %q, want %q", r.data("comment"), test.comment)
			}
			s.wantMoved(refOf(f), 0, 1)
		})
	}
}

func TestBlocks_areUsedUpByADeclineToo(t *testing.T) {
	s := open(t, ekosim.Options{})
	document := s.scan(finger{})
	s.aeps(s.v2("2", "147").with("piddata", document)).want(1464, 1, 1464)
	r := s.aeps(s.v2("3", "0").with("piddata", document)).want(1464, 1, 1464)
	if !strings.Contains(r.data("comment"), "563") {
		t.Errorf("comment is %q", r.data("comment"))
	}
}

func TestAgeOfBlocks_isASetting(t *testing.T) {
	s := open(t, ekosim.Options{PIDMaxAge: time.Hour, PIDMaxAhead: time.Hour})
	for _, at := range []time.Duration{-50 * time.Minute, 50 * time.Minute} {
		s.aeps(s.v2("2", "500").with("piddata", s.scan(finger{at: time.Now().Add(at)}))).want(0, 0, 1463)
	}
}
