package rdsim

import (
	"slices"
	"strings"

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

// ServedCapturePath returns where CAPTURE is really served.
func (p Profile) ServedCapturePath() string { return servedPath(p.CapturePath) }

// ServedInfoPath returns where DEVICEINFO is really served.
func (p Profile) ServedInfoPath() string { return servedPath(p.InfoPath) }

// servedPath returns the path behind an advertised one: Morpho puts host and
// port into it (rd-service.md section 2.1).
func servedPath(advertised string) string {
	rest, ok := strings.CutPrefix(advertised, "/"+loopback+":{port}")
	if ok {
		return rest
	}
	return advertised
}

// ExampleOptions returns PidOptions that the service accepts: one finger with
// minutiae and image, or one eye.
func (p Profile) ExampleOptions() string {
	what := `fCount="1" fType="2"`
	if p.Has(OldFType) {
		what = `fCount="1" fType="0"`
	}
	if p.Has(Iris) {
		what = `iCount="1" iType="0"`
	}
	return `<PidOptions ver="1.0"><Opts ` + what +
		` format="0" pidVer="2.0" timeout="10000" otp="" posh="UNKNOWN" env="P"/></PidOptions>`
}
