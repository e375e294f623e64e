package pidtest

import (
	"crypto/rsa"
	"fmt"
	"time"
)

// keyBits is the size of UIDAI's key and of a device's key (rd-service.md
// sections 5.2 and 5.3).
const keyBits = 2048

// simulatedCI is the ci of [Simulated]: a date far enough off that nobody has to
// renew a key that protects nothing.
const simulatedCI = "20391231"

// ist is the zone of every timestamp inside a block; the text carries none.
var ist = time.FixedZone("IST", 5*60*60+30*60)

// UIDAI is a throw-away stand-in for UIDAI: the key that session keys are sealed
// under, and the authority that vouches for device providers. Make one with
// [Simulated] or [NewUIDAI].
type UIDAI struct {
	key      *rsa.PrivateKey
	provider *rsa.PrivateKey
	ci       string
}

// Simulated returns the one UIDAI that all simulators know, in whichever process
// they run. Its key is public.
func Simulated() *UIDAI {
	return &UIDAI{
		key:      simulatedKey(uidaiKeyFile),
		provider: simulatedKey(providerKeyFile),
		ci:       simulatedCI,
	}
}

// NewUIDAI makes a UIDAI with a key of its own, valid for three years, which no
// other process knows. It takes some tenths of a second.
func NewUIDAI() (*UIDAI, error) {
	key, err := rsa.GenerateKey(nil, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make a UIDAI key: %w", err)
	}
	return &UIDAI{
		key:      key,
		provider: simulatedKey(providerKeyFile),
		ci:       time.Now().UTC().AddDate(3, 0, 0).Format("20060102"),
	}, nil
}

// CI returns the Skey's ci attribute: the notAfter of UIDAI's certificate as
// yyyymmdd in GMT (rd-service.md section 5.2).
func (u *UIDAI) CI() string { return u.ci }
