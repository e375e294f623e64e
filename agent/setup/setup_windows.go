package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"

	"biobridge/agent/daemon"
	"biobridge/agent/service"
)

// key is where the installer's choices stand, below HKLM.
const key = `Software\biobridge`

// Options are what the person who installs has chosen.
type Options struct {
	Configuration Configuration
	// Language is the tray's, "en" or "hi"; empty: the user's own.
	Language string
	// BrowserPolicy has Chrome and Edge let Configuration.Origin reach this PC
	// without asking.
	BrowserPolicy bool
}

// Install prepares the PC for the service, which the installer has registered. It
// needs the rights of an administrator.
func Install(o Options) error {
	if err := o.Configuration.Write(); err != nil {
		return err
	}
	if err := PrepareService(); err != nil {
		return err
	}
	if o.Language != "" {
		if err := setString("Language", o.Language); err != nil {
			return err
		}
	}
	if o.BrowserPolicy && o.Configuration.Origin != "" {
		return allowInBrowsers(o.Configuration.Origin)
	}
	return nil
}

// PrepareService sets what neither the installer's tables nor the service library
// set for certain: rights on the machine's directories, delayed start, restarts with
// back-off, a source for the event log. It is best done before the service starts.
func PrepareService() error {
	if err := secure(filepath.Dir(daemon.DefaultPath()), daemon.ServiceDataDir()); err != nil {
		return err
	}
	manager, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service manager: %w", err)
	}
	defer manager.Disconnect()
	s, err := manager.OpenService(service.Name)
	if err != nil {
		return fmt.Errorf("open the service: %w", err)
	}
	defer s.Close()
	cfg, err := s.Config()
	if err != nil {
		return fmt.Errorf("read the service's settings: %w", err)
	}
	if !cfg.DelayedAutoStart || cfg.StartType != mgr.StartAutomatic {
		cfg.StartType, cfg.DelayedAutoStart = mgr.StartAutomatic, true
		if err := s.UpdateConfig(cfg); err != nil {
			return fmt.Errorf("delay the service's start: %w", err)
		}
	}
	restarts := []mgr.RecoveryAction{
		{Type: mgr.ServiceRestart, Delay: 2 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 10 * time.Second},
		{Type: mgr.ServiceRestart, Delay: time.Minute},
	}
	if err := s.SetRecoveryActions(restarts, uint32((time.Hour).Seconds())); err != nil {
		return fmt.Errorf("have the service restarted after a failure: %w", err)
	}
	if err := s.SetRecoveryActionsOnNonCrashFailures(true); err != nil {
		return fmt.Errorf("have the service restarted after a failure: %w", err)
	}
	return eventSource()
}

func eventSource() error {
	const kinds = eventlog.Error | eventlog.Warning | eventlog.Info
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\EventLog\Application\`+service.Name, registry.QUERY_VALUE)
	if err == nil {
		return k.Close()
	}
	if err := eventlog.InstallAsEventCreate(service.Name, kinds); err != nil {
		return fmt.Errorf("register in the event log: %w", err)
	}
	return nil
}

// QuitTrays has every tray of this program leave, and ends what doesn't. The
// service and the calling process go on.
func QuitTrays(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	asked, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	// A tray that can't be asked is ended below.
	_ = exec.CommandContext(asked, program, "tray", "--quit").Run()
	return endOthers(program)
}

// Remove takes away what Install wrote. With data set the journal, the secrets,
// the logs and the configuration go too.
func Remove(ctx context.Context, data bool) error {
	errs := []error{QuitTrays(ctx), forgetBrowsers()}
	if err := eventlog.Remove(service.Name); err != nil && !errors.Is(err, registry.ErrNotExist) {
		errs = append(errs, fmt.Errorf("leave the event log: %w", err))
	}
	if data {
		if err := os.RemoveAll(filepath.Dir(daemon.DefaultPath())); err != nil {
			errs = append(errs, fmt.Errorf("remove journal and configuration: %w", err))
		}
	}
	return errors.Join(errs...)
}

func setString(name, value string) error {
	k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, key, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("remember the installer's choices: %w", err)
	}
	defer k.Close()
	if err := k.SetStringValue(name, value); err != nil {
		return fmt.Errorf("remember the installer's choices: %w", err)
	}
	return nil
}
