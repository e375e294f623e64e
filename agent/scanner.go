package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"biobridge/agent/contract"
	"biobridge/rdservice"
)

// Devices lists the scanners, the preferred one first, from memory. With
// refresh, or when none is known yet, they are looked for first.
func (a *Agent) Devices(ctx context.Context, refresh bool) ([]contract.Device, error) {
	devices := a.cfg.Watcher.Devices()
	look := a.cfg.Watcher.Refresh
	if !refresh {
		look = a.cfg.Watcher.FirstReady
	}
	if refresh || len(devices) == 0 {
		var err error
		if devices, err = look(ctx); err != nil {
			return nil, a.report(fmt.Errorf("look for scanners: %w", err))
		}
	}
	out := make([]contract.Device, len(devices))
	for i, d := range devices {
		out[i] = a.deviceShape(d)
	}
	return out, nil
}

// deviceShape is a scanner as a page sees it. One that this agent captures with
// is busy, whatever its service said last.
func (a *Agent) deviceShape(d rdservice.Device) contract.Device {
	status := contract.DeviceStatus(d.Status)
	a.mu.Lock()
	if _, held := a.scanners[d.ID]; held && status == contract.DeviceReady {
		status = contract.DeviceBusy
	}
	a.mu.Unlock()
	return contract.Device{
		ID: d.ID, Vendor: d.Vendor, Model: d.Model, Serial: d.Serial, Level: d.Level, Modality: d.Modality,
		Status: status, Info: d.Info, RDSID: d.RDSID, RDSVer: d.RDSVer, DPID: d.DPID,
	}
}

func summary(d rdservice.Device) *contract.DeviceSummary {
	return &contract.DeviceSummary{ID: d.ID, Vendor: d.Vendor, Model: d.Model, Serial: d.Serial, RDSID: d.RDSID, RDSVer: d.RDSVer}
}

// claim chooses a scanner (id, or the best one when it is empty) and reserves it
// until release is called.
func (a *Agent) claim(ctx context.Context, id string, h holder) (rdservice.Device, func(), error) {
	devices, err := a.candidates(ctx, id)
	switch {
	case ctx.Err() != nil:
		return rdservice.Device{}, nil, context.Cause(ctx)
	case err != nil:
		a.cfg.Log.Warn("scanners could not be looked for", "error", err)
	}
	d, err := a.tryClaim(devices, id, h)
	if err != nil {
		return rdservice.Device{}, nil, err
	}
	a.announce(d.ID)
	return d, sync.OnceFunc(func() { a.release(d.ID) }), nil
}

// candidates lists the scanners to choose from. What is known from memory may be
// a moment old: when it names no ready scanner that would do, all are looked for
// once more. Right after the start nobody waits for the last of them.
func (a *Agent) candidates(ctx context.Context, id string) ([]rdservice.Device, error) {
	ready := func(d rdservice.Device) bool { return d.Status == rdservice.Ready }
	fit := func(d rdservice.Device) bool {
		return ready(d) && (d.ID == id || id == "" && d.Modality == rdservice.Finger)
	}
	devices := a.cfg.Watcher.Devices()
	if slices.ContainsFunc(devices, fit) {
		return devices, nil
	}
	if len(devices) == 0 {
		found, err := a.cfg.Watcher.FirstReady(ctx)
		if err != nil || slices.ContainsFunc(found, fit) || !slices.ContainsFunc(found, ready) {
			return found, err
		}
		devices = found
	}
	fresh, err := a.cfg.Watcher.Refresh(ctx)
	if err != nil {
		return devices, err
	}
	return fresh, nil
}

func (a *Agent) release(id string) {
	a.mu.Lock()
	delete(a.scanners, id)
	a.mu.Unlock()
	a.announce(id)
}

// announce tells the pages how a scanner stands after it was claimed or released
// here: its service, which says the same as before, gives no reason to.
func (a *Agent) announce(id string) {
	if d, there := a.cfg.Watcher.Device(id); there {
		a.publishDevice(rdservice.Change{Kind: rdservice.Changed, Device: d})
	}
}

// tryClaim takes the first free scanner: devices are sorted, so one that isn't
// ready is only taken where no ready one is. It may be ready in a moment (it was
// just plugged in), and if not, its own answer says why.
func (a *Agent) tryClaim(devices []rdservice.Device, id string, h holder) (rdservice.Device, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := keyNoDevice
	if id != "" {
		key = keyDeviceGone
	}
	var by *holder
	for _, d := range devices {
		// An iris scanner is used only when it is asked for: whether Eko's AePS
		// takes irises is not known (eko-api.md section 4.4).
		if id != "" && d.ID != id || id == "" && d.Modality != rdservice.Finger {
			continue
		}
		if other, held := a.scanners[d.ID]; held {
			key, by = keyDeviceBusy, &other
			continue
		}
		a.scanners[d.ID] = h
		return d, nil
	}
	e := fail(key, nil, nil)
	if by != nil && by.origin == h.origin && by.user == h.user {
		e.with("held_by", by.ref)
	}
	return rdservice.Device{}, e
}
