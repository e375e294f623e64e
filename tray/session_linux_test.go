package tray_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"biobridge/assets"
)

// session is a desktop's session as far as a tray sees it: a bus of its own, and
// on it, once [session.panel] was called, a panel and a desktop that shows
// notifications.
type session struct {
	t       *testing.T
	address string
	home    string
	conn    *dbus.Conn

	endBus func()

	items chan string // the bus names of icons that registered

	mu      sync.Mutex
	notices []string
}

// newSession starts a private bus. Without dbus-daemon the test is skipped, but
// not where CI has to prove it.
func newSession(t *testing.T) *session {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("dbus-daemon is missing: install the package dbus")
		}
		t.Skip("dbus-daemon is not installed (package dbus)")
	}
	dir, err := os.MkdirTemp("", "bbtray") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.Command(daemon, "--session", "--nofork", "--nopidfile", "--print-address=1", "--address=unix:dir="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(end)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon said no address: %v", err)
	}
	s := &session{t: t, address: strings.TrimSpace(address), home: t.TempDir(), endBus: end, items: make(chan string, 8)}
	if s.conn, err = dbus.Connect(s.address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.conn.Close() })
	return s
}

const watcher = "org.kde.StatusNotifierWatcher"

// panel appears.
func (s *session) panel() {
	s.t.Helper()
	export := func(methods any, path dbus.ObjectPath, name string) {
		if err := s.conn.Export(methods, path, name); err != nil {
			s.t.Fatal(err)
		}
		reply, err := s.conn.RequestName(name, dbus.NameFlagDoNotQueue)
		if err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			s.t.Fatalf("%s: %v, %v", name, reply, err)
		}
	}
	export(notifications{s}, "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
	export(registrar{s}, "/StatusNotifierWatcher", watcher)
}

type registrar struct{ s *session }

func (r registrar) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	r.s.items <- string(sender)
	return nil
}

type notifications struct{ s *session }

func (notifications) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "body-markup"}, nil
}

func (n notifications) Notify(_ string, _ uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.s.mu.Lock()
	defer n.s.mu.Unlock()
	n.s.notices = append(n.s.notices, title+"|"+body)
	return 1, nil
}

// notified waits for a notification with that text in it.
func (s *session) notified(text string) {
	s.t.Helper()
	var seen []string
	await(s.t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		seen = slices.Clone(s.notices)
		return slices.ContainsFunc(seen, func(n string) bool { return strings.Contains(n, text) })
	}, func() string { return "a notification with " + text + " in " + strings.Join(seen, "\n") })
}

// await waits until something is so. The limit is for a busy machine.
func await(t *testing.T, so func() bool, what func() string) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for !so() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what())
		case <-t.Context().Done():
			t.Fatalf("gave up waiting for %s", what())
		}
	}
}

// icon is a running tray as the panel sees it.
type icon struct {
	s      *session
	cmd    *exec.Cmd
	log    *lockedBuffer
	ended  chan error
	item   dbus.BusObject
	layout dbus.BusObject
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

var _ io.Writer = (*lockedBuffer)(nil)

// command is the tray in this session, not started. The program is built without
// the race detector: the tray's library races with itself.
func (s *session) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program(s.t), append([]string{"tray"}, args...)...)
	cmd.Env = []string{
		"DBUS_SESSION_BUS_ADDRESS=" + s.address, "HOME=" + s.home, "PATH=" + os.Getenv("PATH"),
		"LANG=en_IN.UTF-8", "XDG_CONFIG_HOME=" + filepath.Join(s.home, "config"),
	}
	return cmd
}

// start runs the tray.
func (s *session) start(args ...string) *icon {
	s.t.Helper()
	i := &icon{s: s, cmd: s.command(args...), log: &lockedBuffer{}, ended: make(chan error, 1)}
	i.cmd.Stdout, i.cmd.Stderr = i.log, i.log
	if err := i.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { i.ended <- i.cmd.Wait(); close(i.ended) }()
	s.t.Cleanup(func() {
		_ = i.cmd.Process.Kill()
		for range i.ended { // or the next test would find it among the trays that run
		}
		if s.t.Failed() {
			s.t.Logf("the tray said:\n%s", i.log)
		}
	})
	return i
}

// registered waits for the panel to know the icon.
func (i *icon) registered() *icon {
	i.s.t.Helper()
	var name string
	select {
	case name = <-i.s.items:
	case err := <-i.ended:
		i.s.t.Fatalf("the tray left: %v\n%s", err, i.log)
	case <-time.After(60 * time.Second):
		i.s.t.Fatalf("no icon came\n%s", i.log)
	}
	i.item = i.s.conn.Object(name, "/StatusNotifierItem")
	i.layout = i.s.conn.Object(name, "/StatusNotifierItem/menu")
	return i
}

// face names the icon that is shown.
func (i *icon) face() string {
	shown, err := i.item.GetProperty("org.kde.StatusNotifierItem.IconPixmap")
	if err != nil {
		return err.Error()
	}
	var pictures []struct {
		W, H  int32
		Bytes []byte
	}
	if err := shown.Store(&pictures); err != nil || len(pictures) != 1 {
		return "no picture"
	}
	for _, name := range assets.Icons() {
		if bytes.Equal(pictures[0].Bytes, pixels(i.s.t, name)) {
			return name
		}
	}
	return "another picture"
}

// pixels is an icon as it goes over the bus.
func pixels(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := assets.Icon(name, 48)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			r, g, b, a := picture.At(x, y).RGBA()
			out = append(out, byte(a), byte(r), byte(g), byte(b))
		}
	}
	return out
}

// shows waits for an icon.
func (i *icon) shows(name string) {
	i.s.t.Helper()
	var face string
	await(i.s.t, func() bool { face = i.face(); return face == name }, func() string { return "the icon " + name + ", there is " + face })
}

func (i *icon) tooltip() string {
	var tip struct {
		Name     string
		Pictures []struct {
			W, H  int32
			Bytes []byte
		}
		Title, Text string
	}
	v, err := i.item.GetProperty("org.kde.StatusNotifierItem.ToolTip")
	if err != nil || v.Store(&tip) != nil {
		return ""
	}
	return tip.Title
}

// line is a visible line of the menu.
type line struct {
	id               int32
	label            string
	enabled, checked bool
	below            []line
}

type layout struct {
	ID       int32
	Values   map[string]dbus.Variant
	Children []dbus.Variant
}

// menu reads the menu as a panel shows it.
func (i *icon) menu() []line {
	var revision uint32
	var root layout
	if err := i.layout.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return nil
	}
	return lines(root)
}

func lines(from layout) []line {
	var all []line
	for _, v := range from.Children {
		var child layout
		if err := dbus.Store([]any{v.Value()}, &child); err != nil {
			continue
		}
		get := func(name string) any { return child.Values[name].Value() }
		if visible, ok := get("visible").(bool); ok && !visible {
			continue
		}
		text, ok := get("label").(string)
		if !ok {
			continue // a separator
		}
		enabled, _ := get("enabled").(bool)
		toggle, _ := get("toggle-state").(int32)
		all = append(all, line{id: child.ID, label: text, enabled: enabled, checked: toggle == 1, below: lines(child)})
	}
	return all
}

func (i *icon) labels() string {
	var all []string
	var walk func([]line, string)
	walk = func(of []line, indent string) {
		for _, l := range of {
			all = append(all, indent+l.label)
			walk(l.below, indent+"  ")
		}
	}
	walk(i.menu(), "")
	return strings.Join(all, "\n")
}

// has waits for a line, wherever it is, and returns it.
func (i *icon) has(label string) line {
	i.s.t.Helper()
	var found line
	var search func([]line) bool
	search = func(of []line) bool {
		for _, l := range of {
			if l.label == label {
				found = l
				return true
			}
			if search(l.below) {
				return true
			}
		}
		return false
	}
	await(i.s.t, func() bool { return search(i.menu()) }, func() string { return "the line " + label + " in\n" + i.labels() })
	return found
}

// lacks waits for a line to have gone.
func (i *icon) lacks(text string) {
	i.s.t.Helper()
	await(i.s.t, func() bool { return !strings.Contains(i.labels(), text) }, func() string { return "the line " + text + " to go" })
}

// click clicks on a line, as soon as it is there and can be clicked.
func (i *icon) click(label string) {
	i.s.t.Helper()
	var l line
	await(i.s.t, func() bool { l = i.has(label); return l.enabled }, func() string { return "the line " + label + " to be enabled" })
	i.press(l.id)
}

func (i *icon) press(id int32) {
	i.s.t.Helper()
	if err := i.layout.Call("com.canonical.dbusmenu.Event", 0, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err; err != nil {
		i.s.t.Fatal(err)
	}
}

// leaves waits for the process to end and returns its exit code.
func (i *icon) leaves() int {
	i.s.t.Helper()
	select {
	case err := <-i.ended:
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			return failed.ExitCode()
		}
		if err != nil {
			i.s.t.Fatal(err)
		}
		return 0
	case <-time.After(60 * time.Second):
		_ = i.cmd.Process.Signal(syscall.SIGQUIT)
		i.s.t.Fatalf("the tray stays\n%s", i.log)
		return -1
	}
}

var built = struct {
	once sync.Once
	path string
	err  error
}{}

// program builds biobridge once.
func program(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "bbtray-program")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "biobridge")
		cmd := exec.CommandContext(context.Background(), "go", "build", "-race=false", "-trimpath", "-ldflags=-s -w", "-o", built.path, "biobridge") // as it is shipped
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = errors.New(string(out))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.path != "" {
		_ = os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}
