package browserpolicy

import (
	"errors"
	"net/url"
	"strings"
)

// ErrOrigin says that an origin can't be given a policy.
var ErrOrigin = errors.New("name one https page such as https://portal.partner.example, without a path")

// checkOrigin takes the origins that a policy may name: browsers give an http
// page no permission whatever a policy says.
func checkOrigin(origin string) (host string, err error) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", ErrOrigin
	}
	if strings.ContainsAny(u.Host, "*[]% ") || u.Host != strings.ToLower(u.Host) || !strings.Contains(u.Hostname(), ".") {
		return "", ErrOrigin
	}
	return u.Hostname(), nil
}
