package crash_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/eko/ekosim"
	"biobridge/rdservice/rdsim"
)

// town is Eko with a trap door: a request of a reference that is on its list
// stops at a named point until the trap has sprung.
type town struct {
	sim *ekosim.Server

	mu    sync.Mutex
	traps map[string]trap
}

// trap kills an agent while Eko has its request.
type trap struct {
	at     string
	spring func()
}

// The points of a request that only Eko's side can see.
const (
	requestHalf    = "request_half_read"
	requestArrived = "request_arrived"
	answerReady    = "answer_ready"
	answerHalf     = "answer_half_written"
)

func openTown(t testing.TB) *town {
	t.Helper()
	sim, err := ekosim.New(ekosim.Options{Seed: 1, Rules: ekosim.Rules{ForgetReferences: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return &town{sim: sim, traps: make(map[string]trap)}
}

func (tw *town) set(ref string, t trap) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.traps[ref] = t
}

// take returns the trap of a submission, once.
func (tw *town) take(body []byte) (trap, bool) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	for ref, t := range tw.traps {
		if strings.Contains(string(body), `"`+ref+`"`) {
			delete(tw.traps, ref)
			return t, true
		}
	}
	return trap{}, false
}

func (tw *town) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		tw.sim.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	t, set := tw.take(body)
	if set && t.at == requestHalf {
		// The simulator gets what a cut connection would have let through.
		t.spring()
		body = body[:len(body)/2]
	}
	if set && t.at == requestArrived {
		t.spring()
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	r.ContentLength = int64(len(body))
	if !set || t.at == requestHalf || t.at == requestArrived {
		tw.sim.ServeHTTP(w, r)
		return
	}
	recorder := httptest.NewRecorder()
	func() {
		// A simulator that cuts the connection does it by this panic.
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
		}()
		tw.sim.ServeHTTP(recorder, r)
	}()
	result := recorder.Body.Bytes()
	if t.at == answerHalf {
		w.Header().Set("Content-Length", fmt.Sprint(len(result)))
		w.WriteHeader(recorder.Code)
		w.Write(result[:len(result)/2])
		http.NewResponseController(w).Flush()
	}
	t.spring()
	panic(http.ErrAbortHandler)
}

// counter is one shop: a scanner, a journal, and one agent after the other.
type counter struct {
	t       testing.TB
	town    *town
	line    *line
	scanner *rdsim.Server
	plan    plan
	agent   *process
	// program is the program as it is installed, nil where the test binary is the
	// agent.
	program *program
}

func openCounter(t testing.TB, tw *town, number int) *counter {
	t.Helper()
	profile, ok := rdsim.ProfileNamed("mantra-l1")
	if !ok {
		t.Fatal("no profile mantra-l1")
	}
	scanner, err := rdsim.New(rdsim.Options{Profile: profile, Seed: uint64(number), FingerDelay: -1, Scheme: "http"})
	if err != nil {
		t.Fatal(err)
	}
	if err := scanner.Start(); err != nil {
		t.Fatal(err)
	}
	merchant := ekosim.DefaultMerchants()[0]
	merchant.UserCode = fmt.Sprintf("%d", 88880000+number)
	if err := tw.sim.AddMerchant(merchant); err != nil {
		t.Fatal(err)
	}
	way := openLine(t, tw)
	c := &counter{t: t, town: tw, line: way, scanner: scanner, plan: plan{
		Journal: filepath.Join(t.TempDir(), "journal.db"), EkoURL: way.server.URL + "/ekoapi", PublicKey: tw.sim.PublicKey(),
		Scanner: scanner.Port(), UserCode: merchant.UserCode,
	}}
	t.Cleanup(func() {
		c.kill()
		scanner.Close()
	})
	return c
}

// process is a running agent.
type process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan answer
	log     *log
	ended   chan struct{}
}

// log is what an agent wrote to its standard error.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs an agent that dies at a failpoint ("" for none; the program has none).
func (c *counter) start(failpoint string) {
	c.t.Helper()
	if c.program != nil {
		c.agent = c.program.start(c.t)
		return
	}
	p := c.plan
	p.Failpoint = failpoint
	text, err := json.Marshal(p)
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orders+"="+string(text))
	proc := &process{cmd: cmd, answers: make(chan answer, 16), log: &log{}, ended: make(chan struct{})}
	cmd.Stderr = proc.log
	in, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	proc.in = in
	go func() {
		defer close(proc.ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var a answer
			if json.Unmarshal(lines.Bytes(), &a) == nil {
				proc.answers <- a
			}
		}
		close(proc.answers)
		cmd.Wait()
	}()
	c.agent = proc
}

// patience is after how long an agent that neither answers nor dies is killed,
// so that a fault shows as a failure with its log and not as a hanging run.
const patience = 2 * time.Minute

// watch reports and kills an agent that outlives patience; the caller stops it.
func (c *counter) watch(doing string) (stop func()) {
	proc := c.agent
	timer := time.AfterFunc(patience, func() {
		proc.cmd.Process.Kill()
		c.t.Errorf("the agent neither answers nor dies: %s; log:\n%s", doing, proc.log)
	})
	return func() { timer.Stop() }
}

// kill ends the agent as the power does.
func (c *counter) kill() {
	if c.agent == nil {
		return
	}
	if err := c.agent.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Errorf("kill: %v", err)
	}
	c.buried()
}

// buried waits for the agent's end.
func (c *counter) buried() {
	for range c.agent.answers {
		// What it said before it died was of interest to the one who asked.
	}
	<-c.agent.ended
}

// send gives an order without waiting; a dead agent doesn't mind.
func (c *counter) send(o order) {
	line, err := json.Marshal(o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.agent.in.Write(append(line, '\n'))
}

// ask gives an order and waits for its answer; false when the agent died first.
func (c *counter) ask(o order) (answer, bool) {
	defer c.watch(fmt.Sprintf("%+v", o))()
	c.send(o)
	a, alive := <-c.agent.answers
	return a, alive
}
