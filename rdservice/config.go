package rdservice

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The defaults of [Config].
const (
	DefaultHost         = "127.0.0.1"
	DefaultHTTPPorts    = "11100-11120"
	DefaultHTTPSPorts   = "11100-11120,11200,8005"
	DefaultProbeTimeout = 2500 * time.Millisecond
	DefaultInfoTimeout  = 10 * time.Second
	DefaultCaptureGrace = 90 * time.Second
	DefaultParallel     = 64
)

// maxPorts keeps a slip of the pen in a port list from becoming a port scan.
const maxPorts = 1024

// Config says where RD services are looked for and how long they may take. The
// zero value looks where all known vendors are (rd-service.md section 2).
type Config struct {
	// Host is a loopback address written as a number; "" is 127.0.0.1, and
	// "localhost" means the same. A name is never resolved: on Windows that
	// costs time, and a hosts file may say anything.
	Host string

	// HTTPPorts and HTTPSPorts are the ports to look at. If both are nil they
	// are the default ones; an empty list beside it switches a scheme off.
	HTTPPorts, HTTPSPorts []int

	// ProbeTimeout bounds all that discovery does on one port, 0 is
	// [DefaultProbeTimeout].
	ProbeTimeout time.Duration

	// InfoTimeout bounds one DEVICEINFO outside discovery, 0 is
	// [DefaultInfoTimeout].
	InfoTimeout time.Duration

	// CaptureGrace is how much longer than the scanner's own time limit a
	// capture is waited for, 0 is [DefaultCaptureGrace]: a driver may go online
	// for a new device key before it answers (rd-service.md sections 5.3 and 8).
	CaptureGrace time.Duration

	// Parallel bounds how many ports are probed at once, 0 is
	// [DefaultParallel]. Below the number of ports that don't answer, a scan
	// takes more than one ProbeTimeout.
	Parallel int

	// MinTLS is the lowest TLS version accepted, 0 is TLS 1.0: no document
	// says what old services speak, and on loopback TLS protects nothing.
	MinTLS uint16

	// Log takes debug lines about ports, never content; nil discards them.
	Log *slog.Logger

	// Now is the wall clock, nil is [time.Now].
	Now func() time.Time
}

// Validate reports what can't be used in c, naming the field.
func (c Config) Validate() error {
	if _, err := c.address(); err != nil {
		return err
	}
	if err := checkPorts("http ports", c.HTTPPorts); err != nil {
		return err
	}
	if err := checkPorts("https ports", c.HTTPSPorts); err != nil {
		return err
	}
	if d := min(c.ProbeTimeout, c.InfoTimeout, c.CaptureGrace); d < 0 {
		return fmt.Errorf("probe timeout, info timeout or capture grace: %v is negative", d)
	}
	if c.MinTLS != 0 && (c.MinTLS < tls.VersionTLS10 || c.MinTLS > tls.VersionTLS13) {
		return fmt.Errorf("min TLS: %#x is no version from 1.0 to 1.3", c.MinTLS)
	}
	if c.Parallel < 0 {
		return fmt.Errorf("parallel: %d is negative", c.Parallel)
	}
	return nil
}

func checkPorts(name string, ports []int) error {
	if len(ports) > maxPorts {
		return fmt.Errorf("%s: %d of them, more than %d", name, len(ports), maxPorts)
	}
	for _, p := range ports {
		if p < 1 || p > 65535 {
			return fmt.Errorf("%s: %d is not a port", name, p)
		}
	}
	return nil
}

// address returns the one loopback address that is spoken to.
func (c Config) address() (netip.Addr, error) {
	host := c.Host
	if host == "" || strings.EqualFold(host, "localhost") {
		host = DefaultHost
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.IsLoopback() || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("host: %q is not a loopback address such as %s", c.Host, DefaultHost)
	}
	return addr, nil
}

// withDefaults returns c with every zero field filled in.
func (c Config) withDefaults() Config {
	if c.HTTPPorts == nil && c.HTTPSPorts == nil {
		c.HTTPPorts = mustParsePorts(DefaultHTTPPorts)
		c.HTTPSPorts = mustParsePorts(DefaultHTTPSPorts)
	}
	if c.ProbeTimeout == 0 {
		c.ProbeTimeout = DefaultProbeTimeout
	}
	if c.InfoTimeout == 0 {
		c.InfoTimeout = DefaultInfoTimeout
	}
	if c.CaptureGrace == 0 {
		c.CaptureGrace = DefaultCaptureGrace
	}
	if c.Parallel == 0 {
		c.Parallel = DefaultParallel
	}
	if c.MinTLS == 0 {
		c.MinTLS = tls.VersionTLS10
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// ParsePorts reads a list like "11100-11120,11200,8005" in the order given, each
// port once. The empty string is the empty list, which is not nil: it switches
// a scheme off.
func ParsePorts(s string) ([]int, error) {
	ports := []int{}
	if strings.TrimSpace(s) == "" {
		return ports, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		low, high, err := parseRange(part)
		if err != nil {
			return nil, err
		}
		if len(ports)+high-low >= maxPorts {
			return nil, fmt.Errorf("ports: more than %d", maxPorts)
		}
		for p := low; p <= high; p++ {
			if !slices.Contains(ports, p) {
				ports = append(ports, p)
			}
		}
	}
	return ports, nil
}

func parseRange(part string) (low, high int, err error) {
	first, last, isRange := strings.Cut(part, "-")
	low, lowErr := parsePort(first)
	high = low
	var highErr error
	if isRange {
		high, highErr = parsePort(last)
	}
	if lowErr != nil || highErr != nil {
		return 0, 0, fmt.Errorf("ports: %q is neither a port nor a range like 11100-11120", strings.TrimSpace(part))
	}
	if high < low {
		return 0, 0, fmt.Errorf("ports: %q runs backwards", strings.TrimSpace(part))
	}
	return low, high, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a port", s)
	}
	return int(n), nil
}

func mustParsePorts(s string) []int {
	ports, err := ParsePorts(s)
	if err != nil {
		panic(err)
	}
	return ports
}
