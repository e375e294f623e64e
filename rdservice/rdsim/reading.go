package rdsim

import (
	"math/rand/v2"
	"time"

	"biobridge/pid/pidtest"
)

// reading is what the scanner saw.
type reading struct {
	at, taken      time.Time // of the answer, and of Data
	points, scores []int
	seed           [32]byte // of the records' content
}

// Ranges of ordinary good scans (rd-service.md section 6), and of poor ones that
// Eko's rule retries: below 45, above 25.
const (
	pointsMin, pointsSpan = 27, 24
	scoreMin, scoreSpan   = 58, 36
	lowMin, lowSpan       = 26, 18
)

// read draws a reading from the seed.
func (s *Server) read(o pidOptions, f Fault) reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := reading{at: s.opts.Clock()}
	switch f.Name {
	case faultStale:
		r.at = r.at.AddDate(0, 0, -1)
	case faultFuture:
		r.at = r.at.AddDate(0, 0, 1)
	}
	r.taken = r.at
	if s.profile.Has(LaggedTS) {
		r.taken = r.at.Add(-time.Duration(5+s.random.IntN(17)) * time.Second)
	}
	for range o.modalities() {
		score := scoreMin + s.random.IntN(scoreSpan)
		if f.Name == faultLow {
			score = lowMin + s.random.IntN(lowSpan)
		}
		r.scores = append(r.scores, score)
		r.points = append(r.points, pointsMin+s.random.IntN(pointsSpan))
	}
	for i := range r.seed {
		r.seed[i] = byte(s.random.Uint32())
	}
	return r
}

// bios makes the records that were read. Their content is noise.
func (r reading) bios(o pidOptions) ([]pidtest.Bio, error) {
	noise := rand.NewChaCha8(r.seed)
	if o.iCount > 0 {
		return pidtest.Irises(noise, o.iCount, o.posh)
	}
	return pidtest.Fingers(noise, o.fType, r.points, o.posh)
}
