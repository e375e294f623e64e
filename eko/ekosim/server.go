package ekosim

import (
	"crypto/rsa"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server is the simulator: an [http.Handler] for Eko's API, and a second one for
// whoever drives it. It is safe for concurrent use. Call Close before shutting
// down the HTTP server, or an answer that never ends holds it up.
type Server struct {
	opts   Options
	key    *rsa.PrivateKey
	routes []route
	done   chan struct{}
	close  func()

	skew atomic.Int64 // a time.Duration

	mu           sync.Mutex
	rules        Rules
	faults       []Fault
	history      []Request
	sequence     int
	attempts     map[string]int  // requests to move money, by client_ref_id
	used         map[string]bool // client_ref_ids that Eko has taken
	asked        map[string]int  // requests by what chance depends on
	accounts     map[accountKey]*account
	merchants    map[string]*merchant
	transactions []*Transaction
	blocks       map[string]bool // PID blocks that were used, by digest
	inbox        []Message
	withdrawals  map[string]*withdrawalOTP
	nextTID      int64
	nextAccount  int
}

// New returns a simulator that serves nobody yet. It refuses credentials that
// are not visibly simulated, and options that contradict themselves.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	s := &Server{
		opts: o, key: aadhaarKey(), routes: routes(), done: done,
		close:       sync.OnceFunc(func() { close(done) }),
		rules:       o.Rules,
		faults:      slices.Clone(o.Faults),
		attempts:    map[string]int{},
		used:        map[string]bool{},
		asked:       map[string]int{},
		accounts:    map[accountKey]*account{},
		merchants:   map[string]*merchant{},
		blocks:      map[string]bool{},
		withdrawals: map[string]*withdrawalOTP{},
		nextTID:     2_100_000_000,
		nextAccount: 1828,
	}
	for _, a := range o.Accounts {
		if err := s.AddAccount(a); err != nil {
			return nil, err
		}
	}
	for _, m := range o.Merchants {
		if err := s.AddMerchant(m); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends every answer that is being held back and lets every bank that
// dawdles decide at once. It can be called twice.
func (s *Server) Close() { s.close() }

// ServeHTTP serves Eko's API below /ekoapi and /ekoicici.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{s: s, w: w, r: r}
	x.begin()
	x.chance = s.chanceFor("arrival", r.Method, r.URL.Path, strconv.Itoa(x.seen.Sequence))
	if !x.forLoopback() || !x.findRoute() {
		return
	}
	values, err := x.readValues()
	x.identify(values)
	if !x.authenticate() || !x.readable(err) || !x.acceptable(values) ||
		!x.checkInitiator() || !x.openAadhaar() || !x.checkHash() {
		return
	}
	x.draw()
	x.chooseFault()
	x.perform()
}

// readable refuses a body that could not be read.
func (x *exchange) readable(err error) bool {
	switch {
	case err == nil:
		return true
	case errors.Is(err, errTooLarge):
		x.refuse(http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, errContentType):
		x.refuse(http.StatusUnsupportedMediaType, err.Error())
	default:
		x.refuse(http.StatusForbidden, err.Error())
	}
	return false
}

// readValues reads what the query or the body says.
func (x *exchange) readValues() (map[string]value, error) {
	query, err := decodeForm(x.r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if x.r.Method == http.MethodGet {
		return query, nil
	}
	if len(query) > 0 {
		return nil, errors.New("a query belongs to GET only")
	}
	return x.readBody()
}

// identify finds out which operation this is and counts an attempt to move
// money: whatever is wrong with the rest of it, somebody meant it.
func (x *exchange) identify(values map[string]value) {
	x.fields = map[string]string{}
	for name, v := range values {
		x.fields[name] = v.text
	}
	maps.Copy(x.fields, x.vars)
	if x.route.op == aeps {
		x.route = serviceRoute(x.route, x.fields["service_type"])
	}
	x.seen.Operation = x.route.op
	x.seen.ClientRefID = x.fields["client_ref_id"]
	x.seen.UserCode = x.fields["user_code"]
	x.seen.BankCode = x.fields["bank_code"]
	x.seen.Amount = x.fields["amount"]
	if document, ok := x.fields["piddata"]; ok {
		x.seen.PIDDigest = digestOf(document)
	}
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.route.op.movesMoney() && x.seen.ClientRefID != "" {
		x.s.attempts[x.seen.ClientRefID]++
	}
	if x.route.op == Inquiry && x.seen.ClientRefID == "" {
		if t := x.s.find(x); t != nil {
			x.seen.ClientRefID = t.ClientRefID
		}
	}
}

// acceptable answers status 97 where a field is missing, of the wrong type, not
// usable or not known.
func (x *exchange) acceptable(values map[string]value) bool {
	complaints := checkFields(values, x.route.fields)
	for name, text := range x.vars {
		if valid, ok := pathRules[name]; ok && !valid(text) {
			complaints = append(complaints, complaint{name, "Please provide a valid value of the field"})
		}
	}
	if len(complaints) == 0 {
		return true
	}
	x.seen.Refused = "invalid_params: " + complaints[0].field
	x.answer(x.invalidParams(complaints))
	return false
}

// invalidParams is status 97. Eko's prose and its samples spell the member
// differently (eko-api.md section 5.1), so here it comes in both.
func (x *exchange) invalidParams(complaints []complaint) object {
	list := object{}
	for _, c := range complaints {
		list = list.put(c.field, c.text)
	}
	name := []string{"invalid_params", "invalid_parameters"}[x.chance.IntN(2)]
	return envelope(97, 1, -1, "Please provide the value of the field", nil).put(name, list)
}

// draw gives the request its chance, which depends on what is asked and how
// often, not on when.
func (x *exchange) draw() {
	key := string(x.route.op) + "\x00" + x.seen.ClientRefID
	x.s.mu.Lock()
	x.s.asked[key]++
	times := x.s.asked[key]
	x.s.mu.Unlock()
	x.chance = x.s.chanceFor(key, strconv.Itoa(times))
}

// perform does what is asked, in the manner that was chosen.
func (x *exchange) perform() {
	if x.how.before != nil {
		x.how.before(x)
		return
	}
	if x.how.hold && !x.route.op.movesMoney() { // a withdrawal waits where the bank has it
		x.hold(x.delay())
	}
	o := x.route.handle(x)
	if x.how.edit != nil {
		o = x.how.edit(x, o)
	}
	if x.how.deliver != nil {
		x.how.deliver(x, o)
		return
	}
	x.answer(o)
}

// now is the simulator's time.
func (s *Server) now() time.Time { return s.opts.Clock().Add(time.Duration(s.skew.Load())) }

// SetSkew moves the simulator's clock, which Date shows and by which it judges
// timestamps and PID blocks, away from the real one.
func (s *Server) SetSkew(d time.Duration) { s.skew.Store(int64(d)) }

// PublicKey returns [PublicKey].
func (s *Server) PublicKey() string { return PublicKey() }

// Seed returns the seed in use, for repeating a run.
func (s *Server) Seed() uint64 { return s.opts.Seed }
