package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"biobridge/agent/contract"
	"biobridge/eko"
)

// sanityDir is where the exchanges for Eko's sanity test are kept, below the data
// directory.
const sanityDir = "sanity"

// Pair is one request to Eko and its answer, masked, as Eko wants to see them
// before it grants live credentials (seed: FAQ, sanity testing).
type Pair struct {
	Service   contract.Service `json:"service"`
	At        time.Time        `json:"at"`
	Succeeded bool             `json:"succeeded"`
	Exchange  *eko.Exchange    `json:"exchange"`
}

// sanityServices are the services whose pairs Eko asks for.
func sanityServices() []contract.Service {
	return []contract.Service{contract.CashWithdrawal, contract.BalanceEnquiry, contract.MiniStatement}
}

// sanityBook keeps the newest pair of each service, a successful one before any
// other. In production nothing is kept.
type sanityBook struct {
	dir string
	now func() time.Time
	log *slog.Logger
}

func (b sanityBook) keep(service contract.Service, succeeded bool, x *eko.Exchange) {
	if err := b.write(Pair{Service: service, At: b.now(), Succeeded: succeeded, Exchange: x}); err != nil {
		b.log.Warn("the exchange for the sanity test can't be kept", "err", err)
	}
}

func (b sanityBook) write(p Pair) error {
	path := filepath.Join(b.dir, string(p.Service)+".json")
	if before, err := readPair(path); err == nil && before.Succeeded && !p.Succeeded {
		return nil
	}
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

func readPair(path string) (Pair, error) {
	var p Pair
	content, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(content, &p)
}

// SanityPairs returns the pairs that Eko's sanity test asks for, and which
// services have not been used yet. It reads the data directory itself.
func SanityPairs(dataDir string) (pairs []Pair, missing []contract.Service, err error) {
	for _, service := range sanityServices() {
		p, err := readPair(filepath.Join(dataDir, sanityDir, string(service)+".json"))
		switch {
		case errors.Is(err, os.ErrNotExist):
			missing = append(missing, service)
		case err != nil:
			return nil, nil, fmt.Errorf("read the exchange of %s: %w", service, err)
		default:
			pairs = append(pairs, p)
		}
	}
	return pairs, missing, nil
}
