package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"biobridge/agent/cli"
	"biobridge/rdservice"
)

const seedFile = "../../pid/testdata/seed-mantra.xml"

// runPID runs "biobridge pid …" and returns its exit code and what it printed.
func runPID(t *testing.T, stdin []byte, args ...string) (code int, stdout string, err error) {
	t.Helper()
	root := cli.Root()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetIn(bytes.NewReader(stdin))
	root.SetArgs(append([]string{"pid"}, args...))
	err = root.ExecuteContext(t.Context())
	return cli.ExitCode(err), out.String(), err
}

type pidVerdict struct {
	Verdict  string
	Problems []struct {
		Code, Element, Severity, Message, Remedy string
	}
	Device struct {
		Vendor, Model, Serial, Level string
		DPID                         string `json:"dp_id"`
		RDSID                        string `json:"rds_id"`
		RDSVer                       string `json:"rds_ver"`
		DC                           string
	}
	Certificate struct {
		SubjectCN string `json:"subject_cn"`
		IssuerCN  string `json:"issuer_cn"`
		NotBefore string `json:"not_before"`
		NotAfter  string `json:"not_after"`
	}
	TakenAt  string `json:"taken_at"`
	FType    *int
	FCount   *int
	QScore   *int `json:"q_score"`
	NmPoints *int `json:"nm_points"`
	CI       string
}

func decodeVerdict(t *testing.T, text string) pidVerdict {
	t.Helper()
	var v pidVerdict
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return v
}

func TestPIDCheck_Accepted(t *testing.T) {
	code, out, err := runPID(t, nil, "check", seedFile, "--json", "--ftype", "0", "--at", "2021-12-06T06:49:00+05:30")
	if code != cli.ExitOK {
		t.Fatalf("exit %d (%v), want 0\n%s", code, err, out)
	}
	v := decodeVerdict(t, out)
	if v.Verdict != "accepted" || v.Problems == nil || len(v.Problems) != 0 {
		t.Errorf("verdict %q, problems %v, want accepted with an empty list", v.Verdict, v.Problems)
	}
	if v.Device.Vendor != "mantra" || v.Device.Model != "MFS100" || v.Device.DPID != "MANTRA.MSIPL" ||
		v.Device.RDSID != "MANTRA.AND.001" || v.Device.RDSVer != "1.0.5" || v.Device.Serial != "2174371" ||
		v.Device.DC != "79bfab62-5fd1-4ea1-bf5c-00cc714ae571" {
		t.Errorf("device = %+v", v.Device)
	}
	if c := v.Certificate; c.SubjectCN != "Mantra Softech India Pvt Ltd" || c.IssuerCN != "DS Mantra Softech India Pvt Ltd 7" ||
		c.NotBefore != "2021-11-25T12:21:35Z" || c.NotAfter != "2021-12-15T05:23:12Z" {
		t.Errorf("certificate = %+v", c)
	}
	if v.TakenAt != "2021-12-06T06:48:23+05:30" || v.CI != "20221021" {
		t.Errorf("taken_at %q, ci %q", v.TakenAt, v.CI)
	}
	for name, got := range map[string]struct {
		value *int
		want  int
	}{"ftype": {v.FType, 0}, "fcount": {v.FCount, 1}, "q_score": {v.QScore, 83}, "nm_points": {v.NmPoints, 35}} {
		if got.value == nil || *got.value != got.want {
			t.Errorf("%s = %v, want %d", name, got.value, got.want)
		}
	}
}

func TestPIDCheck_Rejected(t *testing.T) {
	seed, err := os.ReadFile(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	at := []string{"--at", "2021-12-06T06:49:00+05:30"}
	for _, test := range []struct {
		name  string
		stdin []byte
		args  []string
		code  string
	}{
		{"today", seed, []string{"--ftype", "0"}, "stale_capture"},
		{"the record type Eko wants", seed, at, "wrong_ftype"},
		{"failed capture", []byte(`<PidData><Resp errCode="720" errInfo="not ready"/></PidData>`), at, "capture_failed"},
		{"nothing", nil, at, "empty_document"},
		{"a web page", []byte("<html></html>"), at, "foreign_root"},
		{"cut off", seed[:900], at, "malformed_xml"},
		{"too large", bytes.Repeat([]byte(" "), 1<<20+1), at, "document_too_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, out, err := runPID(t, test.stdin, append([]string{"check", "-", "--json"}, test.args...)...)
			if code != cli.ExitNo {
				t.Fatalf("exit %d (%v), want 1\n%s", code, err, out)
			}
			v := decodeVerdict(t, out)
			if v.Verdict != "rejected" || len(v.Problems) == 0 || v.Problems[0].Code != test.code {
				t.Fatalf("verdict %q, problems %+v, want %s first", v.Verdict, v.Problems, test.code)
			}
			p := v.Problems[0]
			if p.Severity != "error" || p.Element == "" || p.Message == "" || p.Remedy == "" {
				t.Errorf("problem = %+v, want every field filled", p)
			}
		})
	}
}

func TestPIDCheck_Unusable(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"no file", []string{"check"}},
		{"two files", []string{"check", seedFile, seedFile}},
		{"missing file", []string{"check", filepath.Join(t.TempDir(), "none.xml")}},
		{"a directory", []string{"check", t.TempDir()}},
		{"unknown flag", []string{"check", seedFile, "--fast"}},
		{"record type 3", []string{"check", seedFile, "--ftype", "3"}},
		{"record type that is no number", []string{"check", seedFile, "--ftype", "both"}},
		{"a date without time", []string{"check", seedFile, "--at", "2021-12-06"}},
		{"unknown subcommand", []string{"cheque", seedFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, out, err := runPID(t, nil, test.args...)
			if code != cli.ExitUnusable || err == nil {
				t.Errorf("exit %d (%v), want 2\n%s", code, err, out)
			}
			if strings.Contains(out, "verdict") {
				t.Errorf("printed a verdict:\n%s", out)
			}
		})
	}
}

// What the driver's code means is said, and its own words are kept.
func TestPIDCheck_FailedCapture(t *testing.T) {
	stdin := []byte(`<PidData><Resp errCode="720" errInfo="Gadget sleeps"/></PidData>`)
	_, out, _ := runPID(t, stdin, "check", "-", "--json")
	v := decodeVerdict(t, out)
	want := rdservice.Explain("", "720", "")
	if len(v.Problems) != 1 {
		t.Fatalf("problems %+v, want one", v.Problems)
	}
	p := v.Problems[0]
	if p.Remedy != want.Action || !strings.Contains(p.Message, want.Cause) || !strings.Contains(p.Message, "720 (Gadget sleeps)") {
		t.Errorf("problem %+v, want 720, the driver's words, %q and %q", p, want.Cause, want.Action)
	}
}

// A support person reads this over the phone; nobody may read the block.
func TestPIDCheck_Text(t *testing.T) {
	seed, err := os.ReadFile(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ := runPID(t, nil, "check", seedFile)
	for _, want := range []string{
		"REJECTED, as of 20", "mantra, MFS100, L0, serial 2174371", "2021-12-06 06:48:23 IST",
		"valid 2021-11-25 17:51:35 IST to 2021-12-15 10:53:12 IST", "ERROR stale_capture (Data)", "->",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
	for _, flag := range []string{"--json=false", "--json"} {
		_, out, _ := runPID(t, nil, "check", seedFile, flag)
		for _, element := range []string{"<Data type=\"X\">", "<Skey ci=\"20221021\">", "<Hmac>", "mc=\""} {
			_, content, found := strings.Cut(string(seed), element)
			if !found {
				t.Fatalf("the sample holds no %s", element)
			}
			if strings.Contains(out, content[:24]) {
				t.Errorf("%s prints the content of %s", flag, element)
			}
		}
	}
}
