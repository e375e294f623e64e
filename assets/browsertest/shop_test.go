package browsertest_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/agent/control"
	"biobridge/agent/demo"
	"biobridge/eko/ekosim"
)

// shop is a whole simulated shop that runs until the test ends, or is closed.
type shop struct {
	*demo.Stack
	t     *testing.T
	close func()
}

func openShop(t *testing.T, opts demo.Options) *shop {
	t.Helper()
	if opts.FingerDelay == 0 {
		opts.FingerDelay = time.Millisecond
	}
	stack, err := demo.NewStack(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- stack.Run(ctx) }()
	closed := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the shop ended with %v", err)
		}
	})
	t.Cleanup(closed)
	select {
	case <-stack.Ready():
	case err := <-ended:
		ended <- nil
		t.Fatalf("the shop didn't open: %v", err)
	}
	return &shop{stack, t, closed}
}

// pagePort is where the partner's page is served.
func (s *shop) pagePort() string {
	return s.PageURL[strings.LastIndexByte(s.PageURL, ':')+1:]
}

// pages asks the bridge which pages are connected.
func (s *shop) pages() []control.Page {
	s.t.Helper()
	client, err := control.Dial(s.t.Context(), s.Doors.Control)
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	status, err := client.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status.Pages
}

func (s *shop) fault(f ekosim.Fault) {
	s.t.Helper()
	if err := s.Eko.SetFault(f); err != nil {
		s.t.Fatal(err)
	}
}

// decide has the bank make up its mind about a transaction.
func (s *shop) decide(ref, txStatus string) {
	s.t.Helper()
	if err := s.Eko.Decide(ref, txStatus); err != nil {
		s.t.Fatal(err)
	}
}

// lacking ends the test where something is not installed: with a skip, but in CI
// with a failure.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s here, and CI must not go without", what)
	}
	t.Skipf("no %s here", what)
}

// until waits for something outside of the browser.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	end := time.After(patience)
	for !so() {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("wait until %s: in vain", what)
		}
	}
}
