package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/pid"
	"biobridge/rdservice"
)

func captureCommand() *cobra.Command {
	var o captureOptions
	cmd := &cobra.Command{
		Use:   "capture",
		Short: "Take one test scan and say whether it could be used",
		Long: `Asks a scanner for one finger, straight from its RD service, and prints whether
the agent would use the scan for a transaction, and what is wrong with it. The
block itself is never printed, kept or sent anywhere.

Exit status: 0 the scan would be used, 1 it would not or there was none, 2 the
arguments can't be used.`,
		Example: `  biobridge capture
  biobridge capture --device 2 --ftype 0
  biobridge capture --device 11102 --timeout 20s --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.add(cmd)
	cmd.Flags().StringVar(&o.device, "device", "", `which scanner: its number, port or serial number in "biobridge devices"; the best one if left out`)
	cmd.Flags().IntVar(&o.ftype, "ftype", int(pid.FMRFIR), "record type to ask for: 0 FMR, 1 FIR, 2 both; 2 is what Eko wants")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 10*time.Second, "how long the scanner waits for a finger")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the verdict as JSON")
	return cmd
}

type captureOptions struct {
	scannerFlags
	device  string
	ftype   int
	timeout time.Duration
	json    bool
}

func (o captureOptions) run(cmd *cobra.Command) error {
	cfg, where, err := deviceConfig(cmd, o.scannerFlags)
	if err != nil {
		return err
	}
	watcher := newWatcher(cfg, where)
	devices, err := watcher.Refresh(cmd.Context())
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		return errors.New(strings.TrimSpace(noScanner(where)))
	}
	d, err := choose(devices, o.device)
	if err != nil {
		return err
	}
	request, err := o.request(d)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Waiting for a %s on %s, port %s, for %v ...\n", d.Modality, joined(d.Vendor, d.Model), portText(d), o.timeout)
	capture, err := watcher.Capture(cmd.Context(), d.ID, request)
	if err != nil {
		return o.explain(cmd, d, err)
	}
	defer capture.Wipe()
	return o.judge(cmd, cfg, d, request, capture)
}

// choose finds the scanner that the user means.
func choose(devices []rdservice.Device, name string) (rdservice.Device, error) {
	if name == "" {
		return devices[0], nil
	}
	for i, d := range devices {
		if name == strconv.Itoa(i+1) || name == strconv.Itoa(d.Port()) || strings.EqualFold(name, d.Serial) {
			return d, nil
		}
	}
	return rdservice.Device{}, unusable(`--device: no scanner has that number, port or serial number; see "biobridge devices"`)
}

func (o captureOptions) request(d rdservice.Device) (pid.Options, error) {
	request := pid.Options{FCount: 1, FType: pid.FType(o.ftype), Timeout: o.timeout}
	if d.Modality == rdservice.Iris {
		request = pid.Options{ICount: 1, Timeout: o.timeout}
	}
	if err := request.Validate(); err != nil {
		return pid.Options{}, unusable("%w", err)
	}
	return request, nil
}

// judge prints the verdict that the agent would give.
func (o captureOptions) judge(cmd *cobra.Command, cfg daemon.Config, d rdservice.Device, request pid.Options, capture *pid.Capture) error {
	now := time.Now()
	before := d.PIDInfo()
	policy := daemon.CapturePolicy(cfg)
	policy.Requested, policy.DeviceBefore = &request, &before
	verdict := policy.Check(capture, now)
	report := pidReport{Verdict: verdictRejected, CheckedAt: now, Problems: append([]pid.Problem{}, verdict.Problems...)}
	if verdict.Accepted() {
		report.Verdict = verdictAccepted
	}
	report.describe(capture)
	if err := report.write(cmd.OutOrStdout(), o.json); err != nil {
		return fmt.Errorf("print the verdict: %w", err)
	}
	if !verdict.Accepted() {
		return &ExitError{Code: ExitNo}
	}
	return nil
}

// captureFailure is the JSON of a capture that did not come about.
type captureFailure struct {
	Verdict string          `json:"verdict"` // "failed"
	Device  contract.Device `json:"device"`
	Code    string          `json:"code"`
	Kind    string          `json:"kind"`
	Message string          `json:"message"`
	Remedy  string          `json:"remedy"`
	// Info is the scanner's own words.
	Info string `json:"info,omitempty"`
}

// explain prints what kept the capture from coming about.
func (o captureOptions) explain(cmd *cobra.Command, d rdservice.Device, err error) error {
	if cmd.Context().Err() != nil {
		return errors.New("given up: the scanner is free again")
	}
	f, known := failureOf(err)
	if !known {
		return err
	}
	f.Device = shape(d)
	if o.json {
		if err := writeJSON(cmd.OutOrStdout(), f); err != nil {
			return err
		}
		return &ExitError{Code: ExitNo}
	}
	words := ""
	if f.Info != "" {
		words = fmt.Sprintf("\n    the scanner says: %s", f.Info)
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "FAILED with %s\n\n  %s%s\n    -> %s\n", f.Code, f.Message, words, f.Remedy); err != nil {
		return err
	}
	return &ExitError{Code: ExitNo}
}

func failureOf(err error) (captureFailure, bool) {
	if refusal, ok := errors.AsType[*rdservice.DeviceError](err); ok {
		e := refusal.Explain()
		return captureFailure{Verdict: "failed", Code: e.Code, Kind: string(e.Kind), Message: e.Cause, Remedy: e.Action, Info: e.Info}, true
	}
	for _, f := range []struct {
		is                    error
		code, message, remedy string
	}{
		{rdservice.ErrGone, "gone", "The scanner's driver (RD service) went away, or another scanner took its place.", "Check the cable and the driver, then try again."},
		{rdservice.ErrBusy, "busy", "The scanner is in use.", "Close other programs and browser tabs that use the scanner, then try again."},
		{rdservice.ErrNotReady, "not_ready", "The driver (RD service) runs but has no scanner it can use.", "Plug the scanner in again. If that does not help, see that it is registered with its maker and that the internet works."},
		{rdservice.ErrTimeout, "timeout", "The scanner's driver (RD service) did not answer in time.", "Restart the driver or the computer, then try again."},
		{rdservice.ErrUnusable, "unusable", "What answers on the scanner's port does not answer as an RD service does.", "Update the scanner's driver (RD service); see that no other program uses its port."},
	} {
		if errors.Is(err, f.is) {
			return captureFailure{Verdict: "failed", Code: f.code, Kind: f.code, Message: f.message, Remedy: f.remedy}, true
		}
	}
	return captureFailure{}, false
}
