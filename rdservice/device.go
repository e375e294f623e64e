package rdservice

import (
	"crypto/rand"
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
	switch strings.ToUpper(raw) {
	case "READY":
		return Ready
	case "USED", "BUSY":
		return Busy
	}
	return NotReady
}

// rank orders the statuses by what a capture can expect.
func (s Status) rank() int {
	switch s {
	case Ready:
		return 0
	case Busy:
		return 1
	}
	return 2
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

	mc     string            // as DEVICEINFO said it
	params map[string]string // never changed once set
	asked  bool              // DEVICEINFO was answered
	at     endpoint
	paths  paths
}

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

// Port returns the port on which the service was found.
func (d Device) Port() int { return d.at.port }

// Scheme returns "http" or "https".
func (d Device) Scheme() string { return d.at.scheme }

// Certificate returns what DEVICEINFO's device certificate says; nothing of it is
// verified. The error says that there is none that can be read.
func (d Device) Certificate() (pid.Certificate, error) { return pid.ParseCertificate(d.mc) }

// PIDInfo returns the identity that DEVICEINFO gave, for comparing with the one
// inside a capture.
func (d Device) PIDInfo() pid.DeviceInfo {
	return pid.DeviceInfo{
		DPID: d.DPID, RDSID: d.RDSID, RDSVer: d.RDSVer, DC: d.DC, MI: d.Model,
		Serial: d.Serial, Level: d.Level, Params: maps.Clone(d.params),
	}
}

// setService fills in what RDSERVICE said.
func (d *Device) setService(s service) {
	d.RawStatus, d.Info, d.paths = s.rawStatus, s.info, s.paths
	d.derive()
}

// setIdentity fills in what DEVICEINFO said.
func (d *Device) setIdentity(id identity) {
	d.DPID, d.RDSID, d.RDSVer, d.DC, d.Model = id.dpID, id.rdsID, id.rdsVer, id.dc, id.mi
	d.Serial, d.mc, d.params, d.asked = id.serial, id.mc, id.params, true
	d.derive()
}

// derive fills in what no answer says outright. An empty identity means that no
// scanner is there or that it is not registered (rd-service.md section 3).
func (d *Device) derive() {
	d.Status = statusOf(d.RawStatus)
	if d.asked && !d.identified() {
		d.Status = NotReady
	}
	id := identity{dpID: d.DPID, rdsID: d.RDSID, mi: d.Model, params: d.params}
	d.Vendor, d.Level, d.Modality = vendorOf(id, d.Info), levelOf(id, d.Info), modalityOf(id, d.Info)
}

// identified reports whether DEVICEINFO named a scanner. The names of the
// provider and the service alone name none.
func (d Device) identified() bool { return d.DC != "" || d.Model != "" }

// sameScanner reports whether two answers are two doors of one service: a driver
// may listen by http on one port and by https on another, or on two ports
// (rd-service.md section 2.2). The device code is unique; where a door did not
// name a scanner, the same words on the other scheme have to do.
func sameScanner(a, b Device) bool {
	if a.DC != "" && b.DC != "" {
		return a.DC == b.DC && a.DPID == b.DPID
	}
	return a.at.scheme != b.at.scheme && a.Info != "" && a.Info == b.Info
}

// betterDoor reports whether a should stand for the scanner that b reaches too.
// Plain HTTP is preferred: on loopback an unverified certificate protects
// nothing, and a handshake costs time and is one more thing an old driver does
// wrong.
func betterDoor(a, b Device) bool {
	if a.identified() != b.identified() {
		return a.identified()
	}
	if a.at.scheme != b.at.scheme {
		return a.at.scheme == "http"
	}
	return a.at.port < b.at.port
}

// mayBe reports whether now can be the scanner that d was when it was asked: one
// that could not say who it is may be any, and a service without a scanner has
// none that d is not.
func (d Device) mayBe(now Device) bool {
	return !d.asked || !now.identified() ||
		d.DPID == now.DPID && d.DC == now.DC && d.Serial == now.Serial && d.Model == now.Model
}

func newID() string { return "rd-" + strings.ToLower(rand.Text()[:16]) }
