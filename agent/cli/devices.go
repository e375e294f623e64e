package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/rdservice"
)

func devicesCommand() *cobra.Command {
	var (
		flags  scannerFlags
		asJSON bool
		watch  bool
	)
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "Find the scanners of this PC and say how they are",
		Long: `Looks for the RD services of this PC's scanners, whether the agent runs or not,
and prints one line for each. The ports come from the configuration, or from
--http-ports and --https-ports. Nothing is captured.

With --watch it stays and prints a line for each change, until Ctrl-C; with
--json that line is a JSON object.

Exits with 0 where a scanner was found, ready or not, with 1 where none was.`,
		Example: `  biobridge devices
  biobridge devices --json
  biobridge devices --http-ports 11100-11105 --https-ports ""`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, where, err := deviceConfig(cmd, flags)
			if err != nil {
				return err
			}
			watcher := newWatcher(cfg, where)
			if watch {
				return watchDevices(cmd, watcher, asJSON)
			}
			devices, err := watcher.Refresh(cmd.Context())
			if err != nil {
				return err
			}
			return listDevices(cmd, where, devices, asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVar(&watch, "watch", false, "stay and print each change")
	return cmd
}

// scannerFlags say where scanners are looked for.
type scannerFlags struct{ config, httpPorts, httpsPorts string }

func (f *scannerFlags) add(cmd *cobra.Command) {
	addConfigFlag(cmd, &f.config)
	cmd.Flags().StringVar(&f.httpPorts, "http-ports", "", `ports to ask by http, such as "11100-11120", instead of the configured ones`)
	cmd.Flags().StringVar(&f.httpsPorts, "https-ports", "", `ports to ask by https, such as "11100-11120,11200"; "" is none`)
}

// deviceConfig returns the configuration and what it means for scanners, the
// flags laid over it. A PC without a configuration, and a user who may not read
// it, have the defaults.
func deviceConfig(cmd *cobra.Command, flags scannerFlags) (daemon.Config, rdservice.Config, error) {
	fail := func(err error) (daemon.Config, rdservice.Config, error) {
		return daemon.Config{}, rdservice.Config{}, &ExitError{Code: ExitUnusable, Err: err}
	}
	cfg, err := daemon.Load(flags.config)
	unreadable := errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)
	switch {
	case err != nil && unreadable && !cmd.Flags().Changed("config"):
		cfg = daemon.Default()
	case err != nil:
		return fail(err)
	}
	if cmd.Flags().Changed("http-ports") {
		cfg.RDService.HTTPPorts = flags.httpPorts
	}
	if cmd.Flags().Changed("https-ports") {
		cfg.RDService.HTTPSPorts = flags.httpsPorts
	}
	where, err := daemon.RDServiceConfig(cfg)
	if err == nil {
		err = where.Validate()
	}
	if err != nil {
		return fail(err)
	}
	return cfg, where, nil
}

// newWatcher lists scanners in the order in which the agent would choose them.
func newWatcher(cfg daemon.Config, where rdservice.Config) *rdservice.Watcher {
	return rdservice.NewWatcher(where, rdservice.WatchConfig{Prefer: cfg.RDService.PreferredSerial})
}

func listDevices(cmd *cobra.Command, where rdservice.Config, devices []rdservice.Device, asJSON bool) error {
	if err := writeDevices(cmd.OutOrStdout(), devices, asJSON); err != nil {
		return fmt.Errorf("print the scanners: %w", err)
	}
	if len(devices) == 0 {
		if _, err := io.WriteString(cmd.ErrOrStderr(), noScanner(where)); err != nil {
			return err
		}
		return &ExitError{Code: ExitNo}
	}
	return nil
}

// noScanner says what to do where no RD service answers.
func noScanner(where rdservice.Config) string {
	return fmt.Sprintf(`No scanner was found on %d ports of this PC.
 -> Plug the scanner in and wait for its light.
 -> Start its driver (RD service), or install it from the scanner's maker.
 -> If the driver says it is ready, ask support for its port and try --http-ports PORT.
`, countPorts(where))
}

func countPorts(where rdservice.Config) int {
	ports := map[int]bool{}
	for _, p := range slices.Concat(where.HTTPPorts, where.HTTPSPorts) {
		ports[p] = true
	}
	return len(ports)
}

// deviceList is the JSON of the command.
type deviceList struct {
	Devices []contract.Device `json:"devices"`
}

func writeDevices(out io.Writer, devices []rdservice.Device, asJSON bool) error {
	if asJSON {
		return writeJSON(out, deviceList{shapes(devices)})
	}
	if len(devices) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "#\tPORT\tSTATUS\tVENDOR\tMODEL\tLEVEL\tSERIAL\tRD SERVICE\tINFO")
	for i, d := range devices {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i+1, portText(d), statusText(d),
			dash(d.Vendor), dash(d.Model), dash(d.Level), dash(d.Serial), dash(strings.TrimSpace(d.RDSID+" "+d.RDSVer)), dash(d.Info))
	}
	return table.Flush()
}

// portText is the port, and the scheme where it is not the usual one.
func portText(d rdservice.Device) string {
	if d.Scheme() == "https" {
		return fmt.Sprintf("%d https", d.Port())
	}
	return fmt.Sprint(d.Port())
}

// statusText is the status in words, with the service's own where they differ.
func statusText(d rdservice.Device) string {
	words := map[rdservice.Status]string{rdservice.Ready: "ready", rdservice.Busy: "in use", rdservice.NotReady: "not ready"}[d.Status]
	switch strings.ToUpper(d.RawStatus) {
	case "READY", "USED", "NOTREADY":
		return words
	}
	return fmt.Sprintf("%s (%s)", words, dash(d.RawStatus))
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func shapes(devices []rdservice.Device) []contract.Device {
	out := make([]contract.Device, len(devices))
	for i, d := range devices {
		out[i] = shape(d)
	}
	return out
}

func shape(d rdservice.Device) contract.Device {
	return contract.Device{
		ID: d.ID, Vendor: d.Vendor, Model: d.Model, Serial: d.Serial, Level: d.Level, Modality: d.Modality,
		Status: contract.DeviceStatus(d.Status), Info: d.Info, RDSID: d.RDSID, RDSVer: d.RDSVer, DPID: d.DPID,
	}
}

// watchDevices prints each scanner as it is found and then each change, until the context ends,
// which is the user's Ctrl-C and no failure.
func watchDevices(cmd *cobra.Command, watcher *rdservice.Watcher, asJSON bool) error {
	changes, end := watcher.Subscribe()
	defer end()
	ctx, cancel := context.WithCancel(cmd.Context())
	running := make(chan error, 1)
	go func() { running <- watcher.Run(ctx) }()
	defer func() { cancel(); <-running }()

	out := cmd.OutOrStdout()
	if !asJSON {
		fmt.Fprintln(cmd.ErrOrStderr(), "Watching the scanners of this PC. Ctrl-C ends it.")
	}
	for {
		select {
		case c := <-changes:
			if err := writeChange(out, c, watcher.Devices(), asJSON); err != nil {
				return fmt.Errorf("print a change: %w", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func writeChange(out io.Writer, c rdservice.Change, devices []rdservice.Device, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(contract.DeviceChanged{Change: string(c.Kind), Device: shape(c.Device), Devices: shapes(devices)})
	}
	d := c.Device
	_, err := fmt.Fprintf(out, "%s  %-8s port %s  %s  %s\n", time.Now().Format(time.TimeOnly), c.Kind, portText(d),
		joined(d.Vendor, d.Model, d.Level, prefixed("serial ", d.Serial)), statusText(d))
	return err
}
