// Package ekosim simulates Eko's AePS API.
package ekosim
