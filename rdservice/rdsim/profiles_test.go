package rdsim_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestProfiles holds every answer of every profile to its shape. What is
// encrypted is masked by its size and opened instead.
func TestProfiles(t *testing.T) {
	for _, p := range rdsim.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			s := start(t, rdsim.Options{Profile: p, Seed: 1, Clock: func() time.Time { return noon }})
			good := capture(t, s)
			var b strings.Builder
			show(&b, s, "RDSERVICE", rdService(t, s))
			show(&b, s, "DEVICEINFO", deviceInfo(t, s))
			show(&b, s, "CAPTURE", good)
			show(&b, s, "CAPTURE of nothing", ask(t, "CAPTURE", captureURL(s), `<PidOptions/>`))
			s.Unplug()
			show(&b, s, "RDSERVICE, unplugged", rdService(t, s))
			show(&b, s, "DEVICEINFO, unplugged", deviceInfo(t, s))
			golden(t, p.Name, b.String())
			if !p.Has(rdsim.Unregistered) {
				checkBlock(t, s, good)
			}
		})
	}
}

// checkBlock opens the block and compares it with what was asked for.
func checkBlock(t *testing.T, s *rdsim.Server, a answer) {
	t.Helper()
	p, opened := s.Profile(), a.open(t)
	if opened.Device != s.Device().Info() {
		t.Errorf("the block is of device %+v, want %+v", opened.Device, s.Device().Info())
	}
	types := map[bool]string{true: "IIR"}[p.Has(rdsim.Iris)]
	if types == "" {
		types = map[bool]string{true: "FMR", false: "FMR FIR"}[p.Has(rdsim.OldFType)]
	}
	var got []string
	for _, bio := range opened.Bios {
		got = append(got, bio.Type)
	}
	if strings.Join(got, " ") != types {
		t.Errorf("the block holds %v, want %s", got, types)
	}
	lag := noon.Sub(opened.Time)
	if p.Has(rdsim.LaggedTS) && (lag < 5*time.Second || lag > 21*time.Second) || !p.Has(rdsim.LaggedTS) && lag != 0 {
		t.Errorf("the block's time is %v behind the clock", lag)
	}
	if c := opened.Certificate; p.CN == "" && c.SubjectCN != "rd_device_"+opened.Device.DC || p.CN != "" && c.SubjectCN != p.CN {
		t.Errorf("the certificate's subject is %q", c.SubjectCN)
	}
}

func show(b *strings.Builder, s *rdsim.Server, title string, a answer) {
	fmt.Fprintf(b, "=== %s: %d, %s\n%s\n", title, a.status, a.header.Get("Content-Type"), mask(s, a.body))
}

var (
	long64 = regexp.MustCompile(`[A-Za-z0-9+/=\n]{60,}`)
	spaces = regexp.MustCompile(`\s`)
)

// mask replaces base64 by what it decodes to, and the port by a word.
func mask(s *rdsim.Server, body string) string {
	body = long64.ReplaceAllStringFunc(body, func(text string) string {
		raw, err := base64.StdEncoding.DecodeString(spaces.ReplaceAllString(text, ""))
		if err != nil {
			return text
		}
		if n := strings.Count(text, "\n"); n > 0 {
			return fmt.Sprintf("{%d bytes on %d lines}", len(raw), n)
		}
		return fmt.Sprintf("{%d bytes}", len(raw))
	})
	return strings.ReplaceAll(body, strconv.Itoa(s.Port()), "{port}")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (see -update):\n%s", file, got)
	}
}

func TestProfiles_NamesAndPorts(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range rdsim.Profiles() {
		if seen[p.Name] {
			t.Errorf("profile %s is there twice", p.Name)
		}
		seen[p.Name] = true
	}
	if _, ok := rdsim.ProfileNamed("nobody"); ok {
		t.Error("there is a profile of nobody")
	}
}

// Two fingers come in one block, named as asked, with comma-joined numbers.
func TestCapture_TwoFingers(t *testing.T) {
	s := start(t, rdsim.Options{})
	a := ask(t, "CAPTURE", captureURL(s), `<PidOptions ver="1.0"><Opts fCount="2" fType="0" format="0" pidVer="2.0" timeout="10000" otp="654321" wadh="E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc=" posh="LEFT_INDEX,RIGHT_THUMB" env="P"/><Demo lang="23"><Pi name="x"/></Demo></PidOptions>`)
	opened := a.open(t)
	if opened.OTP != "654321" || opened.Wadh != "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc=" {
		t.Errorf("otp %q, wadh %q", opened.OTP, opened.Wadh)
	}
	if len(opened.Bios) != 2 || opened.Bios[0].Posh != "LEFT_INDEX" || opened.Bios[1].Posh != "RIGHT_THUMB" {
		t.Errorf("records %+v", opened.Bios)
	}
	if !strings.Contains(string(opened.PID), `<Demo lang="23"><Pi name="x"/></Demo>`) {
		t.Error("the Demo element did not get into the PID")
	}
	if q := a.parse(t).Resp.QScore; strings.Count(q, ",") != 1 {
		t.Errorf("qScore %q, want two numbers", q)
	}
}

// A service can be given a UIDAI of its own, but none that is not simulated.
func TestNew_OwnUIDAI(t *testing.T) {
	own, err := pidtest.NewUIDAI()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, rdsim.Options{UIDAI: own})
	a := capture(t, s)
	if _, err := own.Open([]byte(a.body)); err != nil {
		t.Errorf("its UIDAI can't open the block: %v", err)
	}
	if _, err := pidtest.Simulated().Open([]byte(a.body)); err == nil {
		t.Error("another UIDAI opened the block")
	}
}
