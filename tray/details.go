package tray

import (
	"fmt"
	"strings"
)

// details is what support asks first, in English and without anything personal:
// no serial number in full, no customer, no transaction but for their number.
func (d *desk) details() string {
	s := d.snapshot
	if !s.Reached {
		return "biobridge is not running\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "biobridge %s (%s), listening at %s\n", s.Status.Version, s.Status.Environment, strings.Join(s.Status.Listen, ", "))
	for _, device := range s.Status.Devices {
		fmt.Fprintf(&b, "scanner: %s %s, level %s, RD service %s %s: %s\n", device.Vendor, device.Model, orDash(device.Level), device.RDSID, device.RDSVer, device.Status)
	}
	for _, page := range s.Status.Pages {
		fmt.Fprintf(&b, "page: %s, %d connections\n", page.Origin, page.Connections)
	}
	fmt.Fprintf(&b, "results not known yet: %d; questions waiting: %d; browsers asking: %d\n", s.Status.Pending, len(s.Approvals), s.Status.Asking)
	for _, p := range s.Status.Problems {
		fmt.Fprintf(&b, "problem %s: %s\n", p.Code, p.Message)
	}
	return b.String()
}
