package daemon

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// LogFile is the log's place below the data directory. Older ones stand beside
// it, compressed, with their date in their name.
var LogFile = filepath.Join("logs", "biobridge.log")

// OpenLog returns a logger that writes JSON lines to the data directory's
// rotating file and text to console. The file is bounded in size and age
// (log.max_mb, log.max_days); nothing else in the process writes to it. Close
// the closer when the logger is no longer used.
func OpenLog(cfg Config, console io.Writer) (*slog.Logger, io.Closer, error) {
	path := filepath.Join(cfg.DataDir, LogFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, &StageError{Stage: "log", Err: err}
	}
	file := &lumberjack.Logger{
		Filename: path, MaxSize: max(cfg.Log.MaxMB/5, 1), MaxBackups: 4,
		MaxAge: cfg.Log.MaxDays, Compress: true,
	}
	options := &slog.HandlerOptions{Level: logLevel(cfg.Log.Level)}
	both := slog.NewMultiHandler(slog.NewTextHandler(console, options), slog.NewJSONHandler(file, options))
	return slog.New(both), file, nil
}

func logLevel(word string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(word)); err != nil {
		return slog.LevelInfo
	}
	return level
}
