package crash_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/eko/ekosim"
)

// The amounts that behave, and those that don't: with them the answer is lost
// after the money moved, never tells the truth, or the money moves later.
var amounts = func() []int64 {
	out := []int64{500, 1000, 2500}
	wanted := map[ekosim.Behaviour]bool{
		ekosim.LostAnswer: true, ekosim.CutBody: true, ekosim.HTTP500: true, ekosim.HTTP500After: true, ekosim.HTMLAfter: true,
		ekosim.TwoDocuments: true, ekosim.MissingTxStatus: true, ekosim.BankFailure: true, ekosim.RefundedTx: true,
		ekosim.NotFound: true, ekosim.UnknownTxStatus: true, ekosim.HTTP403: true,
	}
	for _, b := range ekosim.Behaviours() {
		if wanted[b.Behaviour] {
			out = append(out, b.Amount)
		}
	}
	return out
}()

// deaths are the named moments: the failpoints of the agent and the points that
// Eko sees. Those of the recovery loop come on top of a first death.
func deaths() []string {
	var out []string
	for _, f := range agent.Failpoints() {
		if !strings.Contains(f, "inquiry") {
			out = append(out, f)
		}
	}
	return append(out, requestHalf, requestArrived, answerReady, answerHalf)
}

var secondDeaths = []string{agent.BeforeInquiry, agent.AfterInquiry, agent.AfterInquiryWritten}

// tally counts what happened.
type tally struct {
	mu                                              sync.Mutex
	kills, named, random, transactions              int
	doubled, lost, wrong                            int
	faults                                          []string
	succeeded, failed, abandoned, declared, unknown int
}

func (y *tally) fault(kind *int, format string, args ...any) {
	y.mu.Lock()
	defer y.mu.Unlock()
	*kind++
	y.faults = append(y.faults, fmt.Sprintf(format, args...))
}

func (y *tally) killed(n *int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.kills++
	*n++
}

// TestCrash is the promise of the product. See the package's comment.
func TestCrash(t *testing.T) {
	kills := fromEnvironment(t, "BIOBRIDGE_CRASH_KILLS", 40)
	seed := fromEnvironment(t, "BIOBRIDGE_CRASH_SEED", int(time.Now().UnixNano()%1_000_000))
	if testing.Short() {
		kills = min(kills, 12)
	}
	t.Logf("seed %d", seed)
	tw := openTown(t)
	y := &tally{}
	const counters = 4
	var work sync.WaitGroup
	for n := range counters {
		c := openCounter(t, tw, n+1)
		r := &rounds{counter: c, tally: y, rand: rand.New(rand.NewPCG(uint64(seed), uint64(n))), seed: seed}
		work.Go(func() { r.run(n, counters, kills) })
	}
	work.Wait()
	y.verdict(t, kills)
}

// verdict reports what was counted.
func (y *tally) verdict(t *testing.T, kills int) {
	t.Helper()
	t.Logf("%d kills (%d at named points, %d at random moments), %d transactions: doubled %d, lost %d, wrong %d",
		y.kills, y.named, y.random, y.transactions, y.doubled, y.lost, y.wrong)
	t.Logf("final states: succeeded %d, failed %d, abandoned %d, declared failed by the user %d, never begun %d",
		y.succeeded, y.failed, y.abandoned, y.declared, y.unknown)
	for _, f := range y.faults {
		t.Error(f)
	}
	if y.kills < kills {
		t.Errorf("only %d of %d kills took place", y.kills, kills)
	}
}

func fromEnvironment(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s is no number", name)
	}
	return n
}

// rounds is the life of one counter.
type rounds struct {
	*counter
	tally *tally
	rand  *rand.Rand
	seed  int
	// usual is how long a withdrawal takes from order to answer.
	usual time.Duration
	// heard is what the page was told before the agent died; nil for nothing.
	heard *answer
}

// run takes the counter's share of the kills: a third at named points, each in
// turn, the rest at random moments.
func (r *rounds) run(n, counters, kills int) {
	r.start("")
	r.measure(fmt.Sprintf("WARM%d", n))
	names := deaths()
	for i := n; i < kills; i += counters {
		ref := fmt.Sprintf("C%dK%d", n, i)
		amount := amounts[r.rand.IntN(len(amounts))]
		if i < kills/3 {
			r.named(ref, amount, names[i%len(names)])
		} else {
			r.random(ref, amount)
		}
		r.judge(ref, amount)
	}
	r.kill()
}

func (r *rounds) measure(ref string) {
	begin := time.Now()
	if a, alive := r.ask(order{Op: "transact", Ref: ref, Amount: 500}); !alive || a.State != contract.Succeeded {
		r.t.Errorf("a withdrawal on a quiet day: %+v; log:\n%s", a, r.agent.log)
	}
	r.usual = time.Since(begin)
}

// named kills at a named point, and half of the time again in the recovery.
func (r *rounds) named(ref string, amount int64, point string) {
	switch point {
	case requestHalf, requestArrived, answerReady, answerHalf:
		r.trap(ref, point)
	default:
		if strings.HasSuffix(point, "abandoned") {
			r.scannerFails()
		}
		r.ask(order{Op: "arm", Failpoint: point})
	}
	r.send(order{Op: "transact", Ref: ref, Amount: amount})
	r.bury(ref)
	r.tally.killed(&r.tally.named)
	if second := secondDeaths[r.rand.IntN(len(secondDeaths))]; r.rand.IntN(2) == 0 {
		r.start(second)
		r.send(order{Op: "await", Ref: ref})
		// Not every transaction is inquired into; then it is alive and well.
		if _, alive := <-r.agent.answers; !alive {
			<-r.agent.ended
			r.tally.killed(&r.tally.named)
		} else {
			r.kill()
			r.tally.killed(&r.tally.random)
		}
	}
	r.start("")
}

// trap has the agent die while Eko has the request.
func (r *rounds) trap(ref, point string) {
	victim := r.agent
	r.town.set(ref, trap{at: point, spring: func() { victim.cmd.Process.Kill(); <-victim.ended }})
}

func (r *rounds) scannerFails() {
	if err := r.scanner.SetFaults(faultCaptureFails); err != nil {
		r.t.Error(err)
	}
}

// random kills at any moment of a transaction, from the order on to a while
// after the answer.
func (r *rounds) random(ref string, amount int64) {
	moment := time.Duration(r.rand.Float64() * 1.4 * float64(r.usual))
	r.send(order{Op: "transact", Ref: ref, Amount: amount})
	proc := r.agent.cmd.Process
	timer := time.AfterFunc(moment, func() { proc.Kill() })
	defer timer.Stop()
	r.bury(ref)
	r.tally.killed(&r.tally.random)
	r.start("")
}

// bury waits for the death, and until Eko is done with the dead one's requests:
// nobody declares failed what is on its way. It keeps what the page heard before.
func (r *rounds) bury(ref string) {
	r.heard = nil
	defer r.watch("waiting for the death of " + ref)()
	for a := range r.agent.answers {
		if a.Op == "transact" && a.Ref == ref {
			heard := a
			r.heard = &heard
		}
	}
	<-r.agent.ended
	r.line.drained(r.t)
}
