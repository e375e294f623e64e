package ekosim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Fault asks for a behaviour. The first fault set that matches a request is
// used; where none matches, the amount of a withdrawal decides, then chance.
// Only requests that were in order meet a fault: what deserves a refusal gets it.
type Fault struct {
	Behaviour Behaviour `json:"behaviour"`
	// Operation is the one it is meant for; "" is every operation that moves
	// money, "*" every operation at all.
	Operation Operation `json:"operation,omitempty"`
	// ClientRefID is the transaction it is meant for; "" is any.
	ClientRefID string `json:"client_ref_id,omitempty"`
	// Times is how many requests it hits: 0 is one, a negative number all.
	Times int `json:"times,omitempty"`
	// DelayMS is the milliseconds of what is slow or late, and makes a pending
	// transaction settle by time; 0 is what the table of faults says.
	DelayMS int64 `json:"delay_ms,omitempty"`
	// Inquiries is after how many inquiries a transaction settles or is found.
	Inquiries int `json:"inquiries,omitempty"`
}

// SetFault makes the simulator misbehave from the next matching request on. It
// fails on a behaviour or an operation that doesn't exist.
func (s *Server) SetFault(f Fault) error {
	if err := f.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	return nil
}

func (f Fault) check() error {
	if _, ok := behaviourNamed(f.Behaviour); !ok {
		return fmt.Errorf("no behaviour is called %q", f.Behaviour)
	}
	if f.Operation != "" && f.Operation != anyOperation && !slices.Contains(Operations(), f.Operation) {
		return fmt.Errorf("no operation is called %q", f.Operation)
	}
	if f.DelayMS < 0 || f.Inquiries < 0 {
		return errors.New("delay_ms and inquiries can't be negative")
	}
	return nil
}

// ClearFaults ends every fault set by [Server.SetFault]. What was already
// promised to a transaction still comes.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Faults returns the faults that are still to come.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

func behaviourNamed(name Behaviour) (misbehaviour, bool) {
	if name == Behave {
		return misbehaviour{name: Behave}, true
	}
	table := behaviours()
	i := slices.IndexFunc(table, func(m misbehaviour) bool { return m.name == name })
	if i < 0 {
		return misbehaviour{}, false
	}
	return table[i], true
}

// chooseFault decides how this request fares, and uses up the fault it meets.
func (x *exchange) chooseFault() {
	x.how = misbehaviour{name: Behave}
	if f, ok := x.s.takeFault(x.route.op, x.seen.ClientRefID); ok {
		x.fault = f
		x.how, _ = behaviourNamed(f.Behaviour)
	} else if name, ok := x.byAmount(); ok {
		x.how, _ = behaviourNamed(name)
	} else if name, ok := x.byChance(); ok {
		x.how, _ = behaviourNamed(name)
	}
	x.seen.Behaviour = x.how.name
}

func (s *Server) takeFault(op Operation, clientRefID string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.matches(op, clientRefID) {
			continue
		}
		switch {
		case f.Times < 0:
		case f.Times > 1:
			s.faults[i].Times--
		default:
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f, true
	}
	return Fault{}, false
}

func (f Fault) matches(op Operation, clientRefID string) bool {
	if f.ClientRefID != "" && f.ClientRefID != clientRefID {
		return false
	}
	switch f.Operation {
	case "":
		return op.movesMoney()
	case anyOperation:
		return true
	default:
		return f.Operation == op
	}
}

func (x *exchange) byAmount() (Behaviour, bool) {
	if !x.route.op.movesMoney() {
		return "", false
	}
	amount, err := strconv.ParseInt(x.fields["amount"], 10, 64)
	if err != nil {
		return "", false
	}
	for _, m := range behaviours() {
		if m.amount == amount {
			return m.name, true
		}
	}
	return "", false
}

// byChance lets the seed misbehave. It leaves out what would hold a client up
// for longer than a test may take.
func (x *exchange) byChance() (Behaviour, bool) {
	if !x.route.op.movesMoney() || x.chance.Float64() >= x.s.opts.Chaos {
		return "", false
	}
	table := slices.DeleteFunc(behaviours(), func(m misbehaviour) bool {
		return m.name == SlowAnswer || m.name == Endless
	})
	return table[x.chance.IntN(len(table))].name, true
}

// delay is how long what is slow takes.
func (x *exchange) delay() time.Duration {
	if x.fault.DelayMS > 0 {
		return time.Duration(x.fault.DelayMS) * time.Millisecond
	}
	return x.how.delay
}

// inquiries is how many inquiries something waits for.
func (x *exchange) inquiries() int {
	if x.fault.Inquiries > 0 {
		return x.fault.Inquiries
	}
	return max(x.how.inquiries, 1)
}

var faultPattern = regexp.MustCompile(`^([a-z0-9_]+)(?:@([a-z0-9_]+|\*))?(?:\*([1-9][0-9]{0,5}))?$`)

// ParseFault reads NAME[@OPERATION][*TIMES], the form of a command line. Without
// a count the fault lasts: *1 is once.
func ParseFault(text string) (Fault, error) {
	f := Fault{Times: -1}
	m := faultPattern.FindStringSubmatch(text)
	if m == nil {
		return Fault{}, fmt.Errorf("%q is not NAME[@OPERATION][*TIMES]", text)
	}
	f.Behaviour, f.Operation = Behaviour(m[1]), Operation(m[2])
	if m[3] != "" {
		f.Times, _ = strconv.Atoi(m[3]) // few digits, by the pattern
	}
	return f, f.check()
}
