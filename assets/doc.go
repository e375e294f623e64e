// Package assets carries the files that are not Go: the JavaScript SDK, the demo
// page that uses it, and the icons. They are inside the program, so that it
// needs no directory of its own beside it and no network.
//
// Invariants:
//   - The demo page loads nothing from anywhere else, and works under the
//     Content-Security-Policy that [DemoPage] sends.
//   - Every value that only a demonstration knows (test Aadhaar numbers, banks,
//     ports) comes from demo.json, that is from [DemoConfig]; the page has none.
//   - No two icons share an outline: colour is never the only difference.
//
// It does not decide who may see the page or on which port it is served.
package assets
