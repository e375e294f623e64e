package pidtest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"time"
)

// CertQuirk is a way in which a vendor's real device certificates break the
// rules of DER. Go's crypto/x509 refuses both (rd-service.md section 5.3).
type CertQuirk string

const (
	// CertRegular is a certificate that every parser reads.
	CertRegular CertQuirk = ""
	// CertSerialZero writes the serial number with a redundant leading zero
	// byte, as Startek's do.
	CertSerialZero CertQuirk = "serial_zero"
	// CertModulusNegative leaves out the leading zero byte of the RSA modulus,
	// as Morpho's Windows service does, so that it reads as a negative number.
	CertModulusNegative CertQuirk = "modulus_negative"
)

// DeviceInfo is what DEVICEINFO and PidData say about a registered device, in
// the attributes' own words.
type DeviceInfo struct {
	DPID, RDSID, RDSVer, DC, MI string
}

// DeviceSpec describes a registered device to make. The zero value of each
// field has a working meaning.
type DeviceSpec struct {
	DeviceInfo // an empty DC is replaced by a fresh UUID

	Provider  string // the issuer's common name is "DS " + Provider; empty: "Simulated Provider 1"
	CN        string // the subject's common name; empty: "rd_device_" + DC
	NotBefore time.Time
	NotAfter  time.Time // zero NotBefore: ten days ago; zero NotAfter: thirty days after NotBefore
	Quirk     CertQuirk
	CA        bool // marks the certificate CA:TRUE, as four vendors do

	// OwnKey makes a key for this device alone, which takes some tenths of a
	// second. Without it the device shares the published simulated key, which
	// is as good to everything that does not compare devices by key.
	OwnKey bool
}

// Device is a registered device: an identity, a key, and a certificate that its
// provider signed. It is safe for concurrent use.
type Device struct {
	info DeviceInfo
	key  *rsa.PrivateKey
	mc   []byte
}

// NewDevice makes a device and lets its provider sign its certificate.
func NewDevice(spec DeviceSpec) (*Device, error) {
	if spec.DC == "" {
		spec.DC = newUUID()
	}
	if spec.CN == "" {
		spec.CN = "rd_device_" + spec.DC
	}
	if spec.Provider == "" {
		spec.Provider = "Simulated Provider 1"
	}
	if spec.NotBefore.IsZero() {
		spec.NotBefore = time.Now().AddDate(0, 0, -10)
	}
	if spec.NotAfter.IsZero() {
		spec.NotAfter = spec.NotBefore.AddDate(0, 0, 30)
	}
	key, err := deviceKey(spec.OwnKey)
	if err != nil {
		return nil, err
	}
	mc, err := makeCertificate(spec, &key.PublicKey, simulatedKey(providerKeyFile))
	if err != nil {
		return nil, fmt.Errorf("sign the device certificate: %w", err)
	}
	return &Device{info: spec.DeviceInfo, key: key, mc: mc}, nil
}

// Info returns what the device says about itself.
func (d *Device) Info() DeviceInfo { return d.info }

// MC returns the DER bytes of the device certificate.
func (d *Device) MC() []byte { return bytes.Clone(d.mc) }

func deviceKey(own bool) (*rsa.PrivateKey, error) {
	if !own {
		return simulatedKey(deviceKeyFile), nil
	}
	key, err := rsa.GenerateKey(nil, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a device key: %w", err)
	}
	return key, nil
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
