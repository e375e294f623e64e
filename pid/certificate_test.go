package pid_test

import (
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/pid/pidtest"
)

// Two vendors' certificates are out of reach for crypto/x509; if that ever
// changes, the walk of our own can go.
func TestCertificate_Quirks(t *testing.T) {
	for _, quirk := range []pidtest.CertQuirk{pidtest.CertRegular, pidtest.CertSerialZero, pidtest.CertModulusNegative} {
		t.Run("quirk "+string(quirk), func(t *testing.T) {
			notBefore := takenAt.AddDate(0, 0, -3).UTC()
			d := newSample(t, pidtest.DeviceSpec{
				DeviceInfo: pidtest.DeviceInfo{DPID: "Morpho.SmartChip", RDSID: "SCPL.WIN.001", RDSVer: "2.0.1.32", MI: "MSO1300E2L0SW"},
				Provider:   "Smart Chip 4", NotBefore: notBefore, Quirk: quirk, CA: true,
			})
			if _, err := x509.ParseCertificate(d.Device.MC()); (err == nil) != (quirk == pidtest.CertRegular) {
				t.Fatalf("crypto/x509 says %v", err)
			}
			c := mustParse(t, d.XML())
			cert, err := c.Certificate()
			if err != nil {
				t.Fatalf("Certificate: %v", err)
			}
			if want := "rd_device_" + d.Device.Info().DC; cert.SubjectCN != want || cert.IssuerCN != "DS Smart Chip 4" {
				t.Errorf("subject %q, issuer %q, want %q from DS Smart Chip 4", cert.SubjectCN, cert.IssuerCN, want)
			}
			if !cert.NotBefore.Equal(notBefore) || !cert.NotAfter.Equal(notBefore.AddDate(0, 0, 30)) {
				t.Errorf("valid %v to %v, want 30 days from %v", cert.NotBefore, cert.NotAfter, notBefore)
			}
			if zero := strings.HasPrefix(cert.Serial, "00"); len(cert.Serial) < 16 || zero != (quirk == pidtest.CertSerialZero) {
				t.Errorf("serial %q, want it as it stands", cert.Serial)
			}
			if v := pid.DefaultPolicy().Check(c, takenAt); len(v.Problems) > 0 {
				t.Errorf("problems %s, want none", codes(v.Problems))
			}
		})
	}
}

func TestPolicy_Certificate(t *testing.T) {
	const window = "certificate_not_valid DeviceInfo@mc"
	for _, test := range []struct {
		name     string
		change   func(*pidtest.DeviceSpec)
		problems string
	}{
		{"good", func(*pidtest.DeviceSpec) {}, ""},
		{"fetched for this scan, clocks a little apart", func(s *pidtest.DeviceSpec) { s.NotBefore = takenAt.Add(20 * time.Second) }, ""},
		{"of tomorrow", func(s *pidtest.DeviceSpec) { s.NotBefore = takenAt.AddDate(0, 0, 1) }, window},
		{"of last month", func(s *pidtest.DeviceSpec) {
			s.NotBefore, s.NotAfter = takenAt.AddDate(0, 0, -40), takenAt.AddDate(0, 0, -10)
		}, window},
		{"names another device", func(s *pidtest.DeviceSpec) { s.CN = "rd_device_0f0f0f0f-0000-4000-8000-000000000000" }, "certificate_device DeviceInfo@mc"},
		{"names its vendor", func(s *pidtest.DeviceSpec) { s.CN = "PROD_USER" }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := pidtest.DeviceSpec{
				DeviceInfo: pidtest.DeviceInfo{DPID: "EVOLUTE.EVOLUTE", RDSID: "EVOLUTE.AND.001", RDSVer: "1.0.0", MI: "IDENTI5"},
				Provider:   "Evolute 1",
			}
			test.change(&spec)
			c := mustParse(t, newSample(t, spec).XML())
			v := pid.DefaultPolicy().Check(c, takenAt)
			if got := codes(v.Problems); got != test.problems {
				t.Errorf("problems %q, want %q", got, test.problems)
			}
			if !v.Accepted() {
				t.Error("a certificate alone must not stop a capture")
			}
		})
	}
}

func TestPolicy_CertificateIssuer(t *testing.T) {
	d := sampleDocument(t)
	// Same length, so that the DER around it stays whole.
	mc := strings.Replace(string(d.Device.MC()), "DS Mantra", "XX Mantra", 1)
	doc := strings.Replace(string(d.XML()), base64.StdEncoding.EncodeToString(d.Device.MC()), base64.StdEncoding.EncodeToString([]byte(mc)), 1)
	v := pid.DefaultPolicy().Check(mustParse(t, []byte(doc)), takenAt)
	if got := codes(v.Problems); got != "certificate_issuer DeviceInfo@mc" {
		t.Errorf("problems %q, want certificate_issuer", got)
	}
}

// Certificates written by hand, in forms that pidtest does not make.
func TestCertificate_Forms(t *testing.T) {
	tlv := func(tag byte, parts ...string) string {
		body := strings.Join(parts, "")
		if len(body) > 127 {
			return string([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}) + body
		}
		return string([]byte{tag, byte(len(body))}) + body
	}
	const (
		seq, set, integer, oid           = 0x30, 0x31, 0x02, 0x06
		utf8, printable, bmp, t61        = 0x0c, 0x13, 0x1e, 0x14
		utcTime, generalizedTime, bitStr = 0x17, 0x18, 0x03
	)
	cnOID, orgOID := tlv(oid, "\x55\x04\x03"), tlv(oid, "\x55\x04\x0a")
	name := func(tag byte, cn string) string {
		return tlv(seq, tlv(set, tlv(seq, orgOID, tlv(utf8, "Org"))), tlv(set, tlv(seq, cnOID, tlv(tag, cn))))
	}
	validity := tlv(seq, tlv(utcTime, "260301000000Z"), tlv(utcTime, "260401000000Z"))
	version, serial, algorithm := tlv(0xa0, tlv(integer, "\x02")), tlv(integer, "\x00\x00\x2a"), tlv(seq)
	build := func(fields ...string) string {
		return tlv(seq, tlv(seq, fields...), algorithm, tlv(bitStr, "\x00"))
	}
	plain := name(utf8, "DS X 1")
	for _, test := range []struct {
		name, der string
		subject   string
		readable  bool
	}{
		{"version 3", build(version, serial, algorithm, plain, validity, name(utf8, "MFS110")), "MFS110", true},
		{"version 1", build(serial, algorithm, plain, validity, name(utf8, "MFS110")), "MFS110", true},
		{"an underscore in PrintableString", build(version, serial, algorithm, plain, validity, name(printable, "rd_device_1")), "rd_device_1", true},
		{"BMPString", build(version, serial, algorithm, plain, validity, name(bmp, "\x00M\x00F\x09\x15")), "MFक", true},
		{"Latin-1 in TeletexString", build(version, serial, algorithm, plain, validity, name(t61, "\xe9")), "", true},
		{"what a terminal would act upon", build(version, serial, algorithm, plain, validity, name(utf8, "a\x1b[2Jb")), "a [2Jb", true},
		{"no names", build(version, serial, algorithm, tlv(seq), validity, tlv(seq)), "", true},
		{"a broken name", build(version, serial, algorithm, plain, validity, tlv(seq, "\x31\x7f")), "", true},
		{"two attributes in one part", build(version, serial, algorithm, plain, validity,
			tlv(seq, tlv(set, tlv(seq, orgOID, tlv(utf8, "Org")), tlv(seq, cnOID, tlv(utf8, "MFS110"))))), "MFS110", true},
		{"GeneralizedTime", build(version, serial, algorithm, plain,
			tlv(seq, tlv(generalizedTime, "20260301000000Z"), tlv(generalizedTime, "20260401000000Z")), name(utf8, "x")), "x", true},
		{"no date", build(version, serial, algorithm, plain, tlv(seq, tlv(utcTime, "269901000000Z"), tlv(utcTime, "260401000000Z")), plain), "", false},
		{"one date", build(version, serial, algorithm, plain, tlv(seq, tlv(utcTime, "260301000000Z")), plain), "", false},
		{"no serial", build(version, algorithm, plain, validity, plain), "", false},
		{"serial as text", build(version, tlv(0x04, "\x00\x00\x2a"), algorithm, plain, validity, plain), "", false},
		{"serial of another class", build(version, tlv(0x82, "\x00\x00\x2a"), algorithm, plain, validity, plain), "", false},
		{"cut", build(version, serial, algorithm, plain, validity, plain)[:60], "", false},
		{"no sequence", tlv(utf8, "certificate"), "", false},
		{"PEM", "-----BEGIN CERTIFICATE-----", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := `<PidData><Resp errCode="0"/><DeviceInfo mc="` + base64.StdEncoding.EncodeToString([]byte(test.der)) + `"/></PidData>`
			cert, err := mustParse(t, []byte(doc)).Certificate()
			if (err == nil) != test.readable {
				t.Fatalf("Certificate: %v, want readable %v", err, test.readable)
			}
			if !test.readable {
				if cert != (pid.Certificate{}) {
					t.Errorf("a certificate beside the error: %+v", cert)
				}
				return
			}
			if cert.SubjectCN != test.subject || cert.Serial != "00002a" {
				t.Errorf("subject %q, serial %q, want %q, 00002a", cert.SubjectCN, cert.Serial, test.subject)
			}
			if want := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC); !cert.NotAfter.Equal(want) {
				t.Errorf("NotAfter %v, want %v", cert.NotAfter, want)
			}
		})
	}
}
