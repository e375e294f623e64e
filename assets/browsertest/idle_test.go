package browsertest_test

import (
	"fmt"
	"testing"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/agent/demo"
	"biobridge/agent/wsapi"
)

// waits is a partner's page that connects and then does nothing.
const waits = `import { BioBridge } from './biobridge.js';
	globalThis.sockets = 0;
	class Counted extends WebSocket { constructor(url) { super(url); sockets++; } }
	const bridge = new BioBridge({ ports: [%d], WebSocket: Counted });
	globalThis.devices = async () => (await bridge.listDevices()).length;
	globalThis.current = () => bridge.state;
	await bridge.connect();`

// putWaiting puts that page on a site, for a bridge on some port.
func putWaiting(partner *site, port int) {
	partner.put("/", `<!doctype html><meta charset=utf-8><script type="module" src="waits.js"></script><p>page`)
	partner.put("/waits.js", fmt.Sprintf(waits, port))
}

// impatient opens a shop whose bridge asks its pages for a sign of life so often,
// and cuts one that gives none for so long.
func impatient(t *testing.T, partner *site, ping, pong time.Duration) *shop {
	t.Helper()
	return openShop(t, demo.Options{
		PageLimits: wsapi.Limits{
			Ping: ping, Pong: pong,
			CallsPerSecond: 1e5, Burst: 1e5, OriginPerSecond: 1e5, OriginBurst: 1e5, // pongs count, too
		},
		Change: func(c *daemon.Config) {
			c.Origins = append(c.Origins, daemon.Origin{Origin: partner.URL, Scopes: contract.Scopes()})
		},
	})
}

// A page that says nothing is served by the same connection 600 pings later: with
// a ping every 20 s, as the bridge sends them, that is more than three hours.
// Without the browser's pongs the connection would end several times over.
func TestIdleForLong(t *testing.T) {
	const (
		pings = 600
		ping  = 20 * time.Millisecond
		pong  = 200 * ping
	)
	inEachBrowser(t, func(t *testing.T, open opener) {
		partner := newSite(t)
		s := impatient(t, partner, ping, pong)
		way := openRelay(t, s.Doors.Pages[0])
		putWaiting(partner, way.port)
		page := open(t)
		page.visit(partner.URL)
		page.await("the connection", "globalThis.current?.() === 'connected'")
		until(t, "the page was idle for long", func() bool { return way.pings.Load() >= pings || way.conns.Load() > 1 })
		if pongs := way.pongs.Load(); pongs < pings/2 { // a browser may answer the latest only
			t.Errorf("the browser answered %d of %d pings", pongs, way.pings.Load())
		}
		if devices := eval[int](page, "devices()"); devices != 2 {
			t.Errorf("the page is told of %d scanners", devices)
		}
		if sockets := eval[int](page, "sockets"); sockets != 1 || way.conns.Load() != 1 {
			t.Errorf("the page made %d sockets, the bridge took %d connections", sockets, way.conns.Load())
		}
	})
}
