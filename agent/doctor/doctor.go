package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"time"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
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
}

// Run makes every check, those that don't depend on each other at once.
func (e Examination) Run(ctx context.Context) Report {
	if e.Timeout == 0 {
		e.Timeout = 10 * time.Second
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	source, err := os.ReadFile(e.ConfigPath)
	if err != nil {
		return newReport([][]Finding{{e.noConfig(err)}, e.agentAlone(ctx)})
	}
	cfg, problems := daemon.Parse(e.ConfigPath, source)
	config := configFindings(e.ConfigPath, problems)
	if config[len(config)-1].Grade == Failed {
		return newReport([][]Finding{config})
	}
	status, statusErr := e.status(ctx, daemon.ControlAddress(cfg))
	return newReport(append([][]Finding{config}, e.each(ctx,
		func(ctx context.Context) []Finding { return agentFindings(status, statusErr, cfg) },
		func(ctx context.Context) []Finding { return e.journal(ctx, cfg, status) },
		func(ctx context.Context) []Finding { return e.unsettled(ctx, cfg, status) },
		func(ctx context.Context) []Finding { return e.ports(ctx, cfg, status) },
		func(ctx context.Context) []Finding { return e.scanners(ctx, cfg, status) },
		func(ctx context.Context) []Finding { return e.eko(ctx, cfg) },
		func(ctx context.Context) []Finding { return browserFindings(cfg) },
	)...))
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

// agentAlone looks for the service's agent where there is no configuration.
func (e Examination) agentAlone(ctx context.Context) []Finding {
	status, err := e.status(ctx, control.Address(daemon.ServiceDataDir()))
	return agentFindings(status, err, daemon.Default())
}
