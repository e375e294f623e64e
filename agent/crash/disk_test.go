package crash_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"biobridge/agent"
	"biobridge/agent/contract"
)

// TestDiskFull fills the disk under a running agent and in the middle of a
// withdrawal, and makes room again.
func TestDiskFull(t *testing.T) {
	if !canLimitFiles {
		t.Skip("this system has no limit on the size of files")
	}
	tw := openTown(t)
	c := openCounter(t, tw, 50)
	c.start("")
	if a, _ := c.ask(order{Op: "transact", Ref: "BEFORE", Amount: 500}); a.State != contract.Succeeded {
		t.Fatalf("with room: %+v", a)
	}
	if a, _ := c.ask(order{Op: "limit", Bytes: 1}); a.Code != "" {
		t.Fatalf("limit: %+v", a)
	}
	for i := range 3 {
		ref := fmt.Sprintf("FULL%d", i)
		a, alive := c.ask(order{Op: "transact", Ref: ref, Amount: 500})
		if !alive {
			t.Fatalf("the agent died of a full disk; log:\n%s", c.agent.log)
		}
		if a.Code != contract.Unavailable || a.Reason != "journal_unwritable" || tw.sim.Attempts(ref) != 0 {
			t.Errorf("without room: %+v, %d attempts", a, tw.sim.Attempts(ref))
		}
	}
	if a, _ := c.ask(order{Op: "get", Ref: "BEFORE"}); a.State != contract.Succeeded {
		t.Errorf("reading without room: %+v", a)
	}
	c.ask(order{Op: "limit", Bytes: 1 << 40})
	if a, _ := c.ask(order{Op: "transact", Ref: "AFTER", Amount: 500}); a.State != contract.Succeeded {
		t.Errorf("with room again: %+v; log:\n%s", a, c.agent.log)
	}
	// What happened survives the process.
	c.kill()
	c.start("")
	for _, ref := range []string{"BEFORE", "AFTER"} {
		if a, _ := c.ask(order{Op: "get", Ref: ref}); a.State != contract.Succeeded {
			t.Errorf("after a restart %s: %+v", ref, a)
		}
	}
}

// TestDiskFull_Outcome loses the room between Eko's answer and the journal, and
// then the power: the money has moved, and the next process finds that out.
func TestDiskFull_Outcome(t *testing.T) {
	if !canLimitFiles {
		t.Skip("this system has no limit on the size of files")
	}
	tw := openTown(t)
	c := openCounter(t, tw, 51)
	c.start("")
	c.ask(order{Op: "fill", Failpoint: agent.BeforeOutcome})
	a, alive := c.ask(order{Op: "transact", Ref: "OUTCOME", Amount: 500})
	if !alive || a.State != contract.Pending || a.Reason != "not_written" {
		t.Errorf("the page was told %+v", a)
	}
	c.kill()
	c.start("")
	if a, _ := c.ask(order{Op: "await", Ref: "OUTCOME"}); a.State != contract.Succeeded || tw.sim.Attempts("OUTCOME") != 1 {
		t.Errorf("the next process: %+v, %d attempts", a, tw.sim.Attempts("OUTCOME"))
	}
}

// TestTwoAgents starts a second agent on one data directory: it says which
// process has it, and ends.
func TestTwoAgents(t *testing.T) {
	tw := openTown(t)
	c := openCounter(t, tw, 52)
	c.start("")
	if a, _ := c.ask(order{Op: "transact", Ref: "FIRST", Amount: 500}); a.State != contract.Succeeded {
		t.Fatalf("the first: %+v", a)
	}
	first := c.agent
	c.start("")
	second := c.agent
	c.buried()
	if want := fmt.Sprintf("held by process %d", first.cmd.Process.Pid); !strings.Contains(second.log.String(), want) {
		t.Errorf("the second says %q, want %q", second.log, want)
	}
	if code := second.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the second ended with %d", code)
	}
	c.agent = first
	if a, _ := c.ask(order{Op: "get", Ref: "FIRST"}); a.State != contract.Succeeded {
		t.Errorf("the first afterwards: %+v", a)
	}
	c.kill()
	c.start("")
	if a, _ := c.ask(order{Op: "get", Ref: "FIRST"}); a.State != contract.Succeeded {
		t.Errorf("after a kill the lock stays: %+v; log:\n%s", a, c.agent.log)
	}
}

// TestCutJournal cuts the file behind a killed agent's back: the next one sets
// it aside, keeps what it can, and refuses money.
func TestCutJournal(t *testing.T) {
	tw := openTown(t)
	c := openCounter(t, tw, 53)
	c.start("")
	for i := range 20 {
		if a, _ := c.ask(order{Op: "transact", Ref: fmt.Sprintf("CUT%d", i), Amount: 500}); a.State != contract.Succeeded {
			t.Fatalf("%+v", a)
		}
	}
	c.kill()
	for _, name := range []string{c.plan.Journal, c.plan.Journal + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			if err := os.Truncate(name, info.Size()*2/3); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.start("")
	a, alive := c.ask(order{Op: "transact", Ref: "NEW", Amount: 500})
	if !alive {
		t.Fatalf("the agent did not start; log:\n%s", c.agent.log)
	}
	// A log that was cut is a log that ends earlier: SQLite may find nothing
	// wrong. What is not allowed is to lose the file, or to die.
	if a.State != contract.Succeeded && a.Reason != "journal_damaged" {
		t.Errorf("on a cut journal: %+v; log:\n%s", a, c.agent.log)
	}
}
