package crash_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/eko/ekosim"
)

// program is biobridge as it is installed, and the page that uses it.
type program struct {
	town            *town
	binary, config  string
	dataDir, origin string
}

func buildProgram(t *testing.T, c *counter) *program {
	t.Helper()
	dir := t.TempDir()
	p := &program{
		town: c.town, origin: page.Origin, dataDir: filepath.Join(dir, "data"),
		binary: filepath.Join(dir, "biobridge.exe"), config: filepath.Join(dir, "biobridge.toml"),
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.binary, "biobridge").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	text := fmt.Sprintf(`environment = "simulated"
data_dir = %q
[listen]
ports = [0]
[[origins]]
origin = %q
scopes = ["device", "capture", "transact", "history"]
[rdservice]
http_ports = "%d"
https_ports = ""
probe_timeout = "30s"
[eko]
base_url = %q
developer_key = %q
access_key = %q
initiator_id = %q
user_code = %q
public_key = %q
latlong = "19.0760,72.8777"
[limits]
per_aadhaar_per_day = 1000
`, p.dataDir, p.origin, c.plan.Scanner, c.plan.EkoURL, ekosim.DeveloperKey, ekosim.AccessKey, ekosim.InitiatorID, c.plan.UserCode, c.plan.PublicKey)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCrash_Program kills the program itself. See the package's comment.
func TestCrash_Program(t *testing.T) {
	kills := max(fromEnvironment(t, "BIOBRIDGE_CRASH_KILLS", 80)/10, 8)
	seed := fromEnvironment(t, "BIOBRIDGE_CRASH_SEED", int(time.Now().UnixNano()%1_000_000))
	t.Logf("seed %d", seed)
	y := &tally{}
	c := openCounter(t, openTown(t), 1)
	c.program = buildProgram(t, c)
	r := &rounds{counter: c, tally: y, rand: rand.New(rand.NewPCG(uint64(seed), 99)), seed: seed}
	points := []string{requestHalf, requestArrived, answerReady, answerHalf}
	r.start("")
	r.measure("WARM")
	for i := range kills {
		ref, amount := fmt.Sprintf("P%d", i), amounts[r.rand.IntN(len(amounts))]
		if i%2 == 1 {
			r.random(ref, amount)
		} else {
			r.trap(ref, points[i/2%len(points)])
			r.send(order{Op: "transact", Ref: ref, Amount: amount})
			r.bury(ref)
			y.killed(&y.named)
			r.start("")
		}
		r.judge(ref, amount)
	}
	r.kill()
	y.verdict(t, kills)
}

// start runs the program; its page obeys the orders.
func (p *program) start(t testing.TB) *process {
	t.Helper()
	cmd := exec.Command(p.binary, "run", "--config", p.config)
	proc := &process{cmd: cmd, answers: make(chan answer, 16), log: &log{}, ended: make(chan struct{})}
	errOut, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	orders, in := io.Pipe()
	proc.in = in
	found, logged := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(logged)
		p.follow(io.TeeReader(errOut, proc.log), found)
		orders.Close() // the page notices a death also while nothing is asked
	}()
	go func() {
		defer close(proc.ended)
		if err := p.page(<-found, orders, proc.answers); err != nil {
			fmt.Fprintln(proc.log, "the page:", err)
		}
		close(proc.answers)
		<-logged
		cmd.Wait()
	}()
	return proc
}

var listening = regexp.MustCompile(` addr=(\S+) `)

// follow reads the log to its end and finds in it where pages connect.
func (p *program) follow(log io.Reader, found chan<- string) {
	defer close(found)
	lines := bufio.NewReader(log)
	for told := false; ; {
		line, err := lines.ReadString('\n')
		if m := listening.FindStringSubmatch(line); m != nil && !told {
			told = true
			found <- m[1]
		}
		if err != nil {
			return
		}
	}
}

// page does what it is told until the connection or the orders end.
func (p *program) page(address string, orders io.Reader, answers chan<- answer) error {
	if address == "" {
		return errors.New("the program has not opened its door")
	}
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/v1", http.Header{"Origin": {p.origin}})
	if err != nil {
		return err
	}
	defer conn.Close()
	v := &visit{program: p, conn: conn}
	if _, err := v.call("bridge.hello", map[string]any{"client": map[string]string{"name": "page", "version": "1"}}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return err
		}
		a, err := v.do(o)
		if err != nil {
			return err
		}
		a.Op, a.Ref = o.Op, o.Ref
		answers <- a
	}
	return nil
}

// visit is a page's connection.
type visit struct {
	*program
	conn *websocket.Conn
	id   int
}

func (v *visit) do(o order) (answer, error) {
	switch o.Op {
	case "transact":
		return v.call("aeps.cash_withdrawal", map[string]any{
			"client_ref_id": o.Ref, "aadhaar": "999941057058", "bank_code": "SBIN", "amount": o.Amount,
			"customer_id": "9999912345", "confirm_repeat": true, "consent": true,
		})
	case "await":
		return v.await(o.Ref)
	case "settle":
		return v.settle(o.Ref)
	}
	return answer{}, fmt.Errorf("order %q is not known", o.Op)
}

// await asks until the transaction is settled, or until Eko was asked once about
// one that it doesn't know.
func (v *visit) await(ref string) (answer, error) {
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for {
		a, err := v.call("transaction.inquire", map[string]any{"client_ref_id": ref})
		_, known := v.town.sim.Transaction(ref)
		if err != nil || a.Code != "" || !known || a.State.Settled() || a.State == contract.RefundPending {
			return a, err
		}
		<-pace.C
	}
}

// settle is the local user's, at the local door.
func (v *visit) settle(ref string) (answer, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	door, err := control.Dial(ctx, control.Address(v.dataDir))
	if err != nil {
		return answer{}, err
	}
	defer door.Close()
	r, err := door.Settle(ctx, ref, "Eko said on the phone that it never came")
	if refusal, ok := errors.AsType[*control.Error](err); ok {
		return answer{Code: refusal.Code}, nil
	}
	return answer{State: r.State, Reason: r.Reason}, err
}

// call makes one call and waits for its answer; notifications are not of interest.
func (v *visit) call(method string, params any) (answer, error) {
	v.id++
	if err := v.conn.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": v.id, "method": method, "params": params}); err != nil {
		return answer{}, err
	}
	for {
		var m struct {
			ID     int
			Result struct {
				Transaction struct {
					State  contract.State
					Reason string
				}
			}
			Error struct {
				Data struct {
					Code   contract.Code
					Reason string
				}
			}
		}
		if err := v.conn.ReadJSON(&m); err != nil {
			return answer{}, err
		}
		if m.ID == v.id {
			tx, refusal := m.Result.Transaction, m.Error.Data
			return answer{State: tx.State, Reason: tx.Reason + refusal.Reason, Code: refusal.Code}, nil
		}
	}
}
