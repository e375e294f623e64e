// Package tray is the icon beside the clock: one process in each user's session
// that shows at a glance whether the next customer can be served, and offers what
// the shopkeeper needs by mouse. It is a client of the control door and decides
// nothing itself.
//
// Invariants:
//   - Nothing is possible here alone: each item of the menu is a command as well,
//     and a session without a panel or without D-Bus loses nothing but the icon.
//   - What is shown is a pure function of what the agent answered last ([Look]);
//     an agent that doesn't answer is shown as not running, never as ready.
//   - A click on a question about a web page answers that question and no other,
//     however the menu has changed under the mouse: each question has menu items
//     of its own that are not used again.
//   - The origin that asks to be let in is shown in full, and "deny" stands first.
//   - A result is announced only after the agent has it on disk, once.
//   - [Run] returns when its context ends, the user quits, another tray tells it
//     to leave ([Quit]) or the session ends; it leaves no icon behind.
//
// The menu is fyne.io/systray's: D-Bus (StatusNotifierItem) on Linux, the shell's
// notification area on Windows. Only one tray can run in a process, because that
// library is global. The library puts the icon back after the panel or the
// Explorer was restarted.
//
// It doesn't know the configuration, scanners or Eko: what it needs of them it is
// given as functions in [Config].
package tray
