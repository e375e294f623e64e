package cli

import (
	"errors"
	"strings"

	"biobridge/agent/daemon"
)

// sealsFor reports whether what this user seals can be opened by the account that
// runs the agent of a data directory. Nobody can log on as the service's.
func sealsFor(dataDir string) error {
	if strings.EqualFold(dataDir, daemon.ServiceDataDir()) {
		return errors.New("only the running service can seal its secrets: start it (\"biobridge service start\"), it runs without a key too, and do it again")
	}
	return nil
}
