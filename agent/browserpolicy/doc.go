// Package browserpolicy writes the administrator's permission for a web page to
// reach this PC, so that its browser doesn't ask the shopkeeper: for Chromium,
// Chrome, Edge and Firefox, in the file or registry key that each reads.
//
// Invariants:
//   - It is for one exact https origin at a time, never for a wildcard, and never
//     opens loopback to every page (Firefox's SkipDomains:["127.0.0.1"] would).
//   - What others wrote into the same file or key stays as it is.
//   - Removing takes away exactly what installing added: an entry that was there
//     before stays there.
//   - Nothing is installed by default. Google's policy documentation calls a
//     policy set by a publicly distributed program malware; it is for PCs that the
//     administrator manages (browser.md section 3.5).
//
// The facts are those of browser.md section 3.5. It knows nothing of the agent.
package browserpolicy
