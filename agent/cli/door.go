package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"biobridge/agent/contract"
	"biobridge/agent/control"
	"biobridge/agent/daemon"
)

// door is the way to the running agent, with the flag that finds it.
type door struct{ config string }

// addFlags adds the flag by which the agent is found.
func (d *door) addFlags(cmd *cobra.Command) { addConfigFlag(cmd, &d.config) }

// with opens the control door, calls f and closes it again. Where no agent
// answers the error says how to start one.
func (d *door) with(ctx context.Context, f func(*control.Client) error) error {
	address, err := d.address()
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, address)
	if err != nil {
		return err
	}
	return errors.Join(unusableAnswer(f(client)), client.Close())
}

// unusableAnswer gives the agent's refusal of an argument the exit code that the
// command's own refusals have.
func unusableAnswer(err error) error {
	if e, ok := errors.AsType[*control.Error](err); ok && e.Code == contract.InvalidParams {
		return &ExitError{Code: ExitUnusable, Err: err}
	}
	return err
}

// address reads where the agent is from its configuration. A user who may not
// read that, or a PC without one, has the service's own place.
func (d *door) address() (string, error) {
	cfg, err := daemon.Load(d.config)
	switch {
	case err == nil:
		return daemon.ControlAddress(cfg), nil
	case d.config != daemon.DefaultPath():
		return "", &ExitError{Code: ExitUnusable, Err: err}
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return control.Address(daemon.ServiceDataDir()), nil
	}
	return "", fmt.Errorf("find the running agent: %w", err)
}
