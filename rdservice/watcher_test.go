package rdservice_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"biobridge/rdservice"
)

// often is a WatchConfig that a test does not have to wait for.
func often() rdservice.WatchConfig {
	return rdservice.WatchConfig{Poll: 5 * time.Millisecond, Scan: 50 * time.Millisecond, RetryPause: time.Millisecond}
}

// watched is a running Watcher and what it reports.
type watched struct {
	*rdservice.Watcher
	t       *testing.T
	changes <-chan rdservice.Change
}

func startWatcher(t *testing.T, cfg rdservice.Config, watch rdservice.WatchConfig) *watched {
	t.Helper()
	w := rdservice.NewWatcher(cfg, watch)
	changes, end := w.Subscribe()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait(); end() })
	return &watched{w, t, changes}
}

// next waits for a change that ok likes, and lets all others pass.
func (w *watched) next(what string, ok func(rdservice.Change) bool) rdservice.Device {
	w.t.Helper()
	giveUp := time.After(time.Minute)
	for {
		select {
		case c := <-w.changes:
			if ok(c) {
				return c.Device
			}
		case <-giveUp:
			w.t.Fatalf("no change that is %s; devices %+v", what, w.Devices())
		}
	}
}

func (w *watched) added() rdservice.Device {
	w.t.Helper()
	return w.next("an addition", func(c rdservice.Change) bool { return c.Kind == rdservice.Added })
}

func (w *watched) removed(id string) {
	w.t.Helper()
	w.next("the removal of "+id, func(c rdservice.Change) bool { return c.Kind == rdservice.Removed && c.Device.ID == id })
}

func (w *watched) becomes(s rdservice.Status) rdservice.Device {
	w.t.Helper()
	return w.next("a status "+string(s), func(c rdservice.Change) bool { return c.Kind == rdservice.Changed && c.Device.Status == s })
}

func TestWatcher_changes(t *testing.T) {
	t.Run("a device is added, listed and found by its id", func(t *testing.T) {
		checkLeaks(t)
		s := startService(t, "dc-1")
		w := startWatcher(t, at(s.port()), often())
		d := w.added()
		if got := w.Devices(); len(got) != 1 || got[0].ID != d.ID || got[0].DC != "dc-1" {
			t.Errorf("Devices() = %+v", got)
		}
		if got, ok := w.Device(d.ID); !ok || got.Port() != s.port() {
			t.Errorf("Device(%s) = %+v, %v", d.ID, got, ok)
		}
		if _, ok := w.Device("rd-nobody"); ok {
			t.Error("an id of nobody finds a device")
		}
	})

	t.Run("unplugged and plugged in again is another id", func(t *testing.T) {
		s := startService(t, "dc-1")
		w := startWatcher(t, at(s.port()), often())
		before := w.added()
		s.status("NOTREADY")
		if d := w.becomes(rdservice.NotReady); d.ID != before.ID {
			t.Errorf("id %s became %s by being unplugged", before.ID, d.ID)
		}
		s.status("READY")
		w.removed(before.ID)
		if d := w.added(); d.ID == before.ID || d.Status != rdservice.Ready {
			t.Errorf("device %+v after id %s", d, before.ID)
		}
	})

	t.Run("used elsewhere and free again is the same id", func(t *testing.T) {
		s := startService(t, "dc-1")
		w := startWatcher(t, at(s.port()), often())
		before := w.added()
		s.status("USED")
		w.becomes(rdservice.Busy)
		s.status("READY")
		if d := w.becomes(rdservice.Ready); d.ID != before.ID {
			t.Errorf("id %s became %s", before.ID, d.ID)
		}
	})

	t.Run("another scanner in its place is another id", func(t *testing.T) {
		look := map[string]func(*rdservice.Watcher){
			"a refresh": func(w *rdservice.Watcher) { w.Refresh(t.Context()) },
			"a poll":    func(w *rdservice.Watcher) { w.Age(5 * time.Second); w.PollAll(t.Context()) },
		}
		for name, look := range look {
			s := startService(t, "dc-1")
			w, before := refreshed(t, at(s.port()))
			look(w)
			if d := w.Devices()[0]; d.ID != before.ID {
				t.Errorf("%s makes id %s of %s", name, d.ID, before.ID)
			}
			s.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-2", "MFS110", ""))
			look(w)
			if d := w.Devices()[0]; d.ID == before.ID || d.DC != "dc-2" {
				t.Errorf("%s: device %+v after id %s", name, d, before.ID)
			}
		}
	})

	t.Run("whoever is plugged in is asked who it is at once", func(t *testing.T) {
		s, other := startService(t, "dc-1"), startService(t, "dc-other")
		watch := often()
		watch.Scan = time.Hour // and the other one is ready, so nothing is swept
		w := startWatcher(t, at(s.port(), other.port()), watch)
		w.added()
		w.added()
		s.status("NOTREADY")
		w.becomes(rdservice.NotReady)
		s.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-2", "MFS110", ""))
		s.status("READY")
		if d := w.added(); d.DC != "dc-2" {
			t.Errorf("added %+v", d)
		}
	})

	t.Run("driver restarted on another port", func(t *testing.T) {
		a, b := startService(t, "dc-1"), startService(t, "dc-1")
		b.handle("RDSERVICE /", http.NotFound) // until the driver is there
		watch := often()
		watch.Scan = time.Hour // only the disappearance can make it look
		w := startWatcher(t, at(a.port(), b.port()), watch)
		before := w.added()
		if _, err := w.Refresh(t.Context()); err != nil { // the first look has ended then
			t.Fatal(err)
		}
		a.stop()
		w.removed(before.ID)
		b.status("READY")
		if d := w.added(); d.ID == before.ID || d.Port() != b.port() {
			t.Errorf("device %+v after id %s", d, before.ID)
		}
	})

	t.Run("a service that falls silent", func(t *testing.T) {
		s := startService(t, "dc-1")
		cfg := at(s.port())
		cfg.ProbeTimeout = 50 * time.Millisecond
		w := startWatcher(t, cfg, often())
		before := w.added()
		s.handle("RDSERVICE /", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		w.becomes(rdservice.NotReady)
		w.removed(before.ID)
	})

	t.Run("a silent port keeps nobody from being asked", func(t *testing.T) {
		s := startService(t, "dc-1")
		cfg := at(startSilent(t), s.port())
		cfg.ProbeTimeout = time.Hour
		w := startWatcher(t, cfg, often())
		w.added()
		s.status("USED")
		w.becomes(rdservice.Busy)
	})

	t.Run("device info that fails once keeps the id", func(t *testing.T) {
		s := startService(t, "dc-1")
		w := startWatcher(t, at(s.port()), often())
		before := w.added()
		s.handle("DEVICEINFO /rd/info", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", 500) })
		s.status("USED")
		if d := w.becomes(rdservice.Busy); d.ID != before.ID || d.DC != "dc-1" {
			t.Errorf("device %+v after %+v", d, before)
		}
		if devices, err := w.Refresh(t.Context()); err != nil || len(devices) != 1 || devices[0].ID != before.ID || devices[0].DC != "dc-1" {
			t.Errorf("Refresh() = %+v, %v after %+v", devices, err, before)
		}
	})

	t.Run("a better door does not change the id", func(t *testing.T) {
		plain, secure := startService(t, "dc-1"), startTLSService(t, "dc-1")
		plain.handle("RDSERVICE /", http.NotFound)
		cfg := at(plain.port())
		cfg.HTTPSPorts = []int{secure.port()}
		w, before := refreshed(t, cfg)
		if before.Port() != secure.port() {
			t.Fatalf("found %+v by a door that is none", before)
		}
		plain.status("READY")
		asked := plain.count("DEVICEINFO /rd/info")
		devices, err := w.Refresh(t.Context())
		if err != nil || len(devices) != 1 || devices[0].ID != before.ID || plain.count("DEVICEINFO /rd/info") == asked {
			t.Errorf("Refresh() = %+v, %v after %+v", devices, err, before)
		}
	})

	t.Run("one scanner by two doors is one device, and stays one when a door closes", func(t *testing.T) {
		plain, secure := startService(t, "dc-1"), startTLSService(t, "dc-1")
		cfg := at(plain.port())
		cfg.HTTPSPorts = []int{secure.port()}
		w := startWatcher(t, cfg, often())
		w.added()
		if devices, err := w.Refresh(t.Context()); err != nil || len(devices) != 1 {
			t.Fatalf("Refresh() = %+v, %v, want one device", devices, err)
		}
		open := secure.port()
		if w.Devices()[0].Scheme() == "http" {
			plain.stop()
		} else {
			secure.stop()
			open = plain.port()
		}
		if d := w.added(); d.Port() != open {
			t.Errorf("device at %d, want %d", d.Port(), open)
		}
	})

	t.Run("after a sleep all ports are probed at once", func(t *testing.T) {
		var sleeps atomic.Bool
		var slept time.Duration // used by one goroutine
		s := startService(t, "dc-1")
		late := newService("dc-2")
		late.Server = newUnstarted(late)
		t.Cleanup(late.stop)
		cfg := at(s.port(), portOf(late.Listener))
		cfg.ProbeTimeout = patience // the late one's port is silent until then
		cfg.Now = func() time.Time {
			if sleeps.Load() { // again and again, should a busy machine miss the service once
				slept += time.Hour
			}
			return time.Now().Round(0).Add(slept)
		}
		watch := often()
		watch.Scan = time.Hour
		w := startWatcher(t, cfg, watch)
		w.added()
		if devices, err := w.Refresh(t.Context()); err != nil || len(devices) != 1 {
			t.Fatalf("Refresh() = %v, %v", devices, err)
		}
		late.Start()
		sleeps.Store(true)
		w.next("the late one", func(c rdservice.Change) bool { return c.Kind == rdservice.Added && c.Device.Port() == late.port() })
	})
}

func TestWatcher_preference(t *testing.T) {
	idle, used, ready, other, iris := startService(t, "dc-idle"), startService(t, "dc-used"), startService(t, "dc-ready"), startService(t, "dc-other"), startService(t, "dc-iris")
	idle.status("NOTREADY")
	used.status("USED")
	iris.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "MANTRA.WIN.001", "1", "dc-iris", "MIS100V2", `<Param name="modality_type" value="Iris"/>`))
	cfg := at(iris.port(), idle.port(), used.port(), ready.port(), other.port())
	for _, c := range []struct {
		name, prefer, first string
		statuses            []rdservice.Status
	}{
		{name: "nothing configured: the first ready finger scanner", first: min2(ready.port(), other.port(), "dc-ready", "dc-other")},
		{name: "configured by code", prefer: "DC-OTHER", first: "dc-other"},
		{name: "configured by model", prefer: "mis100v2", first: "dc-iris"},
		{name: "configured one is in use", prefer: "dc-used", first: min2(ready.port(), other.port(), "dc-ready", "dc-other")},
		{name: "configured one is not ready", prefer: "dc-idle", first: min2(ready.port(), other.port(), "dc-ready", "dc-other")},
	} {
		t.Run(c.name, func(t *testing.T) {
			devices, err := rdservice.NewWatcher(cfg, rdservice.WatchConfig{Prefer: c.prefer}).Refresh(t.Context())
			if err != nil || len(devices) != 5 {
				t.Fatalf("Refresh() = %+v, %v", devices, err)
			}
			if devices[0].DC != c.first || devices[3].DC != "dc-used" || devices[4].DC != "dc-idle" {
				t.Errorf("first %s, then %s and %s", devices[0].DC, devices[3].DC, devices[4].DC)
			}
		})
	}

	t.Run("fingers before irises", func(t *testing.T) {
		iris, finger := startService(t, "dc-a"), startService(t, "dc-b")
		if iris.port() > finger.port() { // so that the order of ports would be wrong
			iris, finger = finger, iris
		}
		iris.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "MANTRA.WIN.001", "1", "dc-iris", "MIS100V2", `<Param name="modality_type" value="Iris"/>`))
		_, d := refreshed(t, at(iris.port(), finger.port()))
		if d.Port() != finger.port() {
			t.Errorf("first is %+v", d)
		}
	})

	t.Run("the one used last", func(t *testing.T) {
		w := rdservice.NewWatcher(cfg, rdservice.WatchConfig{})
		devices, err := w.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second := devices[1]
		w.Capture(t.Context(), second.ID, oneFinger()) // refused with 404, but used
		if got := w.Devices()[0]; got.ID != second.ID {
			t.Errorf("first is %s, want %s", got.DC, second.DC)
		}
	})
}

func min2(a, b int, forA, forB string) string {
	if a < b {
		return forA
	}
	return forB
}

func TestWatcher_Refresh(t *testing.T) {
	t.Run("many at once", func(t *testing.T) {
		checkLeaks(t)
		a, b := startService(t, "dc-1"), startService(t, "dc-2")
		w := startWatcher(t, at(a.port(), b.port()), often())
		var refreshing sync.WaitGroup
		for range 20 {
			refreshing.Go(func() {
				if devices, err := w.Refresh(t.Context()); err != nil || len(devices) != 2 {
					t.Errorf("Refresh() = %v, %v", devices, err)
				}
			})
		}
		refreshing.Wait()
	})
	t.Run("a scanner that is slow to say who it is holds nobody up", func(t *testing.T) {
		s := startService(t, "dc-1")
		cfg := at(s.port())
		cfg.ProbeTimeout, cfg.InfoTimeout = patience, time.Hour
		w := startWatcher(t, cfg, often())
		w.added()
		asked := make(chan struct{}, 16)
		s.handle("DEVICEINFO /rd/info", func(_ http.ResponseWriter, r *http.Request) {
			asked <- struct{}{}
			<-r.Context().Done()
		})
		s.status("USED")
		<-asked
		if devices, err := w.Refresh(t.Context()); err != nil || len(devices) != 1 {
			t.Errorf("Refresh() = %v, %v", devices, err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		checkLeaks(t)
		cfg := at(startSilent(t))
		cfg.ProbeTimeout = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if _, err := rdservice.NewWatcher(cfg, often()).Refresh(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want canceled", err)
		}
	})
	t.Run("given up is not held against a scanner", func(t *testing.T) {
		s := startService(t, "dc-1")
		w, d := refreshed(t, at(s.port()))
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			s.handle("RDSERVICE /", func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
			if _, err := w.Refresh(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("error = %v, want canceled", err)
			}
		}
		if got, ok := w.Device(d.ID); !ok || got.Status != rdservice.Ready {
			t.Errorf("device %+v, %v", got, ok)
		}
	})
	t.Run("unusable configuration", func(t *testing.T) {
		w := rdservice.NewWatcher(rdservice.Config{Host: "10.0.0.1"}, often())
		_, refreshErr := w.Refresh(t.Context())
		_, captureErr := w.Capture(t.Context(), "rd-x", oneFinger())
		for name, err := range map[string]error{"Refresh": refreshErr, "Capture": captureErr, "Run": w.Run(t.Context())} {
			if err == nil {
				t.Errorf("%s speaks to another host", name)
			}
		}
	})
}

func TestWatcher_FirstReady(t *testing.T) {
	checkLeaks(t)
	idle, ready := startService(t, "dc-idle"), startService(t, "dc-ready")
	idle.status("NOTREADY")
	cfg := at(startSilent(t), idle.port(), ready.port())
	cfg.ProbeTimeout = time.Hour
	t.Run("does not wait for a silent port", func(t *testing.T) {
		w := rdservice.NewWatcher(cfg, rdservice.WatchConfig{})
		for range 2 { // looking, and from memory
			if devices, err := w.FirstReady(t.Context()); err != nil || len(devices) == 0 || devices[0].DC != "dc-ready" {
				t.Fatalf("FirstReady() = %+v, %v", devices, err)
			}
		}
	})
	t.Run("waits for the configured scanner", func(t *testing.T) {
		w := rdservice.NewWatcher(cfg, rdservice.WatchConfig{Prefer: "dc-idle"})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if devices, err := w.FirstReady(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("FirstReady() = %+v, %v, though the configured one is not ready", devices, err)
		}
	})
	t.Run("none is ready", func(t *testing.T) {
		w := rdservice.NewWatcher(at(idle.port()), rdservice.WatchConfig{})
		if devices, err := w.FirstReady(t.Context()); err != nil || len(devices) != 1 {
			t.Errorf("FirstReady() = %+v, %v, want the one that is not ready", devices, err)
		}
	})
}

func TestWatcher_Subscribe(t *testing.T) {
	s := startService(t, "dc-1")
	w := rdservice.NewWatcher(at(s.port()), often())
	slow, end := w.Subscribe()
	last := ""
	for range 50 { // two changes each: more than are kept
		for _, status := range []string{"NOTREADY", "READY"} {
			s.status(status)
			devices, err := w.Refresh(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			last = devices[0].ID
		}
	}
	end()
	end()
	n, newest := 0, rdservice.Change{}
	for c := range slow {
		n, newest = n+1, c
	}
	if n == 0 || n > 64 || newest.Kind != rdservice.Added || newest.Device.ID != last {
		t.Errorf("a slow subscriber gets %d changes, the newest %+v, want at most 64 that end with %s", n, newest, last)
	}
}

func TestSchedule(t *testing.T) {
	const sec = time.Second
	type step struct {
		now           time.Duration
		atOnce, eager bool
		all, some     bool
	}
	for name, steps := range map[string][]step{
		"a scanner is ready": {
			{now: 0, all: true}, {now: 1 * sec}, {now: 14 * sec}, {now: 15 * sec, all: true}, {now: 16 * sec}, {now: 30 * sec, all: true},
		},
		"none is": {
			{now: 0, eager: true, all: true}, {now: 1 * sec, eager: true}, {now: 2 * sec, eager: true, some: true}, {now: 3 * sec, eager: true},
			{now: 4 * sec, eager: true, some: true}, {now: 15 * sec, eager: true, all: true}, {now: 16 * sec, eager: true},
		},
		"at once": {
			{now: 0, all: true}, {now: 1 * sec, atOnce: true, all: true}, {now: 2 * sec}, {now: 15 * sec}, {now: 16 * sec, all: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := rdservice.NewSchedule(15*sec, 2*sec)
			for _, step := range steps {
				if all, some := s.Due(step.now, step.atOnce, step.eager); all != step.all || some != step.some {
					t.Errorf("at %v: all %v, some %v, want %v, %v", step.now, all, some, step.all, step.some)
				}
			}
		})
	}
}

func TestSchedule_woke(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name            string
		wall, monotonic time.Duration // passed between two looks
		want            bool
	}{
		{"a second", time.Second, time.Second, false},
		{"a late look", time.Minute, time.Minute, false},
		{"a nudge by the time server", 2 * time.Second, time.Second, false},
		{"a sleep", time.Hour, time.Second, true},
		{"a clock set back", -time.Hour, time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := rdservice.NewSchedule(time.Hour, time.Hour)
			if s.Woke(noon, 5*time.Second) {
				t.Error("the first look is a waking")
			}
			if got := s.Woke(noon.Add(c.wall), 5*time.Second+c.monotonic); got != c.want {
				t.Errorf("woke: %v, want %v", got, c.want)
			}
		})
	}
}
