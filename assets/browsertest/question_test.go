package browsertest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"biobridge/agent/demo"
)

// openScreen starts an X server that nobody sees for browsers with a window: one
// without denies what it would ask.
func openScreen(t *testing.T) {
	t.Helper()
	for _, name := range []string{"Xvfb", "xdotool"} {
		if _, err := exec.LookPath(name); err != nil {
			lacking(t, name)
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1200x900x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{write}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	_ = write.Close()
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

// Where Debian's Chromium has the buttons of its question, in a window that
// begins in the upper left corner.
const (
	allow   = "387 242"
	block   = "310 242"
	dismiss = "413 111"
)

// answer clicks on the screen, outside of any page, where the question has a
// button, until the page knows of it. The question appears some time after it was
// raised, and takes no click in its first half second.
func (b *tab) answer(where, known string) {
	b.t.Helper()
	at := strings.Fields(where)
	press := time.NewTicker(time.Second)
	defer press.Stop()
	b.do("answer the browser's question", func(ctx context.Context) error {
		for {
			select {
			case <-press.C:
			case <-ctx.Done():
				return ctx.Err()
			}
			if so, err := b.evaluate(ctx, "Boolean("+known+")"); err != nil || so == "true" {
				return err
			}
			if out, err := exec.CommandContext(ctx, "xdotool", "mousemove", at[0], at[1], "click", "1").CombinedOutput(); err != nil {
				return fmt.Errorf("xdotool: %w: %s", err, out)
			}
		}
	})
}

func TestChromiumThatAsks(t *testing.T) {
	for _, test := range []struct {
		name, button string
		says         string // "": connected
	}{
		{"allowed", allow, ""},
		{"blocked", block, "The browser does not let this page reach biobridge."},
		{"dismissed", dismiss, "The browser must ask you before it lets this page reach biobridge."},
	} {
		t.Run(test.name, func(t *testing.T) {
			openScreen(t)
			s := openShop(t, demo.Options{})
			page := openChromium(t, public(s), chromedp.VisibleWindow, chromedp.Flag("window-position", "0,0"))
			page.open(s.PageURL)
			page.click("#connect")
			page.await("the page's hint", "document.querySelector('#status').dataset.state === 'asking'")
			page.answer(test.button, "document.querySelector('#status').dataset.state !== 'asking'")
			if test.says == "" {
				page.connected()
				page.reload()
				page.connected() // by itself, now that it is allowed
				return
			}
			page.await("the explanation", "!document.querySelector('#trouble').hidden")
			if text := page.text("#trouble-message"); text != test.says {
				t.Errorf("the page says %q", text)
			}
			if tried := strings.Count(eval[string](page, "document.querySelector('#frames').textContent"), "new WebSocket"); tried != 1 {
				t.Errorf("the page tried %d times", tried)
			}
		})
	}
}
