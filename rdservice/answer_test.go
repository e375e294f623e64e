package rdservice_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"biobridge/rdservice"
)

const mantraService = `<?xml version="1.0"?>
<RDService status="READY" info="Mantra MFS110 Authentication Vendor Device Manager">
 <Interface id="DEVICEINFO" path="/rd/info" />
 <Interface id="CAPTURE" path="/rd/capture" />
</RDService>`

func TestServiceAnswer(t *testing.T) {
	type want struct{ status, info, infoPath, capture string }
	for _, c := range []struct {
		name, raw string
		want      want
	}{
		{"Mantra, info first", mantraService,
			want{"READY", "Mantra MFS110 Authentication Vendor Device Manager", "/rd/info", "/rd/capture"}},
		{"Morpho, host in the path", `<RDService status="READY" info="Morpho_RD_Service"><Interface id="CAPTURE" path="/127.0.0.1:11102/capture"/><Interface id="DEVICEINFO" path="/127.0.0.1:11102/getDeviceInfo"/></RDService>`,
			want{"READY", "Morpho_RD_Service", "/getDeviceInfo", "/capture"}},
		{"single quotes, attributes the other way round", `<RDService info='Tatvik' status='NOTREADY'><Interface path='/rd/capture' id='CAPTURE'/></RDService>`,
			want{"NOTREADY", "Tatvik", "", "/rd/capture"}},
		{"BioEnable's ids", `<RDService status="READY" info="BioEnable Technologies."><Interface id="INFO" path="/i"/><Interface id="PROCESS_CALL" path="/c"/></RDService>`,
			want{"READY", "BioEnable Technologies.", "/i", "/c"}},
		{"the usual id before BioEnable's", `<RDService status="READY"><Interface id="PROCESS_CALL" path="/x"/><Interface id="CAPTURE" path="/c"/></RDService>`,
			want{"READY", "", "", "/c"}},
		{"names in other case", `<rdservice STATUS=" used " Info="x"><interface ID="capture" Path="/c"/></rdservice>`,
			want{"used", "x", "", "/c"}},
		{"no interfaces", `<RDService status="READY" info="x"></RDService>`, want{"READY", "x", "", ""}},
		{"interface on another host", `<RDService status="READY" info="x"><Interface id="CAPTURE" path="http://evil.example/c"/></RDService>`,
			want{"READY", "x", "", ""}},
		{"byte order mark, schema declaration, comment", "\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?><!-- --><RDService xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" status="READY" info="x"/>`,
			want{"READY", "x", "", ""}},
		{"declared as another charset, but ASCII", `<?xml version="1.0" encoding="ISO-8859-1"?><RDService status="READY" info="x"/>`,
			want{"READY", "x", "", ""}},
		{"terminal escapes and turned-round text", "<RDService status=\"READY\" info=\"a&#x1b;[2J&#x202e;b&#10;c\"/>", want{"", "", "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, info, infoPath, capture, err := rdservice.ServicePaths([]byte(c.raw))
			if c.want == (want{}) {
				if err == nil || !errors.Is(err, rdservice.ErrUnusable) {
					t.Fatalf("error = %v, want ErrUnusable", err)
				}
				return
			}
			if got := (want{status, info, infoPath, capture}); err != nil || got != c.want {
				t.Fatalf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestServiceAnswer_refused(t *testing.T) {
	for _, c := range []struct{ name, raw string }{
		{"empty", ""},
		{"HTML", "<!DOCTYPE html><html><body>It works!</body></html>"},
		{"text", "OK"},
		{"JSON", `{"status":"READY"}`},
		{"another root", `<PidData status="READY"/>`},
		{"root in a namespace prefix", `<x:RDService xmlns:x="u" status="READY"/>`},
		{"no status", `<RDService info="x"/>`},
		{"status in a foreign namespace only", `<RDService xmlns:x="u" x:status="READY"/>`},
		{"document type", `<!DOCTYPE RDService [<!ENTITY a "b">]><RDService status="READY"/>`},
		{"entity", `<RDService status="&a;"/>`},
		{"attribute twice", `<RDService status="READY" status="USED"/>`},
		{"attribute twice in other case", `<RDService status="READY" STATUS="USED"/>`},
		{"two roots", `<RDService status="READY"/><RDService status="USED"/>`},
		{"text after the end", `<RDService status="READY"/>x`},
		{"cut short", `<RDService status="READY"><Interface id="CAPTURE"`},
		{"not closed", `<RDService status="READY">`},
		{"closed wrongly", `<RDService status="READY"></Interface>`},
		{"processing instruction", `<?xml-stylesheet href="x"?><RDService status="READY"/>`},
		{"not UTF-8", "<RDService status=\"READY\" info=\"\xff\"/>"},
		{"too deep", strings.Repeat("<RDService status='READY'>", 20) + strings.Repeat("</RDService>", 20)},
		{"too many elements", `<RDService status="READY">` + strings.Repeat("<a/>", 300) + `</RDService>`},
		{"too many attributes", `<RDService status="READY" ` + manyAttributes(100) + `/>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, _, _, _, err := rdservice.ServicePaths([]byte(c.raw)); !errors.Is(err, rdservice.ErrUnusable) {
				t.Fatalf("error = %v, want ErrUnusable", err)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	// The info texts of rd-service.md section 2.3.
	for info, want := range map[string]string{
		"Mantra MFS110 Authentication Vendor Device Manager": "mantra",
		"Morpho_RD_Service":   "morpho",
		"MORPHO_RD_SERVICE":   "morpho",
		"IDEMIA_L1_RDSERVICE": "idemia",
		"RD service for Startek FM220 provided by Access Computech": "startek",
		"SecuGen India Registered device Level 0":                   "secugen",
		"Precision - Biometric Device is ready for capture":         "precision",
		"NEXT Biometrics":         "next",
		"BioEnable Technologies.": "bioenable",
		"Some service":            "",
	} {
		if got := rdservice.VendorOf(info); got != want {
			t.Errorf("%q is of %q, want %q", info, got, want)
		}
	}
	for _, c := range []struct{ model, info, want string }{
		{"MFS100", "", "L0"}, {"MFS110", "", "L1"}, {"MSO1300E2L0SW", "", "L0"}, {"", "IDEMIA_L1_RDSERVICE", "L1"},
		{"", "SecuGen India Registered device Level 0", "L0"}, {"FM220U L1", "", "L1"}, {"NL100", "", ""}, {"FM220U", "", ""},
		{"MFS100", "Mantra MFS110 Authentication Vendor Device Manager", "L0"},
	} {
		if got := rdservice.LevelOf(c.model, c.info); got != c.want {
			t.Errorf("%q, %q is %q, want %q", c.model, c.info, got, c.want)
		}
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("b", i) + `="" `)
	}
	return b.String()
}

func FuzzServiceAnswer(f *testing.F) {
	for _, s := range []string{mantraService, `<RDService info='T' status='NOTREADY'><Interface path='/127.0.0.1:1/c' id='CAPTURE'/></RDService>`, "<a/>", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		status, info, infoPath, capture, err := rdservice.ServicePaths(raw)
		if err != nil {
			if !errors.Is(err, rdservice.ErrUnusable) || status+info+infoPath+capture != "" {
				t.Fatalf("got %q, %q, %q, %q beside %v", status, info, infoPath, capture, err)
			}
			return
		}
		for _, s := range []string{status, info} {
			mustBePrintable(t, s)
		}
		for _, p := range []string{infoPath, capture} {
			if p != "" && p[0] != '/' {
				t.Fatalf("path %q", p)
			}
		}
	})
}

func FuzzDeviceInfoAnswer(f *testing.F) {
	f.Add([]byte(deviceInfo("MANTRA.MSIPL", "MANTRA.WIN.001", "1.0.0", "uuid", "MFS100", `<Param name="srno" value="1"/>`)))
	f.Add([]byte(`<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		texts, err := rdservice.IdentityTexts(raw)
		if err != nil && !errors.Is(err, rdservice.ErrUnusable) {
			t.Fatalf("error = %v", err)
		}
		for _, s := range texts {
			mustBePrintable(t, s)
		}
	})
}

func mustBePrintable(t *testing.T, s string) {
	t.Helper()
	if len([]rune(s)) > 200 || s != strings.TrimSpace(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Fatalf("text %q is not fit to be shown", s)
	}
}
