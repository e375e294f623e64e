package rdservice_test

import (
	"net/http"
	"testing"

	"biobridge/rdservice"
)

// A scanner leaves a service that is reached by two doors, and one of them has
// not said so yet: nobody may be told meanwhile that a ready one came.
func TestWatcher_scannerLeavesOneOfTwoDoors(t *testing.T) {
	plain, secure := startService(t, "dc-1"), startTLSService(t, "dc-1")
	cfg := at(plain.port())
	cfg.HTTPSPorts = []int{secure.port()}
	w, before := refreshed(t, cfg)
	listed, other := plain, secure
	if before.Scheme() == "https" {
		listed, other = secure, plain
	}
	changes, end := w.Subscribe()
	defer end()
	// Whatever the other door is asked from here on waits until this one has told.
	told := make(chan struct{})
	other.handle("RDSERVICE /", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-told:
		case <-r.Context().Done():
		}
	})
	listed.status("NOTREADY")
	listed.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "", "", ""))
	done := make(chan error, 1)
	go func() {
		_, err := w.Refresh(t.Context())
		done <- err
	}()
	first := <-changes
	close(told)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if first.Kind != rdservice.Changed || first.Device.ID != before.ID || first.Device.Status != rdservice.NotReady {
		t.Errorf("the first that is told is %s of %s, %s; want that %s is not ready", first.Kind, first.Device.ID, first.Device.Status, before.ID)
	}
}

// A capture is told as one change to busy and one back, however the service
// words its status meanwhile.
func TestWatcher_toldOnceOfACapture(t *testing.T) {
	s := startService(t, "dc-1")
	w, d := refreshed(t, at(s.port()))
	changes, end := w.Subscribe()
	defer end()
	for _, words := range []string{"Ready", "READY", "ready"} {
		s.status(words)
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case c := <-changes:
		t.Errorf("told of a change where nothing is shown differently: %s, %+v", c.Kind, c.Device)
	default:
	}
	s.status("NOTREADY")
	if _, err := w.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := <-changes; c.Kind != rdservice.Changed || c.Device.ID != d.ID || c.Device.Status != rdservice.NotReady {
		t.Errorf("told %s of %+v, want that it is not ready", c.Kind, c.Device)
	}
}
