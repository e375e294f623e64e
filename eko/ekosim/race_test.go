package ekosim_test

import (
	"fmt"
	"sync"
	"testing"

	"biobridge/eko/ekosim"
)

// Many clients at once, each submitting twice: money moves once a reference and
// the sums agree with the account.
func TestManyAtOnce(t *testing.T) {
	const clients, each = 8, 6
	var merchants []ekosim.Merchant
	for c := range clients {
		merchants = append(merchants, ekosim.Merchant{UserCode: fmt.Sprintf("7000000%d", c), Mobile: "9999900001",
			Aadhaar: asha, Services: map[int]int{ekosim.ServiceAePS: ekosim.ServiceActivated}})
	}
	s := open(t, ekosim.Options{Merchants: merchants})
	before, _ := s.sim.Balance(ramesh, "SBIN")
	var group sync.WaitGroup
	for c := range clients {
		group.Go(func() {
			for n := range each {
				f := s.v2("2", "100").with("user_code", merchants[c].UserCode).with("client_ref_id", fmt.Sprintf("MANY%dX%d", c, n))
				if r := s.aeps(f); r.err != nil || r.code("response_type_id") != 1463 {
					t.Errorf("first: %v %s", r.err, r.body)
				}
				if r := s.aeps(f.with("piddata", s.scan(finger{}))); r.err != nil || r.code("status") != 97 {
					t.Errorf("second: %v %s", r.err, r.body)
				}
			}
		})
	}
	group.Wait()
	totals := s.sim.Totals()
	if totals.Movements != clients*each || totals.Attempts != 2*clients*each || len(totals.DoubledMoney) != 0 ||
		len(totals.DoubledAttempts) != clients*each {
		t.Errorf("totals %+v", totals)
	}
	after, _ := s.sim.Balance(ramesh, "SBIN")
	if before-after != ekosim.Rupees(100*clients*each) || before-after != totals.Withdrawn {
		t.Errorf("the account lost %s, the sums say %s", (before - after).Text(), totals.Withdrawn.Text())
	}
}

// The same reference from many sides at once moves money once.
func TestOneReference_fromManySides(t *testing.T) {
	s := open(t, ekosim.Options{})
	f := s.v2("2", "500")
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() { s.aeps(f.with("piddata", s.scan(finger{}))) })
	}
	group.Wait()
	s.wantMoved(refOf(f), 1, 10)
}
