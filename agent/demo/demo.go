package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"biobridge/agent/daemon"
)

// Where the demo is found when nothing else is there: the agent's usual ports,
// so that a partner's page under development finds it too, and any free one.
const (
	demoPagePort = 21190
	plugAfter    = 30 * time.Second
)

func demoCommand() *cobra.Command {
	var flags struct {
		once, noBrowser, verbose bool
		seed                     uint64
		port                     int
	}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show everything, simulated: scanners, Eko, the agent and a page",
		Long: `Starts two simulated scanners (a Mantra that is ready and a Morpho that is plugged
in half a minute later), a simulated Eko, the real agent, and a demo page on another
port, and opens the page. Nothing has to be configured, no money moves, and nothing
is left behind.

With --once no browser is needed: a cash withdrawal, a balance enquiry and a mini
statement go through the WebSocket API, their receipts are printed, and the command
exits with 0.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelWarn
			if flags.verbose {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			if flags.once {
				return once(cmd.Context(), cmd.OutOrStdout(), Options{Seed: flags.seed, Log: log})
			}
			return show(cmd.Context(), cmd.OutOrStdout(), !flags.noBrowser, Options{
				Seed: flags.seed, Log: log, PlugAfter: plugAfter, PagePort: flags.port,
				Ports: append(daemon.Default().Listen.Ports, 0),
			})
		},
	}
	cmd.Flags().BoolVar(&flags.once, "once", false, "no browser: print three receipts and exit")
	cmd.Flags().BoolVar(&flags.noBrowser, "no-browser", false, "print the page's address without opening it")
	cmd.Flags().BoolVarP(&flags.verbose, "verbose", "v", false, "log everything the agent does")
	cmd.Flags().Uint64Var(&flags.seed, "seed", 1, "decides everything that the simulators leave to chance")
	cmd.Flags().IntVar(&flags.port, "port", demoPagePort, "the page's port; 0: any free one")
	return cmd
}

// show runs the stack until ctx ends and tells where the page is.
func show(ctx context.Context, out io.Writer, browser bool, opts Options) error {
	if !free(opts.PagePort) {
		opts.PagePort = 0
	}
	stack, err := NewStack(opts)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return stack.Run(ctx) })
	group.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case <-stack.Ready():
		}
		fmt.Fprintf(out, `Everything here is simulated: no money moves and no finger is needed.

  page      %s
  bridge    ws://%s/v1
  scanners  Mantra MFS110 is ready; a Morpho is plugged in after half a minute

Ctrl-C ends it.
`, stack.PageURL, stack.Doors.Pages[0])
		if browser {
			if err := openBrowser(ctx, stack.PageURL); err != nil {
				fmt.Fprintf(out, "\nNo browser could be opened here (%v): open the page yourself.\n", err)
			}
		}
		return nil
	})
	return group.Wait()
}

// once runs the stack for three transactions and prints their receipts.
func once(ctx context.Context, out io.Writer, opts Options) error {
	stack, err := NewStack(opts)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, 2*time.Minute)
	defer done()
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	group.Go(func() error { return stack.Run(ctx) })
	group.Go(func() error {
		defer stop()
		select {
		case <-ctx.Done():
			return nil
		case <-stack.Ready():
		}
		return threeReceipts(ctx, out, stack)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errors.New("the demo didn't come to its end within two minutes")
	}
	return nil
}
