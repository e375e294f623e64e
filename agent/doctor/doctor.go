package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"time"

	"biobridge/agent/browserpolicy"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/service"
)

// Examination is what is looked at; only ConfigPath is needed.
type Examination struct {
	ConfigPath string
	// Roots are the authorities that Eko's certificate may come from; nil: the
	// system's.
	Roots *x509.CertPool
	// Timeout bounds each check; 0 is 10 s.
	Timeout time.Duration
	Now     func() time.Time
	// Service asks the service manager; nil: this PC's.
	Service func() (service.State, error)
	// Startup tells how the service is started; nil: the system is asked.
	Startup func(context.Context) (Startup, error)
	// ClockKept reports whether something keeps this PC's clock right; nil: the
	// system is asked.
	ClockKept func() (bool, error)
	// Policies are the browsers'; the zero value is this PC's.
	Policies browserpolicy.Store
}

// Run makes every check, those that don't depend on each other at once.
func (e Examination) Run(ctx context.Context) Report {
	if e.Timeout == 0 {
		e.Timeout = 10 * time.Second
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.Service == nil {
		e.Service = theService
	}
	if e.Startup == nil {
		e.Startup = systemStartup
	}
	if e.ClockKept == nil {
		e.ClockKept = clockKept
	}
	cfg, config, usable := e.configuration()
	address := control.Address(daemon.ServiceDataDir())
	if usable {
		address = daemon.ControlAddress(cfg)
	}
	status, statusErr := e.status(ctx, address)
	checks := []func(context.Context) []Finding{
		func(context.Context) []Finding { return agentFindings(status, statusErr, cfg, usable) },
		func(context.Context) []Finding { return e.service(cfg, status) },
		func(ctx context.Context) []Finding { return e.startup(ctx) },
		func(context.Context) []Finding { return e.timeSource() },
		func(ctx context.Context) []Finding { return e.ports(ctx, cfg, status) },
		func(ctx context.Context) []Finding { return e.scanners(ctx, cfg, status) },
	}
	if usable {
		checks = append(checks,
			func(ctx context.Context) []Finding { return e.journal(ctx, cfg, status) },
			func(ctx context.Context) []Finding { return e.unsettled(ctx, cfg, status) },
			func(ctx context.Context) []Finding { return e.eko(ctx, cfg) },
			func(context.Context) []Finding { return e.browsers(cfg) },
			func(context.Context) []Finding { return updates(cfg) },
		)
	}
	groups := append([][]Finding{config}, e.each(ctx, checks...)...)
	return newReport(append(groups, clockUnknown(groups)))
}

// configuration reads the file. Where it can't be used, what doesn't depend on it
// is looked at all the same, with the defaults.
func (e Examination) configuration() (cfg daemon.Config, findings []Finding, usable bool) {
	source, err := os.ReadFile(e.ConfigPath)
	if err != nil {
		return daemon.Default(), []Finding{e.noConfig(err)}, false
	}
	cfg, problems := daemon.Parse(e.ConfigPath, source)
	findings = configFindings(e.ConfigPath, problems)
	if findings[len(findings)-1].Grade == Failed {
		return daemon.Default(), findings, false
	}
	return cfg, findings, true
}

// each runs the checks at once, every one under the time limit, and keeps their
// order.
func (e Examination) each(ctx context.Context, checks ...func(context.Context) []Finding) [][]Finding {
	groups := make([][]Finding, len(checks))
	var wait sync.WaitGroup
	for i, check := range checks {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, e.Timeout)
			defer cancel()
			groups[i] = check(ctx)
		})
	}
	wait.Wait()
	return groups
}

func (e Examination) noConfig(err error) Finding {
	if errors.Is(err, os.ErrNotExist) {
		return fault("config", "There is no configuration at "+e.ConfigPath+".", "Write one with \"biobridge config init\", or name yours with --config.")
	}
	return fault("config", "The configuration at "+e.ConfigPath+" can't be read by this user.", "Run doctor as an administrator, or as the account that runs the agent.")
}

// configFindings lists what is wrong; the last one is the worst.
func configFindings(path string, problems []daemon.Problem) []Finding {
	var findings, faults []Finding
	for _, p := range problems {
		if p.Warning {
			findings = append(findings, doubt("config", p.String(), "Change it, or leave it if you mean it."))
		} else {
			faults = append(faults, fault("config", p.String(), "Correct that line; \"biobridge config check\" tells when it is right."))
		}
	}
	if len(faults) == 0 {
		findings = append(findings, fine("config", path+" can be used."))
	}
	return append(findings, faults...)
}

// status asks the running agent how it is; nil where none answers.
func (e Examination) status(ctx context.Context, address string) (*control.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	client, err := control.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	status, err := client.Status(ctx)
	if err != nil {
		return nil, err
	}
	return &status, nil
}
