package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/locale"
	"biobridge/agent/wsapi"
)

// localDoor answers the local user: it is what the control door opens to. What
// a peer may ask for has been decided before.
type localDoor struct{ p *parts }

var _ control.Backend = localDoor{}

// caller is the local user in the agent's terms.
func caller(peer control.Peer) agent.Caller { return agent.Caller{Local: true, User: peer.ID} }

// explain turns the agent's errors into the door's.
func explain(err error) *control.Error {
	if errors.Is(err, ErrManaged) {
		return &control.Error{Code: contract.Unauthorized, Message: err.Error(), Remedy: "Ask whoever administers this PC."}
	}
	if errors.Is(err, errNoOrigin) {
		return &control.Error{Code: contract.InvalidParams, Message: err.Error() + ".", Remedy: "Name it as its browser does: https://portal.partner.example, without a path."}
	}
	if errors.Is(err, wsapi.ErrNoQuestion) {
		return &control.Error{Code: contract.NotFound, Message: err.Error()}
	}
	if e, ok := errors.AsType[*agent.Error](err); ok {
		return &control.Error{Code: e.Code, Message: e.Message, Remedy: e.Remedy}
	}
	return nil
}

func (l localDoor) Status(ctx context.Context, peer control.Peer) (control.Status, error) {
	devices, err := l.p.agent.Devices(ctx, false)
	if err != nil {
		return control.Status{}, err
	}
	pending, err := l.p.agent.Pending(ctx, caller(peer))
	if err != nil {
		return control.Status{}, err
	}
	status := control.Status{
		Version: BuildInfo().Version, Environment: string(l.p.cfg.Environment), PID: os.Getpid(),
		StartedAt: l.p.started, DataDir: l.p.cfg.DataDir, Listen: l.p.doors.Pages, Devices: devices,
		Asking: l.p.pages.Asking(), Approvals: len(l.p.approvals.List()), Pending: len(pending),
		Journal: control.Journal{OK: true}, Simulated: l.p.cfg.Environment == Simulated,
	}
	for _, page := range l.p.pages.Pages() {
		status.Pages = append(status.Pages, control.Page{Origin: page.Origin, User: page.User, Connections: page.Connections})
	}
	if damage := l.p.journal.Damage(); damage != nil {
		status.Journal = control.Journal{SetAside: damage.File, Message: damage.Detail}
	}
	if skew, known := l.p.eko.Skew(); known {
		ms := -skew.Milliseconds() // Eko's client measures the other way round
		status.ClockSkewMS = &ms
	}
	own, err := l.p.agent.Status(ctx)
	if err != nil {
		return control.Status{}, err
	}
	status.Problems = append(own.Problems, problems(status, l.p.cfg)...)
	if l.p.keyMissing() {
		status.Problems = slices.Insert(status.Problems, 0, keyProblem)
	}
	return status, nil
}

func (l localDoor) Devices(ctx context.Context, _ control.Peer, refresh bool) ([]contract.Device, error) {
	return l.p.agent.Devices(ctx, refresh)
}

func (l localDoor) Transactions(ctx context.Context, peer control.Peer, f control.Filter) (control.Records, error) {
	filter := agent.Filter{Date: f.Day, Origin: f.Origin, Cursor: f.Cursor, Limit: f.Limit}
	if f.From != nil {
		filter.From = kolkataDay(*f.From)
	}
	if f.To != nil {
		filter.To = kolkataDay(*f.To)
	}
	if f.State != "" {
		filter.States = []contract.State{f.State}
	}
	if f.Service != "" {
		filter.Services = []contract.Service{f.Service}
	}
	entries, next, err := l.p.agent.Entries(ctx, caller(peer), filter)
	if err != nil {
		return control.Records{}, err
	}
	records := control.Records{Transactions: make([]control.Record, len(entries)), Next: next}
	for i, e := range entries {
		records.Transactions[i] = record(e)
	}
	return records, nil
}

func record(e agent.Entry) control.Record {
	return control.Record{Transaction: e.Transaction, Origin: e.Origin, User: e.User}
}

func (l localDoor) Transaction(ctx context.Context, peer control.Peer, ref string) (control.Record, error) {
	e, err := l.p.agent.Entry(ctx, caller(peer), ref)
	return record(e), err
}

func (l localDoor) Inquire(ctx context.Context, peer control.Peer, ref string) (control.Record, error) {
	if _, err := l.p.agent.Inquire(ctx, caller(peer), ref); err != nil {
		return control.Record{}, err
	}
	return l.Transaction(ctx, peer, ref)
}

func (l localDoor) Settle(ctx context.Context, peer control.Peer, ref, reason string) (control.Record, error) {
	if _, err := l.p.agent.Settle(ctx, caller(peer), ref, reason); err != nil {
		return control.Record{}, err
	}
	return l.Transaction(ctx, peer, ref)
}

func (l localDoor) Receipt(ctx context.Context, peer control.Peer, ref, format, lang string) (control.Receipt, error) {
	language, _ := locale.Parse(lang)
	receipt, err := l.p.agent.Receipt(ctx, caller(peer), ref, language)
	if err != nil {
		return control.Receipt{}, err
	}
	body, err := layOut(receipt, format)
	return control.Receipt{ClientRefID: ref, Format: format, Body: body}, err
}

// papers are the formats of a receipt but for plain text.
var papers = map[string]agent.Paper{"html58": agent.Paper58, "html80": agent.Paper80, "htmla4": agent.PaperA4}

func layOut(r agent.Receipt, format string) (string, error) {
	if format == "" || format == "text" {
		return r.Text(0), nil
	}
	paper, known := papers[format]
	if !known {
		return "", &control.Error{Code: contract.InvalidParams, Message: "The format is text, html58, html80 or htmla4."}
	}
	page, err := r.HTML(paper)
	return string(page), err
}

func (l localDoor) AcceptNewJournal(ctx context.Context, peer control.Peer, reason string) error {
	return l.p.agent.AcceptNewJournal(ctx, caller(peer), reason)
}

func (l localDoor) Backup(ctx context.Context, peer control.Peer) (string, error) {
	return l.p.agent.Backup(ctx, caller(peer))
}

func (l localDoor) Approvals(context.Context, control.Peer) ([]control.Approval, error) {
	return approvals(l.p.approvals.List()), nil
}

func approvals(questions []wsapi.Question) []control.Approval {
	open := make([]control.Approval, len(questions))
	for i, q := range questions {
		open[i] = control.Approval{ID: q.ID, Origin: q.Origin, Scopes: q.Scopes, User: q.User, Asked: q.Asked, Expires: q.Expires}
	}
	return open
}

func (l localDoor) Decide(ctx context.Context, _ control.Peer, id string, answer control.Answer) error {
	return l.p.approvals.Decide(ctx, id, wsapi.Answer(answer))
}

func (l localDoor) Origins(_ context.Context, peer control.Peer) ([]control.Origin, error) {
	list := []control.Origin{}
	for _, o := range l.p.origins.list() {
		if o.user == "" || o.user == peer.ID || peer.Admin {
			list = append(list, control.Origin{
				Origin: o.name, Scopes: o.scopes, Source: o.source, Managed: o.source == sourcePolicy, Denied: o.denied, User: o.user,
			})
		}
	}
	return list, nil
}

// forWhom is whose pages a peer decides about: an administrator about
// everybody's, anybody else about his own.
func forWhom(peer control.Peer) string {
	if peer.Admin {
		return ""
	}
	return peer.ID
}

func (l localDoor) AllowOrigin(ctx context.Context, peer control.Peer, origin string, scopes []contract.Scope) error {
	return l.p.origins.permit(ctx, forWhom(peer), origin, scopes, true)
}

func (l localDoor) DenyOrigin(ctx context.Context, peer control.Peer, origin string) error {
	return l.p.origins.refuse(ctx, forWhom(peer), origin)
}

func (l localDoor) LogTail(_ context.Context, _ control.Peer, lines int) ([]string, error) {
	return tail(filepath.Join(l.p.cfg.DataDir, LogFile), lines)
}

func (l localDoor) Stop(context.Context, control.Peer) error {
	l.p.bulletin.stopping()
	l.p.stop()
	return nil
}

func (l localDoor) Watch(_ context.Context, peer control.Peer) (<-chan control.Event, func()) {
	return l.p.bulletin.subscribe(peer, l.p.agent)
}

// allows reports whether a user may come to the control door at all: the same
// who may have a page connected. An administrator always may.
func (p *parts) allows(peer control.Peer) bool {
	users := wsapi.Users{Mode: p.cfg.Listen.Users, Listed: p.cfg.Listen.ListedUsers}
	allowed, err := users.Allows(context.Background(), wsapi.OSUser{ID: peer.ID, Name: peer.Name})
	if err != nil {
		p.opts.Log.Warn("nobody may come to the control door", "err", err)
	}
	return allowed
}
