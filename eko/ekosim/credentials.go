package ekosim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
)

// The simulator's credentials. They open no other door: Eko knows none of them,
// and the simulator knows none of Eko's.
const (
	DeveloperKey = "SIMULATED-developer-key"
	AccessKey    = "SIMULATED-access-key-of-ekosim"
	// InitiatorID is the partner's registered mobile number.
	InitiatorID = "9999900000"
	// UserCode is the merchant who may do everything; see [DefaultMerchants].
	UserCode = "99990001"
)

// simulatedPrefix stands before every key the simulator takes, so that a
// real one can't be typed in by mistake.
const simulatedPrefix = "SIMULATED-"

// aadhaarKeyDER is a throw-away 1024-bit RSA key in PKCS#8 DER. It protects
// nothing, and is the same in every process so that a configuration file can
// name its public half. The size is the documented one (eko-api.md section 3).
const aadhaarKeyDER = `
MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAM3spnIKwAZLOHUN5qzHuVcyV6jJ
TSs6/POnH3j87vbWWaHvMfWKaZyDmyWuFLiposFvDDW7iurtISMzJsTr05FwZLZlIEVmO5PBKShl
yymwch2AWQKbli+Q9w9oLUW7OM1gJEZNtRoy8rEQf2ILxLlzm29uH5C+MHdBS5Oy21dPAgMBAAEC
gYEAuz0AoxVPQOnIbfaz1krMJZLqzdgryLEcK1e8cEBb8Ck62tkpbf/qw5uOyJYe1UG5cXTNf1YF
nFL9HIp4J/neJe52BXP799HjYOaDjsu//lKIFmbS2zs6FeDfXuo27Pk22T0WuONto5qYfz1zD1Ge
WW+dBA9rPL/eBOGXzyhDKIECQQD+Y1H5+ekIjysCVOoX+R+wwe2umpBLcynFeCl5WoEdkegSL2B9
Z5nVym4Jgtgyt276wytCjnYgMzSk/SckJRuhAkEAzzq1zWk1L9I4KGotcwmuSyrnKTs4UP2H4gkt
8dKXUWX2tCRaB2+FgDz4KAwhNgTvVh0iCDjfHMvGgAkZpwsM7wJAcdfe6uD1cdgoZj28GYhqrz7K
cJZJNwrNycqRvPZMy//s/J5pLxX7GVsjTWxZ9rByoRRQutNod9aSm7eTGbDloQJBAJUknPnEMVpE
gtRbbnBv1DgXHZ1oGKT5gxVkI+P5+5vCtaZ6zyywz7U2rCcua6yUKqigeQDP5Yu1ARze785wPpMC
QQCq0wWEoVxxFsLRAXdwHdbmZHDkvxzHE/whoPxPfLRa0gKfx8wRtpb7zqEqELC0MqU80fKR0KZC
b7kS02WEaHQk
`

// aadhaarKey parses the embedded key; it can't fail but by editing this file.
func aadhaarKey() *rsa.PrivateKey {
	der, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(aadhaarKeyDER, "\n", ""))
	if err != nil {
		panic("ekosim: embedded key: " + err.Error())
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		panic("ekosim: embedded key: " + err.Error())
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		panic("ekosim: embedded key: it is not RSA")
	}
	return key
}

// PublicKey returns the key that the field aadhar is encrypted under, as Eko
// publishes its own: X.509 SubjectPublicKeyInfo, DER, base64.
func PublicKey() string {
	der, err := x509.MarshalPKIXPublicKey(&aadhaarKey().PublicKey)
	if err != nil {
		panic("ekosim: embedded key: " + err.Error())
	}
	return base64.StdEncoding.EncodeToString(der)
}
