package setup

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// ServiceSID returns the security identifier of the virtual account that Windows
// gives the service of that name: the SHA-1 of its name in upper case, which is how
// "sc showsid" makes it.
func ServiceSID(name string) string {
	hash := sha1.New()
	for _, unit := range utf16.Encode([]rune(strings.ToUpper(name))) {
		hash.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	sum := hash.Sum(nil)
	var b strings.Builder
	b.WriteString("S-1-5-80")
	for part := sum; len(part) > 0; part = part[4:] {
		fmt.Fprintf(&b, "-%d", binary.LittleEndian.Uint32(part))
	}
	return b.String()
}
