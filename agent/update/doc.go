// Package update finds and fetches newer versions of the program: a signed manifest
// over https says which there are, and a package is what the manifest says it is
// before anybody runs it.
//
// Invariants:
//   - Nothing of a manifest is looked at before its signature holds. The root key,
//     which the configuration names, signs the list of signing keys; those sign
//     manifests.
//   - Neither list nor manifest may be older than one seen before, and none is
//     used after its expiry.
//   - A package has the size and the SHA-256 that the manifest names, at the moment
//     it is handed over for installation; its directory is the administrator's.
//   - A power cut during the download leaves the installed version and at most a
//     ".part" file, which the next attempt overwrites. One during the installation
//     leaves a note and the old program: [Installation.Recover] completes the
//     installation or takes it back. Both are on disk before the installer runs.
//   - Taking back needs no room on the disk where program and Dir share one, and a
//     program that the installer left as it was is not touched.
//   - The administrator's pinned version outranks every manifest.
//
// It doesn't install: that is the caller's part (agent/cli), who asks the agent first
// whether money is on its way. No page can reach it.
package update
