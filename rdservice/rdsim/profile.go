package rdsim

import (
	"cmp"
	"slices"
	"strings"

	"biobridge/pid/pidtest"
)

// Profile is one vendor's RD service, as data: what it says about itself and in
// which shape. Texts stand here as they go over the wire. [Profiles] have every
// field filled in.
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

	Provider string            // the certificate's issuer is "DS " + Provider
	CN       string            // the certificate's subject; empty: rd_device_<dc>
	Days     int               // how long a certificate lasts
	Cert     pidtest.CertQuirk // how it breaks DER

	Quirks   []Quirk
	Invented string // the values that no document knows
}

// Has reports whether the service has the quirk.
func (p Profile) Has(q Quirk) bool { return slices.Contains(p.Quirks, q) }

// Profiles returns every profile: the vendors, then their variants.
func Profiles() []Profile {
	var all []Profile
	for _, p := range vendors {
		all = append(all, p.over(usual))
	}
	for _, v := range variants {
		i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == v.Of })
		all = append(all, v.Profile.over(all[i]))
	}
	return all
}

// ProfileNamed returns the profile of that name.
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// usual is what a profile has where it says nothing: what most services do.
var usual = Profile{
	Listen:      "http 11100-11120",
	CapturePath: "/rd/capture",
	InfoPath:    "/rd/info",
	RespAttrs:   respUsual,
	DeviceAttrs: deviceUsual,
	Params:      "srno",
	ErrInfo:     "Success",
	Days:        30,
}

// over fills the fields that p leaves empty from base, and adds base's quirks.
func (p Profile) over(base Profile) Profile {
	for _, field := range []struct {
		own  *string
		from string
	}{
		{&p.Listen, base.Listen}, {&p.Info, base.Info},
		{&p.DPID, base.DPID}, {&p.RDSID, base.RDSID}, {&p.RDSVer, base.RDSVer}, {&p.MI, base.MI},
		{&p.CapturePath, base.CapturePath}, {&p.InfoPath, base.InfoPath},
		{&p.RespAttrs, base.RespAttrs}, {&p.DeviceAttrs, base.DeviceAttrs}, {&p.Params, base.Params},
		{&p.Serial, base.Serial}, {&p.ErrInfo, base.ErrInfo},
		{&p.Provider, base.Provider}, {&p.CN, base.CN}, {&p.Invented, base.Invented},
	} {
		*field.own = cmp.Or(*field.own, field.from)
	}
	p.Days = cmp.Or(p.Days, base.Days)
	p.Cert = cmp.Or(p.Cert, base.Cert)
	p.Quirks = slices.Concat(base.Quirks, p.Quirks)
	return p
}

// ServedCapturePath returns where CAPTURE is really served.
func (p Profile) ServedCapturePath() string { return servedPath(p.CapturePath) }

// ServedInfoPath returns where DEVICEINFO is really served.
func (p Profile) ServedInfoPath() string { return servedPath(p.InfoPath) }

// servedPath returns the path behind an advertised one: Morpho puts host and
// port into it (rd-service.md section 2.1).
func servedPath(advertised string) string {
	return strings.TrimPrefix(advertised, "/"+loopback+":{port}")
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
