package wsapi_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/wsapi"
)

// unlimited takes the rate limits out of a measurement of speed.
var unlimited = wsapi.Limits{CallsPerSecond: 1e9, OriginPerSecond: 1e9, Burst: 1 << 30, OriginBurst: 1 << 30, Origin: 1000, Connections: 1000}

// times are round trips.
type times []time.Duration

func (t times) at(share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(t))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (t times) report(b *testing.B) {
	b.ReportMetric(float64(t.at(0.5).Microseconds()), "p50-µs")
	b.ReportMetric(float64(t.at(0.99).Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// caller is a page that makes one call after the other with as little of its own
// work as can be.
type caller struct {
	b  testing.TB
	ws *websocket.Conn
}

func dialCaller(b testing.TB, addr, origin string) caller {
	b.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+addr+"/v1", http.Header{"Origin": {origin}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ws.Close() })
	return caller{b, ws}
}

func (c caller) trip(frame []byte) time.Duration {
	begin := time.Now()
	if err := c.ws.WriteMessage(websocket.TextMessage, frame); err != nil {
		c.b.Fatal(err)
	}
	if _, _, err := c.ws.ReadMessage(); err != nil {
		c.b.Fatal(err)
	}
	return time.Since(begin)
}

var listFrame = []byte(`{"jsonrpc":"2.0","id":7,"method":"device.list","params":{}}`)

// BenchmarkRoundTrip compares device.list with a bare gorilla echo of a frame of
// the same size, in one run.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("echo", func(b *testing.B) {
		addr := echoServer(b)
		c := dialCaller(b, addr, shopOrigin)
		var all times
		for b.Loop() {
			all = append(all, c.trip(listFrame))
		}
		all.report(b)
	})
	b.Run("device.list", func(b *testing.B) {
		c := dialCaller(b, open(b, wsapi.Config{Limits: unlimited}).addr, shopOrigin)
		c.trip([]byte(hello))
		var all times
		for b.Loop() {
			all = append(all, c.trip(listFrame))
		}
		all.report(b)
	})
}

func echoServer(b testing.TB) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			kind, data, err := ws.ReadMessage()
			if err != nil || ws.WriteMessage(kind, data) != nil {
				return
			}
		}
	})}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { _ = server.Close() })
	return l.Addr().String()
}

// BenchmarkFlood measures one page's round trips while a page of another origin
// sends as fast as it can, under the ordinary limits, and compares them with the
// same page's round trips in peace.
func BenchmarkFlood(b *testing.B) {
	bridge := open(b, wsapi.Config{Limits: wsapi.Limits{CallsPerSecond: 1e9, Burst: 1 << 30, OriginPerSecond: 200}})
	quiet := dialCaller(b, bridge.addr, shopOrigin)
	quiet.trip([]byte(hello))
	measure := func(n int) times {
		var all times
		for range n {
			all = append(all, quiet.trip(listFrame))
			time.Sleep(5 * time.Millisecond) // within its own limit, as a page would call
		}
		return all
	}
	var peace, flood times
	for b.Loop() {
		peace = append(peace, measure(200)...)
		stop := floodFrom(b, bridge.addr)
		flood = append(flood, measure(200)...)
		stop()
	}
	b.ReportMetric(float64(peace.at(0.5).Microseconds()), "peace-p50-µs")
	b.ReportMetric(float64(flood.at(0.5).Microseconds()), "flood-p50-µs")
	b.ReportMetric(float64(flood.at(0.5))/float64(peace.at(0.5)), "p50-ratio")
	b.ReportMetric(0, "ns/op")
}

// floodFrom sends from eight connections of another origin until it is stopped.
func floodFrom(b *testing.B, addr string) (stop func()) {
	var senders sync.WaitGroup
	var sockets []*websocket.Conn
	for range 8 {
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+addr+"/v1", http.Header{"Origin": {otherOrigin}})
		if err != nil {
			b.Fatal(err)
		}
		sockets = append(sockets, ws)
		senders.Go(func() { _, _ = io.Copy(io.Discard, ws.NetConn()) })
		senders.Go(func() {
			for ws.WriteMessage(websocket.TextMessage, listFrame) == nil {
			}
		})
	}
	return func() {
		for _, ws := range sockets {
			_ = ws.Close()
		}
		senders.Wait()
	}
}

// BenchmarkIdle measures what 500 idle pages cost a bridge of its own process.
func BenchmarkIdle(b *testing.B) {
	const pages = 500
	if os.Getenv("WSAPI_IDLE") != "" {
		serveIdle(b)
		return
	}
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkIdle$", "-test.benchtime=1x")
		cmd.Env = append(os.Environ(), "WSAPI_IDLE=1")
		cmd.Stderr = os.Stderr
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		addr := readAddr(b, out)
		before := residentMB(b, cmd.Process.Pid)
		var all []caller
		for range pages {
			c := dialCaller(b, addr, shopOrigin)
			c.trip([]byte(hello))
			all = append(all, c)
		}
		after := residentMB(b, cmd.Process.Pid)
		b.ReportMetric(before, "empty-MB")
		b.ReportMetric(after, "500-pages-MB")
		b.ReportMetric((after-before)*1024/pages, "KB/page")
		for _, c := range all {
			_ = c.ws.Close()
		}
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}
	b.ReportMetric(0, "ns/op")
}

// serveIdle is the bridge's process of BenchmarkIdle; it ends with its input.
func serveIdle(b *testing.B) {
	bridge := open(b, wsapi.Config{Limits: unlimited})
	fmt.Printf("\nADDR %s\n", bridge.addr)
	_, _ = io.Copy(io.Discard, os.Stdin)
	b.SkipNow()
}

func readAddr(b *testing.B, out io.Reader) string {
	b.Helper()
	text := make([]byte, 0, 4096)
	for buffer := make([]byte, 1); ; {
		if _, err := out.Read(buffer); err != nil {
			b.Fatalf("the bridge's process said %q", text)
		}
		text = append(text, buffer[0])
		if _, addr, ok := strings.Cut(string(text), "ADDR "); ok && strings.HasSuffix(addr, "\n") {
			return strings.TrimSpace(addr)
		}
	}
}

// residentMB is the memory of a process that is in RAM.
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		b.Skip("only Linux says how much memory another process has")
	}
	pages, err := strconv.Atoi(strings.Fields(string(raw))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / (1 << 20)
}
