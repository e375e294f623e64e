package rdservice

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

const maxPath = 256

// cleanPath returns the path under which a service wants a method, on the port
// that was probed, or "" if what it said is of no use. Vendors put scheme, host,
// port and blanks in there (rd-service.md section 2.1); another host than this
// computer is refused.
func cleanPath(raw string) string {
	if len(raw) > maxPath {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, raw)

	s, absolute := cutScheme(s)
	oneSlash := strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
	s = strings.TrimLeft(s, "/")
	first, rest, _ := strings.Cut(s, "/")
	switch {
	case isThisComputer(first):
		s = rest
	case absolute, isHost(first), strings.Contains(first, ".") && !oneSlash:
		return ""
	}
	return normalPath(s)
}

// cutScheme removes "http:", "https:" and the ":" that is left of either.
func cutScheme(s string) (rest string, found bool) {
	for _, scheme := range []string{"https:", "http:", ":"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return s[len(scheme):], true
		}
	}
	return s, false
}

// isThisComputer reports whether segment is a name of this computer with or
// without a port. The port is not looked at: the probed one is right.
func isThisComputer(segment string) bool {
	host, port := segment, ""
	if i := strings.LastIndexByte(segment, ':'); i >= 0 && !strings.HasSuffix(segment, "]") {
		host, port = segment[:i], segment[i+1:]
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	return host == "127.0.0.1" || host == "[::1]" || strings.EqualFold(host, "localhost")
}

// isHost reports whether segment can only be meant as a host.
func isHost(segment string) bool {
	_, err := netip.ParseAddr(segment)
	return err == nil || strings.ContainsAny(segment, ":[@")
}

// normalPath returns s with one slash in front and single ones within, or "".
func normalPath(s string) string {
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) || strings.ContainsRune(`\:@#[]"<>`, r) {
			return ""
		}
	}
	var b strings.Builder
	path, query, hasQuery := strings.Cut(s, "?")
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "":
			continue
		case ".", "..":
			return ""
		}
		b.WriteString("/" + segment)
	}
	if b.Len() == 0 {
		return ""
	}
	if hasQuery {
		b.WriteString("?" + query)
	}
	if _, err := url.ParseRequestURI(b.String()); err != nil || b.Len() > maxPath {
		return ""
	}
	return b.String()
}
