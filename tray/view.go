package tray

import (
	"strconv"
	"strings"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/locale"
	"biobridge/assets"
)

// How many lines of each kind the menu has room for. The rest is counted; the
// command line lists all.
const (
	maxDevices   = 3
	maxProblems  = 4
	maxApprovals = 4
	maxRecent    = 5
)

// View is what the user sees.
type View struct {
	// Icon is one of the names of package assets.
	Icon    string
	Tooltip string
	Items   []Item
}

// Item is a line of the menu. What is not in a view is not in the menu.
type Item struct {
	// Slot is the item's place. Approvals share one slot and are told apart by Key,
	// the question's id.
	Slot  string
	Key   string
	Title string
	// Enabled says that the line can be clicked, and then does Action.
	Enabled bool
	// Checkable lines show whether they are Checked.
	Checkable, Checked bool
	Action             Action
	Items              []Item
}

// ActionKind is what a click does.
type ActionKind string

// The actions.
const (
	CheckNow        ActionKind = "check_now"
	TestScanner     ActionKind = "test_scanner"
	OpenPortal      ActionKind = "open_portal"
	CopyDiagnostics ActionKind = "copy_diagnostics"
	SaveDiagnostics ActionKind = "save_diagnostics"
	SetLanguage     ActionKind = "set_language"
	AskPending      ActionKind = "ask_pending"
	ShowTransaction ActionKind = "show_transaction"
	ShowProblem     ActionKind = "show_problem"
	AnswerPage      ActionKind = "answer_page"
	About           ActionKind = "about"
	Leave           ActionKind = "leave"
)

// Action is a click with all that it means, so that carrying it out needs no
// look at the menu.
type Action struct {
	Kind ActionKind
	// ID is a question's id, a client_ref_id or a problem's code.
	ID       string
	Answer   control.Answer
	Lang     locale.Lang
	Title    string
	Sentence string
}

// Look turns what the agent answered into what the user sees. It is pure.
func Look(s Snapshot, catalogue *locale.Catalogue, lang locale.Lang, portal bool, now time.Time) View {
	l := look{s, words{catalogue, lang}, now}
	icon := l.icon()
	v := View{Icon: icon, Tooltip: l.tooltip(icon)}
	v.Items = append(v.Items, l.head(icon)...)
	if s.Reached && s.Refused == "" {
		v.Items = append(v.Items, l.devices()...)
		v.Items = append(v.Items, l.problems(portal)...)
		v.Items = append(v.Items, l.approvals()...)
	}
	v.Items = append(v.Items, l.money()...)
	v.Items = append(v.Items, l.doing(portal)...)
	v.Items = append(v.Items, l.languages(catalogue), l.about(), l.quit())
	return v
}

type look struct {
	s Snapshot
	words
	now time.Time
}

// quiet are problems that don't ask for the user's attention: one has an icon of
// its own, of the other nothing follows.
var quiet = map[string]bool{"no_device": true, "other_port": true}

func (l look) icon() string {
	if !l.s.Reached || l.s.Refused != "" {
		return assets.IconNotRunning
	}
	status := l.s.Status
	needed := len(l.s.Approvals) > 0 || status.Asking > 0 || status.Pending > 0 || !status.Journal.OK
	for _, p := range status.Problems {
		needed = needed || !quiet[p.Code] && p.Code != "approval"
	}
	switch ready, busy := l.s.scanners(); {
	case needed:
		return assets.IconAttention
	case ready > 0:
		return assets.IconReady
	case busy > 0:
		return assets.IconBusy
	}
	return assets.IconNoScanner
}

// tooltip fits into the 127 UTF-16 units of the Windows shell.
func (l look) tooltip(icon string) string {
	text := "biobridge – " + l.headline(icon)
	if l.s.Status.Simulated {
		text += " – " + l.say("simulated")
	}
	if l.s.Reached && l.s.Status.Pending > 0 {
		text += " – " + l.say("pending", "count", strconv.Itoa(l.s.Status.Pending))
	}
	return shorten(text, 127)
}

func shorten(text string, units int) string {
	for i, r := range text {
		width := 1
		if r > 0xffff {
			width = 2
		}
		if units -= width; units < 0 {
			return text[:i]
		}
	}
	return text
}

func (l look) headline(icon string) string {
	if l.s.Refused != "" {
		return l.s.Refused
	}
	return l.say(icon) // an icon's name is its sentence's key
}

func (l look) head(icon string) []Item {
	items := []Item{{Slot: "status", Title: l.headline(icon)}}
	if !l.s.Reached {
		items = append(items, Item{Slot: "help", Title: l.say("not_running_help")})
	}
	if l.s.Status.Simulated {
		items = append(items, Item{Slot: "simulated", Title: l.say("simulated")})
	}
	return items
}

func (l look) devices() []Item {
	var items []Item
	for i, d := range l.s.Status.Devices {
		if i == maxDevices {
			items = append(items, Item{Slot: "more_devices", Title: l.say("more_devices", "count", strconv.Itoa(len(l.s.Status.Devices)-i))})
			break
		}
		name := strings.TrimSpace(d.Vendor + " " + d.Model)
		if d.Serial != "" && len(l.s.Status.Devices) > 1 {
			name += " (" + d.Serial + ")"
		}
		items = append(items, Item{Slot: slot("device", i), Title: l.say("device.text", "scanner", name, "status", l.known("device."+string(d.Status), string(d.Status)))})
	}
	return items
}

func slot(kind string, i int) string { return kind + "." + strconv.Itoa(i) }

func (l look) problems(portal bool) []Item {
	var items []Item
	for _, p := range l.s.Status.Problems {
		// These have lines of their own.
		if p.Code == "approval" || p.Code == "pending" || p.Code == "no_device" {
			continue
		}
		if len(items) == maxProblems {
			break
		}
		message, remedy := l.problem(p)
		action := Action{Kind: ShowProblem, ID: p.Code, Title: message, Sentence: remedy}
		if p.Code == string(contract.MerchantAuthRequired) && portal {
			action.Kind = OpenPortal
		}
		items = append(items, Item{Slot: slot("problem", len(items)), Title: "! " + message, Enabled: true, Action: action})
	}
	return items
}

// problem says a problem in the user's language, or in the agent's words where
// the tray doesn't know it.
func (l look) problem(p contract.LocalisedPoint) (message, remedy string) {
	key := "problem." + p.Code
	if p.Code == "clock_wrong" || p.Code == "clock_off" { // far off, and a little
		key = "problem.clock_skew"
	}
	if _, ok := texts[key+".message"]; !ok {
		return l.agents("agent."+p.Code+".message", p.Message), l.agents("agent."+p.Code+".remedy", p.Remedy)
	}
	args := []string{"count", strconv.Itoa(l.s.Status.Pending), "skew", "", "address", strings.Join(l.s.Status.Listen, ", ")}
	if ms := l.s.Status.ClockSkewMS; ms != nil {
		skew := time.Duration(*ms) * time.Millisecond
		args[3] = max(skew, -skew).Round(time.Second).String()
	}
	return l.say(key+".message", args...), l.say(key+".remedy", args...)
}

// agents says one of the agent's own sentences in the user's language. One with
// something to fill in stays as the agent filled it in.
func (l look) agents(key, english string) string {
	if text := l.catalogue.Text(l.lang, key, english, nil); !strings.Contains(text, "{") {
		return text
	}
	return english
}

func (l look) approvals() []Item {
	var items []Item
	for i, a := range l.s.Approvals {
		if i == maxApprovals {
			items = append(items, Item{Slot: "more_approvals", Title: l.say("more_approvals", "count", strconv.Itoa(len(l.s.Approvals)-i))})
			break
		}
		answers := []struct {
			key    string
			answer control.Answer
		}{
			{"approval.deny", control.Deny},
			{"approval.once", control.AllowOnce},
			{"approval.remember", control.AllowRemember},
		}
		item := Item{Slot: "approval", Key: a.ID, Title: l.say("approval.text", "origin", a.Origin), Enabled: true}
		for _, answer := range answers {
			item.Items = append(item.Items, Item{
				Slot: string(answer.answer), Title: l.say(answer.key), Enabled: true,
				Action: Action{Kind: AnswerPage, ID: a.ID, Answer: answer.answer},
			})
		}
		items = append(items, item)
	}
	return items
}

func (l look) money() []Item {
	pending := l.s.Status.Pending
	list := Item{Slot: "transactions", Title: l.say("transactions"), Enabled: true}
	for i, r := range l.s.Recent {
		if i == maxRecent {
			break
		}
		list.Items = append(list.Items, Item{
			Slot: slot("transaction", i), Title: l.line(r), Enabled: l.s.Reached,
			Action: Action{Kind: ShowTransaction, ID: r.ClientRefID},
		})
	}
	if len(list.Items) == 0 {
		list.Items = []Item{{Slot: slot("transaction", 0), Title: l.say("no_transactions")}}
	}
	return []Item{
		{Slot: "pending", Title: l.say("pending", "count", strconv.Itoa(pending)), Enabled: l.s.Reached && pending > 0, Action: Action{Kind: AskPending}},
		list,
	}
}

// line is a transaction in one line: when, what, how much, how it stands.
func (l look) line(r control.Record) string {
	when := r.CreatedAt.In(india)
	layout := "15:04"
	if when.Format(time.DateOnly) != l.now.In(india).Format(time.DateOnly) {
		layout = "02/01 15:04"
	}
	key := "transaction.text"
	if r.Amount > 0 {
		key = "transaction.money"
	}
	return l.say(key, "time", when.Format(layout), "service", l.service(r.Service), "amount", rupees(r.Amount), "state", l.state(r.State))
}

// india has had one time and no summer time since 1945.
var india = time.FixedZone("Asia/Kolkata", 5*3600+1800)

// rupees groups digits as India writes them: 1,00,000.
func rupees(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	if len(digits) <= 3 {
		return digits
	}
	head, out := digits[:len(digits)-3], digits[len(digits)-3:]
	for len(head) > 2 {
		head, out = head[:len(head)-2], head[len(head)-2:]+","+out
	}
	return head + "," + out
}

func (l look) doing(portal bool) []Item {
	up := l.s.Reached && l.s.Refused == ""
	items := []Item{
		{Slot: "check_now", Title: l.say("check_now"), Enabled: up, Action: Action{Kind: CheckNow}},
		{Slot: "test_scanner", Title: l.say("test_scanner"), Enabled: up && len(l.s.Status.Devices) > 0, Action: Action{Kind: TestScanner}},
		{Slot: "copy_diagnostics", Title: l.say("copy_diagnostics"), Enabled: true, Action: Action{Kind: CopyDiagnostics}},
		{Slot: "save_diagnostics", Title: l.say("save_diagnostics"), Enabled: true, Action: Action{Kind: SaveDiagnostics}},
	}
	if portal {
		items = append(items, Item{Slot: "open_portal", Title: l.say("open_portal"), Enabled: true, Action: Action{Kind: OpenPortal}})
	}
	return items
}

// languages lists those that have sentences of their own, each under its own
// name.
func (l look) languages(catalogue *locale.Catalogue) Item {
	menu := Item{Slot: "language", Title: l.say("language"), Enabled: true}
	if l.lang != locale.English {
		menu.Title += " / Language" // for whoever clicked on the wrong one
	}
	for _, lang := range catalogue.Langs() {
		menu.Items = append(menu.Items, Item{
			Slot: "language." + string(lang), Title: lang.Name(), Enabled: true, Checkable: true, Checked: lang == l.lang,
			Action: Action{Kind: SetLanguage, Lang: lang},
		})
	}
	return menu
}

func (l look) about() Item {
	title := l.say("about")
	if l.s.Status.Version != "" {
		title += " " + l.s.Status.Version
	}
	return Item{Slot: "about", Title: title, Enabled: true, Action: Action{Kind: About}}
}

func (l look) quit() Item {
	return Item{Slot: "quit", Title: l.say("quit"), Enabled: true, Action: Action{Kind: Leave}}
}
