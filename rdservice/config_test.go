package rdservice_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"biobridge/rdservice"
)

func TestParsePorts(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []int
		err  string
	}{
		{in: "11100", want: []int{11100}},
		{in: "11100-11102", want: []int{11100, 11101, 11102}},
		{in: " 11100 - 11101 , 8005 ", want: []int{11100, 11101, 8005}},
		{in: "5,5,4-6", want: []int{5, 4, 6}},
		{in: "", want: []int{}},
		{in: "11100,", err: "neither a port nor a range"},
		{in: "0", err: "neither a port nor a range"},
		{in: "65536", err: "neither a port nor a range"},
		{in: "-1", err: "neither a port nor a range"},
		{in: "11100-11110-11120", err: "neither a port nor a range"},
		{in: "11110-11100", err: "runs backwards"},
		{in: "1-65535", err: "more than"},
	} {
		t.Run(c.in, func(t *testing.T) {
			got, err := rdservice.ParsePorts(c.in)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("ParsePorts(%q) = %v, %v, want an error with %q", c.in, got, err, c.err)
				}
				return
			}
			if err != nil || got == nil || !slices.Equal(got, c.want) {
				t.Fatalf("ParsePorts(%q) = %#v, %v, want %v", c.in, got, err, c.want)
			}
		})
	}
}

func TestConfig_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  rdservice.Config
		err  string
	}{
		{name: "zero value"},
		{name: "IPv6 loopback", cfg: rdservice.Config{Host: "::1"}},
		{name: "localhost by name", cfg: rdservice.Config{Host: "localhost"}},
		{name: "another host", cfg: rdservice.Config{Host: "192.168.1.5"}, err: "not a loopback address"},
		{name: "all interfaces", cfg: rdservice.Config{Host: "0.0.0.0"}, err: "not a loopback address"},
		{name: "a name", cfg: rdservice.Config{Host: "rd.myservice.com"}, err: "not a loopback address"},
		{name: "port in the host", cfg: rdservice.Config{Host: "127.0.0.1:11100"}, err: "not a loopback address"},
		{name: "no port", cfg: rdservice.Config{HTTPPorts: []int{0}}, err: "http ports: 0"},
		{name: "too high a port", cfg: rdservice.Config{HTTPSPorts: []int{70000}}, err: "https ports: 70000"},
		{name: "negative time", cfg: rdservice.Config{ProbeTimeout: -time.Second}, err: "probe timeout"},
		{name: "unknown TLS version", cfg: rdservice.Config{MinTLS: 0x0300}, err: "min TLS"},
		{name: "negative parallel", cfg: rdservice.Config{Parallel: -1}, err: "parallel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.cfg.Validate()
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("Validate() = %v, want %q", err, c.err)
			}
			if _, findErr := rdservice.NewFinder(c.cfg).Find(t.Context()); c.err != "" && findErr == nil {
				t.Fatal("Find with that configuration succeeds")
			}
		})
	}
}
