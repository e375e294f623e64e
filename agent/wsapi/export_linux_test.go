package wsapi

import "net/netip"

// UserOf and Owners are for tests of the two ways in which Linux tells whose a
// connection is.
var (
	UserOf = userOf
	Plain  = plain
	Owners = map[string]func(local, remote netip.AddrPort) (string, error){
		"sock_diag": diagnosed,
		"proc": func(local, remote netip.AddrPort) (string, error) {
			uid, err := ownerIn("/proc/net/tcp", local, remote)
			if err != nil {
				uid, err = ownerIn("/proc/net/tcp6", local, remote)
			}
			return uid, err
		},
	}
)
