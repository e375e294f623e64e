// Package locale gives every sentence that a person reads in that person's
// language. English stands in the code, next to what it describes, under a
// stable key; other languages are files of this package keyed the same way.
//
// Invariants:
//   - A sentence is never missing: a key that no file has falls back to the
//     English that the caller passes in.
//   - A placeholder is {name}; one that the caller gives no value for stays as
//     it is, so that a mistake is seen and nothing is left out in silence.
//   - A catalogue doesn't change once it is loaded.
//
// Keys are dotted paths, for example "agent.no_device.message". A file
// catalog/<lang>.toml holds them as nested tables. Translators point
// [LoadDir] at a directory of the same layout to try their work without a build.
// Bengali, Gujarati, Kannada, Marathi, Tamil and Telugu are prepared: their files
// are there and hold no sentence yet, so nobody is offered them. Any other
// language needs no more than a file.
//
// It knows no plural rules, no dates and no numbers: amounts are given to it as text.
package locale
