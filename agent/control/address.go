package control

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
)

// digest names a data directory in a few letters.
func digest(dataDir string) string {
	if absolute, err := filepath.Abs(dataDir); err == nil {
		dataDir = absolute
	}
	sum := sha256.Sum256([]byte(filepath.Clean(dataDir)))
	return hex.EncodeToString(sum[:8])
}
