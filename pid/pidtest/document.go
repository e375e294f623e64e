package pidtest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Document is a PidData document laid out as Mantra's L1 service does, for tests
// that need a block but no scanner. (The layouts of all vendors are rdsim's.)
type Document struct {
	Device         *Device
	Sealed         Sealed
	FType, FCount  int
	QScore, Points int
	Serial         string
	Taken          time.Time
}

// NewDocument makes a good document: one finger of ordinary quality, taken at
// the time given by a device of the spec. An empty identity in the spec becomes
// that of a Mantra MFS110.
func NewDocument(u *UIDAI, spec DeviceSpec, fType int, taken time.Time) (Document, error) {
	if spec.DPID == "" {
		spec.DPID, spec.RDSID, spec.RDSVer, spec.MI = "MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "MFS110"
		spec.Provider, spec.CN = "Mantra Softech India Pvt Ltd 7", "MFS110"
	}
	if spec.NotBefore.IsZero() {
		spec.NotBefore = taken.AddDate(0, 0, -10)
	}
	device, err := NewDevice(spec)
	if err != nil {
		return Document{}, err
	}
	const points = 38
	bios, err := Fingers(rand.Reader, fType, []int{points}, nil)
	if err != nil {
		return Document{}, err
	}
	sealed, err := u.Seal(device, SealRequest{Time: taken, Bios: bios})
	if err != nil {
		return Document{}, err
	}
	return Document{Device: device, Sealed: sealed, FType: fType, FCount: 1,
		QScore: 78, Points: points, Serial: "1234567", Taken: taken}, nil
}

// XML writes the document.
func (d Document) XML() []byte {
	i := d.Device.Info()
	var b bytes.Buffer
	line := func(format string, values ...any) {
		for i, v := range values {
			values[i] = escapeXML(fmt.Sprint(v))
		}
		fmt.Fprintf(&b, format+"\n", values...)
	}
	line(`<?xml version="1.0"?>`)
	line(`<PidData>`)
	line(`  <Resp errCode="0" errInfo="Success." fCount="%s" fType="%s" nmPoints="%s" qScore="%s" />`, d.FCount, d.FType, d.Points, d.QScore)
	line(`  <DeviceInfo dpId="%s" rdsId="%s" rdsVer="%s" mi="%s" mc="%s" dc="%s">`, i.DPID, i.RDSID, i.RDSVer, i.MI, encode64(d.Sealed.MC), i.DC)
	line(`    <additional_info>`)
	line(`      <Param name="srno" value="%s" />`, d.Serial)
	line(`      <Param name="ts" value="%s" />`, d.Taken.In(ist).Format(time.RFC3339))
	line(`    </additional_info>`)
	line(`  </DeviceInfo>`)
	line(`  <Skey ci="%s">%s</Skey>`, d.Sealed.CI, encode64(d.Sealed.Skey))
	line(`  <Hmac>%s</Hmac>`, encode64(d.Sealed.Hmac))
	line(`  <Data type="X">%s</Data>`, encode64(d.Sealed.Data))
	b.WriteString(`</PidData>`)
	return b.Bytes()
}

// Breakage is one way to spoil a good document.
type Breakage struct {
	Name  string
	Code  string // what [UIDAI.Open] refuses it with
	Break func(Document) []byte
}

// Breakages returns every way to spoil a document that this package knows. Each
// spoils exactly one thing.
func Breakages() []Breakage {
	return []Breakage{
		{"doctype", CodeDocument, textual("<PidData>", `<!DOCTYPE PidData [<!ENTITY a "b">]><PidData>`)},
		{"trailing element", CodeDocument, textual("</PidData>", "</PidData><PidData/>")},
		{"trailing text", CodeDocument, textual("</PidData>", "</PidData>x")},
		{"foreign root", CodeDocument, textual("PidData>", "PidDatum>")},
		{"foreign namespace", CodeDocument, textual("<PidData>", `<PidData xmlns="urn:example">`)},
		{"cut in the middle", CodeDocument, func(d Document) []byte { x := d.XML(); return x[:len(x)/2] }},
		{"empty", CodeDocument, func(Document) []byte { return nil }},
		{"no Resp", CodeDocument, textual("<Resp ", "<Respond ")},
		{"two Resp", CodeDocument, textual("<Resp ", `<Resp errCode="0"/><Resp `)},
		{"errCode twice", CodeDocument, textual(`errCode="0"`, `errCode="0" errCode="0"`)},
		{"capture failed", CodeDocument, textual(`errCode="0"`, `errCode="700"`)},
		{"no DeviceInfo", CodeDocument, textual("DeviceInfo", "DeviceInformation")},
		{"no Skey", CodeSkey, textual("Skey", "Key")},
		{"no Hmac", CodeHmac, textual("Hmac", "Mac")},
		{"no Data", CodeData, func(d Document) []byte { return replace(replace(d.XML(), "<Data ", "<Dat "), "</Data>", "</Dat>") }},
		{"child in Hmac", CodeHmac, textual("<Hmac>", "<Hmac><b/>")},
		{"Skey not base64", CodeSkey, textual(`</Skey>`, "*</Skey>")},
		{"Data of type P", CodeData, textual(`type="X"`, `type="P"`)},
		{"foreign ci", CodeCI, textual(`ci="`, `ci="1`)},
		{"no dc", CodeDC, func(d Document) []byte { return replace(d.XML(), d.Device.info.DC, "") }},
		{"other dc", CodeDC, func(d Document) []byte { return replace(d.XML(), d.Device.info.DC, newUUID()) }},
		{"no mi", CodeMI, func(d Document) []byte { return replace(d.XML(), "mi=\""+d.Device.info.MI, "mi=\"") }},
		{"Skey altered", CodeSkey, sealed(func(s *Sealed) { s.Skey[100] ^= 1 })},
		{"Skey short", CodeSkey, sealed(func(s *Sealed) { s.Skey = s.Skey[:255] })},
		{"Hmac altered", CodeHmac, sealed(func(s *Sealed) { s.Hmac[0] ^= 1 })},
		{"Hmac short", CodeHmac, sealed(func(s *Sealed) { s.Hmac = s.Hmac[:47] })},
		{"Data altered", CodeData, sealed(func(s *Sealed) { s.Data[len(s.Data)-30] ^= 1 })},
		{"Data cut", CodeData, sealed(func(s *Sealed) { s.Data = s.Data[:len(s.Data)-1] })},
		{"other time before Data", CodeData, sealed(func(s *Sealed) { s.Data[18] ^= 1 })},
		{"mc altered", CodeMC, sealed(func(s *Sealed) { s.MC[len(s.MC)/2] ^= 1 })},
		{"mc cut", CodeMC, sealed(func(s *Sealed) { s.MC = s.MC[:400] })},
	}
}

// textual replaces text everywhere in the written document.
func textual(from, to string) func(Document) []byte {
	return func(d Document) []byte { return replace(d.XML(), from, to) }
}

func replace(document []byte, from, to string) []byte {
	return []byte(strings.ReplaceAll(string(document), from, to))
}

// sealed changes the block's bytes before they are written.
func sealed(change func(*Sealed)) func(Document) []byte {
	return func(d Document) []byte {
		s := d.Sealed
		s.Skey, s.Hmac = bytes.Clone(s.Skey), bytes.Clone(s.Hmac)
		s.Data, s.MC = bytes.Clone(s.Data), bytes.Clone(s.MC)
		change(&s)
		d.Sealed = s
		return d.XML()
	}
}
