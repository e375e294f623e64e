package browsertest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// process is the browser's first process.
func (b *tab) process() int {
	switch d := b.driver.(type) {
	case *chromium:
		return chromedp.FromContext(d.ctx).Browser.Process().Pid
	case *firefox:
		return d.command.Process.Pid
	}
	return 0
}

// family lists a process and all that come from it.
func family(t *testing.T, first int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parents := map[int]int{}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// "12 (name) S 1 …"; the name may have anything in it.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		var pid int
		_, _ = fmt.Sscan(string(stat), &pid)
		parents[pid], _ = strconv.Atoi(string(fields[1]))
	}
	all := []int{first}
	for i := 0; i < len(all); i++ {
		for pid, parent := range parents {
			if parent == all[i] {
				all = append(all, pid)
			}
		}
	}
	return all
}

func signal(pids []int, what syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, what) // it may have ended
	}
}

// A browser that hangs as a whole gives no sign of life: the bridge lets its page
// go. When it works again, the page comes back by itself.
func TestBrowserThatHangs(t *testing.T) {
	for name, open := range map[string]opener{
		"chromium": func(t *testing.T) *tab { return openChromium(t) },
		"firefox":  func(t *testing.T) *tab { return openFirefox(t, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			partner := newSite(t)
			s := impatient(t, partner, 100*time.Millisecond, 2*time.Second)
			putWaiting(partner, s.Doors.Port)
			page := open(t)
			page.visit(partner.URL)
			page.await("the connection", "globalThis.current?.() === 'connected'")
			until(t, "the bridge has the page", func() bool { return len(s.pages()) == 1 })
			before := eval[int](page, "sockets")

			browser := family(t, page.process())
			signal(browser, syscall.SIGSTOP)
			t.Cleanup(func() { signal(browser, syscall.SIGCONT) })
			until(t, "the bridge lets the page go", func() bool { return len(s.pages()) == 0 })
			signal(browser, syscall.SIGCONT)

			page.await("another socket", fmt.Sprintf("sockets > %d && current() === 'connected'", before))
			if devices := awaitValue[int](page, "the scanners", "devices().catch(() => null)"); devices != 2 {
				t.Errorf("the page is told of %d scanners", devices)
			}
		})
	}
}
