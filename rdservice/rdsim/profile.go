package rdsim

import (
	"slices"

	"biobridge/pid/pidtest"
)

// Profile is one vendor's RD service, as data: what it says about itself and in
// which shape. Texts stand here as they go over the wire.
type Profile struct {
	Name  string // for --profile
	Title string // for people
	// Listen is where the vendor's service listens: "scheme first-last", joined
	// by commas. All endpoints are served at once.
	Listen string

	Info                    string // RDService@info
	DPID, RDSID, RDSVer, MI string
	CapturePath, InfoPath   string // as advertised; {port} is the endpoint's
	RespAttrs, DeviceAttrs  string // in the vendor's order, blank between
	Params                  string // additional_info: "name" or "name=value", blank between
	Serial                  string // of the scanner; # stands for a digit from the seed
	ErrInfo                 string // of a good capture

	Provider string // the certificate's issuer is "DS " + Provider
	CN       string // empty: rd_device_<dc>
	Days     int    // how long a certificate lasts
	Cert     pidtest.CertQuirk

	Quirks   []Quirk
	Invented string // the identity's values that no document knows
}

// Has reports whether the service has the quirk.
func (p Profile) Has(q Quirk) bool { return slices.Contains(p.Quirks, q) }

// Profiles returns every profile, in the order of the table.
func Profiles() []Profile { return profiles() }

// ProfileNamed returns the profile of that name.
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}
