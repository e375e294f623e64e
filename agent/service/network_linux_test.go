package service_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"biobridge/agent/service"
)

// TestRun_TellsOfTheNetworksChange gives this PC's loopback another address.
func TestRun_TellsOfTheNetworksChange(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	ip, err := exec.LookPath("ip")
	switch ci := os.Getenv("CI") == "true"; {
	case err != nil && ci:
		t.Fatal("there is no ip: apt-get install iproute2")
	case err != nil:
		t.Skip("there is no ip")
	case os.Getuid() != 0 && !ci:
		t.Skip("adding an address needs root")
	}
	command := []string{ip}
	if os.Getuid() != 0 {
		command = []string{"sudo", "-n", ip}
	}
	// Another run of this test on the same PC has another address.
	own := fmt.Sprintf("127.9.%d.%d/32", os.Getpid()>>8&0xff, os.Getpid()&0xff)
	address := func(verb string) error {
		return exec.Command(command[0], append(command[1:], "addr", verb, own, "dev", "lo")...).Run()
	}
	t.Cleanup(func() { _ = address("del") })
	if err := address("add"); err != nil && os.Getenv("CI") != "true" {
		t.Skipf("this machine lets nobody add an address: %v", err)
	}
	changed := make(chan struct{}, 1)
	work := func(ctx context.Context, _ func()) error {
		// Only a fault lets this end by time.
		overdue := time.NewTimer(time.Minute)
		defer overdue.Stop()
		again := time.NewTicker(200 * time.Millisecond)
		defer again.Stop()
		for {
			_ = address("del") // of the last turn
			if err := address("add"); err != nil {
				t.Errorf("add an address: %v", err)
				return nil
			}
			select {
			case <-changed:
				return nil
			case <-again.C: // the first one may have been before the watch
			case <-overdue.C:
				t.Error("nobody tells of the change")
				return nil
			}
		}
	}
	err = service.Run(t.Context(), work, service.Events{
		NetworkChanged: func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		},
		NetworkUnwatched: func(err error) { t.Errorf("the network can't be watched: %v", err) },
	})
	if err != nil {
		t.Errorf("Run = %v", err)
	}
}
