package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"biobridge/agent/contract"
	"biobridge/agent/daemon"
	"biobridge/agent/wsapi"
	"biobridge/assets"
	"biobridge/eko/ekosim"
	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

// Options of a [Stack]; the zero value is the demo as the command shows it, on
// free ports.
type Options struct {
	// DataDir holds the journal; empty: a new directory that goes with the stack.
	DataDir string
	// Ports are the agent's, PagePort the demo page's; none and 0: free ones.
	Ports    []int
	PagePort int
	// Profiles are the scanners' RD services; nil: a ready Mantra L1 and a Morpho.
	Profiles []string
	// PlugAfter is when the second and later scanners are plugged in; 0: they are
	// there from the start.
	PlugAfter time.Duration
	// FingerDelay is how long the simulated customer takes; 0: the simulator's own.
	FingerDelay time.Duration
	Seed        uint64
	// Change may alter the agent's configuration before it starts.
	Change func(*daemon.Config)
	// PageLimits is the agent's own option of that name.
	PageLimits wsapi.Limits
	// Now is the clock of shop, scanners and Eko alike; nil is time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// sampleBanks is a table of banks that says of itself that it is a sample.
//
//go:embed banks.toml
var sampleBanks []byte

// Stack is a whole simulated shop: scanners, Eko, the agent, and a partner's
// page on a port of its own. [Stack.Run] runs it.
type Stack struct {
	Eko      *ekosim.Server
	Scanners []*rdsim.Server
	// Config is the agent's; complete once the stack is ready.
	Config daemon.Config
	// PageURL is the partner's page, Doors the agent's.
	PageURL string
	Doors   daemon.Doors

	opts    Options
	page    net.Listener
	ekoDoor net.Listener
	ownDir  bool
	ready   chan struct{}
}

// NewStack makes a stack that does nothing yet.
func NewStack(opts Options) (*Stack, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Profiles == nil {
		opts.Profiles = []string{"mantra-l1", "morpho-l0"}
	}
	s := &Stack{opts: opts, ready: make(chan struct{})}
	var err error
	if s.Eko, err = ekosim.New(ekosim.Options{Seed: opts.Seed, Clock: opts.Now, Log: opts.Log}); err != nil {
		return nil, err
	}
	uidai := pidtest.Simulated()
	for i, name := range opts.Profiles {
		profile, ok := rdsim.ProfileNamed(name)
		if !ok {
			return nil, fmt.Errorf("there is no profile %q", name)
		}
		server, err := rdsim.New(rdsim.Options{
			Profile: profile, UIDAI: uidai, Seed: opts.Seed + uint64(i), Scheme: "http",
			FingerDelay: opts.FingerDelay, Unplugged: i > 0 && opts.PlugAfter > 0, Clock: opts.Now, Log: opts.Log,
		})
		if err != nil {
			return nil, err
		}
		s.Scanners = append(s.Scanners, server)
	}
	return s, nil
}

// Ready is closed once every part answers.
func (s *Stack) Ready() <-chan struct{} { return s.ready }

// Run runs the whole stack until ctx ends, and takes it apart again.
func (s *Stack) Run(ctx context.Context) (err error) {
	if err := s.openDataDir(); err != nil {
		return err
	}
	defer func() {
		if s.ownDir {
			err = errors.Join(err, os.RemoveAll(s.Config.DataDir))
		}
	}()
	if err := s.listen(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, scanner := range s.Scanners {
		if err := scanner.Start(); err != nil {
			return err
		}
		defer scanner.Close()
	}
	s.configure()
	group.Go(func() error { return s.serve(ctx, s.ekoDoor, s.Eko) })
	agentReady := make(chan struct{})
	group.Go(func() error {
		return daemon.New(s.Config, daemon.Options{Log: s.opts.Log, Now: s.opts.Now, PageLimits: s.opts.PageLimits, Ready: func(doors daemon.Doors) {
			s.Doors = doors
			close(agentReady)
		}}).Run(ctx)
	})
	group.Go(func() error {
		select {
		case <-agentReady:
		case <-ctx.Done():
			return nil
		}
		return s.servePage(ctx)
	})
	group.Go(func() error { return s.plugLater(ctx) })
	err = group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *Stack) openDataDir() (err error) {
	s.Config = daemon.Default()
	s.Config.DataDir = s.opts.DataDir
	if s.Config.DataDir == "" {
		s.ownDir = true
		if s.Config.DataDir, err = os.MkdirTemp("", "biobridge-demo-"); err != nil {
			return err
		}
	}
	s.Config.Capture.BanksFile = filepath.Join(s.Config.DataDir, "banks.toml")
	return os.WriteFile(s.Config.Capture.BanksFile, sampleBanks, 0o600)
}

// listen takes the page's and Eko's ports: the agent has to know both.
func (s *Stack) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if s.page, err = lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.opts.PagePort))); err != nil {
		return fmt.Errorf("listen for the demo page: %w", err)
	}
	if s.ekoDoor, err = lc.Listen(ctx, "tcp4", "127.0.0.1:0"); err != nil {
		_ = s.page.Close()
		return fmt.Errorf("listen for the simulated Eko: %w", err)
	}
	_, port, err := net.SplitHostPort(s.page.Addr().String())
	s.PageURL = "http://localhost:" + port
	return err
}

// configure writes the configuration that a shop with these simulators would
// have.
func (s *Stack) configure() {
	c := &s.Config
	c.Environment = daemon.Simulated
	c.Listen.Ports = s.opts.Ports
	if len(c.Listen.Ports) == 0 {
		c.Listen.Ports = []int{0}
	}
	c.Origins = []daemon.Origin{{Origin: s.PageURL, Scopes: contract.Scopes()}}
	c.RDService.HTTPPorts, c.RDService.HTTPSPorts = "", ""
	for i, scanner := range s.Scanners {
		if i > 0 {
			c.RDService.HTTPPorts += ","
		}
		c.RDService.HTTPPorts += strconv.Itoa(scanner.Port())
	}

	c.Eko.BaseURL = "http://" + s.ekoDoor.Addr().String() + "/ekoapi"
	c.Eko.DeveloperKey, c.Eko.AccessKey = ekosim.DeveloperKey, ekosim.AccessKey
	c.Eko.InitiatorID, c.Eko.UserCode = ekosim.InitiatorID, ekosim.UserCode
	c.Eko.PublicKey = s.Eko.PublicKey()
	c.Eko.LatLong = "19.0760,72.8777"
	if s.opts.Change != nil {
		s.opts.Change(c)
	}
}

func (s *Stack) servePage(ctx context.Context) error {
	handler, err := assets.DemoPage(demoPage(s.Doors.Port, s.Config))
	if err != nil {
		return err
	}
	close(s.ready)
	return s.serve(ctx, s.page, handler)
}

// serve answers HTTP until ctx ends.
func (s *Stack) serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = server.Close()
		close(stopped)
	})
	err := server.Serve(l)
	if stop() {
		return err
	}
	<-stopped
	return nil
}

// plugLater plugs the scanners in that are not there from the start.
func (s *Stack) plugLater(ctx context.Context) error {
	if s.opts.PlugAfter == 0 {
		return nil
	}
	timer := time.NewTimer(s.opts.PlugAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-timer.C:
	}
	for _, scanner := range s.Scanners[1:] {
		scanner.Plug()
	}
	return nil
}
