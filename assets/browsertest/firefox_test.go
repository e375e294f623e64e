package browsertest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/demo"
)

// firefox is one tab of a Firefox with a fresh profile, driven over WebDriver
// BiDi, which it speaks without a driver beside it.
type firefox struct {
	t    *testing.T
	conn *websocket.Conn
	last int
	tab  string
}

// firefoxPath finds the browser or ends the test.
func firefoxPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no firefox here, and CI must not go without: apt-get install firefox-esr")
	}
	t.Skip("no firefox here: apt-get install firefox-esr")
	return ""
}

// openFirefox starts it with preferences in the form of a prefs file's values.
func openFirefox(t *testing.T, prefs map[string]string) *firefox {
	t.Helper()
	profile := t.TempDir()
	var lines strings.Builder
	for name, value := range prefs {
		fmt.Fprintf(&lines, "user_pref(%q, %s);\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, firefoxPath(t), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "--remote-allow-system-access", "about:blank")
	command.Env = append(os.Environ(), "HOME="+profile)
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer time.AfterFunc(patience, stop).Stop()
		_ = command.Wait() // told to close below, or killed
		stop()
	})
	address := make(chan string, 1)
	go func() {
		defer close(address)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if _, url, found := strings.Cut(lines.Text(), "WebDriver BiDi listening on "); found {
				address <- url
			}
		}
	}()
	url, ok := <-address
	if !ok {
		t.Fatal("firefox ended before it listened")
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url+"/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &firefox{t: t, conn: conn}
	t.Cleanup(func() {
		_ = conn.WriteJSON(map[string]any{"id": 0, "method": "browser.close", "params": map[string]any{}})
		_, _, _ = conn.ReadMessage() // its answer, or its end
		_ = conn.Close()
	})
	f.command("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	f.tab = f.context(map[string]any{})
	return f
}

// context names the first page, or window, that fits.
func (f *firefox) context(scope map[string]any) string {
	f.t.Helper()
	var tree struct {
		Contexts []struct{ Context string }
	}
	f.command("browsingContext.getTree", scope, &tree)
	if len(tree.Contexts) == 0 {
		f.t.Fatal("firefox has no window")
	}
	return tree.Contexts[0].Context
}

// command sends one command and reads until its answer.
func (f *firefox) command(method string, params, result any) {
	f.t.Helper()
	f.last++
	if err := f.conn.WriteJSON(map[string]any{"id": f.last, "method": method, "params": params}); err != nil {
		f.t.Fatalf("%s: %v", method, err)
	}
	for {
		var answer struct {
			ID      int
			Type    string
			Error   string
			Message string
			Result  json.RawMessage
		}
		if err := f.conn.ReadJSON(&answer); err != nil {
			f.t.Fatalf("%s: %v", method, err)
		}
		switch {
		case answer.ID != f.last:
			continue
		case answer.Type == "error":
			f.t.Fatalf("%s: %s: %s", method, answer.Error, answer.Message)
		case result != nil:
			if err := json.Unmarshal(answer.Result, result); err != nil {
				f.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

func (f *firefox) open(url string) {
	f.t.Helper()
	f.command("browsingContext.navigate", map[string]any{"context": f.tab, "url": url, "wait": "complete"}, nil)
}

// eval runs an expression in the page as if its user had just clicked, and
// returns its value as text.
func (f *firefox) eval(expression string) string {
	f.t.Helper()
	return f.evalIn(f.tab, expression)
}

func (f *firefox) evalIn(where, expression string) string {
	f.t.Helper()
	var answer struct {
		Type             string
		Result           struct{ Value any }
		ExceptionDetails struct{ Text string }
	}
	f.command("script.evaluate", map[string]any{
		"expression": "(async () => String(await (" + expression + ")))()", "awaitPromise": true, "userActivation": true,
		"target": map[string]any{"context": where},
	}, &answer)
	if answer.Type != "success" {
		f.t.Fatalf("evaluate %s: %s", expression, answer.ExceptionDetails.Text)
	}
	return fmt.Sprint(answer.Result.Value)
}

// await waits in the page until an expression is true.
func (f *firefox) await(what, expression string) {
	f.t.Helper()
	end := fmt.Sprintf(`new Promise((resolve) => {
		const until = Date.now() + %d;
		const look = () => (%s) ? resolve('true') : Date.now() > until ? resolve(document.body.innerText) : setTimeout(look, 20);
		look();
	})`, patience.Milliseconds(), expression)
	if said := f.eval(end); said != "true" {
		f.t.Fatalf("wait for %s: the page says:\n%s", what, said)
	}
}

func (f *firefox) click(selector string) {
	f.t.Helper()
	f.eval(fmt.Sprintf("document.querySelector(%q).click()", selector))
}

const (
	isConnected = "document.querySelector('#status').dataset.state === 'connected' && document.querySelector('#scanners [data-status=ready]')"
	isSaid      = "document.querySelector('#result .receipt')"
)

// publicPrefs have Firefox take the shop's page for one from the internet.
func publicPrefs(s *shop) map[string]string {
	return map[string]string{
		"network.lna.enabled":                       "true",
		"network.lna.blocking":                      "true",
		"network.lna.address_space.public.override": fmt.Sprintf("%q", "127.0.0.1:"+s.pagePort()),
	}
}

// Firefox ESR 153 gates fetch but no WebSocket: a click connects, and from then
// on the page connects by itself.
func TestFirefox(t *testing.T) {
	s := openShop(t, demo.Options{})
	page := openFirefox(t, publicPrefs(s))
	page.open(s.PageURL)
	page.await("the page's own decision", "document.querySelector('#status').dataset.state === 'disconnected'")
	page.click("#connect")
	page.await("the connection", isConnected)
	page.click("#consent")
	page.click("#go")
	page.await("a receipt", isSaid)
	if state := page.eval("document.querySelector('.receipt [data-row=result]').innerText"); state != "Successful" {
		t.Errorf("the receipt says %s", state)
	}
	page.open(s.PageURL)
	page.await("the connection after a reload", isConnected)
}

// Firefox 154 and later ask before a WebSocket, too. The page says so, and makes
// nobody ask before a click.
func TestFirefoxThatAsks(t *testing.T) {
	s := openShop(t, demo.Options{})
	prefs := publicPrefs(s)
	prefs["network.lna.websocket.enabled"] = "true"
	page := openFirefox(t, prefs)
	page.open(s.PageURL)
	page.await("the page's own decision", "document.querySelector('#status').dataset.state === 'disconnected'")
	page.click("#connect")
	page.await("the page's hint", "document.querySelector('#status').dataset.state === 'asking'")
	if hint := page.eval("document.querySelector('#status').innerText"); !strings.Contains(hint, "Allow") {
		t.Errorf("the page says %q", hint)
	}
	window := page.context(map[string]any{"moz:scope": "chrome"})
	question := page.evalIn(window, "PopupNotifications.panel.firstElementChild.button.label")
	if question != "Allow" {
		t.Fatalf("firefox's first button is %q", question)
	}
	page.evalIn(window, "PopupNotifications.panel.firstElementChild.button.click()")
	page.await("the connection after Allow", isConnected)
}
