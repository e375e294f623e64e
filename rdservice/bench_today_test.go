package rdservice_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/rdservice"
)

// probeOf is one probe of a client as they are written today.
type probeOf struct {
	index  int // into the range
	scheme string
}

// ekoOrder is the order in which Eko's guide has a page look: http 11100 to
// 11105, https 11100 to 11105, then pairs up to 11120 (rd-service.md section 2).
func ekoOrder() []probeOf {
	var order []probeOf
	for _, scheme := range []string{"http", "https"} {
		for i := range 6 {
			order = append(order, probeOf{i, scheme})
		}
	}
	return append(order, pairs(6, 21)...)
}

func pairs(from, to int) []probeOf {
	var order []probeOf
	for i := from; i < to; i++ {
		order = append(order, probeOf{i, "http"}, probeOf{i, "https"})
	}
	return order
}

// scanToday looks as such a client does: some probes at once, 2.5 s each, none
// left out. It returns when its first device was found and when its list was
// complete.
func scanToday(ctx context.Context, shop shopRange, order []probeOf, atOnce int) (first, list time.Duration) {
	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: insecure(), MaxIdleConnsPerHost: -1},
		Timeout:   2500 * time.Millisecond,
	}
	queue := make(chan probeOf, len(order))
	for _, p := range order {
		queue <- p
	}
	close(queue)
	begin := time.Now()
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for p := range queue {
				req, _ := http.NewRequestWithContext(ctx, "RDSERVICE", p.scheme+"://127.0.0.1:"+strconv.Itoa(shop.ports[p.index])+"/", nil)
				resp, err := client.Do(req)
				if err != nil {
					continue
				}
				body, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if strings.Contains(string(body), "<RDService") {
					mu.Lock()
					if first == 0 {
						first = time.Since(begin)
					}
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return first, time.Since(begin)
}

// BenchmarkAgainstToday measures, in one run and on one emulated PC with a silent
// port and a Morpho on 11102, how long a page waits for its list of devices:
// from the bridge, cold, and from clients as they are written today. The ratios
// are of the lists; "first" is when such a client could show its first device.
func BenchmarkAgainstToday(b *testing.B) {
	shop := newShop(b)
	var bridge, whole, ekoFirst, ekoList, serialFirst, serialList time.Duration
	for b.Loop() {
		begin := time.Now()
		devices, err := rdservice.NewWatcher(shop.config(), rdservice.WatchConfig{}).FirstReady(b.Context())
		if err != nil || len(devices) != 1 || devices[0].Vendor != "morpho" {
			b.Fatal(devices, err)
		}
		bridge += time.Since(begin)

		begin = time.Now()
		if devices, err := rdservice.NewFinder(shop.config()).Find(b.Context()); err != nil || len(devices) != 1 {
			b.Fatal(devices, err)
		}
		whole += time.Since(begin)

		first, list := scanToday(b.Context(), shop, ekoOrder(), 10)
		ekoFirst, ekoList = ekoFirst+first, ekoList+list
		first, list = scanToday(b.Context(), shop, pairs(0, 21), 1)
		serialFirst, serialList = serialFirst+first, serialList+list
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(b.N) / float64(time.Millisecond) }
	b.ReportMetric(ms(bridge), "bridge-list-ms")
	b.ReportMetric(ms(whole), "bridge-all-ports-ms")
	b.ReportMetric(ms(ekoFirst), "eko-first-ms")
	b.ReportMetric(ms(ekoList), "eko-list-ms")
	b.ReportMetric(ms(serialFirst), "serial-first-ms")
	b.ReportMetric(ms(serialList), "serial-list-ms")
	b.ReportMetric(float64(ekoList)/float64(bridge), "eko/bridge")
	b.ReportMetric(float64(serialList)/float64(bridge), "serial/bridge")
}
