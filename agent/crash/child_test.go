package crash_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"biobridge/agent"
	"biobridge/agent/contract"
	"biobridge/agent/journal"
	"biobridge/eko"
	"biobridge/eko/ekosim"
	"biobridge/pid"
	"biobridge/rdservice"
)

// plan is what a child needs to know to be an agent.
type plan struct {
	Journal   string
	EkoURL    string
	PublicKey string
	Scanner   int
	UserCode  string
	// Failpoint is where to die, from the start on.
	Failpoint string
}

// order is what the parent asks of a child; one line of JSON each.
type order struct {
	// Op is arm, fill, transact, await, get, settle or limit. arm sets the
	// failpoint at which to die, fill the one at which the disk becomes full.
	Op        string
	Failpoint string
	Ref       string
	Amount    int64
	// Bytes is how large a file may become, for limit.
	Bytes uint64
}

// answer is what a child says to an order.
type answer struct {
	Op    string
	Ref   string
	State contract.State
	// Code is the error's, "" where there was none.
	Code   contract.Code
	Reason string
}

var page = agent.Caller{Origin: "https://portal.example", User: "shop"}

// child is the agent's process from the inside.
type child struct {
	agent *agent.Agent
	// deadly is the failpoint at which to die, filling the one at which the disk
	// becomes full.
	deadly, filling atomic.Pointer[string]
	// ahead is how far await has moved the clock.
	ahead atomic.Int64
}

// beAgent runs an agent until its input ends.
func beAgent(text string, in io.Reader, out io.Writer) error {
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	c := &child{}
	c.deadly.Store(&p.Failpoint)
	c.filling.Store(new(string))
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j, err := journal.Open(ctx, p.Journal, journal.Options{Log: log})
	if err != nil {
		return err
	}
	defer j.Close()
	w := rdservice.NewWatcher(rdservice.Config{HTTPPorts: []int{p.Scanner}, HTTPSPorts: []int{}, ProbeTimeout: time.Minute}, rdservice.WatchConfig{})
	key, err := eko.ParseAccessKey(ekosim.AccessKey)
	if err != nil {
		return err
	}
	client, err := eko.NewClient(eko.Config{
		API: "v2", BaseURL: p.EkoURL, DeveloperKey: ekosim.DeveloperKey, InitiatorID: ekosim.InitiatorID,
		PublicKey: p.PublicKey, Signer: eko.KeySigner{Key: key}, Timeout: 20 * time.Second,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	c.agent, err = agent.New(agent.Config{
		Journal: j, Watcher: w, Eko: client, Environment: "simulated", UserCode: p.UserCode, LatLong: "28.6139,77.2090",
		HashKey: make([]byte, 32), Log: log, Failpoint: c.die, Now: c.now,
		Capture: agent.CaptureConfig{FType: pid.FMRFIR},
		// One customer is served hundreds of times here.
		Limits: agent.Limits{PerAadhaarPerDay: -1, RepeatWithin: -1},
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.agent.Run(ctx) }()
	err = c.obey(ctx, in, json.NewEncoder(out))
	cancel()
	return errors.Join(err, <-ended)
}

// die is the agent's Failpoint: SIGKILL, which nothing can catch or tidy up
// after.
func (c *child) die(name string) {
	if *c.filling.Load() == name {
		if err := limitFiles(1); err != nil {
			panic(err)
		}
	}
	if *c.deadly.Load() != name {
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

func (c *child) obey(ctx context.Context, in io.Reader, out *json.Encoder) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return err
		}
		a, err := c.do(ctx, o)
		if err != nil {
			return err
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *child) do(ctx context.Context, o order) (answer, error) {
	var (
		tx  contract.Transaction
		err error
	)
	switch o.Op {
	case "arm":
		c.deadly.Store(&o.Failpoint)
	case "fill":
		c.filling.Store(&o.Failpoint)
	case "transact":
		tx, err = c.transact(ctx, o)
	case "await":
		tx, err = c.await(ctx, o.Ref)
	case "get":
		tx, err = c.agent.Get(ctx, page, o.Ref)
	case "settle":
		tx, err = c.agent.Settle(ctx, agent.Caller{Local: true, User: "shop"}, o.Ref, "Eko said on the phone that it never came")
	case "limit":
		err = limitFiles(o.Bytes)
	default:
		return answer{}, fmt.Errorf("order %q is not known", o.Op)
	}
	a := answer{Op: o.Op, Ref: o.Ref, State: tx.State, Reason: tx.Reason}
	if e := agent.AsError(err); e != nil {
		a.Code, a.Reason = e.Code, e.Reason()
	}
	return a, nil
}

func (c *child) transact(ctx context.Context, o order) (contract.Transaction, error) {
	aadhaar, err := agent.ParseAadhaar("999941057058")
	if err != nil {
		return contract.Transaction{}, err
	}
	return c.agent.Transact(ctx, page, agent.TransactRequest{
		Service: contract.CashWithdrawal, ClientRefID: o.Ref, Aadhaar: aadhaar, BankCode: "SBIN", Amount: o.Amount,
		CustomerID: "9999912345", Consent: true,
	}, agent.NewTicket(), nil)
}

// pause is how much later each question of await's is put: a page that asks
// at once again is answered from the journal.
const pause = 5 * time.Second

// now is the agent's clock, which await moves.
func (c *child) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// await asks until a transaction is settled or Eko has nothing to say, beside
// the agent's own loop.
func (c *child) await(ctx context.Context, ref string) (contract.Transaction, error) {
	defer c.ahead.Store(0)
	for range 40 {
		c.ahead.Add(int64(pause))
		tx, err := c.agent.Inquire(ctx, page, ref)
		if err != nil || tx.State.Settled() || tx.State == contract.RefundPending {
			return tx, err
		}
	}
	return c.agent.Get(ctx, page, ref)
}
