package rdservice

import (
	"context"
	"maps"
	"time"
)

// What the tables and fuzz targets of this package look at from outside.

// CleanPath is cleanPath.
var CleanPath = cleanPath

// ServicePaths reads an RDService answer.
func ServicePaths(raw []byte) (status, info, infoPath, capturePath string, err error) {
	s, err := parseService(raw)
	return s.rawStatus, s.info, s.paths.info, s.paths.capture, err
}

// IdentityTexts returns every text of a DeviceInfo answer.
func IdentityTexts(raw []byte) ([]string, error) {
	id, err := parseIdentity(raw)
	texts := []string{id.dpID, id.rdsID, id.rdsVer, id.dc, id.mi, id.serial}
	for name := range maps.Keys(id.params) {
		texts = append(texts, name, id.params[name])
	}
	return texts, err
}

// Age lets so much time pass for the scanners of w.
func (w *Watcher) Age(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.table.entries {
		e.since, e.identifyAt = e.since.Add(-d), e.identifyAt.Add(-d)
	}
}

// SetProbeTimeout makes w, which must not run, less patient than it was.
func (w *Watcher) SetProbeTimeout(d time.Duration) { w.prober.cfg.ProbeTimeout = d }

// Schedule is schedule.
type Schedule = schedule

// NewSchedule returns a schedule.
func NewSchedule(rare, often time.Duration) *Schedule { return &schedule{rare: rare, often: often} }

// Woke is woke.
func (s *schedule) Woke(wall time.Time, monotonic time.Duration) bool { return s.woke(wall, monotonic) }

// Due is due.
func (s *schedule) Due(now time.Duration, atOnce, eager bool) (all, some bool) {
	return s.due(now, atOnce, eager)
}

// PollAll polls every port that is due, as Run does each second.
func (w *Watcher) PollAll(ctx context.Context) {
	for _, port := range w.lately() {
		w.poll(ctx, port)
	}
}

// LevelOf is levelOf by a model and an info text.
func LevelOf(model, info string) string { return levelOf(identity{mi: model}, info) }

// VendorOf is vendorOf by an info text.
func VendorOf(info string) string { return vendorOf(identity{}, info) }
