// Command biobridge is the bridge between a shop's fingerprint scanner, its web
// page and Eko. This file is the table of its commands; what each does is in
// agent/cli, and in agent/demo for those with simulators.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"biobridge/agent/cli"
	"biobridge/agent/demo"
)

func main() { os.Exit(run()) }

// run is main with its deferred calls done before the process exits.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := cli.Root()
	root.AddCommand(demo.Commands()...)
	err := root.ExecuteContext(ctx)
	if message := cli.Message(err); message != "" {
		fmt.Fprintln(os.Stderr, "biobridge: "+message)
	}
	return cli.ExitCode(err)
}
