package tray

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"biobridge/agent/control"
	"biobridge/agent/locale"
)

// actLimit bounds whatever a click does. Eko's answer to an inquiry is the
// slowest.
const actLimit = 3 * time.Minute

// act does what was clicked. What takes time goes on beside the menu; its outcome
// comes as a notification.
func (d *desk) act(ctx context.Context, a Action) {
	switch a.Kind {
	case SetLanguage:
		d.setLanguage(ctx, a.Lang)
	case ShowProblem:
		d.announce(ctx, Notice{Title: a.Title, Body: a.Sentence})
	case About:
		d.announce(ctx, d.aboutNotice())
	case ShowTransaction:
		d.later(ctx, func(ctx context.Context) (Notice, error) { return d.showTransaction(ctx, a.ID) })
	case CheckNow:
		d.later(ctx, d.checkNow)
	case TestScanner:
		d.test(ctx)
	case OpenPortal:
		d.later(ctx, d.openPortal)
	case CopyDiagnostics:
		text := d.details()
		d.later(ctx, func(ctx context.Context) (Notice, error) { return d.copyDetails(ctx, text) })
	case SaveDiagnostics:
		d.later(ctx, d.saveDiagnostics)
	case AskPending:
		refs := make([]string, len(d.snapshot.Unsettled))
		for i, r := range d.snapshot.Unsettled {
			refs[i] = r.ClientRefID
		}
		d.later(ctx, func(ctx context.Context) (Notice, error) { return d.askPending(ctx, refs) })
	case AnswerPage:
		d.later(ctx, func(ctx context.Context) (Notice, error) { return d.answerPage(ctx, a) })
	}
}

// later runs one action and tells its outcome; an empty notice is none.
func (d *desk) later(ctx context.Context, do func(context.Context) (Notice, error)) {
	d.acts.Go(func() {
		limited, cancel := context.WithTimeout(ctx, actLimit)
		defer cancel()
		notice, err := do(limited)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.cfg.Log.Warn("a click could not be carried out", "error", err)
			notice = Notice{Title: d.speaking().say("notice.failed"), Body: explain(err)}
		case notice.Title == "":
			return
		}
		d.announce(ctx, notice)
	})
}

// explain is an error in the agent's own words, where it has some.
func explain(err error) string {
	if refusal, ok := errors.AsType[*control.Error](err); ok {
		return refusal.Error()
	}
	return err.Error()
}

func (d *desk) setLanguage(ctx context.Context, lang locale.Lang) {
	d.lang = lang
	d.speak()
	d.panel.show(d.look())
	d.link.look() // a refusal is put into words when it is learnt
	if d.cfg.Remember == nil {
		return
	}
	d.later(ctx, func(context.Context) (Notice, error) { return Notice{}, d.cfg.Remember(lang) })
}

func (d *desk) aboutNotice() Notice {
	w, s := d.speaking(), d.snapshot
	if !s.Reached {
		return Notice{Title: w.say("not_running"), Body: w.say("not_running_help")}
	}
	return Notice{Title: "biobridge", Body: w.say("notice_text.about", "version", s.Status.Version, "environment", s.Status.Environment, "listen", strings.Join(s.Status.Listen, ", "))}
}

// showTransaction asks again about one that isn't settled, and says how it
// stands.
func (d *desk) showTransaction(ctx context.Context, ref string) (Notice, error) {
	client, err := d.link.current()
	if err != nil {
		return Notice{}, err
	}
	r, err := client.Transaction(ctx, ref)
	if err != nil {
		return Notice{}, err
	}
	if !r.State.Settled() && r.Service.MovesMoney() {
		if again, err := client.Inquire(ctx, ref); err == nil {
			r = again
		}
	}
	w := d.speaking()
	return Notice{
		Title: w.say("notice.settled", "service", w.service(r.Service), "amount", rupees(r.Amount), "state", w.state(r.State)),
		Body:  w.say("notice_text.transaction", "ref", r.ClientRefID, "rrn", orDash(r.BankRefNum), "message", r.Message),
	}, nil
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (d *desk) checkNow(ctx context.Context) (Notice, error) {
	client, err := d.link.current()
	if err != nil {
		return Notice{}, err
	}
	devices, err := client.Devices(ctx, true)
	if err != nil {
		return Notice{}, err
	}
	d.link.look()
	found := Snapshot{Status: control.Status{Devices: devices}}
	ready, _ := found.scanners()
	return Notice{Title: d.speaking().say("notice.checked", "ready", fmt.Sprint(ready), "count", fmt.Sprint(len(devices)))}, nil
}

// test lets one test run at a time.
func (d *desk) test(ctx context.Context) {
	if d.cfg.Test == nil || !d.begin() {
		return
	}
	w := d.speaking()
	d.announce(ctx, Notice{Title: w.say("notice.place_finger")})
	d.later(ctx, func(ctx context.Context) (Notice, error) {
		defer d.end()
		result, err := d.cfg.Test(ctx, w.lang)
		if err != nil {
			return Notice{}, err
		}
		if result.OK {
			return Notice{Title: w.say("notice.test_good"), Body: w.say("notice_text.test_good")}, nil
		}
		return Notice{Title: w.say("notice.test_bad"), Body: strings.TrimSpace(result.Message + " " + result.Remedy)}, nil
	})
}

func (d *desk) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	free := !d.testing
	d.testing = true
	return free
}

func (d *desk) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.testing = false
}

// openPortal opens the configured page, or the first that may connect for good.
func (d *desk) openPortal(ctx context.Context) (Notice, error) {
	url := d.cfg.Portal
	if url == "" {
		client, err := d.link.current()
		if err != nil {
			return Notice{}, err
		}
		origins, err := client.Origins(ctx)
		if err != nil {
			return Notice{}, err
		}
		for _, o := range origins {
			if !o.Denied && o.Source != "once" {
				url = o.Origin
				break
			}
		}
	}
	if url == "" {
		return Notice{}, errors.New("no page is configured")
	}
	return Notice{}, d.cfg.Open(ctx, url)
}

func (d *desk) saveDiagnostics(ctx context.Context) (Notice, error) {
	if d.cfg.Save == nil {
		return Notice{}, errors.New("diagnostics can't be saved here")
	}
	path, err := d.cfg.Save(ctx)
	if err != nil {
		return Notice{}, err
	}
	return Notice{Title: d.speaking().say("notice.saved"), Body: path}, nil
}

func (d *desk) copyDetails(ctx context.Context, text string) (Notice, error) {
	if d.cfg.Copy == nil {
		return Notice{}, errors.New("there is no clipboard here")
	}
	if err := d.cfg.Copy(ctx, text); err != nil {
		return Notice{}, err
	}
	w := d.speaking()
	return Notice{Title: w.say("notice.copied"), Body: w.say("notice_text.copied")}, nil
}

// askPending has Eko asked about all of them. What settles is announced when the
// agent has it on disk.
func (d *desk) askPending(ctx context.Context, refs []string) (Notice, error) {
	client, err := d.link.current()
	if err != nil {
		return Notice{}, err
	}
	for _, ref := range refs {
		if _, err := client.Inquire(ctx, ref); err != nil {
			return Notice{}, err
		}
	}
	d.link.look()
	return Notice{}, nil
}

func (d *desk) answerPage(ctx context.Context, a Action) (Notice, error) {
	client, err := d.link.current()
	if err != nil {
		return Notice{}, err
	}
	if err := client.Decide(ctx, a.ID, a.Answer); err != nil {
		return Notice{}, err
	}
	d.link.look()
	return Notice{}, nil
}
