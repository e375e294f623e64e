package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"fyne.io/systray"

	"biobridge/agent/footprint"
	"biobridge/agent/locale"
)

// Config is what a tray is made of. Address must be set; everything else has a
// working zero value. The functions are called from several goroutines and return
// when their context ends.
type Config struct {
	// Address is the agent's control door.
	Address   string
	Catalogue *locale.Catalogue
	// Lang is the first language. Remember keeps another one that the user chose.
	Lang     locale.Lang
	Remember func(locale.Lang) error
	// Portal is the page that is opened; empty: the first one that the
	// configuration or the policy lets in.
	Portal string
	// Open opens a web page in the user's browser.
	Open func(ctx context.Context, url string) error
	// Test takes one scan and throws it away; nil: the menu says that it can't.
	Test func(ctx context.Context, lang locale.Lang) (TestResult, error)
	// Save writes a diagnostics file and returns its path.
	Save func(ctx context.Context) (path string, err error)
	// Copy puts a text onto the user's clipboard.
	Copy func(ctx context.Context, text string) error
	Log  *slog.Logger
	Now  func() time.Time
}

// TestResult is a scanner's test in the user's language.
type TestResult struct {
	OK              bool
	Message, Remedy string
}

// The reasons for which no tray starts.
var (
	// ErrAlreadyRunning means that this session has a tray.
	ErrAlreadyRunning = errors.New("this session has biobridge's icon already")
	// ErrNoSession means that there is no desktop that could show an icon.
	ErrNoSession = errors.New("there is no desktop session here that could show an icon; every command works without it")
)

// seat is a tray's place in the user's session: there is one.
type seat interface {
	// left is closed when another process wants the tray to leave, or when the
	// session ends.
	left() <-chan struct{}
	// panel is closed when there is a panel that can show an icon.
	panel() <-chan struct{}
	// notify shows a notification of the desktop.
	notify(ctx context.Context, n Notice) error
	// leave gives the place up.
	leave()
}

// Run shows the tray until ctx ends, the user quits or the session ends. It must
// be called on the process's first goroutine, once in a process: the library
// under it is global. It returns [ErrAlreadyRunning] or [ErrNoSession] where it
// can't start.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Address == "" {
		return errors.New("a tray needs the address of the agent")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Lang == "" {
		cfg.Lang = locale.English
	}
	seat, err := takeSeat(ctx, cfg.Log)
	if err != nil {
		return err
	}
	defer seat.leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := &desk{cfg: cfg, seat: seat, link: newLink(cfg.Address, cfg.Log), panel: newPanel(), lang: cfg.Lang, stop: cancel}
	d.speak()
	return d.run(ctx)
}

// desk is a running tray: what it knows and shows. Its fields but for the last
// group belong to the goroutine of work.
type desk struct {
	cfg   Config
	seat  seat
	link  *link
	panel *panel
	stop  context.CancelFunc

	herald   herald
	snapshot Snapshot
	open     bool // the icon is there

	mu      sync.Mutex
	lang    locale.Lang
	words   words
	testing bool

	acts    sync.WaitGroup
	trimmed sync.Once
}

// run waits for a panel, then gives the calling goroutine to the library until
// the tray leaves.
func (d *desk) run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { d.link.run(ctx) })
	defer work.Wait()
	defer d.acts.Wait()
	defer d.stop()
	if !d.await(ctx) {
		return nil
	}
	first := d.look()
	if runtime.GOOS != "windows" {
		// Set while the library exports them, they are sometimes lost for good.
		systray.SetTitle("biobridge")
		d.panel.face(first)
	}
	started := make(chan struct{})
	ready := func() {
		close(started)
		d.panel.build(first)
		work.Go(func() {
			defer systray.Quit()
			defer d.stop()
			if d.live(ctx, first) {
				d.panel.show(first)
				d.open = true
				d.work(ctx)
			}
		})
	}
	runtime.LockOSThread()
	systray.Run(ready, d.stop)
	runtime.UnlockOSThread()
	d.stop()
	work.Wait()
	d.panel.close()
	select {
	case <-started:
		return nil
	default:
		return fmt.Errorf("show the icon: %w", ErrNoSession)
	}
}

// await follows the agent without an icon until there is a panel; notifications
// need none. It reports whether there is one.
func (d *desk) await(ctx context.Context) bool {
	for {
		select { // a panel that is there is not kept waiting
		case <-d.seat.panel():
			return true
		default:
		}
		select {
		case <-d.seat.panel():
			return true
		case n := <-d.link.tell:
			d.learn(ctx, n)
		case <-d.seat.left():
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// work shows what is new and does what is clicked, until the tray leaves.
func (d *desk) work(ctx context.Context) {
	for {
		select {
		case n := <-d.link.tell:
			d.learn(ctx, n)
		case action := <-d.panel.clicks:
			if action.Kind == Leave {
				return
			}
			d.act(ctx, action)
		case <-d.seat.left():
			d.cfg.Log.Info("the tray was told to leave")
			return
		case <-ctx.Done():
			return
		}
	}
}

// learn shows an answer of the agent.
func (d *desk) learn(ctx context.Context, n news) {
	if n.snapshot.Refused == refusedByDoor {
		n.snapshot.Refused = d.speaking().say("not_allowed")
	}
	before, after := d.snapshot, n.snapshot
	if before.Reached != after.Reached {
		d.cfg.Log.Info("the agent's door", "open", after.Reached)
	}
	d.snapshot = after
	if d.open {
		d.panel.show(d.look())
		d.trimmed.Do(footprint.Trim)
	}
	for _, notice := range d.herald.hear(n, d.speaking(), d.cfg.Now()) {
		d.announce(ctx, notice)
	}
}

func (d *desk) look() View {
	w := d.speaking()
	return Look(d.snapshot, w.catalogue, w.lang, d.cfg.Open != nil, d.cfg.Now())
}

// speaking is the language of the moment.
func (d *desk) speaking() words {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.words
}

func (d *desk) speak() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.words = words{d.cfg.Catalogue, d.lang}
}

// announce shows a notification without waiting for the desktop.
func (d *desk) announce(ctx context.Context, n Notice) {
	d.acts.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := d.seat.notify(ctx, n); err != nil && ctx.Err() == nil {
			d.cfg.Log.Debug("the desktop shows no notification", "error", err)
		}
	})
}
