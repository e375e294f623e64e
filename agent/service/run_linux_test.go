package service_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"biobridge/agent/service"
)

// manager is systemd's end of the notification socket.
func manager(t *testing.T) <-chan string {
	t.Helper()
	address := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", address)
	said := make(chan string, 64)
	closing, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 256)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			select {
			case said <- string(buffer[:n]):
			case <-closing: // nobody listens to the watchdog's words any more
				return
			}
		}
	}()
	t.Cleanup(func() { close(closing); _ = conn.Close(); <-done })
	return said
}

// next returns what is said next, but for the watchdog's word.
func next(t *testing.T, said <-chan string) string {
	t.Helper()
	for {
		select {
		case word := <-said:
			if word != "WATCHDOG=1" {
				return word
			}
		case <-t.Context().Done():
			t.Fatal("nothing is said")
		}
	}
}

func TestRun_TellsSystemdWhenItIsReadyAndWhenItStops(t *testing.T) {
	said := manager(t)
	ctx, stop := context.WithCancel(t.Context())
	working, ended := make(chan func()), make(chan error, 1)
	want := errors.New("the work's own end")
	go func() {
		ended <- service.Run(ctx, func(ctx context.Context, ready func()) error {
			working <- ready
			<-ctx.Done()
			return want
		}, service.Events{})
	}()
	ready := <-working
	select {
	case word := <-said:
		t.Fatalf("%q is said before the work is ready", word)
	default:
	}
	ready()
	if word := next(t, said); word != "READY=1" {
		t.Errorf("%q is said, want READY=1", word)
	}
	stop()
	if word := next(t, said); word != "STOPPING=1" {
		t.Errorf("%q is said, want STOPPING=1", word)
	}
	if err := <-ended; !errors.Is(err, want) {
		t.Errorf("Run = %v, want what the work returned", err)
	}
}

func TestRun_FeedsTheWatchdog(t *testing.T) {
	said := manager(t)
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(int((20 * time.Millisecond).Microseconds())))
	t.Setenv("WATCHDOG_PID", "")
	fed := make(chan struct{})
	err := service.Run(t.Context(), func(_ context.Context, _ func()) error {
		go func() {
			defer close(fed)
			for range 3 {
				if word := <-said; word != "WATCHDOG=1" {
					t.Errorf("%q is said, want WATCHDOG=1", word)
				}
			}
		}()
		<-fed
		return nil
	}, service.Events{})
	if err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestRun_ReturnsTheWorksErrorWithoutAManager(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	synctest.Test(t, func(t *testing.T) {
		want := errors.New("no port is free")
		if err := service.Run(t.Context(), func(context.Context, func()) error { return want }, service.Events{}); !errors.Is(err, want) {
			t.Errorf("Run = %v, want %v", err, want)
		}
	})
}
