package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"

	"biobridge/agent/browserpolicy"
	"biobridge/agent/daemon"
	"biobridge/agent/service"
)

// key is where the installer's choices stand, below HKLM.
const key = `Software\biobridge`

// policyValue names the page that the browsers were told of.
const policyValue = "BrowserPolicy"

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
	if !o.BrowserPolicy || o.Configuration.Origin == "" {
		return nil
	}
	if _, err := (browserpolicy.Store{}).Install(o.Configuration.Origin); err != nil {
		return fmt.Errorf("tell the browsers: %w", err)
	}
	return setString(policyValue, o.Configuration.Origin)
}

// forgetBrowsers takes the browsers' policy away that Install has set.
func forgetBrowsers() error {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE|registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recall the installer's choices: %w", err)
	}
	defer k.Close()
	origin, _, err := k.GetStringValue(policyValue)
	if err != nil {
		return nil // none was asked for
	}
	if _, err := (browserpolicy.Store{}).Remove(origin); err != nil {
		return fmt.Errorf("take the browsers' policy away: %w", err)
	}
	return k.DeleteValue(policyValue)
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
	return errors.Join(delayStart(s), restartAfterFailure(s), eventSource())
}

// delayStart has the service start after the PC has become usable.
func delayStart(s *mgr.Service) error {
	info := windows.SERVICE_DELAYED_AUTO_START_INFO{IsDelayedAutoStartUp: 1}
	err := windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (*byte)(unsafe.Pointer(&info)))
	if err != nil && !missing(err) {
		return fmt.Errorf("delay the service's start: %w", err)
	}
	return nil
}

func restartAfterFailure(s *mgr.Service) error {
	restarts := []mgr.RecoveryAction{
		{Type: mgr.ServiceRestart, Delay: 2 * time.Second},
		{Type: mgr.ServiceRestart, Delay: 10 * time.Second},
		{Type: mgr.ServiceRestart, Delay: time.Minute},
	}
	err := s.SetRecoveryActions(restarts, uint32((time.Hour).Seconds()))
	if err == nil {
		err = s.SetRecoveryActionsOnNonCrashFailures(true)
	}
	if err != nil && !missing(err) {
		return fmt.Errorf("have the service restarted after a failure: %w", err)
	}
	return nil
}

// missing says that this system has no such setting at all, as Wine: the service
// is no worse for it than without us.
func missing(err error) bool {
	return errors.Is(err, windows.ERROR_INVALID_LEVEL) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED)
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
		errs = append(errs, removeTree(filepath.Dir(daemon.DefaultPath())))
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

// removeTree removes a directory as os.RemoveAll does, but by calls that every
// Windows file system and Wine know, and without following links.
func removeTree(dir string) error {
	var places []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		places = append(places, path)
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, path := range slices.Backward(places) {
		errs = append(errs, os.Remove(path))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove journal and configuration: %w", err)
	}
	return nil
}
