package pidtest_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"biobridge/pid/pidtest"
)

var taken = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

const istTaken = "2026-03-14T14:56:53"

func newDocument(t *testing.T, u *pidtest.UIDAI, spec pidtest.DeviceSpec, fType int) pidtest.Document {
	t.Helper()
	doc, err := pidtest.NewDocument(u, spec, fType, taken)
	if err != nil {
		t.Fatalf("NewDocument: %v", err)
	}
	return doc
}

// codeOf returns UIDAI's code of a refusal.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	refusal, ok := errors.AsType[*pidtest.OpenError](err)
	if !ok {
		t.Fatalf("error %v is not an *OpenError", err)
	}
	return refusal.Code
}

func TestOpen_ReturnsWhatWasSealed(t *testing.T) {
	u := pidtest.Simulated()
	device, err := pidtest.NewDevice(pidtest.DeviceSpec{
		DeviceInfo: pidtest.DeviceInfo{DPID: "A.B", RDSID: "A.WIN.001", RDSVer: "1.2", MI: "X1"},
		NotBefore:  taken.AddDate(0, 0, -1),
	})
	if err != nil {
		t.Fatal(err)
	}
	bios, err := pidtest.Fingers(rand.Reader, 2, []int{30, 44}, []string{"LEFT_INDEX", "RIGHT_THUMB"})
	if err != nil {
		t.Fatal(err)
	}
	wadh := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	sealed, err := u.Seal(device, pidtest.SealRequest{Time: taken, Wadh: wadh, OTP: "12<34", Demo: `<Demo lang="23"/>`, Bios: bios})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := u.Open(pidtest.Document{Device: device, Sealed: sealed, FType: 2, FCount: 2, Taken: taken}.XML())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if opened.Wadh != wadh || opened.OTP != "12<34" || opened.Ver != "2.0" || opened.FType != "2" || opened.FCount != "2" {
		t.Errorf("opened wadh %q, otp %q, ver %q, fType %q, fCount %q", opened.Wadh, opened.OTP, opened.Ver, opened.FType, opened.FCount)
	}
	if !opened.Time.Equal(taken) {
		t.Errorf("time %v, want %v", opened.Time, taken)
	}
	if opened.Device != device.Info() {
		t.Errorf("device %+v, want %+v", opened.Device, device.Info())
	}
	if !bytes.HasPrefix(opened.PID, []byte(`<Pid ts="`+istTaken+`" ver="2.0" wadh="`+wadh+`"><Demo lang="23"/><Bios dih="`)) {
		t.Errorf("the PID begins with %.120s", opened.PID)
	}
	if len(opened.Bios) != len(bios) {
		t.Fatalf("%d records, want %d", len(opened.Bios), len(bios))
	}
	for i, bio := range opened.Bios {
		if bio.Type != bios[i].Type || bio.Posh != bios[i].Posh || !bytes.Equal(bio.Data, bios[i].Data) || len(bio.BS) != 256 {
			t.Errorf("record %d came back as %s %s, %d bytes, signature of %d", i, bio.Type, bio.Posh, len(bio.Data), len(bio.BS))
		}
	}
	if c := opened.Certificate; c.SubjectCN != "rd_device_"+device.Info().DC || !strings.HasPrefix(c.IssuerCN, "DS ") || !strings.Contains(c.IssuerOrganisation, "SIMULATED") {
		t.Errorf("certificate of %q by %q of %q", c.SubjectCN, c.IssuerCN, c.IssuerOrganisation)
	}
}

// rd-service.md section 5.2, spelled out once more with everything written by
// hand, so that Seal and Open can't be wrong in the same way.
func TestSeal_ByTheLetter(t *testing.T) {
	u := pidtest.Simulated()
	doc := newDocument(t, u, pidtest.DeviceSpec{DeviceInfo: pidtest.DeviceInfo{
		DPID: "MANTRA.MSIPL", RDSID: "MANTRA.WIN.001", RDSVer: "1.0.4", DC: "6a1f0a52-3d1c-4f5e-9b7a-0123456789ab", MI: "MFS100",
	}}, 0)
	//lint:ignore SA1019 the padding that registered devices use
	session, err := rsa.DecryptPKCS1v15(nil, u.Key(), doc.Sealed.Skey)
	if err != nil || len(session) != 32 {
		t.Fatalf("session key of %d bytes, %v", len(session), err)
	}
	block, err := aes.NewCipher(session)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	if ts := string(doc.Sealed.Data[:19]); ts != istTaken {
		t.Fatalf("Data begins with %s, want %s", ts, istTaken)
	}
	nonce, aad := []byte("-14T14:56:53"), []byte("6-03-14T14:56:53")
	plain, err := gcm.Open(nil, nonce, doc.Sealed.Data[19:], aad)
	if err != nil {
		t.Fatalf("decrypt Data: %v", err)
	}
	hash, err := gcm.Open(nil, nonce, doc.Sealed.Hmac, aad)
	if err != nil {
		t.Fatalf("decrypt Hmac: %v", err)
	}
	if want := sha256.Sum256(plain); !bytes.Equal(hash, want[:]) {
		t.Error("Hmac is not the SHA-256 of the PID")
	}
	// printf of dpId rdsId rdsVer dc mi and upper-case sha256(dc), through openssl dgst -sha256.
	const dih = "KKSv3+7oMgRetwiHvOciXXItJ9gMNPGOscA2Y3WJy6A="
	pid := regexp.MustCompile(`^<Pid ts="` + istTaken + `" ver="2.0" wadh=""><Bios dih="(.*)"><Bio type="FMR" posh="UNKNOWN" bs="(.*)">(.*)</Bio></Bios></Pid>$`).FindStringSubmatch(string(plain))
	if pid == nil {
		t.Fatalf("the PID is %.200s", plain)
	}
	if pid[1] != dih {
		t.Errorf("dih %s, want %s", pid[1], dih)
	}
	bs, err := base64.StdEncoding.DecodeString(pid[2])
	if err != nil {
		t.Fatal(err)
	}
	record, err := base64.StdEncoding.DecodeString(pid[3])
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(doc.Sealed.MC)
	if err != nil {
		t.Fatal(err)
	}
	recordHash := sha256.Sum256(record)
	signed := string(recordHash[:]) + istTaken + "6a1f0a52-3d1c-4f5e-9b7a-0123456789ab"
	if err := cert.CheckSignature(x509.SHA256WithRSA, []byte(signed), bs); err != nil {
		t.Errorf("bs: %v", err)
	}
}

// The sizes are those measured on real blocks: rd-service.md section 5.2.
func TestSeal_Sizes(t *testing.T) {
	u := pidtest.Simulated()
	for _, tt := range []struct{ fType, least, most int }{{0, 760, 1330}, {2, 9000, 10900}} {
		for _, points := range []int{19, 27, 38, 50} {
			device, err := pidtest.NewDevice(pidtest.DeviceSpec{})
			if err != nil {
				t.Fatal(err)
			}
			bios, err := pidtest.Fingers(rand.Reader, tt.fType, []int{points}, nil)
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := u.Seal(device, pidtest.SealRequest{Bios: bios})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(sealed.Data); n < tt.least || n > tt.most {
				t.Errorf("fType %d with %d points: Data of %d bytes, want %d to %d", tt.fType, points, n, tt.least, tt.most)
			}
			if len(sealed.Skey) != 256 || len(sealed.Hmac) != 48 {
				t.Errorf("Skey of %d and Hmac of %d bytes", len(sealed.Skey), len(sealed.Hmac))
			}
			if n := len(sealed.MC); n < 880 || n > 1052 {
				t.Errorf("mc of %d bytes, want about 900 to 1052", n)
			}
		}
	}
}

func TestSeal_WithoutRecords(t *testing.T) {
	device, err := pidtest.NewDevice(pidtest.DeviceSpec{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pidtest.Simulated().Seal(device, pidtest.SealRequest{}); err == nil {
		t.Error("a block without a record was sealed")
	}
}

func TestOpen_RefusesEveryBreakage(t *testing.T) {
	u := pidtest.Simulated()
	for _, fType := range []int{0, 2} {
		doc := newDocument(t, u, pidtest.DeviceSpec{}, fType)
		if _, err := u.Open(doc.XML()); err != nil {
			t.Fatalf("the good document was refused: %v", err)
		}
		for _, b := range pidtest.Breakages() {
			t.Run(fmt.Sprintf("%s, fType %d", b.Name, fType), func(t *testing.T) {
				opened, err := u.Open(b.Break(doc))
				if opened != nil {
					t.Fatal("something was returned beside the error")
				}
				if code := codeOf(t, err); code != b.Code {
					t.Errorf("refused with %s (%v), want %s", code, err, b.Code)
				}
			})
		}
	}
}

// A PID that is well encrypted and wrong inside.
func TestOpen_LooksInside(t *testing.T) {
	u := pidtest.Simulated()
	doc := newDocument(t, u, pidtest.DeviceSpec{}, 0)
	opened, err := u.Open(doc.XML())
	if err != nil {
		t.Fatal(err)
	}
	good := string(opened.PID)
	swap := func(from, to string) []byte { return []byte(strings.Replace(good, from, to, 1)) }
	tests := []struct {
		name        string
		plain, hash []byte
		code        string
	}{
		{"other hash", []byte(good), make([]byte, 32), pidtest.CodeHash},
		{"not XML", []byte("Pid"), nil, pidtest.CodePID},
		{"other root", swap("<Pid ", "<pid "), nil, pidtest.CodePID},
		{"other time", swap(istTaken, "2026-03-14T14:56:54"), nil, pidtest.CodePID},
		{"other version", swap(`ver="2.0"`, `ver="1.0"`), nil, pidtest.CodePID},
		{"other dih", swap(`dih="`, `dih="A`), nil, pidtest.CodeDC},
		{"other record", swap(">Rk1S", ">Rk1T"), nil, pidtest.CodeMC},
		{"no signature", swap(`bs="`, `b="`), nil, pidtest.CodePID},
		{"no record", []byte(good[:strings.Index(good, "<Bio ")] + "</Bios></Pid>"), nil, pidtest.CodePID},
		{"something else among the records", swap("<Bio ", "<Note/><Bio "), nil, pidtest.CodePID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := doc
			broken.Sealed, err = u.Resealed(doc.Device, taken, tt.plain, tt.hash)
			if err != nil {
				t.Fatal(err)
			}
			_, err = u.Open(broken.XML())
			if code := codeOf(t, err); code != tt.code {
				t.Errorf("refused with %s (%v), want %s", code, err, tt.code)
			}
		})
	}
}

func TestOpen_CertificateWindow(t *testing.T) {
	u := pidtest.Simulated()
	for name, spec := range map[string]pidtest.DeviceSpec{
		"ran out":       {NotBefore: taken.AddDate(0, 0, -31), NotAfter: taken.Add(-time.Second)},
		"not valid yet": {NotBefore: taken.Add(time.Second), NotAfter: taken.AddDate(0, 0, 30)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := u.Open(newDocument(t, u, spec, 0).XML())
			if code := codeOf(t, err); code != pidtest.CodeRotation {
				t.Errorf("refused with %s, want %s", code, pidtest.CodeRotation)
			}
		})
	}
}

func TestOpened_CheckAge(t *testing.T) {
	u := pidtest.Simulated()
	opened, err := u.Open(newDocument(t, u, pidtest.DeviceSpec{}, 0).XML())
	if err != nil {
		t.Fatal(err)
	}
	const window = 10 * time.Minute
	tests := []struct {
		age  time.Duration
		code string
	}{
		{0, ""}, {window, ""}, {-window, ""},
		{window + time.Second, pidtest.CodeOld}, {-window - time.Second, pidtest.CodeFuture},
	}
	for _, tt := range tests {
		err := opened.CheckAge(taken.Add(tt.age), window, window)
		switch {
		case tt.code == "" && err != nil:
			t.Errorf("age %v refused: %v", tt.age, err)
		case tt.code != "" && codeOf(t, err) != tt.code:
			t.Errorf("age %v: %v, want %s", tt.age, err, tt.code)
		}
	}
}

func TestUIDAI_OthersKeysDoNotOpen(t *testing.T) {
	fresh, err := pidtest.NewUIDAI()
	if err != nil {
		t.Fatal(err)
	}
	simulated := pidtest.Simulated()
	doc := newDocument(t, fresh, pidtest.DeviceSpec{}, 0)
	if _, err := fresh.Open(doc.XML()); err != nil {
		t.Errorf("its own UIDAI refused the block: %v", err)
	}
	if fresh.CI() == simulated.CI() {
		t.Fatal("a fresh UIDAI has the simulated one's ci")
	}
	_, err = simulated.Open(doc.XML())
	if code := codeOf(t, err); code != pidtest.CodeCI {
		t.Errorf("another UIDAI refused with %s, want %s", code, pidtest.CodeCI)
	}
	doc.Sealed.CI = simulated.CI()
	_, err = simulated.Open(doc.XML())
	if code := codeOf(t, err); code != pidtest.CodeSkey {
		t.Errorf("with its ci another UIDAI refused with %s, want %s", code, pidtest.CodeSkey)
	}
}

// rd-service.md section 5.3: Go's x509 reads neither vendor's certificates.
func TestNewDevice_Quirks(t *testing.T) {
	u := pidtest.Simulated()
	tests := []struct {
		quirk pidtest.CertQuirk
		x509  string // what Go says; empty: nothing
	}{
		{pidtest.CertRegular, ""},
		{pidtest.CertSerialZero, "malformed serial number"},
		{pidtest.CertModulusNegative, "RSA modulus is not a positive number"},
	}
	for _, tt := range tests {
		for _, ca := range []bool{false, true} {
			spec := pidtest.DeviceSpec{Quirk: tt.quirk, CA: ca}
			doc := newDocument(t, u, spec, 0)
			cert, err := x509.ParseCertificate(doc.Sealed.MC)
			switch {
			case tt.x509 == "" && err != nil:
				t.Errorf("%q, CA %v: x509 refuses it: %v", tt.quirk, ca, err)
			case tt.x509 == "" && (cert.IsCA != ca || cert.SignatureAlgorithm != x509.SHA256WithRSA):
				t.Errorf("x509 reads CA %v, %v", cert.IsCA, cert.SignatureAlgorithm)
			case tt.x509 != "" && (err == nil || !strings.Contains(err.Error(), tt.x509)):
				t.Errorf("%q: x509 says %v, want %q", tt.quirk, err, tt.x509)
			}
			if _, err := u.Open(doc.XML()); err != nil {
				t.Errorf("%q, CA %v: Open refuses it: %v", tt.quirk, ca, err)
			}
		}
	}
}

func TestNewDevice_OwnKey(t *testing.T) {
	u := pidtest.Simulated()
	shared, own := newDocument(t, u, pidtest.DeviceSpec{}, 0), newDocument(t, u, pidtest.DeviceSpec{OwnKey: true}, 0)
	if _, err := u.Open(own.XML()); err != nil {
		t.Errorf("a block of a device with its own key: %v", err)
	}
	// The other device's certificate does not bear out the signatures inside.
	own.Sealed.MC = shared.Sealed.MC
	_, err := u.Open(own.XML())
	if code := codeOf(t, err); code != pidtest.CodeMC {
		t.Errorf("refused with %s, want %s", code, pidtest.CodeMC)
	}
}

func TestIrises(t *testing.T) {
	bios, err := pidtest.Irises(rand.Reader, 2, []string{"LEFT_IRIS", "RIGHT_IRIS"})
	if err != nil {
		t.Fatal(err)
	}
	if len(bios) != 2 || bios[0].Type != "IIR" || bios[1].Posh != "RIGHT_IRIS" {
		t.Errorf("made %d records, the first %s, the second of %s", len(bios), bios[0].Type, bios[1].Posh)
	}
}

func TestOpenError_SaysWhereNotWhat(t *testing.T) {
	u := pidtest.Simulated()
	doc := newDocument(t, u, pidtest.DeviceSpec{}, 0)
	text := strings.Replace(string(doc.XML()), "<Resp ", `<Canary4711 a="1"/><Canary4711 a="1" a="2"/><Resp `, 1)
	_, err := u.Open([]byte(text))
	if err == nil || strings.Contains(err.Error(), "Canary") {
		t.Errorf("the error repeats what the document said: %v", err)
	}
}

// With the random source fixed the same block comes out, byte for byte, and a
// different one otherwise.
func TestSeal_RandomSource(t *testing.T) {
	seal := func(t *testing.T, seed uint64) string {
		cryptotest.SetGlobalRandom(t, seed)
		return string(newDocument(t, pidtest.Simulated(), pidtest.DeviceSpec{}, 0).XML())
	}
	var a, b, c string
	t.Run("a", func(t *testing.T) { a = seal(t, 1) })
	t.Run("b", func(t *testing.T) { b = seal(t, 1) })
	t.Run("c", func(t *testing.T) { c = seal(t, 2) })
	if a != b {
		t.Error("the same random source made two different blocks")
	}
	if a == c {
		t.Error("two random sources made the same block")
	}
}

func FuzzOpen(f *testing.F) {
	u := pidtest.Simulated()
	doc, err := pidtest.NewDocument(u, pidtest.DeviceSpec{}, 0, taken)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc.XML())
	for _, b := range pidtest.Breakages() {
		f.Add(b.Break(doc))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		opened, err := u.Open(document)
		if (opened == nil) == (err == nil) {
			t.Fatalf("Open returned %v and %v", opened, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	u := pidtest.Simulated()
	device, err := pidtest.NewDevice(pidtest.DeviceSpec{})
	if err != nil {
		b.Fatal(err)
	}
	bios, err := pidtest.Fingers(rand.Reader, 2, []int{38}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := u.Seal(device, pidtest.SealRequest{Bios: bios}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	u := pidtest.Simulated()
	doc, err := pidtest.NewDocument(u, pidtest.DeviceSpec{}, 2, taken)
	if err != nil {
		b.Fatal(err)
	}
	document := doc.XML()
	for b.Loop() {
		if _, err := u.Open(document); err != nil {
			b.Fatal(err)
		}
	}
}
