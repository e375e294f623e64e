package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"biobridge/agent"
	"biobridge/agent/control"
	"biobridge/agent/journal"
	"biobridge/agent/locale"
	"biobridge/agent/vault"
	"biobridge/agent/wsapi"
	"biobridge/eko"
	"biobridge/pid"
	"biobridge/rdservice"
)

// JournalFile is the journal's place below the data directory.
const JournalFile = "journal.db"

// parts are what a running agent is made of, in the order in which they are
// opened. They are closed in the other order.
type parts struct {
	cfg     Config
	opts    Options
	started time.Time
	stop    context.CancelFunc

	catalogue *locale.Catalogue
	vault     *vault.Vault
	hashKey   vault.Secret
	journal   *journal.Journal
	eko       *eko.Client
	keys      eko.KeySlot
	keyChange sync.Mutex // a key is stored and put into keys by one caller at a time
	signsHere bool       // keys is the signer, not a partner's server
	watcher   *rdservice.Watcher
	banks     *agent.Banks
	agent     *agent.Agent
	origins   *originBook
	approvals *wsapi.Approvals
	bulletin  bulletin
	pages     *wsapi.Server
	control   *control.Server

	listeners       []net.Listener
	controlListener net.Listener
	doors           Doors

	closers []func() error
}

// open builds every part and opens the doors. None of it waits for the network.
func (p *parts) open(ctx context.Context) error {
	for _, stage := range []struct {
		name string
		open func(context.Context) error
	}{
		{"data directory", p.openDataDir},
		{"languages", p.openLanguages},
		{"journal", p.openJournal},
		{"secrets", p.openVault},
		{"Eko", p.openEko},
		{"scanners", p.openWatcher},
		{"banks", p.openBanks},
		{"agent", p.openAgent},
		{"port", p.openPorts},
		{"origins", p.openOrigins},
		{"pages", p.openPages},
		{"control", p.openControl},
	} {
		if err := stage.open(ctx); err != nil {
			return &StageError{Stage: stage.name, Err: err}
		}
	}
	return nil
}

// close undoes open, as far as it came.
func (p *parts) close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		if err := p.closers[i](); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (p *parts) onClose(f func() error) { p.closers = append(p.closers, f) }

func (p *parts) openDataDir(context.Context) error {
	if err := os.MkdirAll(p.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}

func (p *parts) openLanguages(context.Context) (err error) {
	p.catalogue, err = locale.Load()
	return err
}

// openJournal comes before the secrets: it holds the lock of the data
// directory, under which alone a key may be made.
func (p *parts) openJournal(ctx context.Context) (err error) {
	p.journal, err = journal.Open(ctx, filepath.Join(p.cfg.DataDir, JournalFile), journal.Options{Now: p.opts.Now, Log: p.opts.Log})
	if err == nil {
		p.onClose(p.journal.Close)
	}
	return err
}

func (p *parts) openVault(context.Context) (err error) {
	if p.vault, err = vault.Open(filepath.Join(p.cfg.DataDir, VaultDir)); err != nil {
		return err
	}
	p.hashKey, err = p.vault.GetOrMake(secretHashKey, 32)
	return err
}

func (p *parts) openWatcher(context.Context) error {
	cfg, err := RDServiceConfig(p.cfg)
	if err != nil {
		return err
	}
	cfg.Log, cfg.Now = p.opts.Log, p.opts.Now
	p.watcher = rdservice.NewWatcher(cfg, rdservice.WatchConfig{Prefer: p.cfg.RDService.PreferredSerial})
	return nil
}

// RDServiceConfig returns where and how scanners are looked for under cfg.
func RDServiceConfig(cfg Config) (rdservice.Config, error) {
	r := cfg.RDService
	http, err := rdservice.ParsePorts(r.HTTPPorts)
	if err != nil {
		return rdservice.Config{}, fmt.Errorf("read rdservice.http_ports: %w", err)
	}
	https, err := rdservice.ParsePorts(r.HTTPSPorts)
	if err != nil {
		return rdservice.Config{}, fmt.Errorf("read rdservice.https_ports: %w", err)
	}
	return rdservice.Config{
		Host: r.Host, HTTPPorts: http, HTTPSPorts: https,
		ProbeTimeout: r.ProbeTimeout.Duration, MinTLS: tlsVersions[r.MinTLS],
	}, nil
}

// CapturePolicy returns which captures are good enough under cfg.
func CapturePolicy(cfg Config) pid.Policy {
	policy := pid.DefaultPolicy()
	q := cfg.Capture.Quality
	policy.Quality[""] = pid.Limits{RetryBelow: q.RetryBelow, RejectBelow: q.RejectBelow}
	for vendor, limits := range q.Vendor {
		policy.Quality[vendor] = pid.Limits{RetryBelow: limits.RetryBelow, RejectBelow: limits.RejectBelow}
	}
	return policy
}

func (p *parts) openAgent(context.Context) (err error) {
	c := p.cfg
	cfg := agent.Config{
		Journal: p.journal, Watcher: p.watcher, Eko: p.eko, Catalogue: p.catalogue,
		Policy:      CapturePolicy(c),
		Capture:     agent.CaptureConfig{FType: pid.FType(c.Capture.FType), Timeout: c.Capture.Timeout.Duration, MaxAge: c.Limits.CaptureMaxAge.Duration},
		Limits:      agentLimits(c),
		Banks:       p.banks,
		Merchant:    merchantConfig(c),
		Environment: string(c.Environment),
		UserCode:    c.Eko.UserCode, LatLong: c.Eko.LatLong, SourceIP: c.Eko.SourceIP,
		HashKey:   p.hashKey,
		Retention: time.Duration(c.Journal.RetentionDays) * 24 * time.Hour,
		Now:       p.opts.Now, Log: p.opts.Log, Failpoint: p.opts.Failpoint,
	}
	if c.Environment != Production {
		cfg.Exchanged = sanityBook{filepath.Join(c.DataDir, sanityDir), p.opts.Now, p.opts.Log}.keep
	}
	p.agent, err = agent.New(cfg)
	return err
}

func merchantConfig(c Config) agent.MerchantConfig {
	return agent.MerchantConfig{
		Token: c.Eko.MerchantToken, TokenTTL: c.Eko.MerchantTokenTTL.Duration,
		TwoFactor: c.Eko.MerchantTwoFactor, ServiceCode: c.Eko.ServiceCode,
	}
}

// agentLimits translates limits: a 0 in the file is "none", which package agent
// spells as a negative number.
func agentLimits(c Config) agent.Limits {
	none := func(v int64) int64 {
		if v == 0 {
			return -1
		}
		return v
	}
	limits := agent.Limits{
		MaxAmount: c.Limits.MaxAmount, PerAadhaarPerDay: c.Limits.PerAadhaarPerDay,
		RepeatWithin: c.Limits.RepeatWithin.Duration,
		WarnBelow:    none(c.Limits.WarnBelow), WarnStep: none(c.Limits.WarnStep),
		RequireMerchantAuth: c.Eko.RequireMerchantAuth,
	}
	if limits.RepeatWithin == 0 {
		limits.RepeatWithin = -1
	}
	if c.Eko.API == "v3" {
		limits.OTPAbove = c.Eko.OTPAbove
	}
	return limits
}

// openOrigins reads who may connect: policy, the user's decisions, configuration.
func (p *parts) openOrigins(context.Context) error {
	policy, err := LoadPolicy(p.opts.PolicyPath)
	if err != nil {
		return err
	}
	if err := policy.check(p.cfg.Environment); err != nil {
		return err
	}
	p.origins, err = newOriginBook(p.cfg, policy, filepath.Join(p.cfg.DataDir, decisionsFile))
	if err != nil {
		return err
	}
	p.approvals = wsapi.NewApprovals(wsapi.ApprovalConfig{
		Decided: p.decided, Refused: p.origins.settled, Changed: p.bulletin.questions, Now: p.opts.Now,
	})
	return nil
}

// decided carries out what the local user said about a page: for the user whose
// browser asked.
func (p *parts) decided(ctx context.Context, d wsapi.Decision) error {
	p.opts.Log.Info("page decided about", "origin", d.Origin, "answer", d.Answer)
	switch d.Answer {
	case wsapi.AllowRemember:
		return p.origins.permit(ctx, d.User, d.Origin, d.Scopes, true)
	case wsapi.AllowOnce:
		return p.origins.permit(ctx, d.User, d.Origin, d.Scopes, false)
	default: // a no isn't remembered: the user may have closed the question unread
		return nil
	}
}

func (p *parts) openPages(context.Context) (err error) {
	limits := p.opts.PageLimits
	limits.Connections, limits.Origin = p.cfg.Listen.MaxConnections, p.cfg.Listen.MaxPerOrigin
	p.pages, err = wsapi.New(wsapi.Config{
		Agent: p.agent, Origins: p.origins.allowed(), Approvals: p.approvals, Catalogue: p.catalogue,
		Users:   wsapi.Users{Mode: p.cfg.Listen.Users, Listed: p.cfg.Listen.ListedUsers},
		Version: BuildInfo().Version, Environment: string(p.cfg.Environment),
		Limits: limits,
		Asking: p.bulletin.asking,
		Log:    p.opts.Log, Now: p.opts.Now,
	})
	if err == nil {
		p.origins.onChange(p.pages.SetOrigins)
	}
	return err
}

func (p *parts) openControl(context.Context) (err error) {
	p.doors.Control = ControlAddress(p.cfg)
	if p.controlListener, err = control.Listen(p.doors.Control, p.cfg.Control.Everyone); err != nil {
		return err
	}
	p.onClose(p.controlListener.Close)
	p.control, err = control.NewServer(control.Config{
		Backend: localDoor{p}, Allow: p.allows, Explain: explain, Log: p.opts.Log,
	})
	return err
}

// ControlAddress returns where the local user's door of an agent with this
// configuration is.
func ControlAddress(cfg Config) string {
	if cfg.Control.Address != "" {
		return cfg.Control.Address
	}
	return control.Address(cfg.DataDir)
}
