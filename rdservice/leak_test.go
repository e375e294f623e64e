package rdservice_test

import (
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// checkLeaks fails the test if, at its end, goroutines of this package or of an
// HTTP connection are left, or more sockets than at its beginning. It is called
// before any server is started, so that it looks after all have stopped.
func checkLeaks(t *testing.T) {
	t.Helper()
	sockets := openSockets()
	t.Cleanup(func() {
		deadline := time.Now().Add(time.Minute)
		for {
			left, now := leftGoroutines(), openSockets()
			if left == "" && now <= sockets {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("left behind: %d sockets before, %d after; goroutines:\n%s", sockets, now, left)
				return
			}
			runtime.Gosched()
		}
	})
}

// leftGoroutines returns the stacks of goroutines that are neither the test's
// nor the runtime's.
func leftGoroutines() string {
	buf := make([]byte, 1<<20)
	var left []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "testing.") {
			continue
		}
		if strings.Contains(stack, "biobridge/rdservice.") || strings.Contains(stack, "net/http.(*persistConn)") ||
			strings.Contains(stack, "net.(*netFD)") || strings.Contains(stack, "crypto/tls.") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// openSockets counts this process's sockets, where the system can tell.
func openSockets() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	n := 0
	for _, e := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(target, "socket:") {
			n++
		}
	}
	return n
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
