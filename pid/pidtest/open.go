package pidtest

import (
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"time"
)

// UIDAI's answers that point back at a PID block (rd-service.md section 7.3).
// CodeDocument is recalled rather than listed there.
const (
	CodeSkey      = "500" // Skey can't be decrypted
	CodeCI        = "501" // ci is of another certificate
	CodeData      = "502" // Data can't be decrypted
	CodeHmac      = "503" // Hmac can't be decrypted
	CodeDocument  = "510" // PidData itself is malformed
	CodePID       = "511" // the PID inside is malformed
	CodeDC        = "521" // dc, or the hash over the identity (dih)
	CodeMI        = "524" // mi
	CodeMC        = "527" // mc, or a signature (bs) that it does not bear out
	CodeRotation  = "528" // the device certificate was not valid at the time
	CodeOld       = "561" // too old
	CodeFuture    = "562" // in the future
	CodeDuplicate = "563" // sent before; for callers that keep count
	CodeHash      = "564" // the hash is not that of the PID
)

// OpenError says why a PID block was refused. It names places and rules, never
// what stood there.
type OpenError struct {
	Code    string // the code UIDAI answers with
	Element string // where: an element, or element@attribute
	Rule    string // what is wrong with it
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("%s %s (UIDAI %s)", e.Element, e.Rule, e.Code)
}

func refuse(code, element, rule string) error {
	return &OpenError{Code: code, Element: element, Rule: rule}
}

// Opened is what was inside a PID block.
type Opened struct {
	Time   time.Time // of the capture
	PID    []byte    // the plain PID XML
	Ver    string
	Wadh   string
	OTP    string
	Bios   []Bio
	Device DeviceInfo
	// Certificate is the device's, as written: its window held the capture time
	// and its provider's signature was good.
	Certificate Certificate
	// FType and FCount are Resp's, as text.
	FType, FCount string
}

// Open decrypts a PidData document and verifies all that UIDAI can verify: the
// three encryptions, the hash, the provider's signature on mc, the identity hash
// and the device's signature over every record. It returns an *OpenError, and
// nothing else, at the first thing that is wrong. Age and repetition depend on
// the caller: see [Opened.CheckAge] and [CodeDuplicate].
func (u *UIDAI) Open(pidData []byte) (*Opened, error) {
	doc, err := readPidData(pidData)
	if err != nil {
		return nil, err
	}
	session, err := u.openSkey(doc)
	if err != nil {
		return nil, err
	}
	ts, plain, err := openData(doc, session)
	if err != nil {
		return nil, err
	}
	cert, err := u.checkDevice(doc, ts)
	if err != nil {
		return nil, err
	}
	opened := &Opened{PID: plain, Device: doc.device, Certificate: *cert, FType: doc.fType, FCount: doc.fCount}
	if err := opened.readPID(ts, cert); err != nil {
		return nil, err
	}
	return opened, nil
}

// CheckAge refuses a block that is older than maxAge at the time given (561) or
// lies further ahead of it than maxAhead (562).
func (o *Opened) CheckAge(now time.Time, maxAge, maxAhead time.Duration) error {
	switch age := now.Sub(o.Time); {
	case age > maxAge:
		return refuse(CodeOld, "Data", "is too old")
	case age < -maxAhead:
		return refuse(CodeFuture, "Data", "is from the future")
	}
	return nil
}

// openSkey returns the session key. ci is looked at first, as it says which key
// to try.
func (u *UIDAI) openSkey(doc *pidData) ([]byte, error) {
	if doc.ci != u.ci {
		return nil, refuse(CodeCI, "Skey@ci", "is of another certificate")
	}
	//lint:ignore SA1019 the padding that registered devices use
	session, err := rsa.DecryptPKCS1v15(nil, u.key, doc.skey)
	if err != nil || len(session) != 32 {
		return nil, refuse(CodeSkey, "Skey", "can't be decrypted")
	}
	return session, nil
}

func openData(doc *pidData, session []byte) (ts string, plain []byte, err error) {
	if len(doc.data) < len(timestampLayout) {
		return "", nil, refuse(CodeData, "Data", "is too short")
	}
	ts = string(doc.data[:len(timestampLayout)])
	gcm, nonce, aad, err := blockCipher(session, ts)
	if err != nil {
		return "", nil, refuse(CodeSkey, "Skey", "holds no AES key")
	}
	plain, err = gcm.Open(nil, nonce, doc.data[len(timestampLayout):], aad)
	if err != nil {
		return "", nil, refuse(CodeData, "Data", "can't be decrypted")
	}
	hash, err := gcm.Open(nil, nonce, doc.hmac, aad)
	if err != nil {
		return "", nil, refuse(CodeHmac, "Hmac", "can't be decrypted")
	}
	if want := sha256.Sum256(plain); string(hash) != string(want[:]) {
		return "", nil, refuse(CodeHash, "Hmac", "is not the hash of the PID")
	}
	return ts, plain, nil
}

// checkDevice verifies the device certificate and that it was valid at ts.
func (u *UIDAI) checkDevice(doc *pidData, ts string) (*Certificate, error) {
	cert, err := readCertificate(doc.mc)
	if err != nil {
		return nil, refuse(CodeMC, "DeviceInfo@mc", "is not a device certificate")
	}
	if !verifySHA256(&u.provider.PublicKey, cert.signed, cert.signature) {
		return nil, refuse(CodeMC, "DeviceInfo@mc", "is not signed by a known provider")
	}
	taken, err := time.ParseInLocation(timestampLayout, ts, ist)
	if err != nil {
		return nil, refuse(CodeData, "Data", "does not begin with a time")
	}
	if taken.Before(cert.NotBefore) || taken.After(cert.NotAfter) {
		return nil, refuse(CodeRotation, "DeviceInfo@mc", "was not valid at the time of the capture")
	}
	return cert, nil
}

// readPID reads the plain PID and checks it against its surroundings.
func (o *Opened) readPID(ts string, cert *Certificate) error {
	root, err := readElement(o.PID)
	if err != nil {
		return refuse(CodePID, "Pid", "is malformed: "+err.Error())
	}
	if root.name != "Pid" {
		return refuse(CodePID, "Pid", "is missing")
	}
	if root.attrs["ts"] != ts {
		return refuse(CodePID, "Pid@ts", "is not the timestamp of Data")
	}
	if o.Ver = root.attrs["ver"]; o.Ver != "2.0" {
		return refuse(CodePID, "Pid@ver", "is not 2.0")
	}
	if o.Time, err = time.ParseInLocation(timestampLayout, ts, ist); err != nil {
		return refuse(CodePID, "Pid@ts", "is not a time")
	}
	o.Wadh = root.attrs["wadh"]
	for _, c := range root.children {
		if c.name == "Pv" {
			o.OTP = c.attrs["otp"]
		}
	}
	bios, err := root.only("Bios")
	if err != nil {
		return refuse(CodePID, "Bios", err.Error())
	}
	if bios.attrs["dih"] != deviceHash(o.Device) {
		return refuse(CodeDC, "Bios@dih", "is not the hash of DeviceInfo")
	}
	return o.readBios(bios, ts, cert)
}

func (o *Opened) readBios(bios *element, ts string, cert *Certificate) error {
	for _, c := range bios.children {
		if c.name != "Bio" {
			return refuse(CodePID, "Bios", "holds something other than Bio")
		}
		record, err := c.bytes64()
		if err != nil {
			return refuse(CodePID, "Bio", err.Error())
		}
		bs, err := decode64(c.attrs["bs"])
		if err != nil {
			return refuse(CodePID, "Bio@bs", err.Error())
		}
		if !cert.verify(signedBio(record, ts, o.Device.DC), bs) {
			return refuse(CodeMC, "Bio@bs", "is not the device's signature")
		}
		o.Bios = append(o.Bios, Bio{Type: c.attrs["type"], Posh: c.attrs["posh"], Data: record, BS: bs})
	}
	if len(o.Bios) == 0 {
		return refuse(CodePID, "Bios", "is empty")
	}
	return nil
}
