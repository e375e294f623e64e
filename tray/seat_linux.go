package tray

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/godbus/dbus/v5"
)

// The names of this program and of its neighbours on the session bus.
const (
	busName     = "org.biobridge.Tray"
	watcherName = "org.kde.StatusNotifierWatcher"
	noticeName  = "org.freedesktop.Notifications"
	noticePath  = "/org/freedesktop/Notifications"
)

// busSeat is a name on the session bus: who owns it is the session's tray.
type busSeat struct {
	conn  *dbus.Conn
	shown chan struct{} // closed when a panel is there
}

// takeSeat finds the session bus. The library would end the process without one,
// and would start a bus of its own where it may.
func takeSeat(ctx context.Context, log *slog.Logger) (seat, error) {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil || os.Getenv("XDG_RUNTIME_DIR") == "" {
			return nil, ErrNoSession
		}
	}
	// The bus must outlive ctx: the icon is taken away after it has ended.
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(context.WithoutCancel(ctx)))
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrNoSession, err)
	}
	reply, err := conn.RequestName(busName, dbus.NameFlagDoNotQueue)
	if err == nil && reply != dbus.RequestNameReplyPrimaryOwner {
		err = ErrAlreadyRunning
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s := &busSeat{conn, make(chan struct{})}
	if err := s.watch(ctx, log); err != nil {
		return nil, errors.Join(fmt.Errorf("look for a panel: %w", err), conn.Close())
	}
	return s, nil
}

// watch closes shown when a panel is there, at once or later. The library doesn't
// notice one that comes while it starts.
func (s *busSeat) watch(ctx context.Context, log *slog.Logger) error {
	changes := make(chan *dbus.Signal, 16)
	s.conn.Signal(changes)
	if err := s.conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName),
	); err != nil {
		return err
	}
	// Asked after the signal was ordered: whatever happens is in one of the two.
	var panel bool
	if err := s.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&panel); err != nil {
		return err
	}
	if panel {
		close(s.shown)
		return nil
	}
	log.Info("no panel of this desktop shows icons of this kind (StatusNotifierItem); waiting for one. On GNOME it takes the AppIndicator extension")
	go func() { // ends with the connection, which closes the channel
		for change := range changes {
			if len(change.Body) == 3 && change.Body[0] == watcherName && change.Body[2] != "" {
				close(s.shown)
				s.conn.RemoveSignal(changes)
				return
			}
		}
	}()
	return nil
}

func (s *busSeat) panel() <-chan struct{} { return s.shown }

// showing says what the panel can read as the icon's tooltip.
func (s *busSeat) showing(ctx context.Context) string {
	item := s.conn.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()), "/StatusNotifierItem")
	var tip struct {
		Name     string
		Pictures []struct {
			W, H  int32
			Bytes []byte
		}
		Title, Text string
	}
	var value dbus.Variant
	err := item.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, "org.kde.StatusNotifierItem", "ToolTip").Store(&value)
	if err != nil || value.Store(&tip) != nil {
		return ""
	}
	return tip.Title
}

func (s *busSeat) left() <-chan struct{} { return s.conn.Context().Done() }

func (s *busSeat) leave() { _ = s.conn.Close() }

func (s *busSeat) notify(ctx context.Context, n Notice) error {
	desktop := s.conn.Object(noticeName, noticePath)
	var can []string
	if err := desktop.CallWithContext(ctx, noticeName+".GetCapabilities", 0).Store(&can); err != nil {
		return err
	}
	body := n.Body
	if slices.Contains(can, "body-markup") {
		body = html.EscapeString(body) // a page's name must not become markup
	}
	urgency := byte(1)
	if n.Urgent {
		urgency = 2
	}
	hints := map[string]dbus.Variant{"urgency": dbus.MakeVariant(urgency), "desktop-entry": dbus.MakeVariant("biobridge")}
	const asTheDesktopLikes = int32(-1)
	return desktop.CallWithContext(ctx, noticeName+".Notify", 0,
		"biobridge", uint32(0), "biobridge", n.Title, body, []string{}, hints, asTheDesktopLikes).Err
}
