package update

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// memory is what has been seen before, so that nobody can go back behind it.
type memory struct {
	KeySerial      int64     `json:"key_serial"`
	ManifestSerial int64     `json:"manifest_serial"`
	Newest         time.Time `json:"newest"`
	// Failed is a version that was installed and taken back; it isn't tried again by
	// itself.
	Failed string `json:"failed,omitempty"`
}

const memoryFile = "seen.json"

// recall reads the memory. One that is there and can't be read is an error: without
// it an old manifest would be taken again.
func recall(dir string) (memory, error) {
	var m memory
	content, err := os.ReadFile(filepath.Join(dir, memoryFile))
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("recall earlier updates: %w", err)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, fmt.Errorf("recall earlier updates: %w", err)
	}
	return m, nil
}

// keep writes the memory whole or not at all.
func (m memory) keep(dir string) error {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("remember the update: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("remember the update: %w", err)
	}
	if err := writeSynced(filepath.Join(dir, memoryFile), content); err != nil {
		return fmt.Errorf("remember the update: %w", err)
	}
	return nil
}
