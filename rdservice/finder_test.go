package rdservice_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"biobridge/rdservice"
)

func TestFinder_Find(t *testing.T) {
	t.Run("ready Mantra L1", func(t *testing.T) {
		s := startService(t, "dc-1")
		d := mustFindOne(t, at(s.port()))
		for _, c := range []struct{ name, got, want string }{
			{"vendor", d.Vendor, "mantra"}, {"model", d.Model, "MFS110"}, {"serial", d.Serial, "0000001"},
			{"level", d.Level, "L1"}, {"modality", d.Modality, rdservice.Finger}, {"status", string(d.Status), "ready"},
			{"raw status", d.RawStatus, "READY"}, {"info", d.Info, "Mantra MFS110 Authentication Vendor Device Manager"},
			{"rdsId", d.RDSID, "RENESAS.MANTRA.001"}, {"rdsVer", d.RDSVer, "1.4.1"}, {"dpId", d.DPID, "MANTRA.MSIPL"},
			{"dc", d.DC, "dc-1"}, {"scheme", d.Scheme(), "http"},
		} {
			if c.got != c.want {
				t.Errorf("%s = %q, want %q", c.name, c.got, c.want)
			}
		}
		if d.Port() != s.port() || d.ID == "" {
			t.Errorf("port %d, id %q", d.Port(), d.ID)
		}
		if want := []string{"RDSERVICE /", "DEVICEINFO /rd/info"}; !slices.Equal(s.calls(), want) {
			t.Errorf("asked %v, want %v", s.calls(), want)
		}
	})

	t.Run("statuses", func(t *testing.T) {
		for raw, want := range map[string]rdservice.Status{
			"READY": rdservice.Ready, "ready": rdservice.Ready, "USED": rdservice.Busy, "BUSY": rdservice.Busy,
			"NOTREADY": rdservice.NotReady, "NOT_READY": rdservice.NotReady, "": rdservice.NotReady, "READY NOT": rdservice.NotReady,
		} {
			s := startService(t, "dc-1")
			s.status(raw)
			if d := mustFindOne(t, at(s.port())); d.Status != want || d.RawStatus != raw {
				t.Errorf("%q is %s (%q), want %s", raw, d.Status, d.RawStatus, want)
			}
		}
	})

	t.Run("empty identity is not ready", func(t *testing.T) {
		s := startService(t, "")
		s.answer("DEVICEINFO /rd/info", `<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>`)
		if d := mustFindOne(t, at(s.port())); d.Status != rdservice.NotReady || d.Vendor != "mantra" {
			t.Errorf("status %s, vendor %q, want not_ready from mantra", d.Status, d.Vendor)
		}
	})

	t.Run("device info that fails hides nobody", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.handle("DEVICEINFO /rd/info", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) })
		if d := mustFindOne(t, at(s.port())); d.Status != rdservice.Ready || d.DC != "" {
			t.Errorf("status %s, dc %q, want a ready device of unknown code", d.Status, d.DC)
		}
	})

	t.Run("device info not advertised", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("RDSERVICE /", `<RDService status="READY" info="Morpho_RD_Service"><Interface id="CAPTURE" path="/capture"/></RDService>`)
		s.handle("DEVICEINFO /rd/info", http.NotFound)
		s.answer("DEVICEINFO /getDeviceInfo", deviceInfo("Morpho.SmartChip", "SCPL.WIN.001", "2.0", "dc-m", "MSO1300E3L0SW", ""))
		if d := mustFindOne(t, at(s.port())); d.DC != "dc-m" || d.Vendor != "morpho" || d.Level != "L0" {
			t.Errorf("dc %q, vendor %q, level %q", d.DC, d.Vendor, d.Level)
		}
	})

	t.Run("root path refused", func(t *testing.T) {
		for name, root := range map[string]http.HandlerFunc{
			"404":  http.NotFound,
			"405":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) },
			"HTML": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html></html>") },
		} {
			s := startService(t, "dc-1")
			s.handle("RDSERVICE /", root)
			s.answer("RDSERVICE /rd/info", mantraService)
			if d := mustFindOne(t, at(s.port())); d.Status != rdservice.Ready {
				t.Errorf("%s: status %s, want ready by way of /rd/info", name, d.Status)
			}
		}
	})

	t.Run("every service, the ready ones first", func(t *testing.T) {
		idle, used, ready := startService(t, "dc-1"), startService(t, "dc-2"), startService(t, "dc-3")
		idle.status("NOTREADY")
		used.status("USED")
		devices := mustFind(t, at(idle.port(), used.port(), ready.port()))
		var got []rdservice.Status
		for _, d := range devices {
			got = append(got, d.Status)
		}
		if want := []rdservice.Status{rdservice.Ready, rdservice.Busy, rdservice.NotReady}; !slices.Equal(got, want) {
			t.Errorf("statuses %v, want %v", got, want)
		}
	})

	t.Run("nothing there", func(t *testing.T) {
		if devices := mustFind(t, at(closedPorts(t, 3)...)); len(devices) != 0 {
			t.Errorf("found %v", devices)
		}
	})

	t.Run("caller gives up", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("page left")
		port := startRaw(t, nil2(func() { cancel(why) }))
		cfg := at(port)
		cfg.ProbeTimeout = time.Minute
		if _, err := rdservice.NewFinder(cfg).Find(ctx); !errors.Is(err, why) {
			t.Errorf("error = %v, want the context's cause", err)
		}
	})
}

func TestFinder_schemes(t *testing.T) {
	both := func(ports ...int) rdservice.Config {
		cfg := at(ports...)
		cfg.HTTPSPorts = ports
		return cfg
	}

	t.Run("https on a port of both lists", func(t *testing.T) {
		s := startTLSService(t, "dc-1")
		if d := mustFindOne(t, both(s.port())); d.Scheme() != "https" {
			t.Errorf("scheme %s, want https", d.Scheme())
		}
	})
	t.Run("http on a port of both lists is asked by http only", func(t *testing.T) {
		s := startService(t, "dc-1")
		if d := mustFindOne(t, both(s.port())); d.Scheme() != "http" {
			t.Errorf("scheme %s, want http", d.Scheme())
		}
	})
	t.Run("https hidden behind plain HTTP that hangs", func(t *testing.T) {
		s := startTLSService(t, "dc-1")
		port := startRaw(t, silentToPlain(s.Listener.Addr().String()))
		if d := mustFindOne(t, both(port)); d.Scheme() != "https" {
			t.Errorf("scheme %s, want https", d.Scheme())
		}
	})
	t.Run("one service on two ports is one scanner, by http", func(t *testing.T) {
		plain, secure := startService(t, "dc-1"), startTLSService(t, "dc-1")
		for range 5 {
			if d := mustFindOne(t, both(secure.port(), plain.port())); d.Scheme() != "http" {
				t.Fatalf("scheme %s, want http", d.Scheme())
			}
		}
	})
	t.Run("one idle service on two ports is one scanner", func(t *testing.T) {
		plain, secure := startService(t, ""), startTLSService(t, "")
		for _, s := range []*fakeService{plain, secure} {
			s.status("NOTREADY")
			s.answer("DEVICEINFO /rd/info", `<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>`)
		}
		mustFindOne(t, both(secure.port(), plain.port()))
	})
	t.Run("two scanners of one model are two", func(t *testing.T) {
		a, b := startService(t, "dc-1"), startTLSService(t, "dc-2")
		if devices := mustFind(t, both(a.port(), b.port())); len(devices) != 2 {
			t.Errorf("found %v, want both", portsOf(devices))
		}
	})
	t.Run("two scanners whose codes are unknown are two", func(t *testing.T) {
		a, b := startService(t, ""), startService(t, "")
		if devices := mustFind(t, both(a.port(), b.port())); len(devices) != 2 {
			t.Errorf("found %v, want both", portsOf(devices))
		}
	})
}

func TestFinder_FindEach(t *testing.T) {
	t.Run("a device is given while another port hangs", func(t *testing.T) {
		s := startService(t, "dc-1")
		cfg := at(startSilent(t), s.port())
		cfg.ProbeTimeout = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got []rdservice.Device
		err := rdservice.NewFinder(cfg).FindEach(ctx, func(d rdservice.Device) {
			got = append(got, d)
			cancel()
		})
		if len(got) != 1 || got[0].DC != "dc-1" || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, %v, want the one device before the port gives up", got, err)
		}
	})

	t.Run("one service on two ports is given once", func(t *testing.T) {
		a, b := startService(t, "dc-1"), startService(t, "dc-1")
		var got []rdservice.Device
		if err := rdservice.NewFinder(at(a.port(), b.port())).FindEach(t.Context(), func(d rdservice.Device) { got = append(got, d) }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 {
			t.Errorf("given %d times", len(got))
		}
	})
}
