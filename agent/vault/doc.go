// Package vault keeps the few secrets that the agent must have at rest: the
// key of its hashes, an access key, a hook's token, a proxy's password.
//
// Invariants:
//   - A secret is on disk only sealed, in a file of its own, mode 0600, in a
//     directory of mode 0700.
//   - Windows seals with DPAPI in the service account's own scope (never the
//     machine's: any local process could open that). Linux seals with AES-256-GCM
//     under a random key file, or under a systemd credential where there is one
//     (platform.md section 4).
//   - A secret is bound to its name: a sealed file copied over another's does not
//     open.
//   - A file is replaced as a whole or not at all.
//   - No secret is part of an error, and [Secret] shows itself nowhere.
//
// It protects against other users and against a copied disk image of another
// account, not against an administrator of the same machine. What a hash will
// do for does not belong here.
package vault
