package rdservice

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// How many failed probes in a row a known service survives. One may be the
// computer being busy.
const (
	silentIsNotReady = 2
	silentIsGone     = 4
	unusableIsGone   = 2
)

// table is the services that are known, by port. Its user locks it.
type table struct {
	entries  map[int]*entry
	lastUsed string // scanner key of the last capture
}

// entry is one service.
type entry struct {
	device     Device
	since      time.Time // when its id was given
	answered   time.Time // last
	identifyAt time.Time // when its scanner is to be asked for again
	failures   int       // in a row
	capturing  bool
}

// seen enters what a port answered; asked says whether that included DEVICEINFO.
// The id lives on only if it is the same scanner and was there all the time, or
// if that scanner has just left and nobody took its place.
func (t *table) seen(d Device, now time.Time, asked bool) {
	e := t.entries[d.at.port]
	if e == nil {
		e = &entry{}
		t.entries[d.at.port] = e
	}
	switch {
	case asked && d.asked:
		e.identifyAt = now.Add(identifyEvery)
	case asked:
		e.identifyAt = now.Add(identifyAfterFailure)
	}
	if !d.asked {
		d.adoptIdentity(e.device)
	}
	if stayed(e.device, d) {
		d.ID = e.device.ID
	} else {
		d.ID, e.since = newID(), now
	}
	e.device, e.failures, e.answered = d, 0, now
}

// adoptIdentity takes over what was known of the scanner at the same endpoint
// when the service could not say who it is. Before a capture it is asked again.
func (d *Device) adoptIdentity(before Device) {
	if !before.asked || before.at != d.at {
		return
	}
	d.setIdentity(identity{
		dpID: before.DPID, rdsID: before.RDSID, rdsVer: before.RDSVer, dc: before.DC, mi: before.Model,
		mc: before.mc, serial: before.Serial, params: before.params,
	})
}

// stayed reports whether now is the scanner that before was, without having been
// away in between.
func stayed(before, now Device) bool {
	if before.ID == "" || before.Status == NotReady && now.Status != NotReady {
		return false
	}
	return before.at == now.at && before.mayBe(now)
}

// failed counts a probe of a known port that brought nothing, and reports
// whether that removed the service.
func (t *table) failed(port int, gone, unusable bool) bool {
	e := t.entries[port]
	if e == nil {
		return false
	}
	e.failures++
	if gone || unusable && e.failures >= unusableIsGone || e.failures >= silentIsGone {
		delete(t.entries, port)
		return true
	}
	if e.failures >= silentIsNotReady {
		e.device.Status = NotReady
	}
	return false
}

// held reports whether a capture is under way by that port, or on its scanner by
// another.
func (t *table) held(port int) bool {
	e := t.entries[port]
	if e == nil {
		return false
	}
	for _, other := range t.entries {
		if other.capturing && (other == e || sameScanner(other.device, e.device)) {
			return true
		}
	}
	return false
}

// byID returns the service with that id.
func (t *table) byID(id string) *entry {
	for _, e := range t.entries {
		if e.device.ID == id {
			return e
		}
	}
	return nil
}

// list returns each scanner once, the one to choose first. A scanner that is
// reached by two doors stays with the one by which it was listed before, so that
// its id does, unless only the other knows who it is. Where the listed door has
// just told that no scanner is there, the other's older word counts for nothing.
func (t *table) list(before []Device, prefer string) []Device {
	listed := func(d Device) bool {
		return slices.ContainsFunc(before, func(b Device) bool { return b.ID == d.ID })
	}
	var devices []Device
	for _, port := range slices.Sorted(maps.Keys(t.entries)) {
		d := t.entries[port].device
		if t.entries[port].capturing {
			d.Status = Busy
		}
		i := slices.IndexFunc(devices, func(known Device) bool { return sameScanner(known, d) })
		switch {
		case i < 0:
			devices = append(devices, d)
		case listed(devices[i]) && t.left(devices[i], d):
		case listed(d) && t.left(d, devices[i]):
			devices[i] = d
		case d.identified() == devices[i].identified() && listed(d) != listed(devices[i]):
			if listed(d) {
				devices[i] = d
			}
		case betterDoor(d, devices[i]):
			devices[i] = d
		}
	}
	slices.SortFunc(devices, func(a, b Device) int {
		return cmp.Or(
			cmp.Compare(a.Status.rank(), b.Status.rank()),
			first(a.answersTo(prefer), b.answersTo(prefer)),
			first(a.Modality == Finger, b.Modality == Finger),
			first(a.key() == t.lastUsed, b.key() == t.lastUsed),
			cmp.Compare(a.at.port, b.at.port),
		)
	})
	return devices
}

// left reports whether the service behind the door a said that no scanner is
// there after b had named one.
func (t *table) left(a, b Device) bool {
	return a.asked && !a.identified() && b.identified() &&
		t.entries[a.at.port].answered.After(t.entries[b.at.port].answered)
}

// first orders what has a property before what has not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// answersTo reports whether a configuration that names a scanner means d.
func (d Device) answersTo(name string) bool {
	return name != "" && slices.ContainsFunc([]string{d.Serial, d.DC, d.Model, d.Vendor},
		func(s string) bool { return strings.EqualFold(s, name) })
}

// key names a scanner for as long as the process lives, across ports and ids.
func (d Device) key() string { return d.DPID + "/" + cmp.Or(d.DC, d.Serial, d.Info) }

// differences returns what turned one list into another, what went away first.
func differences(before, after []Device) []Change {
	var changes []Change
	for _, d := range before {
		if !slices.ContainsFunc(after, func(a Device) bool { return a.ID == d.ID }) {
			changes = append(changes, Change{Removed, d})
		}
	}
	for _, d := range after {
		i := slices.IndexFunc(before, func(b Device) bool { return b.ID == d.ID })
		switch {
		case i < 0:
			changes = append(changes, Change{Added, d})
		case !looksLike(before[i], d):
			changes = append(changes, Change{Changed, d})
		}
	}
	return changes
}

// looksLike reports whether nobody is shown a difference. DEVICEINFO's params are
// left out: one of them is the time; and so is how the service words its status.
func looksLike(a, b Device) bool {
	for _, d := range []*Device{&a, &b} {
		d.params, d.mc, d.asked, d.RawStatus = nil, "", false, ""
	}
	return reflect.DeepEqual(a, b)
}
