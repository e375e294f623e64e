package doctor

import (
	"errors"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/service"
)

// theService asks this PC's service manager.
func theService() (service.State, error) {
	s, err := service.New(service.Config{})
	if err != nil {
		return "", err
	}
	return s.Status()
}

// service says how the system sees the service. An agent that runs without it
// was started by hand, and nobody will start it with the PC.
func (e Examination) service(cfg daemon.Config, s *control.Status) []Finding {
	state, err := e.Service()
	switch {
	case errors.Is(err, service.ErrNoManager):
		return []Finding{skipped("service", "This PC has no service manager that biobridge knows.")}
	case err != nil:
		return []Finding{doubt("service", "The service manager can't be asked.", "Run doctor as an administrator.")}
	case state == service.Running && s != nil:
		return []Finding{fine("service", "The service runs.")}
	case state == service.Running:
		return []Finding{doubt("service", "The service runs, but its agent doesn't answer.", "Wait a little. \"biobridge service status\" says more; restart it with \"biobridge service restart\".")}
	case state == service.NotInstalled:
		return []Finding{doubt("service", "The service is not installed: the agent runs only while somebody runs it.", "Install biobridge's package, or \"biobridge service install\" as an administrator.")}
	case s != nil:
		return []Finding{doubt("service", "The service is stopped; the agent that runs was started by hand.", "Stop that one, then: \"biobridge service start\".")}
	}
	return []Finding{fault("service", "The service is stopped."+lastFailure(cfg), "Start it: \"biobridge service start\".")}
}

// lastFailure says why the agent's last start failed, where it did.
func lastFailure(cfg daemon.Config) string {
	failure, err := daemon.LastFailure(cfg.DataDir)
	if err != nil || failure == nil {
		return ""
	}
	return " Its last start failed at " + failure.Stage + ": " + failure.Message
}
