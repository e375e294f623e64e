package service

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	kardianos "github.com/kardianos/service"
)

// Name is the service's name on every system.
const Name = "biobridge"

// Config says what the service manager shall run.
type Config struct {
	// Executable is the program, Arguments what it is started with.
	Executable string
	Arguments  []string
}

// State is how the service manager sees the service.
type State string

// The states.
const (
	Running      State = "running"
	Stopped      State = "stopped"
	NotInstalled State = "not installed"
)

// Service is the installed service, or the one to install. Every method needs
// the rights of an administrator, but for Status.
type Service struct{ inner kardianos.Service }

// ErrNoManager says that this PC has no service manager that the service is made
// for: on Linux systemd.
var ErrNoManager = errors.New("there is no service manager here that biobridge knows (on Linux systemd); \"biobridge run\" runs the agent without one")

// New describes a service; it changes nothing. The error is [ErrNoManager] where
// nobody would run it.
func New(cfg Config) (*Service, error) {
	if runtime.GOOS == "linux" && kardianos.Platform() != "linux-systemd" {
		return nil, ErrNoManager
	}
	inner, err := kardianos.New(nothing{}, &kardianos.Config{
		Name:        Name,
		DisplayName: "biobridge",
		Description: "AePS fingerprint bridge between this PC's scanner, the shop's web page and Eko.",
		Executable:  cfg.Executable,
		Arguments:   cfg.Arguments,
		UserName:    account,
		Option:      options,
	})
	if err != nil {
		return nil, fmt.Errorf("describe the service: %w", err)
	}
	return &Service{inner: inner}, nil
}

// nothing satisfies the library: the running is done elsewhere.
type nothing struct{}

func (nothing) Start(kardianos.Service) error { return nil }
func (nothing) Stop(kardianos.Service) error  { return nil }

// Install tells the service manager of the service, to be started with the PC.
func (s *Service) Install() error { return wrap("install", s.inner.Install()) }

// Uninstall stops the service and takes it away.
func (s *Service) Uninstall() error {
	if state, err := s.Status(); err == nil && state == Running {
		if err := s.Stop(); err != nil {
			return err
		}
	}
	return wrap("uninstall", s.inner.Uninstall())
}

// Start starts the service and waits until the manager calls it running.
func (s *Service) Start() error { return wrap("start", s.inner.Start()) }

// Stop stops the service and waits until it has stopped. What is on its way to
// Eko is waited for first, so this may take as long as Eko's time limit.
func (s *Service) Stop() error { return wrap("stop", s.inner.Stop()) }

// Restart stops and starts.
func (s *Service) Restart() error { return wrap("restart", s.inner.Restart()) }

// Status asks the manager.
func (s *Service) Status() (State, error) {
	status, err := s.inner.Status()
	switch {
	case errors.Is(err, kardianos.ErrNotInstalled):
		return NotInstalled, nil
	case err != nil && strings.Contains(err.Error(), "failed state"):
		return Stopped, nil // the library has no state for it, nor a sentinel
	case err != nil:
		return "", wrap("ask about", err)
	case status == kardianos.StatusRunning:
		return Running, nil
	default:
		return Stopped, nil
	}
}

func wrap(verb string, err error) error {
	if err != nil {
		return fmt.Errorf("%s the service: %w", verb, err)
	}
	return nil
}
