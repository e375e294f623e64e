package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// ErrNoPort says that none of the configured ports could be had.
var ErrNoPort = errors.New("no port of listen.ports is free")

// openPorts listens on the first free port, on 127.0.0.1 and, where the PC has
// IPv6, on ::1 as well. A page tries the same ports in the same order.
func (p *parts) openPorts(ctx context.Context) error {
	var errs []error
	for _, port := range p.cfg.Listen.Ports {
		err := p.listen(ctx, port)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("port %d: %w", port, err))
		p.opts.Log.Warn("port can't be had, trying the next", "port", port, "err", err)
	}
	return fmt.Errorf("%w: %w (another program has them, or Windows has reserved them: see netsh interface ipv4 show excludedportrange tcp)",
		ErrNoPort, errors.Join(errs...))
}

func (p *parts) listen(ctx context.Context, port int) error {
	var lc net.ListenConfig
	v4, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	p.take(v4)
	p.doors.Port = v4.Addr().(*net.TCPAddr).Port
	v6, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(p.doors.Port)))
	if err != nil {
		p.opts.Log.Debug("no IPv6 on this PC", "err", err)
		return nil
	}
	p.take(v6)
	return nil
}

func (p *parts) take(l net.Listener) {
	p.listeners = append(p.listeners, l)
	p.doors.Pages = append(p.doors.Pages, l.Addr().String())
	p.onClose(l.Close)
}
