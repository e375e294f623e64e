package browsertest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// firefoxes is a running Firefox, driven over WebDriver BiDi, which it speaks
// without a driver beside it. It is used by one test at a time.
type firefoxes struct {
	command *exec.Cmd
	conn    *websocket.Conn
	last    int
	broken  bool // it doesn't answer any more
	stop    context.CancelFunc
	profile string
}

// shared is the Firefox of all stories that want nothing special of it; each gets
// a container of its own, which is a profile's worth of storage. Starting one
// takes a slow computer longer than most stories.
var shared *firefoxes

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.close()
	}
	os.Exit(code)
}

// firefoxPath finds the browser or ends the test.
func firefoxPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	lacking(t, "firefox")
	return ""
}

// startFirefox starts one with a fresh profile and preferences in the form of a
// prefs file's values.
func startFirefox(path string, prefs map[string]string) (f *firefoxes, err error) {
	f = &firefoxes{}
	if f.profile, err = os.MkdirTemp("", "biobridge-firefox-"); err != nil {
		return nil, err
	}
	var ctx context.Context
	ctx, f.stop = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	var lines strings.Builder
	for name, value := range prefs {
		fmt.Fprintf(&lines, "user_pref(%q, %s);\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(f.profile, "user.js"), []byte(lines.String()), 0o600); err != nil {
		return nil, err
	}
	f.command = exec.CommandContext(ctx, path, "--headless", "--no-remote", "--profile", f.profile, "--remote-debugging-port=0", "--remote-allow-system-access", "about:blank")
	f.command.Env = append(os.Environ(), "HOME="+f.profile)
	output, err := f.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := f.command.Start(); err != nil {
		f.command = nil
		return nil, err
	}
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
		return nil, errors.New("firefox ended before it listened")
	}
	if f.conn, _, err = websocket.DefaultDialer.DialContext(ctx, url+"/session", nil); err != nil {
		return nil, err
	}
	return f, f.ask(ctx, "session.new", map[string]any{
		"capabilities": map[string]any{"alwaysMatch": map[string]any{"acceptInsecureCerts": true}},
	}, nil)
}

// close ends the browser and takes its profile away.
func (f *firefoxes) close() {
	if f.conn != nil {
		_ = f.conn.WriteJSON(map[string]any{"id": 0, "method": "browser.close", "params": map[string]any{}})
		_ = f.conn.SetReadDeadline(time.Now().Add(patience))
		_, _, _ = f.conn.ReadMessage() // its answer, or its end
		_ = f.conn.Close()
	} else {
		f.stop()
	}
	if f.command != nil {
		kill := time.AfterFunc(patience, f.stop)
		_ = f.command.Wait() // told to close above, or killed
		kill.Stop()
	}
	f.stop()
	_ = os.RemoveAll(f.profile)
}

// ask sends one command and reads until its answer.
func (f *firefoxes) ask(ctx context.Context, method string, params, result any) error {
	if f.broken {
		return errors.New("firefox does not answer any more")
	}
	until, _ := ctx.Deadline() // zero: none
	_ = f.conn.SetReadDeadline(until)
	f.last++
	if err := f.conn.WriteJSON(map[string]any{"id": f.last, "method": method, "params": params}); err != nil {
		f.broken = true
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		var answer struct {
			ID             int
			Type           string
			Error, Message string
			Result         json.RawMessage
		}
		if err := f.conn.ReadJSON(&answer); err != nil {
			f.broken = true
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.ID != f.last:
			continue
		case answer.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(answer.Result, result)
	}
}

// firefox is one tab, in one of the browser's containers.
type firefox struct {
	*firefoxes
	container, tab string
}

// openFirefox starts a Firefox of the test's own.
func openFirefox(t *testing.T, prefs map[string]string) *tab {
	t.Helper()
	return openFirefoxAt(t, firefoxPath(t), prefs)
}

func openFirefoxAt(t *testing.T, path string, prefs map[string]string) *tab {
	t.Helper()
	f, err := startFirefox(path, prefs)
	if err != nil {
		t.Fatalf("start firefox: %v", err)
	}
	t.Cleanup(f.close)
	page := &tab{t, &firefox{f, "default", ""}}
	page.do("find the first tab", func(ctx context.Context) (err error) {
		page.driver.(*firefox).tab, err = f.context(ctx, map[string]any{})
		return err
	})
	return page
}

// openSharedFirefox opens a tab with nothing remembered in a Firefox that is there
// already.
func openSharedFirefox(t *testing.T) *tab {
	t.Helper()
	if shared != nil && shared.broken {
		shared.close()
		shared = nil
	}
	if shared == nil {
		started, err := startFirefox(firefoxPath(t), nil)
		if err != nil {
			t.Fatalf("start firefox: %v", err)
		}
		shared = started
	}
	var made struct{ UserContext string }
	page := &tab{t: t}
	page.do("open a container", func(ctx context.Context) (err error) {
		if err := shared.ask(ctx, "browser.createUserContext", map[string]any{}, &made); err != nil {
			return err
		}
		page.driver, err = (&firefox{shared, made.UserContext, ""}).newTab(ctx)
		return err
	})
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		_ = shared.ask(ctx, "browser.removeUserContext", map[string]any{"userContext": made.UserContext}, nil)
	})
	return page
}

// context names the first page, or window, that fits.
func (f *firefoxes) context(ctx context.Context, scope map[string]any) (string, error) {
	var tree struct{ Contexts []struct{ Context string } }
	if err := f.ask(ctx, "browsingContext.getTree", scope, &tree); err != nil {
		return "", err
	}
	if len(tree.Contexts) == 0 {
		return "", errors.New("firefox has no window")
	}
	return tree.Contexts[0].Context, nil
}

// around is the browser's own window, outside of any page.
func (b *tab) around() *tab {
	b.t.Helper()
	f := b.driver.(*firefox)
	window := &firefox{f.firefoxes, f.container, ""}
	b.do("find the window", func(ctx context.Context) (err error) {
		window.tab, err = f.context(ctx, map[string]any{"moz:scope": "chrome"})
		return err
	})
	return &tab{b.t, window}
}

func (f *firefox) goTo(ctx context.Context, url string) error {
	return f.ask(ctx, "browsingContext.navigate", map[string]any{"context": f.tab, "url": url, "wait": "complete"}, nil)
}

func (f *firefox) reload(ctx context.Context) error {
	return f.ask(ctx, "browsingContext.reload", map[string]any{"context": f.tab, "wait": "complete"}, nil)
}

// remote is a value of the page.
type remote struct {
	Value    any
	SharedID string
}

func (f *firefox) value(ctx context.Context, expression string) (remote, error) {
	var answer struct {
		Type             string
		Result           remote
		ExceptionDetails struct{ Text string }
	}
	err := f.ask(ctx, "script.evaluate", map[string]any{
		"expression": expression, "awaitPromise": true, "target": map[string]any{"context": f.tab},
	}, &answer)
	if err == nil && answer.Type != "success" {
		err = fmt.Errorf("evaluate %s: %s", expression, answer.ExceptionDetails.Text)
	}
	return answer.Result, err
}

func (f *firefox) evaluate(ctx context.Context, expression string) (string, error) {
	got, err := f.value(ctx, asJSON(expression))
	if err != nil {
		return "", err
	}
	return fmt.Sprint(got.Value), nil
}

// act performs actions of one device, in the tab that is in front.
func (f *firefox) act(ctx context.Context, device map[string]any) error {
	if err := f.ask(ctx, "browsingContext.activate", map[string]any{"context": f.tab}, nil); err != nil {
		return err
	}
	return f.ask(ctx, "input.performActions", map[string]any{"context": f.tab, "actions": []any{device}}, nil)
}

// click presses the mouse on an element. One that the page has replaced or moved out
// of sight meanwhile takes none.
func (f *firefox) click(ctx context.Context, selector string) error {
	at, err := f.value(ctx, fmt.Sprintf("document.querySelector(%q)", selector))
	if err != nil {
		return err
	}
	err = f.act(ctx, map[string]any{"type": "pointer", "id": "mouse", "actions": []any{
		map[string]any{"type": "pointerMove", "x": 0, "y": 0, "origin": map[string]any{
			"type": "element", "element": map[string]any{"sharedId": at.SharedID},
		}},
		map[string]any{"type": "pointerDown", "button": 0},
		map[string]any{"type": "pointerUp", "button": 0},
	}})
	for _, moved := range []string{"stale element", "no such node", "move target out of bounds"} {
		if err != nil && strings.Contains(err.Error(), moved) {
			return errMoved
		}
	}
	return err
}

func (f *firefox) press(ctx context.Context, keys string) error {
	var actions []any
	for _, key := range keys {
		for _, kind := range []string{"keyDown", "keyUp"} {
			actions = append(actions, map[string]any{"type": kind, "value": string(key)})
		}
	}
	return f.act(ctx, map[string]any{"type": "key", "id": "keys", "actions": actions})
}

func (f *firefox) setWidth(ctx context.Context, pixels int64) error {
	return f.ask(ctx, "browsingContext.setViewport", map[string]any{
		"context": f.tab, "viewport": map[string]any{"width": pixels, "height": 900},
	}, nil)
}

func (f *firefox) picture(ctx context.Context) ([]byte, error) {
	var answer struct{ Data []byte } // base64, as encoding/json has it
	err := f.ask(ctx, "browsingContext.captureScreenshot", map[string]any{"context": f.tab, "origin": "document"}, &answer)
	return answer.Data, err
}

func (f *firefox) newTab(ctx context.Context) (driver, error) {
	var made struct{ Context string }
	err := f.ask(ctx, "browsingContext.create", map[string]any{"type": "tab", "userContext": f.container}, &made)
	return &firefox{f.firefoxes, f.container, made.Context}, err
}

func (f *firefox) shut(ctx context.Context) error {
	return f.ask(ctx, "browsingContext.close", map[string]any{"context": f.tab}, nil)
}
