package pidtest

import (
	"crypto/rsa"
	"crypto/sha256"
	"time"
)

// Resealed encrypts a PID of the test's own making, for refusals that lie behind
// the encryption. A nil hash means the right one.
func (u *UIDAI) Resealed(d *Device, taken time.Time, plain, hash []byte) (Sealed, error) {
	if hash == nil {
		sum := sha256.Sum256(plain)
		hash = sum[:]
	}
	return u.encrypt(d, taken.In(ist).Format(timestampLayout), plain, hash)
}

// Key lets a test decrypt by itself.
func (u *UIDAI) Key() *rsa.PrivateKey { return u.key }
