package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
	"biobridge/agent/service"
	"biobridge/agent/update"
)

func updateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Look for a newer version, or install it",
		Long: `Looks for a newer version at the address that [update] of the configuration names,
and installs it. Both need an administrator. Without that address updates are off.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var u updater
	addPersistentConfigFlag(cmd, &u.config)
	cmd.AddCommand(updateCheckCommand(&u), updateApplyCommand(&u), updateRecoverCommand(&u))
	return cmd
}

func updateCheckCommand(u *updater) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say whether there is a newer version for this PC",
		Long:  "Says whether there is a newer version for this PC. Exits with 0 where there is, with 1 where there isn't.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			channel, err := u.channel()
			if err != nil {
				return err
			}
			offer, err := channel.Check(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), map[string]any{
					"installed": channel.Current, "offered": offer.Manifest.Version, "wanted": offer.Wanted, "reason": offer.Reason,
				})
			} else {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), describeOffer(offer, channel))
			}
			if err == nil && !offer.Wanted {
				return &ExitError{Code: ExitNo}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func describeOffer(o update.Offer, c update.Channel) string {
	version := o.Manifest.Version
	switch o.Reason {
	case "current":
		return fmt.Sprintf("biobridge %s is the newest version", c.Current)
	case "pinned":
		return fmt.Sprintf("there is %s, but the administrator's policy keeps this PC at %s", version, c.Pinned)
	case "no_package":
		return fmt.Sprintf("there is %s, but without a %s package for %s/%s", version, c.Kind, c.OS, c.Arch)
	case "failed_before":
		return fmt.Sprintf("there is %s, but it did not work on this PC and was taken back; \"update apply --now\" tries again", version)
	case "rollout":
		return fmt.Sprintf("there is %s, which %d %% of the PCs get by now; \"update apply --now\" doesn't wait", version, o.Manifest.Rollout)
	}
	return fmt.Sprintf("biobridge %s can be installed over %s: biobridge update apply", version, c.Current)
}

func updateApplyCommand(u *updater) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Install the newer version, if there is one for this PC",
		Long: `Downloads the newer version, checks it and installs it. It waits for the next call
while a transaction is not settled. Where the new version doesn't answer, the old one
is put back. Exits with 0 also where there is nothing to do.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return u.apply(cmd.Context(), cmd.OutOrStdout()) },
	}
	cmd.Flags().BoolVar(&u.now, "now", false, "don't wait for this PC's turn, and try again what failed")
	addProgramFlag(cmd, u)
	return cmd
}

func addProgramFlag(cmd *cobra.Command, u *updater) {
	cmd.Flags().StringVar(&u.program, "program", "", "the installed program, where another copy of it runs this")
	_ = cmd.Flags().MarkHidden("program") // it exists
}

// updateRecoverCommand is what the system calls when it has started, in the copy of
// the program that was kept: the installed one may not run.
func updateRecoverCommand(u *updater) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "recover",
		Short:  "Complete an update that was interrupted, or take it back",
		Args:   noArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			program, moved, err := u.stepAside(updateDir(), cmd.OutOrStdout())
			if err != nil || moved {
				return err
			}
			return u.alone(func() error {
				found, err := u.installation(update.Channel{Dir: updateDir()}, program).Recover(cmd.Context())
				return tellRecovered(cmd.OutOrStdout(), found, err)
			})
		},
	}
	addProgramFlag(cmd, u)
	return cmd
}

func tellRecovered(out io.Writer, found bool, err error) error {
	if err != nil || !found {
		return err
	}
	_, err = fmt.Fprintln(out, "an update that had been interrupted is complete")
	return err
}

// updater is what both commands work with.
type updater struct {
	config, program string
	now             bool
}

// updateDir belongs to administrators alone: what lies there is run with their
// rights.
func updateDir() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(filepath.Dir(daemon.DefaultPath()), "update")
	}
	return "/var/cache/biobridge"
}

func (u *updater) channel() (update.Channel, error) {
	cfg, err := daemon.Load(u.config)
	if err != nil {
		return update.Channel{}, err
	}
	if cfg.Update.URL == "" {
		return update.Channel{}, &ExitError{Code: ExitUnusable, Err: errors.New("updates are off: [update] of the configuration names no url")}
	}
	root, err := update.ParseRootKey(cfg.Update.RootKey)
	if err != nil {
		return update.Channel{}, err
	}
	policy, err := daemon.LoadPolicy(daemon.DefaultPolicyPath)
	if err != nil {
		return update.Channel{}, err
	}
	machine, err := update.Machine()
	if err != nil {
		return update.Channel{}, err
	}
	return update.Channel{
		URL: cfg.Update.URL, Root: root, Dir: updateDir(), OS: runtime.GOOS, Arch: runtime.GOARCH, Kind: packageKind(),
		Current: daemon.BuildInfo().Version, Pinned: policy.PinVersion, Machine: machine,
	}, nil
}

// apply installs what is wanted, one caller at a time.
func (u *updater) apply(ctx context.Context, out io.Writer) error {
	channel, err := u.channel()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(channel.Dir, 0o700); err != nil {
		return fmt.Errorf("%w (this needs an administrator's rights)", err)
	}
	program, moved, err := u.stepAside(channel.Dir, out)
	if err != nil || moved {
		return err
	}
	return u.alone(func() error { return u.install(ctx, out, u.installation(channel, program)) })
}

// alone keeps other updates out while work runs.
func (u *updater) alone(work func() error) error {
	lock := flock.New(filepath.Join(updateDir(), "lock"))
	if free, err := lock.TryLock(); err != nil {
		return fmt.Errorf("keep other updates out: %w", err)
	} else if !free {
		return errors.New("another update is under way")
	}
	defer lock.Close()
	return work()
}

func (u *updater) installation(channel update.Channel, program string) update.Installation {
	return update.Installation{
		Channel: channel, Program: program, Install: runInstaller,
		Busy: u.unsettled, Healthy: u.healthy,
		Restart: func(context.Context) error {
			s, err := service.New(service.Config{Executable: program})
			if err != nil {
				return err
			}
			return s.Restart()
		},
	}
}

// install completes what was interrupted, and installs what is wanted.
func (u *updater) install(ctx context.Context, out io.Writer, work update.Installation) error {
	// The version that is installed then may not be this one: the next call looks on.
	if found, err := work.Recover(ctx); err != nil || found {
		return tellRecovered(out, found, err)
	}
	offer, err := work.Channel.Check(ctx)
	if err != nil {
		return err
	}
	if u.now && (offer.Reason == "rollout" || offer.Reason == "failed_before") {
		offer.Wanted = true
	}
	if !offer.Wanted {
		_, err := fmt.Fprintln(out, describeOffer(offer, work.Channel))
		return err
	}
	if err := work.Run(ctx, offer); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "biobridge %s is installed and answers\n", offer.Manifest.Version)
	return err
}

// unsettled asks the agent for a transaction that has begun and not ended. Where
// no agent runs none can be under way, and what is pending waits in the journal.
func (u *updater) unsettled(ctx context.Context) (ref string, err error) {
	d := door{config: u.config}
	err = d.with(ctx, func(c *control.Client) error {
		for _, state := range []contract.State{contract.Started, contract.Captured, contract.Sending, contract.Pending} {
			page, err := c.Transactions(ctx, control.Filter{State: state, Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Transactions) > 0 {
				ref = page.Transactions[0].ClientRefID
				return nil
			}
		}
		return nil
	})
	if errors.Is(err, control.ErrNotRunning) {
		return "", nil
	}
	return ref, err
}

// healthy waits until the agent of a version answers and listens to pages.
func (u *updater) healthy(ctx context.Context, version string) error {
	patience := time.Minute
	if version == "" {
		patience = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	d := door{config: u.config}
	for {
		var answer string
		err := d.with(ctx, func(c *control.Client) error {
			status, err := c.Status(ctx)
			if err == nil && len(status.Listen) > 0 {
				answer = status.Version
			}
			return err
		})
		if err == nil && answer != "" && (version == "" || answer == version) {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = fmt.Errorf("version %q answers", answer)
			}
			return fmt.Errorf("wait for the agent: %w", err)
		case <-ticker.C:
		}
	}
}
