package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// tailBytes is how much of the log's end is looked at.
const tailBytes = 256 << 10

// tail returns the last lines of a file, which may not exist yet.
func tail(path string, lines int) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	start := max(info.Size()-tailBytes, 0)
	content, err := io.ReadAll(io.NewSectionReader(f, start, info.Size()-start))
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	all := bytes.Split(bytes.TrimRight(content, "\n"), []byte("\n"))
	if start > 0 && len(all) > 1 {
		all = all[1:] // cut off at its beginning
	}
	if lines < len(all) {
		all = all[len(all)-max(lines, 0):]
	}
	out := make([]string, 0, len(all))
	for _, line := range all {
		if len(line) > 0 {
			out = append(out, string(line))
		}
	}
	return out, nil
}
