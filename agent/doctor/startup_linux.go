package doctor

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

func systemStartup(ctx context.Context) (Startup, error) {
	out, err := exec.CommandContext(ctx, "systemctl", "show", "biobridge.service", "--property=LoadState,UnitFileState,User").Output()
	if err != nil {
		return Startup{}, fmt.Errorf("ask systemd about the service: %w", err)
	}
	said := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		said[name] = value
	}
	if said["LoadState"] != "loaded" {
		return Startup{}, errors.New("systemd has no such service")
	}
	return Startup{strings.HasPrefix(said["UnitFileState"], "enabled"), said["User"]}, nil
}
