package demo_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"biobridge/agent/cli"
	"biobridge/pid/pidtest"
	"biobridge/rdservice/rdsim"
)

// The command serves what it prints, and ends with its context.
func TestSimRD(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out lockedBuffer
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, t, &out, "sim", "rd", "--profile", "morpho-l0", "--port", "0", "--finger-delay", "0s", "--fault", "low*1", "--seed", "3")
	}()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(out.String(), "Ctrl-C"); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("not serving:\n%s", out.String())
		}
	}
	text := out.String()
	for _, want := range []string{"SIMULATED", "Morpho MSO 1300 E2", "profile morpho-l0, seed 3", "management http://127.0.0.1:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the command does not say %q:\n%s", want, text)
		}
	}
	// What it tells people to try works.
	example := regexp.MustCompile(`(?m)curl -k -X (\w+) (?:--data '(.*)' )?(http\S+)$`).FindAllStringSubmatch(text, -1)
	if len(example) != 3 {
		t.Fatalf("%d examples for the three verbs:\n%s", len(example), text)
	}
	for _, e := range example {
		body := send(t, e[1], e[3], e[2])
		if e[1] != "CAPTURE" {
			continue
		}
		if _, err := pidtest.Simulated().Open([]byte(body)); err != nil {
			t.Errorf("another process can't open the block: %v", err)
		}
	}
	management := regexp.MustCompile(`management (http\S+)`).FindStringSubmatch(text)[1]
	if state := send(t, "POST", management+"/unplug", ""); !strings.Contains(state, `"status":"NOTREADY"`) {
		t.Errorf("after /unplug: %s", state)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the command ended with %v", err)
	}
}

func send(t *testing.T, verb, url, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), verb, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get(rdsim.SimulatedHeader) != "rd" {
		t.Fatalf("%s %s: %d, %v", verb, url, resp.StatusCode, err)
	}
	return string(answer)
}

func TestSimRD_HelpAndList(t *testing.T) {
	var help, list lockedBuffer
	if err := run(t.Context(), t, &help, "sim", "rd", "--help"); err != nil {
		t.Fatal(err)
	}
	for _, k := range rdsim.Faults() {
		if !strings.Contains(help.String(), k.Doc) {
			t.Errorf("--help does not explain %s", k.Name)
		}
	}
	if err := run(t.Context(), t, &list, "sim", "rd", "--list"); err != nil {
		t.Fatal(err)
	}
	for _, p := range rdsim.Profiles() {
		if !strings.Contains(list.String(), p.Name+" ") {
			t.Errorf("--list lacks %s", p.Name)
		}
	}
}

func TestSimRD_Unusable(t *testing.T) {
	for _, args := range [][]string{
		{"--profile", "nobody"}, {"--fault", "nonsense"}, {"--fault", "low@RDSERVICE"}, {"--fault-rate", "2"}, {"--seed", "x"},
	} {
		var out lockedBuffer
		err := run(t.Context(), t, &out, append([]string{"sim", "rd"}, args...)...)
		exit, ok := errors.AsType[*cli.ExitError](err)
		if !ok || exit.Code != cli.ExitUnusable {
			t.Errorf("%v: %v, want exit code %d", args, err, cli.ExitUnusable)
		}
	}
}
