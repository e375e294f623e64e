package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"biobridge/agent/cli"
	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/rdservice/rdsim"
)

// startScanner runs a simulated RD service with a finger on the glass.
func startScanner(t *testing.T, profile string, o rdsim.Options) *rdsim.Server {
	t.Helper()
	p, ok := rdsim.ProfileNamed(profile)
	if !ok {
		t.Fatalf("no profile %q", profile)
	}
	o.Profile, o.Scheme, o.FingerDelay = p, "http", -1
	s, err := rdsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// runCLI runs biobridge and returns its exit code and what it printed.
func runCLI(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	root := cli.Root()
	var out, errOut bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errOut)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		errOut.WriteString(err.Error())
	}
	return cli.ExitCode(err), out.String(), errOut.String()
}

// ports are the flags for these RD services, which may take their time.
func ports(t *testing.T, servers ...*rdsim.Server) []string {
	t.Helper()
	patient := strings.Replace(daemon.Template, `probe_timeout = "2.5s"`, `probe_timeout = "30s"`, 1)
	if patient == daemon.Template {
		t.Fatal("the template has no probe_timeout")
	}
	file := filepath.Join(t.TempDir(), "patient.toml")
	if err := os.WriteFile(file, []byte(patient), 0o600); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range servers {
		list = append(list, strconv.Itoa(s.Port()))
	}
	return []string{"--config", file, "--https-ports", "", "--http-ports", strings.Join(list, ",")}
}

// closedPort is a port at which nobody listens until the test ends: it is one
// end of a connection, so that no listener gets it meanwhile.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conn, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return strconv.Itoa(conn.LocalAddr().(*net.TCPAddr).Port)
}

func TestDevices(t *testing.T) {
	mantra := startScanner(t, "mantra-l1", rdsim.Options{Seed: 1})
	morpho := startScanner(t, "morpho-l0", rdsim.Options{Seed: 1, Unplugged: true})

	t.Run("table", func(t *testing.T) {
		code, out, errOut := runCLI(t.Context(), append([]string{"devices"}, ports(t, morpho, mantra)...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != cli.ExitOK || len(lines) != 3 {
			t.Fatalf("exit %d\n%s%s", code, out, errOut)
		}
		for i, want := range [][]string{
			{"#", "PORT", "STATUS", "VENDOR", "MODEL", "LEVEL", "SERIAL", "RD SERVICE", "INFO"},
			{"1", strconv.Itoa(mantra.Port()), "ready", "mantra", "MFS110", "L1", mantra.Serial(), "RENESAS.MANTRA.001 1.5.1"},
			{"2", strconv.Itoa(morpho.Port()), "not ready", "morpho", "Morpho_RD_Service"},
		} {
			for _, text := range want {
				if !strings.Contains(lines[i], text) {
					t.Errorf("line %d lacks %q: %s", i, text, lines[i])
				}
			}
		}
	})

	t.Run("JSON", func(t *testing.T) {
		code, out, _ := runCLI(t.Context(), append([]string{"devices", "--json"}, ports(t, mantra)...)...)
		var got struct{ Devices []contract.Device }
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != cli.ExitOK || len(got.Devices) != 1 {
			t.Fatalf("exit %d, %v\n%s", code, err, out)
		}
		d := got.Devices[0]
		want := contract.Device{ID: d.ID, Vendor: "mantra", Model: "MFS110", Serial: mantra.Serial(), Level: "L1", Modality: "finger",
			Status: contract.DeviceReady, Info: "Mantra MFS110 Authentication Vendor Device Manager",
			RDSID: "RENESAS.MANTRA.001", RDSVer: "1.5.1", DPID: "MANTRA.MSIPL"}
		if d != want || d.ID == "" {
			t.Errorf("got %+v, want %+v", d, want)
		}
	})

	t.Run("none", func(t *testing.T) {
		code, out, errOut := runCLI(t.Context(), "devices", "--http-ports", closedPort(t), "--https-ports", "")
		if code != cli.ExitNo || out != "" || !strings.Contains(errOut, "Plug the scanner in") {
			t.Errorf("exit %d\n%s%s", code, out, errOut)
		}
		code, out, _ = runCLI(t.Context(), "devices", "--json", "--http-ports", closedPort(t), "--https-ports", "")
		if code != cli.ExitNo || strings.Join(strings.Fields(out), "") != `{"devices":[]}` {
			t.Errorf("exit %d\n%s", code, out)
		}
	})

	t.Run("unusable", func(t *testing.T) {
		for _, args := range [][]string{
			{"devices", "--http-ports", "eleven"},
			{"devices", "--http-ports", "0"},
			{"devices", "--config", filepath.Join(t.TempDir(), "none.toml")},
			{"devices", "extra"},
		} {
			if code, out, errOut := runCLI(t.Context(), args...); code != cli.ExitUnusable || errOut == "" {
				t.Errorf("%v: exit %d\n%s%s", args, code, out, errOut)
			}
		}
	})

	t.Run("ports of the configuration", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "biobridge.toml")
		if code, _, errOut := runCLI(t.Context(), "config", "init", file); code != cli.ExitOK {
			t.Fatal(errOut)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(raw), `"11100-11120"`, `"`+strconv.Itoa(mantra.Port())+`"`, 1)
		text = strings.Replace(text, `"11100-11120,11200,8005"`, `""`, 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := runCLI(t.Context(), "devices", "--config", file)
		if code != cli.ExitOK || !strings.Contains(out, mantra.Serial()) {
			t.Errorf("exit %d\n%s%s", code, out, errOut)
		}
	})
}

// TestDevices_watch reads what the command prints while the scanner changes.
func TestDevices_watch(t *testing.T) {
	s := startScanner(t, "morpho-l0", rdsim.Options{Seed: 1})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	printed := make(chan string, 16)
	root := cli.Root()
	root.SetOut(lineWriter(func(line string) { printed <- line }))
	root.SetErr(new(bytes.Buffer))
	root.SetArgs(append([]string{"devices", "--watch"}, ports(t, s)...))
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()

	expect := func(words ...string) {
		t.Helper()
		for {
			select {
			case line := <-printed:
				all := true
				for _, w := range words {
					all = all && strings.Contains(line, w)
				}
				if all {
					return
				}
			case <-time.After(time.Minute): // only a fault lets this end by time
				t.Fatalf("no line with %v", words)
			}
		}
	}
	expect("added", "morpho", "ready")
	s.Unplug()
	expect("changed", "not ready")
	s.Plug()
	expect("added", "ready")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Ctrl-C ends it with %v", err)
	}
}

type lineWriter func(line string)

func (f lineWriter) Write(p []byte) (int, error) { f(string(p)); return len(p), nil }
