// Package browsertest has no code of its own: its tests drive the demo page, and
// pages as a partner writes them, in a real Chromium and a real Firefox, against
// the real agent and the simulators, by clicking.
//
// They hold what no other test can: that a browser lets the page reach the
// bridge, what it does when it does not, and that the page says the right thing
// at each moment. Without the browsers they are skipped, but where CI is set to
// true they fail. Run them with -screenshots DIR to keep pictures to look at.
//
// A story is told in both browsers unless one of them has no such thing:
//   - Chromium alone has its question answered over its protocol, tells a page in
//     a frame that the outer page is in the way, and looks at a page as it is on
//     paper without printing it.
//   - Firefox ESR 153 does not gate WebSockets; what later ones do is switched on
//     by preference. It has no address space for a page without https to fail in.
//   - Chromium's question is answered with a mouse on a screen that nobody sees,
//     Firefox's in the browser's own window by its protocol.
package browsertest
