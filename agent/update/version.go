package update

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

// parseVersion reads "1.2.3". Releases have no other form, because Windows Installer
// knows no other.
func parseVersion(text string) ([3]int, error) {
	var v [3]int
	parts := strings.Split(text, ".")
	if len(parts) != len(v) {
		return v, errors.New("not a version like 1.2.3")
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || part != strconv.FormatUint(n, 10) {
			return v, errors.New("not a version like 1.2.3")
		}
		v[i] = int(n)
	}
	return v, nil
}

// newer reports whether version a comes after b. A build that is no release (b is
// not like 1.2.3) is never replaced.
func newer(a, b string) bool {
	va, errA := parseVersion(a)
	vb, errB := parseVersion(b)
	if errA != nil || errB != nil {
		return false
	}
	return cmp.Or(cmp.Compare(va[0], vb[0]), cmp.Compare(va[1], vb[1]), cmp.Compare(va[2], vb[2])) > 0
}
