package rdsim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The verbs of an RD service.
const (
	verbRDService  = "RDSERVICE"
	verbDeviceInfo = "DEVICEINFO"
	verbCapture    = "CAPTURE"
)

// Fault is one way to misbehave, as it is to happen: its text form is
// NAME[=ARG][@VERB][*TIMES].
type Fault struct {
	Name  string // one of [Faults]
	Arg   string // for faults that take one
	Verb  string // only this verb; empty: every verb the fault knows
	Times int    // how often; 0: until cleared
}

// String returns the form that [ParseFault] reads.
func (f Fault) String() string {
	text := f.Name
	if f.Arg != "" {
		text += "=" + f.Arg
	}
	if f.Verb != "" {
		text += "@" + f.Verb
	}
	if f.Times > 0 {
		text += "*" + strconv.Itoa(f.Times)
	}
	return text
}

// ParseFault reads a fault from its text form, such as "reset",
// "reset@CAPTURE*2" or "error=999:no internet@CAPTURE".
func ParseFault(text string) (Fault, error) {
	var f Fault
	if i := strings.LastIndexByte(text, '*'); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: what stands behind * is not a number above 0", text)
		}
		text, f.Times = text[:i], n
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text, f.Verb = text[:i], text[i+1:]
	}
	f.Name, f.Arg, _ = strings.Cut(text, "=")
	return f, f.check()
}

// check reports what is wrong with a fault: an unknown name, a verb it does not
// touch, an argument it does not take.
func (f Fault) check() error {
	kind, ok := faultNamed(f.Name)
	if !ok {
		return fmt.Errorf("fault %q is not known; see Faults for the list", f.Name)
	}
	if f.Verb != "" && !slices.Contains(kind.Verbs, f.Verb) {
		return fmt.Errorf("fault %s does not touch %q, only %s", f.Name, f.Verb, strings.Join(kind.Verbs, ", "))
	}
	if f.Verb != "" && f.Name == faultHangAccept {
		return fmt.Errorf("fault %s happens before there is a verb", f.Name)
	}
	if f.Arg != "" && kind.Arg == "" {
		return fmt.Errorf("fault %s takes no argument", f.Name)
	}
	if f.Times < 0 {
		return fmt.Errorf("fault %s: times is negative", f.Name)
	}
	return nil
}

// SetFaults replaces the faults. For each request the first one that touches its
// verb happens.
func (s *Server) SetFaults(faults ...Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.Clone(faults)
	return nil
}

// ActiveFaults returns the faults still to happen.
func (s *Server) ActiveFaults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// takeFault returns the fault that this request suffers; its zero value is none.
func (s *Server) takeFault(verb string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.touches(verb) }); i >= 0 {
		return s.useFault(i)
	}
	if s.opts.FaultRate > 0 && s.random.Float64() < s.opts.FaultRate {
		return s.randomFault(verb)
	}
	return Fault{}
}

// takeConnectionFault reports whether a new connection is to be left hanging.
func (s *Server) takeConnectionFault() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Name == faultHangAccept })
	if i < 0 {
		return false
	}
	s.useFault(i)
	return true
}

// useFault counts a fault down and returns it. s.mu is held.
func (s *Server) useFault(i int) Fault {
	f := s.faults[i]
	switch {
	case f.Times == 1:
		s.faults = slices.Delete(s.faults, i, i+1)
	case f.Times > 1:
		s.faults[i].Times--
	}
	return f
}

// randomFault draws from all faults that touch the verb, but for the one that
// only a hand can mend. s.mu is held.
func (s *Server) randomFault(verb string) Fault {
	var possible []Fault
	for _, kind := range faultKinds {
		f := Fault{Name: kind.Name}
		if f.touches(verb) && f.Name != faultUnplugged {
			possible = append(possible, f)
		}
	}
	if len(possible) == 0 {
		return Fault{}
	}
	return possible[s.random.IntN(len(possible))]
}

// touches reports whether the fault happens to a request of that verb.
func (f Fault) touches(verb string) bool {
	if f.Verb != "" {
		return f.Verb == verb
	}
	kind, _ := faultNamed(f.Name)
	return kind.Name != faultHangAccept && slices.Contains(kind.Verbs, verb)
}
