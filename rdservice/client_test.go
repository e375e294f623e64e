package rdservice_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/pid/pidtest"
	"biobridge/rdservice"
)

// goodCapture is a PidData of a device with that code.
func goodCapture(t testing.TB, dc string) []byte {
	t.Helper()
	spec := pidtest.DeviceSpec{Provider: "Mantra Softech India Pvt Ltd 7", CN: "MFS110"}
	spec.DPID, spec.RDSID, spec.RDSVer, spec.MI, spec.DC = "MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "MFS110", dc
	doc, err := pidtest.NewDocument(pidtest.Simulated(), spec, 2, time.Now())
	if err != nil {
		t.Fatalf("make PidData: %v", err)
	}
	return doc.XML()
}

func TestClient_Capture(t *testing.T) {
	raw := goodCapture(t, "dc-1")

	t.Run("the document comes back byte for byte", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("CAPTURE /rd/capture", string(raw))
		d := mustFindOne(t, at(s.port()))
		got, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), d, oneFinger())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), raw) {
			t.Error("the bytes differ from what the service sent")
		}
		if d.DC != got.Device().DC || d.PIDInfo().Serial == "" {
			t.Errorf("DEVICEINFO says %+v, PidData %+v", d.PIDInfo(), got.Device())
		}
	})

	t.Run("the device's refusal", func(t *testing.T) {
		for _, c := range []struct {
			code, info string
			is         error
			kind       rdservice.Kind
		}{
			{"700", "Capture timed out", rdservice.ErrTimeout, rdservice.KindTimeout},
			{"710", "Being used by another application", rdservice.ErrBusy, rdservice.KindBusy},
			{"720", "", rdservice.ErrNotReady, rdservice.KindNotReady},
			{"-1509", "Checking", rdservice.ErrNotReady, rdservice.KindNotReady},
			{"110", "", nil, rdservice.KindOptions},
			{"4711", "Something new", nil, rdservice.KindFailed},
		} {
			s := startService(t, "dc-1")
			s.answer("CAPTURE /rd/capture", refusal(c.code, c.info))
			got, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger())
			de, ok := errors.AsType[*rdservice.DeviceError](err)
			if !ok || got != nil {
				t.Fatalf("%s: got %v, %v, want a DeviceError", c.code, got, err)
			}
			if de.Code != c.code || de.Info != c.info || de.Vendor != "mantra" {
				t.Errorf("error %+v, want code %s and info %q of mantra", de, c.code, c.info)
			}
			if c.is != nil && !errors.Is(err, c.is) || de.Explain().Kind != c.kind {
				t.Errorf("%s: %v is of kind %s, want %s and %v", c.code, err, de.Explain().Kind, c.kind, c.is)
			}
			for _, other := range []error{rdservice.ErrTimeout, rdservice.ErrBusy, rdservice.ErrNotReady, rdservice.ErrGone, rdservice.ErrUnusable} {
				if other != c.is && errors.Is(err, other) {
					t.Errorf("%s: %v is also %v", c.code, err, other)
				}
			}
		}
	})

	t.Run("405 says to update the L1 driver", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) })
		_, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger())
		de, ok := errors.AsType[*rdservice.DeviceError](err)
		if !ok || !strings.Contains(de.Explain().Action, "newest L1 driver") {
			t.Fatalf("error = %v, want one that says to update the L1 driver", err)
		}
	})

	t.Run("path not advertised", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("RDSERVICE /", `<RDService status="READY" info="x"/>`)
		s.answer("CAPTURE /capture", string(raw))
		if _, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger()); err != nil {
			t.Fatal(err)
		}
		if want := []string{"CAPTURE /rd/capture", "CAPTURE /capture"}; !slices.Equal(s.calls()[2:], want) {
			t.Errorf("asked %v, want %v", s.calls()[2:], want)
		}
	})

	t.Run("path not advertised and the first one is for something else", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("RDSERVICE /", `<RDService status="READY" info="x"/>`)
		s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) })
		s.answer("CAPTURE /capture", string(raw))
		if _, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger()); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("path advertised and not served", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("RDSERVICE /", `<RDService status="READY" info="x"><Interface id="CAPTURE" path="/nowhere"/></RDService>`)
		s.answer("CAPTURE /rd/capture", string(raw))
		if _, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger()); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("path not advertised and the first one fails otherwise", func(t *testing.T) {
		s := startService(t, "dc-1")
		s.answer("RDSERVICE /", `<RDService status="READY" info="x"/>`)
		s.handle("CAPTURE /rd/capture", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
		_, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), oneFinger())
		if !errors.Is(err, rdservice.ErrUnusable) || s.count("CAPTURE /capture") != 0 {
			t.Errorf("error = %v after %v, want no second capture", err, s.calls())
		}
	})

	t.Run("options that no service accepts are not sent", func(t *testing.T) {
		s := startService(t, "dc-1")
		_, err := rdservice.NewClient(at(s.port())).Capture(t.Context(), mustFindOne(t, at(s.port())), pid.Options{})
		if _, ok := errors.AsType[*pid.OptionsError](err); !ok || s.count("CAPTURE /rd/capture") != 0 {
			t.Errorf("error = %v after %v", err, s.calls())
		}
	})

	t.Run("ending the context closes the connection", func(t *testing.T) {
		checkLeaks(t)
		s := startService(t, "dc-1")
		began, released := make(chan struct{}), make(chan struct{})
		s.handle("CAPTURE /rd/capture", func(_ http.ResponseWriter, r *http.Request) {
			close(began)
			<-r.Context().Done()
			close(released)
		})
		d := mustFindOne(t, at(s.port()))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { <-began; cancel() }()
		if _, err := rdservice.NewClient(at(s.port())).Capture(ctx, d, oneFinger()); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want canceled", err)
		}
		<-released
	})

	t.Run("a service that never answers", func(t *testing.T) {
		checkLeaks(t)
		s := startService(t, "dc-1")
		s.handle("CAPTURE /rd/capture", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		cfg := at(s.port())
		cfg.CaptureGrace = time.Millisecond
		o := oneFinger()
		o.Timeout = time.Second + time.Millisecond
		if _, err := rdservice.NewClient(cfg).Capture(t.Context(), mustFindOne(t, cfg), o); !errors.Is(err, rdservice.ErrTimeout) {
			t.Errorf("error = %v, want ErrTimeout", err)
		}
	})

	t.Run("a service that has gone", func(t *testing.T) {
		s := startService(t, "dc-1")
		d := mustFindOne(t, at(s.port()))
		s.stop()
		client := rdservice.NewClient(at(s.port()))
		if _, err := client.Capture(t.Context(), d, oneFinger()); !errors.Is(err, rdservice.ErrGone) {
			t.Errorf("Capture: %v, want ErrGone", err)
		}
		if _, err := client.Info(t.Context(), d); !errors.Is(err, rdservice.ErrGone) {
			t.Errorf("Info: %v, want ErrGone", err)
		}
	})
}

func TestClient_Info(t *testing.T) {
	s := startService(t, "dc-1")
	d := mustFindOne(t, at(s.port()))
	client := rdservice.NewClient(at(s.port()))
	s.answer("DEVICEINFO /rd/info", deviceInfo("MANTRA.MSIPL", "MANTRA.WIN.001", "1.0", "dc-2", "MFS100", ""))
	got, err := client.Info(t.Context(), d)
	if err != nil || got.DC != "dc-2" || got.Level != "L0" || got.Serial != "" || got.ID != d.ID {
		t.Errorf("got %+v, %v, want what the service says now", got, err)
	}
	s.answer("DEVICEINFO /rd/info", `<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>`)
	if got, err = client.Info(t.Context(), d); err != nil || got.Status != rdservice.NotReady || got.DC != "" {
		t.Errorf("got %+v, %v, want a device that is not ready", got, err)
	}
}

// TestWire holds the very bytes that a service gets.
func TestWire(t *testing.T) {
	capture := goodCapture(t, "dc-1")
	requests := make(chan string, 8)
	port := startRaw(t, func(c net.Conn) {
		buf := make([]byte, 64<<10)
		n, _ := c.Read(buf)
		if bytes.HasPrefix(buf[:n], []byte("CAPTURE")) && !bytes.Contains(buf[:n], []byte("</PidOptions>")) {
			m, _ := c.Read(buf[n:])
			n += m
		}
		requests <- string(buf[:n])
		body := mantraService
		switch {
		case bytes.HasPrefix(buf, []byte("DEVICEINFO")):
			body = deviceInfo("MANTRA.MSIPL", "RENESAS.MANTRA.001", "1.4.1", "dc-1", "MFS110", "")
		case bytes.HasPrefix(buf, []byte("CAPTURE")):
			body = string(capture)
		}
		// As bare as an answer can be: HTTP/1.0, no length, no type, a cookie.
		io.WriteString(c, "HTTP/1.0 200 OK\r\nSet-Cookie: a=b\r\n\r\n"+body)
		c.Close()
	})
	d := mustFindOne(t, at(port))
	if _, err := rdservice.NewClient(at(port)).Capture(t.Context(), d, oneFinger()); err != nil {
		t.Fatal(err)
	}
	options := string(oneFinger().XML())
	for _, want := range []string{
		"RDSERVICE / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: biobridge\r\nConnection: close\r\n\r\n",
		"DEVICEINFO /rd/info HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: biobridge\r\nConnection: close\r\n\r\n",
		"CAPTURE /rd/capture HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: biobridge\r\nConnection: close\r\n" +
			"Content-Length: " + strconv.Itoa(len(options)) + "\r\nContent-Type: text/xml\r\n\r\n" + options,
	} {
		want = strings.Replace(want, "PORT", strconv.Itoa(port), 1)
		if got := <-requests; got != want {
			t.Errorf("sent\n%s\nwant\n%s", got, want)
		}
	}
}

func TestTLSVersions(t *testing.T) {
	for _, c := range []struct {
		name   string
		server *tls.Config
		min    uint16
		found  bool
	}{
		{name: "TLS 1.3", server: &tls.Config{MinVersion: tls.VersionTLS13}, found: true},
		{name: "TLS 1.2", server: &tls.Config{MaxVersion: tls.VersionTLS12}, found: true},
		{name: "TLS 1.1", server: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, found: true},
		{name: "TLS 1.0", server: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, found: true},
		{name: "TLS 1.2 with RSA key exchange only", server: &tls.Config{MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}, found: true},
		{name: "TLS 1.0 with 3DES only", server: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}, found: true},
		{name: "TLS 1.0 where 1.2 is asked for", server: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10},
			min: tls.VersionTLS12},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService("dc-1")
			s.Server = newUnstarted(s)
			s.TLS = c.server
			s.StartTLS()
			t.Cleanup(s.stop)
			cfg := at()
			cfg.HTTPSPorts, cfg.MinTLS = []int{s.port()}, c.min
			if got := len(mustFind(t, cfg)) == 1; got != c.found {
				t.Errorf("found: %v, want %v", got, c.found)
			}
		})
	}
}
