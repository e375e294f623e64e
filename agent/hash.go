package agent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"biobridge/agent/journal"
)

// hashes makes the keyed hashes by which the journal recognises people and
// requests without knowing them.
type hashes struct{ key []byte }

// sum hashes parts under a purpose. Each part's length goes in before it, so
// that no two lists of parts give the same input.
func (h hashes) sum(purpose string, parts ...string) journal.Hash {
	m := hmac.New(sha256.New, h.key)
	for _, p := range append([]string{purpose}, parts...) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		m.Write(size[:])
		io.WriteString(m, p)
	}
	return journal.Hash(m.Sum(nil))
}

func (h hashes) person(a Aadhaar) journal.Hash { return h.sum("person", a.Plain()) }

// content covers what makes a request the same request. How it is carried out
// (scanner, place, OTP, a confirmed repeat) may differ when a page asks again.
func (h hashes) content(r TransactRequest) journal.Hash {
	return h.sum("content", string(r.Service), r.Aadhaar.Plain(), r.BankCode, strconv.FormatInt(r.Amount, 10),
		r.CustomerID, r.UserCode, strconv.FormatBool(r.NotifyCustomer))
}

// referenceSize is the longest client_ref_id that Eko takes (eko-api.md section
// 4.1).
const referenceSize = 20

const base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// newReference makes a client_ref_id: the time in milliseconds and 11 random
// characters (57 bits), so that neither a clock set back nor 10,000 shops of one
// partner in the same millisecond make one twice.
func newReference(now time.Time, random io.Reader) (string, error) {
	var b strings.Builder
	b.WriteString(strings.ToUpper(strconv.FormatInt(now.UnixMilli(), 36)))
	if b.Len() > 9 {
		return "", fmt.Errorf("make a reference: the clock says %d", now.Year())
	}
	for one := make([]byte, 1); b.Len() < referenceSize; {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", fmt.Errorf("make a reference: %w", err)
		}
		// 252 is the last multiple of 36 in a byte: what lies above would favour
		// the first characters.
		if one[0] < 252 {
			b.WriteByte(base36[one[0]%36])
		}
	}
	return b.String(), nil
}
