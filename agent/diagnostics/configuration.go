package diagnostics

import (
	"net/url"

	"github.com/pelletier/go-toml/v2"

	"biobridge/agent/daemon"
)

// set stands where a secret or something personal is configured.
const set = "[set]"

// configuration is the configuration as the agent understood it, without what
// is secret or a person's.
func configuration(cfg daemon.Config, err error) ([]byte, error) {
	if err != nil {
		return nil, err // names lines and keys, never values
	}
	for _, secret := range []*string{&cfg.Eko.AccessKey, &cfg.Eko.DeveloperKey, &cfg.Eko.InitiatorID, &cfg.Eko.LatLong} {
		if *secret != "" {
			*secret = set
		}
	}
	for i := range cfg.Listen.ListedUsers {
		cfg.Listen.ListedUsers[i] = set
	}
	if u, err := url.Parse(cfg.Eko.Proxy); cfg.Eko.Proxy != "" && (err != nil || u.User != nil) {
		cfg.Eko.Proxy = set
	}
	return toml.Marshal(cfg)
}
