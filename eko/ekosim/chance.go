package ekosim

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
)

// chanceFor returns a generator for one request. It depends on the seed and on
// what is asked for how often, never on which request came first, so that a
// failing run can be replayed even where requests race.
func (s *Server) chanceFor(words ...string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(strings.Join(words, "\x00")))
	return rand.New(rand.NewPCG(s.opts.Seed, h.Sum64()))
}

// digitsOf draws a number of that many digits, the first not 0.
func digitsOf(chance *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + chance.IntN(10))
	}
	if b[0] == '0' {
		b[0] = '1'
	}
	return string(b)
}
