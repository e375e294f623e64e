package rdservice_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/rdservice"
)

// refreshed returns a Watcher that has looked once and does not run.
func refreshed(t *testing.T, cfg rdservice.Config) (*rdservice.Watcher, rdservice.Device) {
	t.Helper()
	w := rdservice.NewWatcher(cfg, often())
	devices, err := w.Refresh(t.Context())
	if err != nil || len(devices) == 0 {
		t.Fatalf("Refresh() = %v, %v", devices, err)
	}
	return w, devices[0]
}

func TestWatcher_Capture(t *testing.T) {
	raw := goodCapture(t, "dc-1")

	t.Run("good", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", string(raw))
		w, d := refreshed(t, at(s.port()))
		c, err := w.Capture(t.Context(), d.ID, oneFinger())
		if err != nil || !bytes.Equal(c.Bytes(), raw) {
			t.Fatalf("Capture: %v", err)
		}
		if got, _ := w.Device(d.ID); got.Status != rdservice.Ready {
			t.Errorf("status %s afterwards", got.Status)
		}
	})

	t.Run("an id of nobody", func(t *testing.T) {
		s := startService(t, "dc-1")
		w, _ := refreshed(t, at(s.port()))
		for _, id := range []string{"", "rd-nobody"} {
			if _, err := w.Capture(t.Context(), id, oneFinger()); !errors.Is(err, rdservice.ErrGone) {
				t.Errorf("Capture(%q): %v, want ErrGone", id, err)
			}
		}
	})

	t.Run("a stale id does not reach the scanner that took the place", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", string(raw))
		w, d := refreshed(t, at(s.port()))
		s.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-2", "MFS110", ""))
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrGone) || s.count("CAPTURE /rd/capture") != 0 {
			t.Errorf("Capture: %v after %v, want ErrGone and no capture", err, s.calls())
		}
		if got := w.Devices(); len(got) != 1 || got[0].DC != "dc-2" || got[0].ID == d.ID {
			t.Errorf("Devices() = %+v, want the new scanner under a new id", got)
		}
	})

	t.Run("a service that can't say who it is, and another scanner in the capture", func(t *testing.T) {
		s := startService(t, "dc-other")
		s.answer("CAPTURE /rd/capture", string(raw))
		w, d := refreshed(t, at(s.port()))
		s.handle("DEVICEINFO /rd/info", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", 500) })
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrGone) {
			t.Errorf("Capture: %v, want ErrGone", err)
		}
	})

	t.Run("a service that can't say who it is, and the same scanner", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", string(raw))
		w, d := refreshed(t, at(s.port()))
		s.handle("DEVICEINFO /rd/info", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", 500) })
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil {
			t.Errorf("Capture: %v", err)
		}
	})

	t.Run("one that was not ready and is now", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", string(raw))
		s.status("NOTREADY")
		w, d := refreshed(t, at(s.port()))
		w.Age(time.Hour)
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrNotReady) || s.count("CAPTURE /rd/capture") != 0 {
			t.Errorf("Capture: %v, want ErrNotReady", err)
		}
		s.status("READY")
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil {
			t.Errorf("Capture: %v", err)
		}
	})

	t.Run("a service that is stuck is not asked for a capture", func(t *testing.T) {
		s := startService(t, "dc-1")
		cfg := at(s.port())
		cfg.CaptureGrace = time.Hour
		w, d := refreshed(t, cfg)
		w.SetProbeTimeout(50 * time.Millisecond)
		stuck := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		for _, call := range []string{"RDSERVICE /", "DEVICEINFO /rd/info", "CAPTURE /rd/capture"} {
			s.handle(call, stuck)
		}
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrTimeout) || s.count("CAPTURE /rd/capture") != 0 {
			t.Errorf("Capture: %v after %v, want ErrTimeout and no capture", err, s.calls())
		}
	})

	t.Run("one that has gone", func(t *testing.T) {
		s := startService(t, "dc-1")
		w, d := refreshed(t, at(s.port()))
		s.stop()
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrGone) || len(w.Devices()) != 0 {
			t.Errorf("Capture: %v, devices %v, want ErrGone and none", err, w.Devices())
		}
	})
}

func TestWatcher_Capture_oneAtATime(t *testing.T) {
	checkLeaks(t)
	raw := goodCapture(t, "dc-1")
	s, other := startService(t, "dc-1"), startService(t, "dc-2")
	began := make(chan struct{}, 1)
	hang := func(_ http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		<-r.Context().Done()
	}
	s.handle("CAPTURE /rd/capture", hang)
	w := startWatcher(t, at(s.port(), other.port()), often())
	for len(w.Devices()) < 2 {
		w.added()
	}
	var d rdservice.Device
	for _, each := range w.Devices() {
		if each.DC == "dc-1" {
			d = each
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { _, err := w.Capture(ctx, d.ID, oneFinger()); done <- err }()
	<-began

	if _, err := w.Capture(t.Context(), d.ID, oneFinger()); !errors.Is(err, rdservice.ErrBusy) {
		t.Errorf("second capture: %v, want ErrBusy", err)
	}
	if got, _ := w.Device(d.ID); got.Status != rdservice.Busy {
		t.Errorf("status %s during the capture, want busy", got.Status)
	}
	if _, err := w.Refresh(t.Context()); err != nil { // what is under way has ended then
		t.Fatal(err)
	}
	asked, askedOther := len(s.calls()), other.count("RDSERVICE /")
	for other.count("RDSERVICE /") < askedOther+10 { // the watcher goes on elsewhere
		if _, err := w.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(s.calls()); got != asked {
		t.Errorf("asked %d times during the capture: %v", got-asked, s.calls()[asked:])
	}

	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled capture: %v", err)
	}
	s.answer("CAPTURE /rd/capture", string(raw))
	if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil {
		t.Errorf("capture after the cancelled one: %v", err)
	}
}

// TestWatcher_Capture_oldProbe lets a probe that began before a capture end
// during it: what it says is out of date.
func TestWatcher_Capture_oldProbe(t *testing.T) {
	raw := goodCapture(t, "dc-1")
	s := startService(t, "dc-1")
	w, d := refreshed(t, at(s.port()))
	asked, answer, probed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	s.handle("RDSERVICE /", func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-answer
		io.WriteString(w, `<RDService status="NOTREADY" info="x"/>`)
	})
	s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) {
		close(answer)
		if err := <-probed; err != nil {
			t.Errorf("Refresh: %v", err)
		}
		w.Write(raw)
	})
	go func() { _, err := w.Refresh(t.Context()); probed <- err }()
	<-asked
	if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil {
		t.Fatalf("Capture: %v", err)
	}
	if got, ok := w.Device(d.ID); !ok || got.Status != rdservice.Ready {
		t.Errorf("device %+v, %v after the capture", got, ok)
	}
}

func TestWatcher_Capture_notReadyYet(t *testing.T) {
	raw := string(goodCapture(t, "dc-1"))
	for _, c := range []struct {
		name    string
		refusal string
		age     time.Duration
		tries   int32
	}{
		{"-1509 just plugged in", refusal("-1509", "checking"), 0, 3},
		{"-1509 later", refusal("-1509", "checking"), time.Hour, 3},
		{"720 just plugged in", refusal("720", "not ready"), 0, 3},
		{"720 later", refusal("720", "not ready"), time.Hour, 1},
		{"700", refusal("700", "timeout"), 0, 1},
		{"730", refusal("730", "failed"), 0, 1},
		{"999", refusal("999", "internal"), 0, 1},
		{"HTML", "<html></html>", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startService(t, "dc-1")
			var tries atomic.Int32
			s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) {
				if tries.Add(1) < 3 {
					io.WriteString(w, c.refusal)
					return
				}
				io.WriteString(w, raw)
			})
			w, d := refreshed(t, at(s.port()))
			w.Age(c.age)
			_, err := w.Capture(t.Context(), d.ID, oneFinger())
			if got := tries.Load(); got != c.tries || (err == nil) != (c.tries == 3) {
				t.Errorf("%d tries, %v, want %d", got, err, c.tries)
			}
		})
	}

	t.Run("empty identity just plugged in", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", raw)
		w, d := refreshed(t, at(s.port()))
		var asked atomic.Int32
		full := deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-1", "MFS110", `<Param name="srno" value="0000001"/>`)
		s.handle("DEVICEINFO /rd/info", func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				io.WriteString(w, `<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>`)
				return
			}
			io.WriteString(w, full)
		})
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil || asked.Load() != 3 {
			t.Errorf("Capture: %v after %d times", err, asked.Load())
		}
	})

	t.Run("for no longer than the time limit", func(t *testing.T) {
		t.Parallel() // beside the others that wait; a third try would begin after the limit
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", refusal("-1509", "checking"))
		watch := often()
		watch.RetryPause = 5 * time.Second
		w := rdservice.NewWatcher(at(s.port()), watch)
		devices, err := w.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Capture(t.Context(), devices[0].ID, oneFinger())
		de, ok := errors.AsType[*rdservice.DeviceError](err)
		if n := s.count("CAPTURE /rd/capture"); !ok || de.Code != "-1509" || n != 2 {
			t.Errorf("Capture: %v after %d tries", err, n)
		}
	})

	t.Run("given up in between", func(t *testing.T) {
		checkLeaks(t)
		s := startService(t, "dc-1")
		ctx, cancel := context.WithCancel(t.Context())
		s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, refusal("-1509", "checking"))
			time.AfterFunc(10*time.Millisecond, cancel)
		})
		watch := often()
		watch.RetryPause = 8 * time.Second
		w := rdservice.NewWatcher(at(s.port()), watch)
		devices, err := w.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Capture(ctx, devices[0].ID, oneFinger()); !errors.Is(err, context.Canceled) {
			t.Errorf("Capture: %v, want canceled", err)
		}
	})
}
