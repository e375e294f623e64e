package pidtest

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// timestampLayout is the form of ts and of the bytes before Data's ciphertext:
// local time in India, no zone (rd-service.md section 5.2).
const timestampLayout = "2006-01-02T15:04:05"

// Bio is one biometric record of a PID block.
type Bio struct {
	Type string // "FMR", "FIR" or "IIR"
	Posh string // which finger or eye; "UNKNOWN" is usual
	Data []byte // the record itself
	BS   []byte // the device's signature over it; Seal makes it
}

// SealRequest says what goes into a PID block.
type SealRequest struct {
	Time time.Time // of the capture; zero: now
	Wadh string
	OTP  string // becomes Pv otp; empty: no Pv
	Demo string // a whole Demo element, or empty
	Bios []Bio  // from [Fingers] or [Irises], or one's own
}

// Sealed is a PID block in its parts, as bytes: what Skey, Hmac, Data and mc hold
// in base64.
type Sealed struct {
	Skey []byte // 256 bytes
	CI   string
	Hmac []byte // 48 bytes
	Data []byte // 19 bytes of timestamp, ciphertext, tag
	MC   []byte
}

// Seal makes a PID block as a registered device does: it signs each record,
// writes the PID, encrypts it and its hash under a fresh session key, and
// encrypts that key for UIDAI (rd-service.md section 5.2).
func (u *UIDAI) Seal(d *Device, req SealRequest) (Sealed, error) {
	if len(req.Bios) == 0 {
		return Sealed{}, fmt.Errorf("seal a PID block: no biometric record")
	}
	if req.Time.IsZero() {
		req.Time = time.Now()
	}
	ts := req.Time.In(ist).Format(timestampLayout)
	plain, err := d.pidXML(ts, req)
	if err != nil {
		return Sealed{}, fmt.Errorf("write the PID: %w", err)
	}
	hash := sha256.Sum256(plain)
	return u.encrypt(d, ts, plain, hash[:])
}

func (u *UIDAI) encrypt(d *Device, ts string, plain, hash []byte) (Sealed, error) {
	session := make([]byte, 32)
	rand.Read(session) // never fails: it ends the program instead
	//lint:ignore SA1019 the padding that registered devices use
	skey, err := rsa.EncryptPKCS1v15(nil, &u.key.PublicKey, session)
	if err != nil {
		return Sealed{}, fmt.Errorf("encrypt the session key: %w", err)
	}
	gcm, nonce, aad, err := blockCipher(session, ts)
	if err != nil {
		return Sealed{}, fmt.Errorf("prepare AES: %w", err)
	}
	return Sealed{
		Skey: skey,
		CI:   u.ci,
		Hmac: gcm.Seal(nil, nonce, hash, aad),
		Data: gcm.Seal([]byte(ts), nonce, plain, aad),
		MC:   d.MC(),
	}, nil
}

// blockCipher returns the cipher for both Hmac and Data, which share the nonce
// (the last 12 bytes of the timestamp) and the additional data (the last 16).
func blockCipher(session []byte, ts string) (gcm cipher.AEAD, nonce, aad []byte, err error) {
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, nil, nil, err
	}
	gcm, err = cipher.NewGCM(block)
	if err != nil {
		return nil, nil, nil, err
	}
	return gcm, []byte(ts[len(ts)-12:]), []byte(ts[len(ts)-16:]), nil
}

// pidXML writes the plain PID: attributes and order as rd-service.md section 5.2.
func (d *Device) pidXML(ts string, req SealRequest) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<Pid ts="%s" ver="2.0" wadh="%s">`, ts, escapeXML(req.Wadh))
	b.WriteString(req.Demo)
	fmt.Fprintf(&b, `<Bios dih="%s">`, deviceHash(d.info))
	for _, bio := range req.Bios {
		bs, err := d.signBio(bio.Data, ts)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `<Bio type="%s" posh="%s" bs="%s">%s</Bio>`,
			escapeXML(bio.Type), escapeXML(bio.Posh), encode64(bs), encode64(bio.Data))
	}
	b.WriteString(`</Bios>`)
	if req.OTP != "" {
		fmt.Fprintf(&b, `<Pv otp="%s"/>`, escapeXML(req.OTP))
	}
	b.WriteString(`</Pid>`)
	return []byte(b.String()), nil
}

// signBio makes bs: the device key's signature over the record's hash, the
// timestamp and dc.
func (d *Device) signBio(record []byte, ts string) ([]byte, error) {
	digest := sha256.Sum256(signedBio(record, ts, d.info.DC))
	bs, err := rsa.SignPKCS1v15(nil, d.key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign a record: %w", err)
	}
	return bs, nil
}

func signedBio(record []byte, ts, dc string) []byte {
	hash := sha256.Sum256(record)
	return append(append(hash[:], ts...), dc...)
}

// deviceHash makes dih, which ties the PID to the attributes of DeviceInfo.
// rd-service.md section 5.2 knows it of one vendor; all are given that form.
func deviceHash(i DeviceInfo) string {
	inner := sha256.Sum256([]byte(i.DC))
	text := i.DPID + i.RDSID + i.RDSVer + i.DC + i.MI + strings.ToUpper(hex.EncodeToString(inner[:]))
	hash := sha256.Sum256([]byte(text))
	return encode64(hash[:])
}

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\n", "&#xA;")

func escapeXML(s string) string { return xmlEscaper.Replace(s) }
