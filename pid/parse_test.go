package pid_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"biobridge/pid"
	"biobridge/pid/pidtest"
)

// Every document here breaks one rule of form.
func TestParse_Refuses(t *testing.T) {
	const ok = `<PidData><Resp errCode="0"/></PidData>`
	many := strings.Builder{}
	for i := range 65 {
		fmt.Fprintf(&many, ` a%d=""`, i)
	}
	for _, test := range []struct {
		name, doc     string
		code, element string
	}{
		{"nothing", "", "empty_document", "document"},
		{"blanks", " \r\n\t", "empty_document", "document"},
		{"a comment alone", "<!-- nothing -->", "empty_document", "document"},
		{"text alone", "READY", "unexpected_content", "document"},
		{"too large", ok + strings.Repeat(" ", 1<<20), "document_too_large", "document"},
		{"Latin-1", "<PidData><Resp errCode=\"0\" errInfo=\"\xe9\"/></PidData>", "not_utf8", "document"},
		{"UTF-16", "\xff\xfe<\x00P\x00", "not_utf8", "document"},
		{"declared Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + ok, "not_utf8", "document"},
		{"version 1.1", `<?xml version="1.1"?>` + ok, "bad_declaration", "document"},
		{"declaration without version", `<?xml encoding="utf-8"?>` + ok, "bad_declaration", "document"},
		{"broken declaration", `<?xml version="1.0">` + ok, "bad_declaration", "document"},
		{"blank before the declaration", ` <?xml version="1.0"?>` + ok, "processing_instruction", "document"},
		{"two declarations", `<?xml version="1.0"?><?xml version="1.0"?>` + ok, "processing_instruction", "document"},
		{"style sheet", `<?xml-stylesheet href="x"?>` + ok, "bad_declaration", "document"},
		{"processing instruction", `<?php x?>` + ok, "processing_instruction", "document"},
		{"processing instruction inside", `<PidData><?x y?><Resp errCode="0"/></PidData>`, "processing_instruction", "PidData"},
		{"document type", `<!DOCTYPE PidData>` + ok, "doctype", "document"},
		{"entity declared", `<!DOCTYPE PidData [<!ENTITY a "b">]><PidData><Resp errCode="&a;"/></PidData>`, "doctype", "document"},
		{"directive inside", `<PidData><!ELEMENT Resp EMPTY><Resp errCode="0"/></PidData>`, "doctype", "PidData"},
		{"unknown entity", `<PidData><Resp errCode="&zero;"/></PidData>`, "malformed_xml", "PidData"},
		{"HTML", `<html><body>404</body></html>`, "foreign_root", "document"},
		{"other case", `<piddata><Resp errCode="0"/></piddata>`, "foreign_root", "document"},
		{"prefixed root", `<u:PidData xmlns:u="urn:x"><Resp errCode="0"/></u:PidData>`, "foreign_namespace", "document"},
		{"default namespace", `<PidData xmlns="urn:x"><Resp errCode="0"/></PidData>`, "foreign_namespace", "PidData"},
		{"foreign prefix declared", `<PidData xmlns:u="urn:x"><Resp errCode="0"/></PidData>`, "foreign_namespace", "PidData"},
		{"empty prefix declared", `<PidData xmlns:u=""><Resp errCode="0"/></PidData>`, "foreign_namespace", "PidData"},
		{"xsi for something else", `<PidData xmlns:xsi="urn:x"><Resp errCode="0"/></PidData>`, "foreign_namespace", "PidData"},
		{"namespace on Resp", `<PidData><Resp xmlns="urn:x" errCode="0"/></PidData>`, "foreign_namespace", "Resp"},
		{"prefixed attribute", `<PidData><Resp xml:lang="en" errCode="0"/></PidData>`, "foreign_namespace", "Resp"},
		{"attribute that begins with a colon", `<PidData><Resp :a="" errCode="0"/></PidData>`, "foreign_namespace", "Resp"},
		{"prefixed element", `<PidData><a:Resp errCode="0"/></PidData>`, "foreign_namespace", "PidData"},
		{"attribute twice", `<PidData><Resp errCode="0" errCode="0"/></PidData>`, "duplicate_attribute", "Resp"},
		{"vendor's attribute twice", `<PidData><Resp errCode="0" ts="1" ts="2"/></PidData>`, "duplicate_attribute", "Resp"},
		{"too many attributes", `<PidData><Resp errCode="0"` + many.String() + `/></PidData>`, "too_many_attributes", "Resp"},
		{"attribute on the root", `<PidData ver="1.0"><Resp errCode="0"/></PidData>`, "unexpected_attribute", "PidData"},
		{"attribute on Skey", `<PidData><Resp errCode="0"/><Skey ci="20280813" kid="1"/></PidData>`, "unexpected_attribute", "Skey"},
		{"attribute on Hmac", `<PidData><Resp errCode="0"/><Hmac a="1"/></PidData>`, "unexpected_attribute", "Hmac"},
		{"attribute on Data", `<PidData><Resp errCode="0"/><Data type="X" a="1"/></PidData>`, "unexpected_attribute", "Data"},
		{"two Resp", `<PidData><Resp errCode="0"/><Resp errCode="700"/></PidData>`, "duplicate_element", "Resp"},
		{"two Data", `<PidData><Resp errCode="0"/><Data/><Skey/><Data/></PidData>`, "duplicate_element", "Data"},
		{"two DeviceInfo", `<PidData><DeviceInfo/><DeviceInfo/><Resp errCode="0"/></PidData>`, "duplicate_element", "DeviceInfo"},
		{"two additional_info", `<PidData><DeviceInfo><additional_info/><Additional_Info/></DeviceInfo><Resp errCode="0"/></PidData>`, "duplicate_element", "additional_info"},
		{"stranger", `<PidData><Resp errCode="0"/><Secret/></PidData>`, "unexpected_element", "PidData"},
		{"Resp too deep", `<PidData><DeviceInfo><Resp errCode="0"/></DeviceInfo></PidData>`, "unexpected_element", "DeviceInfo"},
		{"a document inside", `<PidData>` + ok + `</PidData>`, "unexpected_element", "PidData"},
		{"Param without its group", `<PidData><DeviceInfo><Param name="a" value="b"/></DeviceInfo><Resp errCode="0"/></PidData>`, "unexpected_element", "DeviceInfo"},
		{"nested without end", strings.Repeat("<PidData>", 5000), "unexpected_element", "PidData"},
		{"child of Resp", `<PidData><Resp errCode="0"><a/></Resp></PidData>`, "unexpected_element", "Resp"},
		{"child of Skey", `<PidData><Resp errCode="0"/><Skey>AA<b/>AA</Skey></PidData>`, "unexpected_element", "Skey"},
		{"child of Hmac", `<PidData><Resp errCode="0"/><Hmac>AA<b>AA</b></Hmac></PidData>`, "unexpected_element", "Hmac"},
		{"child of Data", `<PidData><Resp errCode="0"/><Data><Data/></Data></PidData>`, "unexpected_element", "Data"},
		{"comment in Data", `<PidData><Resp errCode="0"/><Data>AA<!-- -->AA</Data></PidData>`, "unexpected_content", "Data"},
		{"CDATA in Hmac", `<PidData><Resp errCode="0"/><Hmac><![CDATA[AAAA]]></Hmac></PidData>`, "unexpected_content", "Hmac"},
		{"text between elements", `<PidData><Resp errCode="0"/>text</PidData>`, "unexpected_content", "PidData"},
		{"text in Resp", `<PidData><Resp errCode="0">0</Resp></PidData>`, "unexpected_content", "Resp"},
		{"text before the root", `HTTP ` + ok, "unexpected_content", "document"},
		{"text after the end", ok + "x", "trailing_content", "document"},
		{"element after the end", ok + "<Resp/>", "trailing_content", "document"},
		{"document twice", ok + ok, "trailing_content", "document"},
		{"NUL after the end", ok + "\x00", "malformed_xml", "document"},
		{"control character", "<PidData><!-- \x1b --><Resp errCode=\"0\"/></PidData>", "malformed_xml", "document"},
		{"no character in a comment", "<PidData><!-- \ufffe --><Resp errCode=\"0\"/></PidData>", "malformed_xml", "document"},
		{"cut in a tag", `<PidData><Resp errCode="0"`, "malformed_xml", "PidData"},
		{"cut between tags", `<PidData><Resp errCode="0"/>`, "malformed_xml", "PidData"},
		{"crossed tags", `<PidData><DeviceInfo><additional_info></DeviceInfo></additional_info></PidData>`, "malformed_xml", "additional_info"},
		{"closed in another case", `<PidData><DeviceInfo><Additional_Info></additional_info></DeviceInfo></PidData>`, "malformed_xml", "additional_info"},
		{"end without start", `</PidData>`, "malformed_xml", "document"},
		{"end after the end", ok + `</PidData>`, "malformed_xml", "document"},
		{"attributes run together", `<PidData><Resp errCode="0"errInfo=""/></PidData>`, "malformed_xml", "Resp"},
		{"attribute without quotes", `<PidData><Resp errCode=0/></PidData>`, "malformed_xml", "PidData"},
		{"less-than in a value", `<PidData><Resp errCode="<"/></PidData>`, "malformed_xml", "PidData"},
		{"reference to NUL", `<PidData><Resp errCode="&#0;"/></PidData>`, "malformed_xml", "PidData"},
		{"reference to a surrogate", `<PidData><Resp errCode="0" errInfo="&#xD800;"/></PidData>`, "malformed_xml", "Resp"},
		{"reference to a surrogate in text", `<PidData><Resp errCode="0"/><Data>&#57343;</Data></PidData>`, "malformed_xml", "Data"},
		{"no Resp", `<PidData><Data type="X">AAAA</Data></PidData>`, "missing_resp", "PidData"},
		{"an empty root", `<PidData/>`, "missing_resp", "PidData"},
		{"no errCode", `<PidData><Resp errInfo="Success"/></PidData>`, "missing_err_code", "Resp"},
		{"blank errCode", `<PidData><Resp errCode=" "/></PidData>`, "missing_err_code", "Resp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := pid.Parse([]byte(test.doc))
			if c != nil {
				t.Error("Parse returned a capture beside its error")
			}
			e, ok := errors.AsType[*pid.ParseError](err)
			if !ok || e.Code != test.code || e.Element != test.element {
				t.Fatalf("Parse = %v (%+v), want %s at %s", err, e, test.code, test.element)
			}
			if e.Rule == "" {
				t.Error("the rule is not named")
			}
		})
	}
}

// A document may be refused for a name or value that is personal.
func TestParseError_NamesNoContent(t *testing.T) {
	const canary = "C4n4ry999941057058"
	for _, doc := range []string{
		"<" + canary + "/>",
		"<PidData><" + canary + "/></PidData>",
		"<PidData " + canary + `=""/>`,
		`<PidData a="` + canary + `"/>`,
		"<PidData>" + canary + "</PidData>",
		"<PidData>&" + canary + ";</PidData>",
		"<PidData></" + canary + ">",
		"<PidData><Resp errCode=\"0\" " + canary + `="" ` + canary + `=""/></PidData>`,
		`<?xml version="1.0" encoding="` + canary + `"?><PidData/>`,
		"<!DOCTYPE " + canary + "><PidData/>",
		"<PidData><Resp errCode=\"" + canary + "<\"/></PidData>",
	} {
		_, err := pid.Parse([]byte(doc))
		e, ok := errors.AsType[*pid.ParseError](err)
		if !ok {
			t.Errorf("Parse(%s) = %v, want a ParseError", doc, err)
			continue
		}
		if told := fmt.Sprintf("%v %+v %#v %+v", err, err, err, e.Problem()); strings.Contains(told, canary) {
			t.Errorf("the error for %s tells what stood there: %s", doc, told)
		}
	}
}

// What working drivers do (rd-service.md section 5.1) is read, kept and accepted.
func TestParse_Tolerates(t *testing.T) {
	good := sample(t)
	data := content(t, good, `<Data type="X">`, "<")
	hmac := content(t, good, `<Hmac>`, "<")
	skey := content(t, good, "<Skey ", "</Skey>")
	info := content(t, good, "<DeviceInfo", "</DeviceInfo>")
	resp := content(t, good, "<Resp", "/>")
	for _, test := range []struct {
		name, doc string
	}{
		{"as Mantra L1 writes it", good},
		{"no XML declaration", edit(t, good, "<?xml version=\"1.0\"?>\n", "")},
		{"whole XML declaration", edit(t, good, `<?xml version="1.0"?>`, `<?xml version='1.0' encoding='UTF-8' standalone="yes" ?>`)},
		{"byte order mark", "\xef\xbb\xbf" + good},
		{"line breaks around it", "\r\n\n" + edit(t, good, "<?xml version=\"1.0\"?>\n", "") + "\r\n\r\n"},
		{"comments", edit(t, good, "<PidData>", "<!-- a --><PidData><!-- b -->") + "<!-- c -->"},
		{"Startek's namespaces", edit(t, good, "<PidData>", `<PidData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">`)},
		{"Startek's own attributes", edit(t, good, "<Resp ", `<Resp ts="2026-03-14" `, "<DeviceInfo ", `<DeviceInfo error="" srno="1" status="" `)},
		{"Startek's Params", edit(t, good, "</additional_info>", `<Param name="DeviceType" value="Open"/><Param name="SupportUpto" value="2030"/></additional_info>`)},
		{"single quotes", strings.ReplaceAll(edit(t, good, `type="X"`, `type= 'X'`), `"`, "'")},
		{"type with blanks", edit(t, good, `type="X"`, "type = \"X \"")},
		{"empty counts", edit(t, good, "<Resp ", `<Resp iCount="" iType="" pCount="" pgCount="" pTimeout="" `)},
		{"CustOpts handed back", edit(t, good, "<Skey", `<CustOpts><Param name="a" value=""/></CustOpts><Skey`)},
		{"capital letters in additional_info", strings.ReplaceAll(good, "additional_info", "Additional_Info")},
		{"Params with one name", edit(t, good, "</additional_info>", `<Param name="srno" value="second"/></additional_info>`)},
		{"base64 in lines", edit(t, good, data, wrapped(data), hmac, wrapped(hmac))},
		{"a blank inside Data", edit(t, good, data, data[:100]+" "+data[100:])},
		{"line break in mc", edit(t, good, ` mc="`, " mc=\"\n")},
		{"Morpho's order, Resp last", "<PidData><DeviceInfo" + info + "</DeviceInfo><Skey " + skey + "</Skey><Hmac>" + hmac +
			"</Hmac><Data type=\"X\">" + data + "</Data><Resp" + resp + "></Resp></PidData>"},
		{"self-closed DeviceInfo", "<PidData><Resp" + resp + "/><DeviceInfo" + info[:strings.Index(info, ">")] + "/><Skey " + skey +
			"</Skey><Hmac>" + hmac + "</Hmac><Data type=\"X\">" + data + "</Data></PidData>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := mustParse(t, []byte(test.doc))
			if !bytes.Equal(c.Bytes(), []byte(test.doc)) {
				t.Error("Bytes differs from what was parsed")
			}
			policy := pid.DefaultPolicy()
			policy.Requested = &pid.Options{FCount: 1, FType: pid.FMRFIR}
			if v := policy.Check(c, takenAt); len(v.Problems) > 0 {
				t.Errorf("Check: %s, want no problem", codes(v.Problems))
			}
			if taken, err := c.TakenAt(); err != nil || !taken.Equal(takenAt) {
				t.Errorf("TakenAt() = %v, %v, want %v", taken, err, takenAt)
			}
		})
	}
}

// The caps themselves are still let through.
func TestParse_Caps(t *testing.T) {
	const short = `<PidData><Resp errCode="0"/></PidData>`
	mustParse(t, []byte(short+strings.Repeat(" ", 1<<20-len(short))))

	var many strings.Builder
	for i := range 63 {
		fmt.Fprintf(&many, ` a%d=""`, i)
	}
	mustParse(t, []byte(`<PidData><Resp errCode="0"`+many.String()+`/></PidData>`))

	var params strings.Builder
	for i := range 65 {
		fmt.Fprintf(&params, `<Param name="p%d" value="v"/>`, i)
	}
	c := mustParse(t, []byte(`<PidData><DeviceInfo><additional_info>`+params.String()+`</additional_info></DeviceInfo><Resp errCode="0"/></PidData>`))
	if got := c.Device().Params; len(got) != 64 || got["p63"] != "v" {
		t.Errorf("%d Params kept, want the first 64", len(got))
	}

	fits := strings.Repeat("x", 256)
	if got := mustParse(t, []byte(`<PidData><Resp errCode="1" errInfo="`+fits+`"/></PidData>`)).Resp().ErrInfo; got != fits {
		t.Errorf("%d bytes of errInfo kept of 256", len(got))
	}
	long := mustParse(t, []byte(`<PidData><Resp errCode="700" errInfo="`+strings.Repeat("क", 200)+`"/></PidData>`))
	if info := long.Resp().ErrInfo; info != strings.Repeat("क", 85) {
		t.Errorf("errInfo of %d bytes kept, want whole letters up to 256 bytes", len(info))
	}
}

// UIDAI's stand-in opens what passed, so nothing in it was touched; and what it
// calls malformed is not let through here either.
func TestParse_AgreesWithUIDAI(t *testing.T) {
	uidai := pidtest.Simulated()
	d := sampleDocument(t)
	if _, err := uidai.Open(mustParse(t, d.XML()).Bytes()); err != nil {
		t.Fatalf("a block that passed can't be opened: %v", err)
	}
	// What only the key can see.
	sealedInside := map[string]bool{
		"Skey altered": true, "Hmac altered": true, "Data altered": true, "Data cut": true,
		"other time before Data": true, "mc altered": true, "other dc": true,
	}
	policy := pid.DefaultPolicy()
	for _, b := range pidtest.Breakages() {
		t.Run(b.Name, func(t *testing.T) {
			c, err := pid.Parse(b.Break(d))
			accepted := err == nil && policy.Check(c, takenAt).Accepted()
			// A cut certificate is only a warning: two vendors' whole ones are
			// hard enough to read. A ci is only a date here.
			lenient := sealedInside[b.Name] || b.Name == "mc cut"
			if accepted != lenient {
				t.Errorf("accepted %v (%v), want %v", accepted, err, lenient)
			}
		})
	}
}

func TestParse_KeepsItsOwnCopy(t *testing.T) {
	raw := []byte(sample(t))
	c := mustParse(t, raw)
	want := bytes.Clone(raw)
	clear(raw)
	if !bytes.Equal(c.Bytes(), want) {
		t.Error("the capture changed with the caller's buffer")
	}
}

func TestCapture_Failed(t *testing.T) {
	for _, test := range []struct {
		name, doc string
		want      pid.RespError
		text      string
	}{
		{"Resp alone", `<PidData><Resp errCode="720" errInfo=" Device not ready "/></PidData>`,
			pid.RespError{Code: "720", Info: "Device not ready"}, "capture failed with code 720: Device not ready"},
		{"everything empty", `<PidData><Resp errCode="700" errInfo=""/><DeviceInfo dpId="" mc=""><additional_info/></DeviceInfo><Skey ci=""/><Hmac></Hmac><Data type="X"/></PidData>`,
			pid.RespError{Code: "700"}, "capture failed with code 700"},
		{"negative code", `<PidData><Resp errCode=" -1509" errInfo="Checking"/></PidData>`,
			pid.RespError{Code: "-1509", Info: "Checking"}, "capture failed with code -1509: Checking"},
		{"what looks like one of our names", `<PidData><Resp errCode="999" errInfo="{code} {detail}"/></PidData>`,
			pid.RespError{Code: "999", Info: "{code} {detail}"}, "capture failed with code 999: {code} {detail}"},
		{"what a terminal would act upon", "<PidData><Resp errCode='999' errInfo='a&#10;b&#x9b;c'/></PidData>",
			pid.RespError{Code: "999", Info: "a b c"}, "capture failed with code 999: a b c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := mustParse(t, []byte(test.doc))
			e, ok := errors.AsType[*pid.RespError](c.Err())
			if !ok || *e != test.want || e.Error() != test.text {
				t.Fatalf("Err() = %+v %q, want %+v %q", e, e, test.want, test.text)
			}
			if _, err := c.TakenAt(); err == nil {
				t.Error("TakenAt gives a time for a failed capture")
			}
			if _, err := c.Certificate(); err == nil {
				t.Error("Certificate gives one for a failed capture")
			}
			v := pid.DefaultPolicy().Check(c, takenAt)
			if codes(v.Problems) != "capture_failed Resp" || v.Accepted() || v.Retry() {
				t.Errorf("Check: %s, want capture_failed alone", codes(v.Problems))
			}
			if !strings.Contains(v.Problems[0].Message, test.want.Code) || !strings.Contains(v.Problems[0].Message, test.want.Info) {
				t.Errorf("message %q, want the driver's own words", v.Problems[0].Message)
			}
		})
	}
}

func TestCapture_Resp(t *testing.T) {
	const frame = `<PidData><Resp errCode="0" errInfo="Success." fCount=" 1" fType="2" qScore="%s" nmPoints="%s"/></PidData>`
	for _, test := range []struct {
		name, text string
		want       []int
	}{
		{"plain", "83", []int{83}},
		{"Morpho's line break", "59\n", []int{59}},
		{"the same, escaped", "59&#10;", []int{59}},
		{"two fingers", "83,77", []int{83, 77}},
		{"two fingers with blanks", " 83 , 77 ", []int{83, 77}},
		{"Evolute", "null", nil},
		{"empty", "", nil},
		{"one of two", "83,null", nil},
		{"a fraction", "83.5", nil},
		{"negative", "-1", nil},
		{"beyond a number", "99999999999999999999", nil},
		{"nothing at all was seen", "0", []int{0}},
		{"all fingers", "1,2,3,4,5,6,7,8,9,10", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"more than a person's fingers", "1,1,1,1,1,1,1,1,1,1,1", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := mustParse(t, fmt.Appendf(nil, frame, test.text, test.text)).Resp()
			if fmt.Sprint(r.QScore) != fmt.Sprint(test.want) || fmt.Sprint(r.NmPoints) != fmt.Sprint(test.want) {
				t.Errorf("QScore %v, NmPoints %v, want %v", r.QScore, r.NmPoints, test.want)
			}
			if r.FCount != "1" || r.FType != "2" || r.ErrInfo != "Success." {
				t.Errorf("Resp = %+v, want its texts trimmed", r)
			}
			if low, ok := r.LowestQScore(); ok != (test.want != nil) || ok && low != min(test.want[0], test.want[len(test.want)-1]) {
				t.Errorf("LowestQScore() = %d, %v", low, ok)
			}
		})
	}
}
