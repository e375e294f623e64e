package rdservice_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"biobridge/rdservice"
)

func TestWatcher_Inspect(t *testing.T) {
	info := deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-1", "MFS110", `<Param name="srno" value="0000001"/>`)
	const status = "<RDService status=\"READY\"\n info=\"x\"><Interface path=\"/rd/info\" id=\"DEVICEINFO\"/><!-- as sent --></RDService>\r\n"
	large := `<DeviceInfo dpId="x" mc="` + strings.Repeat("A", 64<<10) + `"/>`
	tests := []struct {
		name    string
		change  func(*fakeService)
		service string
		info    string
		want    error
	}{
		{name: "as sent", change: func(s *fakeService) {}, service: status, info: info},
		{name: "no scanner answer", change: func(s *fakeService) { s.handle("DEVICEINFO /rd/info", http.NotFound) }, service: status},
		{name: "a page of somebody else's", change: func(s *fakeService) { s.answer("DEVICEINFO /rd/info", "<html>secret</html>") }, service: status},
		{name: "too large to be shown", change: func(s *fakeService) { s.answer("DEVICEINFO /rd/info", large) }, service: status},
		{name: "no RD service any more", change: func(s *fakeService) { s.answer("RDSERVICE /", "<html>secret</html>") }, want: rdservice.ErrUnusable},
		{name: "another scanner", change: func(s *fakeService) {
			s.answer("DEVICEINFO /rd/info", strings.ReplaceAll(info, "dc-1", "dc-2"))
		}, want: rdservice.ErrGone},
		{name: "stopped", change: func(s *fakeService) { s.stop() }, want: rdservice.ErrGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := startService(t, "dc-1")
			s.answer("RDSERVICE /", status)
			s.answer("DEVICEINFO /rd/info", info)
			w, d := refreshed(t, at(s.port()))
			tt.change(s)
			got, err := w.Inspect(t.Context(), d.ID)
			if !errors.Is(err, tt.want) || err != nil && tt.want == nil {
				t.Fatalf("Inspect: %v, want %v", err, tt.want)
			}
			if got.Service != tt.service || got.Info != tt.info {
				t.Errorf("got %q, %q, want %q, %q", got.Service, got.Info, tt.service, tt.info)
			}
			if slices.ContainsFunc(s.calls(), func(c string) bool { return strings.HasPrefix(c, "CAPTURE") }) {
				t.Errorf("a finger was asked for: %v", s.calls())
			}
		})
	}
}

func TestWatcher_Inspect_id(t *testing.T) {
	s := startService(t, "dc-1")
	w, _ := refreshed(t, at(s.port()))
	before := len(s.calls())
	for _, id := range []string{"", "rd-nobody"} {
		if _, err := w.Inspect(t.Context(), id); !errors.Is(err, rdservice.ErrGone) {
			t.Errorf("Inspect(%q): %v, want ErrGone", id, err)
		}
	}
	if len(s.calls()) != before {
		t.Errorf("asked %v", s.calls())
	}
}

// A scanner that waits for a finger is left alone.
func TestWatcher_Inspect_whileCaptured(t *testing.T) {
	s := startService(t, "dc-1")
	waiting, finger := make(chan struct{}), make(chan struct{})
	s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, r *http.Request) {
		close(waiting)
		<-finger
		w.Write(goodCapture(t, "dc-1"))
	})
	w, d := refreshed(t, at(s.port()))
	ended := make(chan error, 1)
	go func() {
		_, err := w.Capture(t.Context(), d.ID, oneFinger())
		ended <- err
	}()
	<-waiting
	before := len(s.calls())
	if _, err := w.Inspect(t.Context(), d.ID); !errors.Is(err, rdservice.ErrBusy) || len(s.calls()) != before {
		t.Errorf("Inspect: %v after %v, want ErrBusy and nothing asked", err, s.calls())
	}
	close(finger)
	if err := <-ended; err != nil {
		t.Errorf("Capture: %v", err)
	}
	if got, err := w.Inspect(t.Context(), d.ID); err != nil || got.Info == "" {
		t.Errorf("Inspect afterwards: %v", err)
	}
}
