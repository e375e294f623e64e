package wsapi

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"biobridge/agent/contract"
)

// Origin is a page's origin and what it may do.
type Origin struct {
	// Name is the canonical form of [ParseOrigin].
	Name   string
	Scopes []contract.Scope
	// Users are the users of this PC whose browsers may come in with it ("uid:1000",
	// a SID); nil: everybody's. Not are those whose may not, whatever Users says.
	Users, Not []string
}

// admits reports whether a user's page may come in. Where the system doesn't
// tell who it is, only what is for everybody is for him.
func (o Origin) admits(user string) bool {
	if slices.Contains(o.Not, user) {
		return false
	}
	return o.Users == nil || slices.Contains(o.Users, user)
}

// The longest origin that is looked at: a host name has at most 253 bytes.
const maxOrigin = 300

// ParseOrigin reads an origin as a browser writes it, scheme://host[:port], and
// returns it in the one form that a browser would send: lower case, without the
// scheme's own port. Everything that no browser sends is an error: a path, user
// information, a trailing dot, letters outside ASCII (browsers send the xn--
// form), a wildcard, another scheme than http and https.
func ParseOrigin(text string) (string, error) {
	if len(text) > maxOrigin {
		return "", errors.New("an origin is not as long as that")
	}
	lower := strings.ToLower(text)
	scheme, rest, ok := strings.Cut(lower, "://")
	if !ok || (scheme != "https" && scheme != "http") {
		return "", errors.New("an origin begins with https:// (or http:// for localhost)")
	}
	host, port, err := splitHost(rest)
	if err != nil {
		return "", err
	}
	if (scheme == "https" && port == 443) || (scheme == "http" && port == 80) {
		port = 0
	}
	name := scheme + "://" + host
	if port != 0 {
		name += ":" + strconv.Itoa(port)
	}
	return name, nil
}

// splitHost reads host[:port]; a port of 0 means that there is none.
func splitHost(text string) (host string, port int, err error) {
	host = text
	colon := strings.LastIndexByte(text, ':')
	if colon > strings.LastIndexByte(text, ']') {
		host = text[:colon]
		port, err = parsePort(text[colon+1:])
		if err != nil {
			return "", 0, err
		}
	}
	if strings.HasPrefix(host, "[") {
		return host, port, checkIPv6(host)
	}
	return host, port, checkHost(host)
}

func parsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 || text != strconv.FormatUint(port, 10) {
		return 0, errors.New("the port of an origin is a number from 1 to 65535")
	}
	return int(port), nil
}

func checkIPv6(host string) error {
	inner, ok := strings.CutSuffix(strings.TrimPrefix(host, "["), "]")
	addr, err := netip.ParseAddr(inner)
	if !ok || err != nil || !addr.Is6() || addr.Zone() != "" || addr.String() != inner {
		return errors.New("the IPv6 address of an origin stands in brackets, in its shortest form")
	}
	return nil
}

func checkHost(host string) error {
	if host == "" || len(host) > 253 {
		return errors.New("an origin has a host name")
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("a part of the origin's host name is empty, too long or begins or ends with a hyphen")
		}
		if i := strings.IndexFunc(label, notHostRune); i >= 0 {
			return errors.New("an origin is scheme://host[:port] in plain letters, digits and hyphens; other letters in their xn-- form")
		}
	}
	// A browser writes 0x7f.1 and 127.1 as 127.0.0.1, and so must the list.
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is4() {
			return errors.New("the IPv4 address of an origin has four decimal parts")
		}
	}
	return nil
}

func notHostRune(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

// CheckOrigin says why an origin can't be on the list of an environment
// ("simulated", "uat", "production"): production takes https only, the others
// plain http from this machine's own names as well.
func CheckOrigin(origin Origin, environment string) error {
	canonical, err := ParseOrigin(origin.Name)
	if err != nil {
		return fmt.Errorf("origin %q: %w", origin.Name, err)
	}
	if canonical != origin.Name {
		return fmt.Errorf("origin %q: a browser sends %q", origin.Name, canonical)
	}
	for _, scope := range origin.Scopes {
		if !slices.Contains(contract.Scopes(), scope) {
			return fmt.Errorf("origin %q: there is no scope %q", origin.Name, scope)
		}
	}
	if strings.HasPrefix(canonical, "https://") {
		return nil
	}
	if environment == production {
		return fmt.Errorf("origin %q: only https origins may connect in production", origin.Name)
	}
	if !local(canonical) {
		return fmt.Errorf("origin %q: plain http is for localhost only", origin.Name)
	}
	return nil
}

const production = "production"

func local(origin string) bool {
	_, rest, _ := strings.Cut(origin, "://")
	host, _, err := splitHost(rest)
	if err != nil {
		return false
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "[::1]"
}
