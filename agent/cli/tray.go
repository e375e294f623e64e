package cli

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"biobridge/agent/daemon"
	"biobridge/agent/locale"
	"biobridge/tray"
)

// quitLimit is how long trays have to leave.
const quitLimit = 8 * time.Second

func trayCommand() *cobra.Command {
	var o trayOptions
	cmd := &cobra.Command{
		Use:   "tray",
		Short: "Show the icon beside the clock for this user",
		Long: `Shows an icon that says whether the next customer can be served, with a menu: what
is going on, the last transactions, pages that ask to be let in, a test of the
scanner, and the language. It asks the running agent, waits for it where there is
none, and stays until the session ends. A session has one.

On Linux it needs a desktop session (D-Bus) and a panel that shows StatusNotifierItem
icons; without such a panel it waits for one. Everything it offers is a command as
well: status, transactions, inquire, devices, origin, capture, diagnostics.

With --quit the running icons of this program leave: root's or an administrator's
order reaches those of all users, anybody else's his own.

Exit status: 0 the icon has left as it should, or this session has one already;
1 there is no desktop session, or something failed; 2 the arguments can't be used.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.quit {
				return quitTrays(cmd)
			}
			return o.run(cmd)
		},
	}
	o.door.addFlags(cmd)
	cmd.Flags().BoolVar(&o.quit, "quit", false, "have the running icons leave, and wait until they have")
	cmd.Flags().StringVar(&o.translations, "translations", "", "directory of <language>.toml files to lay over the built-in sentences")
	return cmd
}

type trayOptions struct {
	door         door
	quit         bool
	translations string
}

func quitTrays(cmd *cobra.Command) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), quitLimit)
	defer cancel()
	count, err := tray.Quit(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d icon(s) left\n", count)
	return err
}

func (o trayOptions) run(cmd *cobra.Command) error {
	// It runs all day on a small PC and allocates next to nothing: memory counts
	// for more than the collector's time.
	debug.SetGCPercent(20)
	logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	// The tray's library writes to the standard logger.
	log.SetFlags(0)
	log.SetOutput(logLines{logger})
	catalogue, err := o.catalogue()
	if err != nil {
		return &ExitError{Code: ExitUnusable, Err: err}
	}
	address, err := o.door.address()
	if err != nil {
		return err
	}
	choice := languageFile()
	desktop := desktop{configPath: o.door.config, catalogue: catalogue}
	err = tray.Run(cmd.Context(), tray.Config{
		Address: address, Catalogue: catalogue,
		Lang: firstLanguage(catalogue, choice), Remember: choice.keep,
		Portal: portal(o.door.config),
		Open:   desktop.open, Test: desktop.test, Save: desktop.save, Copy: desktop.copy,
		Log: logger,
	})
	if errors.Is(err, tray.ErrAlreadyRunning) {
		logger.Info(err.Error())
		return nil
	}
	if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
		return nil
	}
	return err
}

func (o trayOptions) catalogue() (*locale.Catalogue, error) {
	if o.translations == "" {
		return locale.Load()
	}
	return locale.LoadDir(o.translations)
}

// portal is the page of the configuration. The icon's user may not be allowed to
// read that; the agent then says which pages it lets in.
func portal(path string) string {
	cfg, err := daemon.Load(path)
	if err != nil {
		return ""
	}
	return cfg.Portal
}

// logLines passes the standard logger's lines on.
type logLines struct{ to *slog.Logger }

func (l logLines) Write(line []byte) (int, error) {
	l.to.Debug(strings.TrimSpace(string(line)))
	return len(line), nil
}
