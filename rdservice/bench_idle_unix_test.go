//go:build unix

package rdservice_test

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"biobridge/rdservice"
)

// servicesEnv makes the test binary serve RD services instead of running tests,
// so that their cost is not counted as the watch loop's.
const servicesEnv = "BIOBRIDGE_BENCH_SERVICES"

func TestMain(m *testing.M) {
	if os.Getenv(servicesEnv) == "" {
		os.Exit(m.Run())
	}
	serveForBench()
}

func serveForBench() {
	var ports []string
	for i := range 2 {
		s := newService("dc-" + strconv.Itoa(i))
		s.Server = newUnstarted(s)
		s.Start()
		ports = append(ports, strconv.Itoa(s.port()))
	}
	os.Stdout.WriteString(strings.Join(ports, ",") + "\n")
	os.Stdin.Read(make([]byte, 1)) // until the benchmark ends
}

// BenchmarkIdle lets the watch loop run as it does in a shop, with two scanners
// ready or none plugged in, and reports what share of one core this process uses.
func BenchmarkIdle(b *testing.B) {
	const span = 20 * time.Second
	for name, services := range map[string]bool{"two scanners": true, "none": false} {
		b.Run(name, func(b *testing.B) {
			ports := closedPorts(b, 23)
			if services {
				copy(ports[2:], startServices(b))
			}
			cfg := rdservice.Config{HTTPPorts: ports[:21], HTTPSPorts: ports}
			for b.Loop() {
				ctx, cancel := context.WithTimeout(b.Context(), span)
				before := cpuTime(b)
				if err := rdservice.NewWatcher(cfg, rdservice.WatchConfig{}).Run(ctx); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(100*float64(cpuTime(b)-before)/float64(span), "%core")
				cancel()
			}
		})
	}
}

func startServices(b *testing.B) []int {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), servicesEnv+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stdin.Close(); cmd.Wait() })
	line := make([]byte, 64)
	n, err := stdout.Read(line)
	if err != nil {
		b.Fatal(err)
	}
	ports, err := rdservice.ParsePorts(string(line[:n]))
	if err != nil {
		b.Fatal(err)
	}
	return ports
}

// cpuTime is what this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
