package rdsim_test

import (
	"strings"
	"testing"

	"biobridge/rdservice/rdsim"
)

// TestPidOptions goes through every rule of rd-service.md section 4.1 and every
// code for breaking it. Each case changes one thing in a good request.
func TestPidOptions(t *testing.T) {
	const good = `<PidOptions ver="1.0"><Opts fCount="1" fType="2" format="0" pidVer="2.0" timeout="10000" otp="" posh="UNKNOWN" env="P"/></PidOptions>`
	tests := []struct {
		name, profile, from, to, code string
	}{
		{"Eko's own", "secugen", "", "", "0"},
		{"with a declaration", "secugen", `<PidOptions`, `<?xml version="1.0"?><PidOptions`, "0"},
		{"counts of 0", "secugen", `fType="2"`, `fType="2" iCount="0" iType="0" pCount="0" pType="0"`, "0"},
		{"empty counts", "secugen", `fType="2"`, `fType="2" iCount="" iType="" pCount="" pType=""`, "0"},
		{"no fType means 0", "secugen", ` fType="2"`, ``, "0"},
		{"empty posh", "secugen", `posh="UNKNOWN"`, `posh=""`, "0"},
		{"no env means P", "secugen", ` env="P"`, ``, "0"},
		{"env S", "secugen", `env="P"`, `env="S"`, "0"},
		{"empty Demo", "secugen", `</PidOptions>`, `<Demo/></PidOptions>`, "0"},
		{"empty CustOpts", "secugen", `</PidOptions>`, `<CustOpts/></PidOptions>`, "0"},
		{"CustOpts with a Param", "mantra-l1", `</PidOptions>`, `<CustOpts><Param name="mantrakey" value=""/></CustOpts></PidOptions>`, "0"},
		{"wadh", "secugen", `otp=""`, `wadh="E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="`, "0"},
		{"ten fingers of FMR", "secugen", `fCount="1" fType="2"`, `fCount="10" fType="0"`, "0"},

		{"nothing", "secugen", good, ``, "100"},
		{"not XML", "secugen", good, `fCount=1`, "100"},
		{"cut", "secugen", `</PidOptions>`, ``, "100"},
		{"other root", "secugen", `PidOptions`, `Options`, "100"},
		{"second root", "secugen", `</PidOptions>`, `</PidOptions><PidOptions/>`, "100"},
		{"text", "secugen", `</PidOptions>`, `x</PidOptions>`, "100"},
		{"DOCTYPE", "secugen", `<PidOptions`, `<!DOCTYPE PidOptions><PidOptions`, "100"},
		{"namespace", "secugen", `<PidOptions`, `<PidOptions xmlns="urn:x"`, "100"},
		{"attribute twice", "secugen", `fCount="1"`, `fCount="1" fCount="1"`, "100"},
		{"unknown attribute", "secugen", `fCount="1"`, `fCount="1" finger="1"`, "100"},
		{"unknown attribute of the root", "secugen", `ver="1.0"`, `ver="1.0" x="1"`, "100"},
		{"unknown element", "secugen", `</PidOptions>`, `<Opt/></PidOptions>`, "100"},
		{"Opts twice", "secugen", `</PidOptions>`, `<Opts fCount="1"/></PidOptions>`, "100"},
		{"no Opts", "secugen", `<Opts`, `<CustOpts`, "100"},
		{"other ver", "secugen", `ver="1.0"`, `ver="2.0"`, "100"},
		{"no ver", "secugen", ` ver="1.0"`, ``, "100"},
		{"no ver, on Startek", "startek", ` ver="1.0"`, ``, "0"},
		{"nothing asked for", "secugen", `fCount="1"`, `fCount="0"`, "100"},
		{"bad pCount", "secugen", `fCount="1"`, `fCount="1" pCount="9"`, "100"},
		{"bad wadh", "secugen", `otp=""`, `wadh="abc"`, "100"},
		{"bad env", "secugen", `env="P"`, `env="X"`, "100"},
		{"an empty Bios", "secugen", `</PidOptions>`, `<Bios/></PidOptions>`, "100"},
		{"an empty Bios, on Tatvik", "tatvik", `</PidOptions>`, `<Bios/></PidOptions>`, "0"},
		{"pgCount", "secugen", `fCount="1"`, `fCount="1" pgCount="2" pTimeout="20000"`, "100"},
		{"pgCount, on Mantra", "mantra-l1", `fCount="1"`, `fCount="1" pgCount="2" pTimeout="20000"`, "0"},
		{"CustOpts, on Morpho", "morpho-l0", `</PidOptions>`, `<CustOpts/></PidOptions>`, "100"},
		{"CustOpts, on Startek", "startek", `</PidOptions>`, `<CustOpts/></PidOptions>`, "100"},
		{"env S, on Morpho", "morpho-l0", `env="P"`, `env="S"`, "100"},
		{"env PP, on Morpho", "morpho-l0", `env="P"`, `env="PP"`, "100"},

		{"fType 3", "secugen", `fType="2"`, `fType="3"`, "110"},
		{"fType a word", "secugen", `fType="2"`, `fType="FMR"`, "110"},
		{"fType 2, on an old Startek", "startek-old", ``, ``, "110"},
		{"fType 0, on an old Startek", "startek-old", `fType="2"`, `fType="0"`, "0"},
		{"fCount negative", "secugen", `fCount="1"`, `fCount="-1"`, "120"},
		{"eleven fingers", "secugen", `fCount="1" fType="2"`, `fCount="11" fType="0"`, "120"},
		{"three fingers with images", "secugen", `fCount="1"`, `fCount="3"`, "120"},
		{"an OTP alone", "secugen", `fCount="1" fType="2" format="0" pidVer="2.0" timeout="10000" otp=""`, `format="0" pidVer="2.0" timeout="10000" otp="1234"`, "120"},
		{"iType", "secugen", `fCount="1"`, `fCount="1" iType="1"`, "130"},
		{"iCount a word", "secugen", `fCount="1"`, `fCount="1" iCount="one"`, "140"},
		{"three eyes", "iris", `fCount="1" fType="2"`, `iCount="3"`, "140"},
		{"pidVer", "secugen", `pidVer="2.0"`, `pidVer="1.0"`, "150"},
		{"no timeout", "secugen", ` timeout="10000"`, ``, "160"},
		{"timeout 0", "secugen", `timeout="10000"`, `timeout="0"`, "160"},
		{"timeout with a unit", "secugen", `timeout="10000"`, `timeout="10s"`, "160"},
		{"timeout of six digits", "secugen", `timeout="10000"`, `timeout="100000"`, "160"},
		{"timeout of six digits, on Startek", "startek", `timeout="10000"`, `timeout="100000"`, "0"},
		{"timeout of one second, on Startek", "startek", `timeout="10000"`, `timeout="1000"`, "160"},
		{"timeout of two minutes, on Startek", "startek", `timeout="10000"`, `timeout="120000"`, "160"},
		{"unknown posh", "secugen", `posh="UNKNOWN"`, `posh="MIDDLE"`, "170"},
		{"posh mixed with UNKNOWN", "secugen", `posh="UNKNOWN"`, `posh="LEFT_INDEX,UNKNOWN"`, "170"},
		{"two poshes for one finger", "secugen", `posh="UNKNOWN"`, `posh="LEFT_INDEX,LEFT_RING"`, "170"},
		{"posh twice", "secugen", `fCount="1" fType="2" format="0" pidVer="2.0" timeout="10000" otp="" posh="UNKNOWN"`, `fCount="2" fType="2" format="0" pidVer="2.0" timeout="10000" posh="LEFT_INDEX,LEFT_INDEX"`, "170"},
		{"an eye for a finger", "secugen", `posh="UNKNOWN"`, `posh="LEFT_IRIS"`, "170"},
		{"face", "secugen", `fCount="1"`, `fCount="1" pCount="1" pType="0"`, "180"},
		{"no format", "secugen", ` format="0"`, ``, "190"},
		{"two formats", "secugen", `format="0"`, `format="0,1"`, "190"},
		{"bad Demo", "secugen", `</PidOptions>`, `<Demo><Name/></Demo></PidOptions>`, "200"},
		{"bad attribute of Demo", "secugen", `</PidOptions>`, `<Demo language="hi"/></PidOptions>`, "200"},
		{"protobuf", "secugen", `format="0"`, `format="1"`, "210"},
		{"bad env, on Startek", "startek", `env="P"`, `env="X"`, "220"},
		{"a finger, on an iris service", "iris", ``, ``, "750"},
		{"an eye, on a finger service", "secugen", `fCount="1" fType="2"`, `iCount="1" iType="0"`, "760"},
		{"an eye, on an iris service", "iris", `fCount="1" fType="2"`, `iCount="1" iType="0"`, "0"},
		{"no env, on Mantra", "mantra-l1", ` env="P"`, ``, "-1524"},
		{"bad env, on Mantra", "mantra-l1", `env="P"`, `env="X"`, "-1524"},
		{"env S, on Mantra", "mantra-l1", `env="P"`, `env="S"`, "0"},
	}
	outer := t
	servers := make(map[string]*rdsim.Server)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := servers[tt.profile]
			if s == nil {
				s = start(outer, rdsim.Options{Profile: profile(t, tt.profile), Scheme: "http"})
				servers[tt.profile] = s
			}
			request := strings.Replace(good, tt.from, tt.to, 1)
			if tt.name == "other root" {
				request = strings.ReplaceAll(good, tt.from, tt.to)
			}
			if tt.from != "" && request == good {
				t.Fatalf("the case changes nothing: %q is not in the request", tt.from)
			}
			a := ask(t, "CAPTURE", captureURL(s), request)
			if a.status != 200 {
				t.Errorf("status %d: PidData comes with 200, on failure too", a.status)
			}
			if code := a.code(t); code != tt.code {
				t.Errorf("errCode %s (%s), want %s", code, a.parse(t).Resp.ErrInfo, tt.code)
			}
		})
	}
}

// Whatever is sent, the answer is one of the documented codes, and what is
// accepted asks for something within the limits.
func FuzzPidOptions(f *testing.F) {
	profiles := rdsim.Profiles()
	for _, p := range profiles {
		f.Add([]byte(p.ExampleOptions()), uint8(0))
	}
	f.Add([]byte(`<PidOptions ver="1.0"><Opts/><Demo lang="23"><Pi name="x"/></Demo><CustOpts><Param name="a" value="b"/></CustOpts></PidOptions>`), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		p := profiles[int(which)%len(profiles)]
		code, modalities, milliseconds := p.ParseOptions(body)
		if code != "0" {
			if !rdsim.Answered(code) || modalities != 0 {
				t.Fatalf("%s refuses with %q beside %d modalities", p.Name, code, modalities)
			}
			return
		}
		if modalities < 1 || modalities > 12 || milliseconds < 1 || milliseconds >= 120_000 {
			t.Fatalf("%s accepts %d modalities within %d ms", p.Name, modalities, milliseconds)
		}
	})
}
