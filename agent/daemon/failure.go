package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// failureFile is where a failed start is written down, for those who can't read
// the system's own log.
const failureFile = "last-failure.json"

// Failure is a start that failed, or a run that ended by itself.
type Failure struct {
	At      time.Time `json:"at"`
	Stage   string    `json:"stage"`
	Message string    `json:"message"`
}

// NoteFailure writes down why the agent ended; a nil err takes the note away.
// Where not even that can be written the system's log has to do.
func NoteFailure(dataDir string, err error, at time.Time) error {
	path := filepath.Join(dataDir, failureFile)
	if err == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("forget the last failure: %w", err)
		}
		return nil
	}
	failure := Failure{At: at, Stage: "run", Message: err.Error()}
	if stage, ok := errors.AsType[*StageError](err); ok {
		failure.Stage, failure.Message = stage.Stage, stage.Err.Error()
	}
	content, err := json.Marshal(failure)
	if err != nil {
		return fmt.Errorf("note the failure: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("note the failure: %w", err)
	}
	return nil
}

// LastFailure returns the noted failure, nil where the last start went well.
func LastFailure(dataDir string) (*Failure, error) {
	content, err := os.ReadFile(filepath.Join(dataDir, failureFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last failure: %w", err)
	}
	var failure Failure
	if err := json.Unmarshal(content, &failure); err != nil {
		return nil, fmt.Errorf("read the last failure: %w", err)
	}
	return &failure, nil
}
