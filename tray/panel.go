package tray

import (
	"runtime"
	"strings"
	"sync"
	"unicode"

	"fyne.io/systray"

	"biobridge/assets"
)

// clickQueue is how many clicks on one item may wait.
const clickQueue = 4

// panel is the icon and the menu in the desktop's panel. The library's menu can
// grow only at its end, so every line has its place from the start, and those
// that have nothing to say are hidden. Its methods are called by one goroutine.
type panel struct {
	clicks chan Action
	done   chan struct{} // closed when nobody takes clicks any more
	wait   sync.WaitGroup

	places  map[string]*place
	pages   []*page
	icon    string
	tooltip string
}

func newPanel() *panel {
	return &panel{clicks: make(chan Action), done: make(chan struct{}), places: map[string]*place{}}
}

// place is one line of the menu, of which only the text changes.
type place struct {
	item  *systray.MenuItem
	shown bool
	now   Item

	mu     sync.Mutex
	action Action
}

// build makes every line, hidden. The languages are known from the start.
func (p *panel) build(v View) {
	p.line("status", "help", "simulated")
	p.lines("device", maxDevices)
	p.line("more_devices")
	p.lines("problem", maxProblems)
	for range maxApprovals {
		item := systray.AddMenuItem(" ", "")
		item.ClickedCh = make(chan struct{}, clickQueue)
		item.Hide()
		p.pages = append(p.pages, &page{panel: p, item: item})
	}
	p.line("more_approvals")
	systray.AddSeparator()
	p.line("pending", "transactions")
	for i := range maxRecent {
		p.under("transactions", slot("transaction", i), false)
	}
	systray.AddSeparator()
	p.line("check_now", "test_scanner", "open_portal")
	systray.AddSeparator()
	p.line("copy_diagnostics", "save_diagnostics", "language")
	for _, item := range v.Items {
		if item.Slot == "language" {
			for _, lang := range item.Items {
				p.under("language", lang.Slot, true)
			}
		}
	}
	p.line("about", "quit")
}

func (p *panel) line(slots ...string) {
	for _, name := range slots {
		p.add(name, systray.AddMenuItem(" ", ""))
	}
}

func (p *panel) lines(kind string, count int) {
	for i := range count {
		p.line(slot(kind, i))
	}
}

func (p *panel) under(parent, name string, checkable bool) {
	above := p.places[parent].item
	if checkable {
		p.add(name, above.AddSubMenuItemCheckbox(" ", "", false))
		return
	}
	p.add(name, above.AddSubMenuItem(" ", ""))
}

func (p *panel) add(name string, item *systray.MenuItem) {
	// The library sends without waiting, so a click on an unbuffered channel may be
	// lost.
	item.ClickedCh = make(chan struct{}, clickQueue)
	spot := &place{item: item, shown: true}
	p.places[name] = spot
	spot.hide()
	p.take(item.ClickedCh, nil, spot.meaning)
}

// take passes clicks on until the line has gone or the panel is closed.
func (p *panel) take(clicked, gone <-chan struct{}, meaning func() Action) {
	p.wait.Go(func() {
		for {
			select {
			case <-clicked:
			case <-gone:
				return
			case <-p.done:
				return
			}
			select {
			case p.clicks <- meaning():
			case <-p.done:
				return
			}
		}
	})
}

// close ends the goroutines that take clicks.
func (p *panel) close() {
	close(p.done)
	p.wait.Wait()
}

// show makes the panel look like v, touching only what differs.
func (p *panel) show(v View) {
	p.face(v)
	shown := map[string]bool{}
	var questions []Item
	p.fill(v.Items, shown, &questions)
	for name, spot := range p.places {
		if !shown[name] {
			spot.hide()
		}
	}
	p.ask(questions)
}

func (p *panel) fill(items []Item, shown map[string]bool, questions *[]Item) {
	for _, item := range items {
		if item.Slot == "approval" {
			*questions = append(*questions, item)
			continue
		}
		spot, ok := p.places[item.Slot]
		if !ok {
			continue
		}
		shown[item.Slot] = true
		spot.set(item)
		p.fill(item.Items, shown, questions)
	}
}

// face sets icon and tooltip.
func (p *panel) face(v View) {
	if v.Icon != p.icon {
		p.icon = v.Icon
		if bytes, err := picture(v.Icon); err == nil {
			systray.SetIcon(bytes)
		}
	}
	if v.Tooltip != p.tooltip {
		p.tooltip = v.Tooltip
		systray.SetTooltip(v.Tooltip)
	}
}

// picture is an icon in the form that the platform's panel wants.
func picture(name string) ([]byte, error) {
	if runtime.GOOS == "windows" {
		return assets.WindowsIcon(name)
	}
	return assets.Icon(name, 48)
}

func (s *place) meaning() Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.action
}

// set shows the line as item says. On Windows a hidden line comes back with any
// change, so nothing is changed that stays hidden.
func (s *place) set(item Item) {
	s.mu.Lock()
	s.action = item.Action
	s.mu.Unlock()
	was := s.now
	s.now = item
	if was.Title != item.Title {
		s.item.SetTitle(label(item.Title))
	}
	if item.Enabled == s.item.Disabled() {
		if item.Enabled {
			s.item.Enable()
		} else {
			s.item.Disable()
		}
	}
	if item.Checked != s.item.Checked() {
		if item.Checked {
			s.item.Check()
		} else {
			s.item.Uncheck()
		}
	}
	if !s.shown {
		s.shown = true
		s.item.Show()
	}
}

func (s *place) hide() {
	if s.shown {
		s.shown = false
		s.item.Hide()
	}
}

// label makes a title of a menu show its text and nothing else: the sign that
// underlines a letter is doubled, and what can't be seen is left out.
func label(title string) string {
	title = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, title)
	sign := "_"
	if runtime.GOOS == "windows" {
		sign = "&"
	}
	return strings.ReplaceAll(title, sign, sign+sign)
}
