package rdservice_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"biobridge/rdservice"
)

// startFast serves fixed answers as fast as Go can, so that what a benchmark
// measures is the client.
func startFast(b *testing.B, dc string, capture []byte) int {
	b.Helper()
	service := []byte(`<RDService status="READY" info="Morpho_RD_Service"><Interface id="CAPTURE" path="/127.0.0.1:11102/capture"/><Interface id="DEVICEINFO" path="/127.0.0.1:11102/getDeviceInfo"/></RDService>`)
	info := []byte(deviceInfo("Morpho.SmartChip", "SCPL.WIN.001", "2.0.1.32", dc, "MSO1300E3L0SW", `<Param name="srno" value="1907I012345"/>`))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch r.Method {
		case "RDSERVICE":
			w.Write(service)
		case "DEVICEINFO":
			w.Write(info)
		case "CAPTURE":
			w.Write(capture)
		}
	}))
	b.Cleanup(s.Close)
	return portOf(s.Listener)
}

// startSilentB listens on a port that takes connections and says nothing.
func startSilentB(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return portOf(l) // the kernel accepts, nobody reads
}

// shopRange stands for 11100 to 11120, 11200 and 8005 of a PC: free ports in
// their order, of which index i is 11100+i. One is silent; a Morpho is on 11102.
type shopRange struct {
	ports          []int
	silent, morpho int
}

const (
	silentIndex = 1 // 11101
	morphoIndex = 2 // 11102
)

func newShop(b *testing.B) shopRange {
	ports := closedPorts(b, 23)
	ports[silentIndex], ports[morphoIndex] = startSilentB(b), startFast(b, "dc-1", nil)
	return shopRange{ports, ports[silentIndex], ports[morphoIndex]}
}

func (s shopRange) config() rdservice.Config {
	return rdservice.Config{HTTPPorts: s.ports[:21], HTTPSPorts: s.ports}
}

// BenchmarkFindHangingPort is a whole discovery over 21 http and 23 https ports
// of which one hangs. It may cost one probe timeout, not the sum.
func BenchmarkFindHangingPort(b *testing.B) {
	shop := newShop(b)
	finder := rdservice.NewFinder(shop.config())
	begin := time.Now()
	for b.Loop() {
		if devices, err := finder.Find(b.Context()); err != nil || len(devices) != 1 {
			b.Fatal(devices, err)
		}
	}
	b.ReportMetric(float64(time.Since(begin))/float64(b.N)/float64(rdservice.DefaultProbeTimeout), "probe-timeouts")
}

// BenchmarkFindNothing is a whole discovery where nothing listens.
func BenchmarkFindNothing(b *testing.B) {
	ports := closedPorts(b, 23)
	finder := rdservice.NewFinder(rdservice.Config{HTTPPorts: ports[:21], HTTPSPorts: ports})
	for b.Loop() {
		if devices, err := finder.Find(b.Context()); err != nil || len(devices) != 0 {
			b.Fatal(devices, err)
		}
	}
}

// BenchmarkFirstDevice is the time until the first device is known, cold, while
// another port hangs.
func BenchmarkFirstDevice(b *testing.B) {
	shop := newShop(b)
	var times []time.Duration
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		begin := time.Now()
		rdservice.NewFinder(shop.config()).FindEach(ctx, func(rdservice.Device) {
			times = append(times, time.Since(begin))
			cancel()
		})
	}
	reportTimes(b, times, "first")
}

// BenchmarkWarmList is the list of devices from memory.
func BenchmarkWarmList(b *testing.B) {
	a, c := startFast(b, "dc-1", nil), startFast(b, "dc-2", nil)
	w := rdservice.NewWatcher(at(a, c), rdservice.WatchConfig{})
	if devices, err := w.Refresh(b.Context()); err != nil || len(devices) != 2 {
		b.Fatal(devices, err)
	}
	for b.Loop() {
		if len(w.Devices()) != 2 {
			b.Fatal("devices lost")
		}
	}
}

// BenchmarkCaptureOverhead takes captures with a bare HTTP client and with the
// Watcher by turns, from a service that answers at once, and reports the medians.
func BenchmarkCaptureOverhead(b *testing.B) {
	raw := goodCapture(b, "dc-1")
	port := startFast(b, "dc-1", raw)
	w := rdservice.NewWatcher(at(port), rdservice.WatchConfig{})
	devices, err := w.Refresh(b.Context())
	if err != nil || len(devices) != 1 {
		b.Fatal(devices, err)
	}
	options := oneFinger()
	bare := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var withBare, withWatcher, added []time.Duration
	for b.Loop() {
		begin := time.Now()
		req, _ := http.NewRequestWithContext(b.Context(), "CAPTURE", "http://127.0.0.1:"+strconv.Itoa(port)+"/capture", bytes.NewReader(options.XML()))
		resp, err := bare.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		middle := time.Now()
		c, err := w.Capture(b.Context(), devices[0].ID, options)
		if err != nil {
			b.Fatal(err)
		}
		c.Wipe()
		withBare = append(withBare, middle.Sub(begin))
		withWatcher = append(withWatcher, time.Since(middle))
		added = append(added, time.Since(middle)-middle.Sub(begin))
	}
	reportTimes(b, withBare, "bare")
	reportTimes(b, withWatcher, "watcher")
	reportTimes(b, added, "added")
}

// BenchmarkPoll is the watch loop's work of one second for one scanner: a status.
func BenchmarkPoll(b *testing.B) {
	w := rdservice.NewWatcher(at(startFast(b, "dc-1", nil)), rdservice.WatchConfig{})
	if _, err := w.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w.PollAll(b.Context())
	}
}

func reportTimes(b *testing.B, times []time.Duration, what string) {
	slices.Sort(times)
	ms := func(i int) float64 { return float64(times[i]) / float64(time.Millisecond) }
	b.ReportMetric(ms(len(times)/2), what+"-p50-ms")
	b.ReportMetric(ms(len(times)*99/100), what+"-p99-ms")
}
