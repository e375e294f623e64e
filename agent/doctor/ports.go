package doctor

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
)

// ports says whether pages can find the bridge.
func (e Examination) ports(ctx context.Context, cfg daemon.Config, s *control.Status) []Finding {
	if s != nil && len(s.Listen) > 0 {
		return []Finding{fine("port", "Pages connect to ws://"+s.Listen[0]+"/v1. No firewall rule is needed: it is reached from this PC only.")}
	}
	var lc net.ListenConfig
	taken := 0
	for _, port := range cfg.Listen.Ports {
		l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			taken++
			continue
		}
		_ = l.Close()
		if taken > 0 {
			return []Finding{doubt("port", fmt.Sprintf("%d of the configured ports are taken; port %d is free.", taken, port),
				"Pages find it by themselves. To free the first one, see which program has it.")}
		}
		return []Finding{fine("port", fmt.Sprintf("Port %d is free.", port))}
	}
	return []Finding{fault("port", "None of the configured ports is free.",
		"See which program has them, or whether Windows reserved them: netsh interface ipv4 show excludedportrange protocol=tcp. Then name others in listen.ports.")}
}
