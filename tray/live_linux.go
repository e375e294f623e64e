package tray

import (
	"context"
	"time"

	"fyne.io/systray"
)

// live waits until a change of the icon reaches the panel. What is changed while
// the library offers the icon to the bus is lost for good, and nothing tells when
// that is over. So once the tooltip can be read it is changed, until the change can
// be read too: what can be read at first may be what it was before.
func (d *desk) live(ctx context.Context, first View) bool {
	seat, ok := d.seat.(interface{ showing(context.Context) string })
	if !ok {
		return true
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if now := seat.showing(ctx); now != "" {
			mark := first.Tooltip
			if now == mark {
				mark += " "
			}
			systray.SetTooltip(mark)
			if seat.showing(ctx) == mark {
				d.panel.tooltip = mark
				return true
			}
		}
		select {
		case <-ticker.C:
		case <-d.seat.left():
			return false
		case <-ctx.Done():
			return false
		}
	}
}
