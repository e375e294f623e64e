package rdsim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"biobridge/pid/pidtest"
)

// SimulatedHeader marks every answer; its value is "rd".
const SimulatedHeader = "X-Biobridge-Simulated"

// Defaults of [Options].
const (
	defaultFingerDelay = 300 * time.Millisecond
	defaultSettleTime  = 3 * time.Second
)

// Options says which service to simulate. Only Profile is needed.
type Options struct {
	Profile Profile
	UIDAI   *pidtest.UIDAI   // nil: pidtest.Simulated()
	Seed    uint64           // decides scores, identities and random faults
	Clock   func() time.Time // the PC's clock; nil: time.Now. It does not drive waiting

	// Port is the first endpoint's; 0 takes a free one. Further endpoints always
	// take a free one.
	Port int
	// VendorPorts takes, for each endpoint, the first free port of the vendor's
	// own range instead.
	VendorPorts bool
	// Scheme is "http" or "https" to serve that alone; empty: as the vendor does.
	Scheme string

	FingerDelay time.Duration // until a finger is on the glass; 0: 300 ms; below 0: none
	NoFinger    bool          // no finger comes, until SetFinger(true)
	Unplugged   bool          // no scanner, until Plug
	SettleTime  time.Duration // how long [Settles] lasts after Plug; 0: 3 s
	Faults      []Fault
	FaultRate   float64 // 0 to 1: the share of requests that suffer a fault drawn from the seed

	Log *slog.Logger // nil: discard
}

// ErrRunning says that the service has been started already.
var ErrRunning = errors.New("the simulated RD service is running already")

// Server is one simulated RD service. Its methods are safe for concurrent use.
type Server struct {
	opts    Options
	profile Profile
	serial  string
	sysid   string          // what Mantra calls the PC
	device  *pidtest.Device // whose blocks are sealed
	other   *pidtest.Device // another scanner of the same make, for faults

	mu        sync.Mutex
	moved     *sync.Cond    // any of the next four
	changing  bool          // a Start, Close or Restart is under way
	restarts  int           // begun or about to begin
	handling  int           // requests
	wanted    bool          // started, and not closed since
	endpoints []*endpoint   // nil while stopped
	closing   chan struct{} // closed while stopped; nil before the first start
	scanner   scanner
	faults    []Fault
	random    *rand.Rand
	last      *block // the last capture, for replays
	history   []*Request
}

// New makes a service; it does not listen before [Server.Start] or [Server.Run].
func New(opts Options) (*Server, error) {
	if opts.Profile.Name == "" {
		return nil, errors.New("simulate an RD service: no profile given")
	}
	if opts.Scheme != "" && opts.Scheme != schemeHTTP && opts.Scheme != schemeHTTPS {
		return nil, fmt.Errorf("simulate an RD service: scheme %q is neither http nor https", opts.Scheme)
	}
	if opts.FaultRate < 0 || opts.FaultRate > 1 {
		return nil, fmt.Errorf("simulate an RD service: fault rate %v is not between 0 and 1", opts.FaultRate)
	}
	for _, f := range opts.Faults {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("simulate an RD service: %w", err)
		}
	}
	opts = opts.withDefaults()
	s := &Server{
		opts:    opts,
		profile: opts.Profile,
		random:  rand.New(rand.NewPCG(opts.Seed, nameSeed(opts.Profile.Name))),
		faults:  append([]Fault(nil), opts.Faults...),
	}
	s.moved = sync.NewCond(&s.mu)
	s.scanner = newScanner(!opts.Unplugged, !opts.NoFinger)
	s.serial = s.digits(s.profile.Serial)
	s.sysid = s.digits("###############")
	from := opts.Clock().Add(-time.Duration(s.profile.Days) * 8 * time.Hour) // a third of its days are gone
	var err error
	if s.device, err = s.newDevice(s.uuid(), from); err != nil {
		return nil, err
	}
	if s.other, err = s.newDevice(s.uuid(), from); err != nil {
		return nil, err
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.UIDAI == nil {
		o.UIDAI = pidtest.Simulated()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.FingerDelay == 0 {
		o.FingerDelay = defaultFingerDelay
	}
	if o.SettleTime == 0 {
		o.SettleTime = defaultSettleTime
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// newDevice registers a scanner of the profile, with a certificate from a day on.
func (s *Server) newDevice(dc string, from time.Time) (*pidtest.Device, error) {
	p := s.profile
	device, err := pidtest.NewDevice(pidtest.DeviceSpec{
		DeviceInfo: pidtest.DeviceInfo{DPID: p.DPID, RDSID: p.RDSID, RDSVer: p.RDSVer, MI: p.MI, DC: dc},
		Provider:   p.Provider,
		CN:         p.CN,
		NotBefore:  from,
		NotAfter:   from.AddDate(0, 0, p.Days),
		Quirk:      p.Cert,
		CA:         p.Has(CAMark),
	})
	if err != nil {
		return nil, fmt.Errorf("register a simulated %s: %w", p.Title, err)
	}
	return device, nil
}

// nameSeed lets services of one seed differ when their profiles do, so that two
// scanners on one PC are two.
func nameSeed(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	return h.Sum64()
}

// uuid returns a random UUID from the seed.
func (s *Server) uuid() string {
	a, b := s.random.Uint64(), s.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// digits replaces each # by a digit from the seed.
func (s *Server) digits(pattern string) string {
	return strings.Map(func(r rune) rune {
		if r == '#' {
			return '0' + rune(s.random.IntN(10))
		}
		return r
	}, pattern)
}

// Profile returns the profile that is simulated.
func (s *Server) Profile() Profile { return s.profile }

// Device returns the registered device behind the service, whose dc and
// certificate its answers carry.
func (s *Server) Device() *pidtest.Device { return s.device }

// Serial returns the scanner's serial number, which some profiles never tell.
func (s *Server) Serial() string { return s.serial }

// Run serves until the context ends, then leaves nothing behind. It returns nil
// when the context ended it.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	return s.Close()
}

// Start begins to listen and serve, and returns. Close undoes it; after that it
// may be started again, on other ports perhaps.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beginChange()
	defer s.endChange()
	if s.endpoints != nil {
		return ErrRunning
	}
	plans, err := s.plan()
	if err != nil {
		return err
	}
	if err := s.open(plans); err != nil {
		return err
	}
	s.wanted = true
	return nil
}

// Close stops listening, cuts every connection and waits until nothing of the
// service runs any more. Closing a stopped service does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = false
	s.beginChange()
	err := s.stop()
	s.endChange()
	for s.restarts > 0 {
		s.moved.Wait()
	}
	return err
}

// Restart stops and starts the service, as a driver update or a crash does:
// every connection is cut. With move it comes back on other ports. A stopped
// service stays stopped.
func (s *Server) Restart(move bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++
	return s.restart(move)
}

// restartSoon restarts in the background, for requests that bring a restart
// about: a restart waits for every request to end.
func (s *Server) restartSoon(move bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++ // Close waits from here on
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.restart(move); err != nil {
			s.opts.Log.Error("simulated RD service did not come back", "error", err)
		}
	}()
}

// restart does a restart that has been counted. s.mu is held.
func (s *Server) restart(move bool) error {
	s.beginChange()
	defer s.endChange()
	s.restarts--
	if !s.wanted || s.endpoints == nil {
		return nil
	}
	plans, err := s.plan()
	if err != nil {
		return err
	}
	for i, e := range s.endpoints {
		plans[i] = plans[i].after(e.port, move)
	}
	if err := s.stop(); err != nil {
		return fmt.Errorf("stop before a restart: %w", err)
	}
	return s.open(plans)
}

// beginChange waits until no other change of the service's state is under way.
// s.mu is held, but for the time of the wait.
func (s *Server) beginChange() {
	for s.changing {
		s.moved.Wait()
	}
	s.changing = true
}

// endChange lets the next change begin. s.mu is held.
func (s *Server) endChange() {
	s.changing = false
	s.moved.Broadcast()
}

// open listens as planned, on all endpoints or none, and serves. s.mu is held.
func (s *Server) open(plans []plan) error {
	var opened []*endpoint
	for _, p := range plans {
		e, err := s.listen(p)
		if err != nil {
			for _, o := range opened {
				o.listener.Close() // the reason not to start is the error to tell
			}
			return err
		}
		opened = append(opened, e)
	}
	s.closing = make(chan struct{})
	s.endpoints = opened
	for _, e := range opened {
		e.serve(s.opts.Log)
	}
	return nil
}

// stop cuts everything off and waits for its end. s.mu is held, but for the time
// of the wait.
func (s *Server) stop() error {
	if s.endpoints == nil {
		return nil
	}
	endpoints := s.endpoints
	s.endpoints = nil
	close(s.closing)
	s.mu.Unlock()
	var errs []error
	for _, e := range endpoints {
		errs = append(errs, e.stop())
	}
	s.mu.Lock()
	for s.handling > 0 {
		s.moved.Wait()
	}
	return errors.Join(errs...)
}
