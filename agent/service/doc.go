// Package service runs the agent under the operating system's service manager
// (the Windows Service Control Manager, systemd) or in the foreground, and asks
// that manager to install, start, stop and describe it.
//
// Invariants:
//   - The work is a func(ctx) error: being told to stop is its context's end, and
//     the manager learns of the end only when the work has returned.
//   - "Running" is said when the work says that it is ready, not before.
//   - The account has no rights it doesn't need: a virtual service account on
//     Windows, a user of its own on Linux.
//
// It knows nothing of what the work is. Managing goes through
// kardianos/service; running on Windows doesn't, because that library neither
// passes on power and session events nor starts under Wine (platform.md
// section 2).
package service
