package pid_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"biobridge/pid"
	"biobridge/pid/pidtest"
)

// FuzzParse holds what must be true of every input: no panic, one result or one
// error and never both, no byte changed, and nothing accepted that a strict
// reader refuses.
func FuzzParse(f *testing.F) {
	doc, err := oneSample()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(readSeed(f))
	f.Add(doc.XML())
	for _, b := range pidtest.Breakages() {
		f.Add(b.Break(doc))
	}
	f.Add([]byte(`<PidData><Resp errCode="720" errInfo="not ready"/></PidData>`))
	f.Add([]byte("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><!-- --><PidData><Resp errCode='0' qScore='59&#10;'/><Data type= 'X'>A A\nAA</Data></PidData>"))
	f.Add([]byte(`<PidData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><CustOpts><Param/></CustOpts><Resp errCode="0"/></PidData>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		c, err := pid.Parse(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("Parse changed its input")
		}
		if err != nil {
			e, ok := errors.AsType[*pid.ParseError](err)
			if c != nil || !ok {
				t.Fatalf("capture %v beside error %v", c, err)
			}
			if p := e.Problem(); p.Message == "" || p.Element == "" || e.Rule == "" {
				t.Fatalf("incomplete problem %+v", p)
			}
			return
		}
		if !bytes.Equal(c.Bytes(), before) {
			t.Fatal("Bytes differs from what was parsed")
		}
		wellFormed(t, before)
		holdsTogether(t, requested(pid.Options{FCount: 1, FType: pid.FMRFIR}).Check(c, takenAt))
		holdsTogether(t, pid.Policy{}.Check(c, takenAt))
		_, _ = c.Certificate()
		_ = c.CI()
		c.Wipe()
		if c.Bytes() != nil || !bytes.Equal(raw, before) {
			t.Fatal("Wipe touched what is not its own, or left the document")
		}
	})
}

// wellFormed reads the document as encoding/xml's strict decoder does, which
// balances tags by itself.
func wellFormed(t *testing.T, doc []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(doc))
	roots, depth := 0, 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("accepted, but a strict reader says %v", err)
		}
		switch token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.Directive:
			t.Fatal("accepted a directive")
		}
	}
	if roots != 1 {
		t.Fatalf("accepted %d root elements", roots)
	}
}

// FuzzCertificate walks any bytes as a device certificate.
func FuzzCertificate(f *testing.F) {
	for _, quirk := range []pidtest.CertQuirk{pidtest.CertRegular, pidtest.CertSerialZero, pidtest.CertModulusNegative} {
		d, err := pidtest.NewDevice(pidtest.DeviceSpec{Quirk: quirk})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(d.MC())
	}
	mc, err := base64.StdEncoding.DecodeString(content(f, string(readSeed(f)), `mc="`, `"`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mc)
	f.Add([]byte{0x30, 0x80, 0x30, 0x00})
	f.Fuzz(func(t *testing.T, der []byte) {
		doc := `<PidData><Resp errCode="0"/><DeviceInfo mc="` + base64.StdEncoding.EncodeToString(der) + `"/></PidData>`
		if len(doc) > 1<<20 {
			t.Skip()
		}
		cert, err := mustParse(t, []byte(doc)).Certificate()
		if err != nil && cert != (pid.Certificate{}) {
			t.Fatalf("certificate %+v beside error %v", cert, err)
		}
		for _, text := range []string{cert.SubjectCN, cert.IssuerCN, cert.Serial} {
			if len(text) > 300 || bytes.ContainsAny([]byte(text), "\x00\x1b\n\r") {
				t.Fatalf("text %q is not fit to be shown", text)
			}
		}
	})
}
