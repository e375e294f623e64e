package daemon

import (
	"runtime"
	"runtime/debug"
)

// Build says which program this is.
type Build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// version and commit are set by the release build:
// -ldflags "-X biobridge/agent/daemon.version=1.2.3 -X …commit=abc".
var version, commit string

// BuildInfo returns what the linker wrote down, and for a build from a checkout
// what Go recorded of it.
func BuildInfo() Build {
	b := Build{Version: version, Commit: commit, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok && b.Commit == "" {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				b.Commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true" && b.Commit != "":
				b.Commit += " with changes"
			}
		}
	}
	if b.Version == "" {
		b.Version = "development"
	}
	if b.Commit == "" {
		b.Commit = "unknown"
	}
	return b
}
