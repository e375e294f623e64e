package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"biobridge/agent/daemon"
	"biobridge/agent/diagnostics"
	"biobridge/agent/locale"
	"biobridge/pid"
	"biobridge/rdservice"
	"biobridge/tray"
)

// desktop is what the tray's menu can do beside asking the agent.
type desktop struct {
	configPath string
	catalogue  *locale.Catalogue
}

// open shows a web page, and nothing that isn't one.
func (desktop) open(_ context.Context, page string) error {
	u, err := url.Parse(page)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return errors.New("the portal's address in the configuration is not that of a web page")
	}
	return openPage(u.String())
}

// save writes a diagnostics file where the user finds it.
func (d desktop) save(ctx context.Context) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the file: %w", err)
	}
	if info, err := os.Stat(filepath.Join(home, "Desktop")); err == nil && info.IsDir() {
		home = filepath.Join(home, "Desktop")
	}
	path := filepath.Join(home, "biobridge-diagnostics-"+time.Now().Format("20060102-150405")+".zip")
	return path, diagnostics.Request{ConfigPath: d.configPath}.File(ctx, path)
}

func (desktop) copy(ctx context.Context, text string) error { return copyText(ctx, text) }

// test takes a scan with the scanner that the agent would use, and throws it
// away.
func (d desktop) test(ctx context.Context, lang locale.Lang) (tray.TestResult, error) {
	cfg, err := daemon.Load(d.configPath)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		cfg, err = daemon.Default(), nil
	}
	if err != nil {
		return tray.TestResult{}, err
	}
	where, err := daemon.RDServiceConfig(cfg)
	if err != nil {
		return tray.TestResult{}, err
	}
	watcher := newWatcher(cfg, where)
	devices, err := watcher.Refresh(ctx)
	if err != nil {
		return tray.TestResult{}, err
	}
	if len(devices) == 0 {
		english := tray.Texts()
		say := func(key string) string { return d.catalogue.Text(lang, key, english[key], nil) }
		return tray.TestResult{Message: say("tray.problem.no_device.message"), Remedy: say("tray.problem.no_device.remedy")}, nil
	}
	device := devices[0]
	request, err := captureOptions{ftype: int(pid.FMRFIR), timeout: 20 * time.Second}.request(device)
	if err != nil {
		return tray.TestResult{}, err
	}
	capture, err := watcher.Capture(ctx, device.ID, request)
	if err != nil {
		return d.failed(lang, err)
	}
	defer capture.Wipe()
	before := device.PIDInfo()
	policy := daemon.CapturePolicy(cfg)
	policy.Requested, policy.DeviceBefore = &request, &before
	return d.verdict(lang, policy.Check(capture, time.Now())), nil
}

// failed says in the user's language why there was no scan.
func (d desktop) failed(lang locale.Lang, err error) (tray.TestResult, error) {
	if refusal, ok := errors.AsType[*rdservice.DeviceError](err); ok {
		e := refusal.Explain()
		return tray.TestResult{
			Message: d.catalogue.Text(lang, e.Key+".cause", e.Cause, nil),
			Remedy:  d.catalogue.Text(lang, e.Key+".action", e.Action, nil),
		}, nil
	}
	f, known := failureOf(err)
	if !known {
		return tray.TestResult{}, err
	}
	return tray.TestResult{Message: f.Message, Remedy: f.Remedy}, nil
}

// verdict says what is wrong with a scan, the first thing that matters.
func (d desktop) verdict(lang locale.Lang, v pid.Verdict) tray.TestResult {
	if v.Accepted() {
		return tray.TestResult{OK: true}
	}
	for _, p := range v.Problems {
		if strings.EqualFold(string(p.Severity), "error") {
			return tray.TestResult{
				Message: d.catalogue.Text(lang, "pid."+p.Code+".message", p.Message, nil),
				Remedy:  d.catalogue.Text(lang, "pid."+p.Code+".remedy", p.Remedy, nil),
			}
		}
	}
	return tray.TestResult{}
}
