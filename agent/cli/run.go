package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
	"biobridge/agent/footprint"
	"biobridge/agent/service"
)

func runCommand() *cobra.Command {
	var (
		path      string
		asService bool
	)
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the agent in the foreground, as the service does",
		Long: `Runs the agent until it is told to stop (Ctrl-C, SIGTERM). The first line it logs
names the address that pages connect to. What is on its way to Eko when the stop
comes is finished, or pending in the journal and inquired into at the next start.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAgent(cmd, path, asService) },
	}
	addConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asService, "service", false, "answer the service manager that started this process")
	return cmd
}

func runAgent(cmd *cobra.Command, path string, asService bool) (err error) {
	cfg, err := daemon.Load(path)
	if err != nil {
		err = &ExitError{Code: ExitUnusable, Err: err}
		if asService {
			return failService(cmd.Context(), daemon.ServiceDataDir(), &daemon.StageError{Stage: "configuration", Err: err})
		}
		return err
	}
	log, closer, err := daemon.OpenLog(cfg, cmd.ErrOrStderr())
	if err != nil {
		if asService {
			return failService(cmd.Context(), cfg.DataDir, err)
		}
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	trim := time.AfterFunc(settleTime, footprint.Trim)
	defer trim.Stop()
	if !asService {
		return daemon.New(cfg, daemon.Options{Log: log}).Run(cmd.Context())
	}
	return runService(cmd.Context(), cfg, log)
}

// settleTime is when the agent has started, looked for scanners once, and begins
// to wait: what that took in memory is given back then.
const settleTime = 5 * time.Second

// failService ends a service that can't even begin as one whose work fails: the
// service manager is answered, and its log and the note name the stage.
func failService(ctx context.Context, dataDir string, cause error) error {
	work := func(context.Context, func()) error {
		return errors.Join(cause, daemon.NoteFailure(dataDir, cause, time.Now()))
	}
	return service.Run(ctx, work, service.Events{})
}

// runService runs the agent under the service manager and leaves a note where it
// fails: nobody watches a service's console.
func runService(ctx context.Context, cfg daemon.Config, log *slog.Logger) error {
	resumed, network := make(chan struct{}, 1), make(chan struct{}, 1)
	work := func(ctx context.Context, ready func()) error {
		err := daemon.New(cfg, daemon.Options{Log: log, Resumed: resumed, NetworkChanged: network, Ready: func(daemon.Doors) {
			if err := daemon.NoteFailure(cfg.DataDir, nil, time.Now()); err != nil {
				log.Warn("the last failure's note stays", "err", err)
			}
			ready()
		}}).Run(ctx)
		if err != nil {
			log.Error("the agent has ended", "err", err)
			return errors.Join(err, daemon.NoteFailure(cfg.DataDir, err, time.Now()))
		}
		return nil
	}
	return service.Run(ctx, work, service.Events{
		Resumed:        func() { say(resumed) },
		NetworkChanged: func() { say(network) },
		NetworkUnwatched: func(err error) {
			log.Warn("changes of the network are not noticed; what they would hasten takes its time", "err", err)
		},
	})
}

// say leaves word of something; once is enough until it is heard.
func say(what chan<- struct{}) {
	select {
	case what <- struct{}{}:
	default:
	}
}
