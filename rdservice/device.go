package rdservice

import (
	"maps"
	"strings"

	"biobridge/pid"
)

// Status says whether a scanner can take a finger now.
type Status string

// The three answers. Whatever a service says beside READY, USED and BUSY is
// NotReady: the specification leaves the list open (rd-service.md section 2).
const (
	Ready    Status = "ready"
	Busy     Status = "busy"
	NotReady Status = "not_ready"
)

func statusOf(raw string) Status {
	switch strings.ToUpper(strings.TrimSpace(raw)) {
	case "READY":
		return Ready
	case "USED", "BUSY":
		return Busy
	}
	return NotReady
}

// The modalities of [Device].
const (
	Finger = "finger"
	Iris   = "iris"
	Face   = "face"
)

// Device is a scanner behind an RD service, as it was when it was asked. Its
// texts come from that service: they are short and printable, and prove nothing.
type Device struct {
	// ID is opaque. One from a [Finder] is new every time; one from a
	// [Watcher] lives as long as that scanner stays there.
	ID string

	// Vendor is a word of [pid.Vendor], "" if nobody can tell.
	Vendor, Model, Serial string
	// Level is "L0", "L1" or "", where the service does not say.
	Level string
	// Modality is [Finger], [Iris] or [Face].
	Modality string

	Status Status
	// RawStatus and Info are the service's own words.
	RawStatus, Info string

	RDSID, RDSVer, DPID, DC string

	params map[string]string
	at     endpoint
	paths  paths
}

// Port returns the port on which the service was found.
func (d Device) Port() int { return d.at.port }

// Scheme returns "http" or "https".
func (d Device) Scheme() string { return d.at.scheme }

// PIDInfo returns the identity that DEVICEINFO gave, for comparing with the one
// inside a capture.
func (d Device) PIDInfo() pid.DeviceInfo {
	return pid.DeviceInfo{
		DPID: d.DPID, RDSID: d.RDSID, RDSVer: d.RDSVer, DC: d.DC, MI: d.Model,
		Serial: d.Serial, Level: d.Level, Params: maps.Clone(d.params),
	}
}

// hasIdentity reports whether DEVICEINFO named a scanner.
func (d Device) hasIdentity() bool { return d.DC != "" || d.Serial != "" || d.DPID != "" || d.Model != "" }

// endpoint is one door of one service.
type endpoint struct {
	scheme string
	port   int
}

// paths are where a service wants its methods, cleaned; "" where it said nothing
// that can be used.
type paths struct {
	info, capture string
}
