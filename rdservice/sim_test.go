package rdservice_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/rdservice"
	"biobridge/rdservice/rdsim"
)

// startSim runs a simulated vendor's service with a finger on the glass.
func startSim(t *testing.T, o rdsim.Options, profile string) *rdsim.Server {
	t.Helper()
	p, ok := rdsim.ProfileNamed(profile)
	if !ok {
		t.Fatalf("no profile %q", profile)
	}
	o.Profile, o.FingerDelay = p, -1
	s, err := rdsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close %s: %v", profile, err)
		}
	})
	return s
}

// atSim looks at all endpoints of s by both schemes, as on a PC where the range
// is all that is known.
func atSim(s *rdsim.Server) rdservice.Config {
	cfg := at()
	for _, e := range s.Endpoints() {
		cfg.HTTPPorts = append(cfg.HTTPPorts, e.Port)
	}
	cfg.HTTPSPorts = cfg.HTTPPorts
	return cfg
}

// shortest is the shortest time limit that a capture may have.
const shortest = 1001 * time.Millisecond

// serialNotTold are services that keep their scanner's serial number to
// themselves.
var serialNotTold = []string{"morpho-l0"}

func TestVendors(t *testing.T) {
	type want struct {
		vendor, level, modality string
		status                  rdservice.Status
		refusal                 string // of a capture with both records
	}
	fingers := func(vendor, level string) want { return want{vendor, level, rdservice.Finger, rdservice.Ready, ""} }
	wants := map[string]want{
		"mantra-l0": fingers("mantra", "L0"), "mantra-l1": fingers("mantra", "L1"),
		"morpho-l0": fingers("morpho", "L0"), "morpho-e3": fingers("morpho", "L0"), "morpho-android": fingers("morpho", "L0"),
		"idemia-l1": fingers("idemia", "L1"), "idemia-l1-dual": fingers("idemia", "L1"),
		"startek": fingers("startek", ""), "startek-old": {"startek", "", rdservice.Finger, rdservice.Ready, "110"},
		"tatvik": fingers("tatvik", ""), "evolute": fingers("evolute", ""), "secugen": fingers("secugen", "L0"),
		"precision": fingers("precision", ""), "next": fingers("next", ""), "bioenable": fingers("bioenable", ""),
		"iris":              {"", "", rdservice.Iris, rdservice.Ready, ""},
		"unregistered":      {"mantra", "", rdservice.Finger, rdservice.NotReady, "not ready"},
		"no-info-interface": fingers("secugen", "L0"),
		"srno-attribute":    fingers("secugen", "L0"),
		"tls-1.0":           fingers("mantra", "L0"), "tls-1.2": fingers("mantra", "L0"),
	}
	for _, p := range rdsim.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			w, ok := wants[p.Name]
			if !ok {
				t.Fatal("nothing is expected of this profile: add it to the table")
			}
			s := startSim(t, rdsim.Options{Seed: 1}, p.Name)
			watcher := rdservice.NewWatcher(atSim(s), rdservice.WatchConfig{})
			devices, err := watcher.Refresh(t.Context())
			if err != nil || len(devices) != 1 {
				t.Fatalf("Refresh() = %+v, %v, want one device", devices, err)
			}
			d := devices[0]
			if got := (want{d.Vendor, d.Level, d.Modality, d.Status, w.refusal}); got != w {
				t.Errorf("found %+v, want %+v", got, w)
			}
			if p.Serial != "" && w.status == rdservice.Ready && w.modality == rdservice.Finger && !slices.Contains(serialNotTold, p.Name) && d.Serial != s.Serial() {
				t.Errorf("serial %q, want %q", d.Serial, s.Serial())
			}
			if w.status == rdservice.Ready && (d.DC != s.Device().Info().DC || d.Model != p.MI || d.RDSID != p.RDSID) {
				t.Errorf("identity %+v, want %+v", d.PIDInfo(), s.Device().Info())
			}

			o := oneFinger()
			if d.Modality == rdservice.Iris {
				o = pid.Options{ICount: 1, Timeout: o.Timeout}
			}
			if w.refusal == "not ready" {
				o.Timeout = shortest // it is asked again until then
			}
			capture, err := watcher.Capture(t.Context(), d.ID, o)
			if w.refusal != "" {
				de, refused := errors.AsType[*rdservice.DeviceError](err)
				if !(refused && de.Code == w.refusal) && !(w.refusal == "not ready" && errors.Is(err, rdservice.ErrNotReady)) {
					t.Fatalf("Capture: %v, want %s", err, w.refusal)
				}
				return
			}
			if err != nil {
				t.Fatalf("Capture: %v", err)
			}
			defer capture.Wipe()
			before, inside := d.PIDInfo(), capture.Device()
			if before.DPID != inside.DPID || before.RDSID != inside.RDSID || before.RDSVer != inside.RDSVer ||
				before.DC != inside.DC || before.MI != inside.MI || before.Serial != inside.Serial {
				t.Errorf("DEVICEINFO is read as %+v, PidData as %+v", before, inside)
			}
			policy := pid.DefaultPolicy()
			policy.Requested, policy.DeviceBefore = &o, &before
			if v := policy.Check(capture, time.Now()); !v.Accepted() {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

// TestFaults lets a good service misbehave in each way that the simulator knows,
// after it was found, and takes a capture.
func TestFaults(t *testing.T) {
	const (
		good     = "good"     // the capture comes
		rejected = "rejected" // it comes and the policy refuses it
	)
	refusal := func(code string) any { return code }
	wants := map[string]any{
		"hang-accept": rdservice.ErrTimeout, "hang": rdservice.ErrTimeout, "hang-headers": rdservice.ErrTimeout, "drip": rdservice.ErrTimeout,
		"reset": rdservice.ErrGone, "close": rdservice.ErrGone, "cut": rdservice.ErrUnusable,
		"405": refusal(rdservice.CodeHTTP405), "404": rdservice.ErrUnusable, "500": rdservice.ErrUnusable, "html": rdservice.ErrUnusable,
		"redirect": rdservice.ErrUnusable, "big": rdservice.ErrUnusable, "empty": rdservice.ErrUnusable, "gzip": rdservice.ErrUnusable,
		"no-type": good, "doctype": rdservice.ErrUnusable, "duplicate-attribute": rdservice.ErrUnusable, "trailing": rdservice.ErrUnusable,
		"second-root": rdservice.ErrUnusable, "bom": good, "bad-utf8": rdservice.ErrUnusable, "deep": rdservice.ErrUnusable,
		"truncated":  rdservice.ErrUnusable,
		"port-moved": good, "wrong-path": good, "foreign-path": good, "messy-path": good, "no-interfaces": good, // only a new discovery sees these
		"status": good, "used": rdservice.ErrBusy, "no-identity": rdservice.ErrNotReady, "other-device": rdservice.ErrGone,
		"error": refusal("999"), "unplugged": refusal("730"), "restart": rdservice.ErrGone, "late": good,
		"low": good, "wrong-ftype": rejected, "wrong-fcount": good, "stale": rejected, "future": rejected, "replay": good,
		"expired-cert": good, "no-resp": rdservice.ErrUnusable, "no-hmac": rejected, "no-skey": rejected, "no-data": rejected,
		"two-data": rdservice.ErrUnusable, "bad-base64": rejected, "short-skey": rejected, "short-hmac": rejected, "short-data": rejected,
		"no-time": rejected, "tampered": good, "bad-mc": good, "no-mc": rejected, "protobuf": rejected, "bad-ci": rejected, "old-ci": good,
	}
	for _, kind := range rdsim.Faults() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			want, ok := wants[kind.Name]
			if !ok {
				t.Fatal("nothing is expected of this fault: add it to the table")
			}
			// These happen while the scanner waits for a finger.
			waiting := kind.Name == "unplugged" || kind.Name == "restart"
			s := startSim(t, rdsim.Options{Seed: 1, NoFinger: waiting}, "mantra-l1")
			cfg := atSim(s)
			o := oneFinger()
			if want == rdservice.ErrTimeout {
				cfg.CaptureGrace, o.Timeout = 10*time.Millisecond, shortest
			}
			w := rdservice.NewWatcher(cfg, often())
			devices, err := w.Refresh(t.Context())
			if err != nil || len(devices) != 1 {
				t.Fatalf("Refresh() = %v, %v", devices, err)
			}
			w.Age(time.Hour)
			if kind.Name == "hang-accept" {
				w.SetProbeTimeout(100 * time.Millisecond)
			}
			fault := rdsim.Fault{Name: kind.Name}
			if slices.Contains(kind.Verbs, "CAPTURE") && kind.Name != "other-device" && kind.Name != "hang-accept" {
				fault.Verb = "CAPTURE"
			}
			if err := s.SetFaults(fault); err != nil {
				t.Fatal(err)
			}
			capture, err := w.Capture(t.Context(), devices[0].ID, o)
			switch want := want.(type) {
			case error:
				if !errors.Is(err, want) {
					t.Errorf("Capture: %v, want %v", err, want)
				}
			case string:
				if want != good && want != rejected {
					de, refused := errors.AsType[*rdservice.DeviceError](err)
					if !refused || de.Code != want {
						t.Errorf("Capture: %v, want code %s", err, want)
					}
					return
				}
				if err != nil {
					t.Fatalf("Capture: %v", err)
				}
				defer capture.Wipe()
				policy := pid.DefaultPolicy()
				policy.Requested = &o
				if v := policy.Check(capture, time.Now()); v.Accepted() != (want == good) {
					t.Errorf("verdict %+v, want %s", v, want)
				}
			}
		})
	}
}

// TestFaults_discovery lets a service misbehave from the beginning, beside a
// good one.
func TestFaults_discovery(t *testing.T) {
	hanging := []string{"hang-accept", "hang", "hang-headers", "drip"}
	// What does not keep the service from being found.
	harmless := []string{"no-type", "bom", "wrong-path", "foreign-path", "messy-path", "no-interfaces", "status", "used", "no-identity", "other-device"}
	for _, kind := range rdsim.Faults() {
		for _, verb := range []string{"RDSERVICE", "DEVICEINFO"} {
			if !slices.Contains(kind.Verbs, verb) || kind.Name == "port-moved" {
				continue // a service that moves away meanwhile may be seen or not
			}
			t.Run(kind.Name+"@"+verb, func(t *testing.T) {
				t.Parallel()
				fault := rdsim.Fault{Name: kind.Name, Verb: verb}
				if kind.Name == "hang-accept" {
					fault.Verb = ""
				}
				bad := startSim(t, rdsim.Options{Seed: 1, Scheme: "http", Faults: []rdsim.Fault{fault}}, "mantra-l1")
				good := startService(t, "dc-good")
				cfg := at(bad.Port(), good.port())
				if slices.Contains(hanging, kind.Name) {
					cfg.ProbeTimeout = patience
				}
				found := false
				for _, d := range mustFind(t, cfg) {
					found = found || d.Port() == bad.Port()
					if d.Port() == good.port() && d.DC != "dc-good" {
						t.Errorf("the good one is %+v", d)
					}
				}
				// One that can't say who it is is listed all the same.
				want := slices.Contains(harmless, kind.Name) || verb == "DEVICEINFO" && kind.Name != "hang-accept"
				if found != want {
					t.Errorf("found: %v, want %v", found, want)
				}
			})
		}
	}
}

func TestPlugIn(t *testing.T) {
	checkLeaks(t)
	t.Run("a capture right after the plug waits until the driver is done", func(t *testing.T) {
		s := startSim(t, rdsim.Options{Seed: 1, Unplugged: true, SettleTime: 200 * time.Millisecond}, "mantra-l1")
		watch := often()
		watch.RetryPause = 50 * time.Millisecond
		w := startWatcher(t, atSim(s), watch)
		if d := w.added(); d.Status != rdservice.NotReady {
			t.Fatalf("unplugged is %s", d.Status)
		}
		s.Plug()
		d := w.Devices()[0]
		if d.Status == rdservice.NotReady {
			d = w.added()
		}
		if _, err := w.Capture(t.Context(), d.ID, oneFinger()); err != nil {
			t.Errorf("Capture: %v", err)
		}
	})
	t.Run("unplugged during the capture", func(t *testing.T) {
		s := startSim(t, rdsim.Options{Seed: 1, NoFinger: true}, "mantra-l1")
		w := startWatcher(t, atSim(s), often())
		d := w.added()
		go func() {
			for s.Status() == "READY" {
				runtime.Gosched()
			}
			s.Unplug()
		}()
		_, err := w.Capture(t.Context(), d.ID, oneFinger())
		if de, ok := errors.AsType[*rdservice.DeviceError](err); !ok || de.Code != "730" {
			t.Errorf("Capture: %v, want 730", err)
		}
		w.becomes(rdservice.NotReady)
	})
	t.Run("the page leaves and the scanner is free", func(t *testing.T) {
		s := startSim(t, rdsim.Options{Seed: 1, NoFinger: true}, "mantra-l1")
		w, d := refreshed(t, atSim(s))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for s.Status() == "READY" {
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := w.Capture(ctx, d.ID, oneFinger()); !errors.Is(err, context.Canceled) {
			t.Errorf("Capture: %v, want canceled", err)
		}
		s.SetFinger(true)
		watch := rdservice.NewClient(atSim(s))
		for {
			_, err := watch.Capture(t.Context(), d, oneFinger())
			if err == nil {
				return
			}
			if !errors.Is(err, rdservice.ErrBusy) { // for as long as the driver needs to notice
				t.Fatalf("Capture after the page left: %v", err)
			}
		}
	})
}
