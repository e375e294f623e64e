// Package browsertest has no code of its own: its tests drive the demo page in a
// real Chromium, against the real agent and the simulators, by clicking.
//
// They hold what no other test can: that a browser lets the page reach the
// bridge, what it does when it does not, and that the page says the right thing
// at each moment. Without a Chromium they are skipped, but where CI is set to
// true they fail. Run them with -screenshots DIR to keep pictures to look at.
package browsertest
