package rdsim

import (
	"context"
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"biobridge/pid/pidtest"
)

// capture answers CAPTURE with PidData, on failure as on success (rd-service.md
// section 4). left says that the client went away before there was an answer.
func (s *Server) capture(ctx context.Context, c call) (pidData *node, left bool) {
	code, info := s.refuse(c)
	if code == codeOK {
		var block *block
		block, code, left = s.scan(ctx, c)
		if left {
			return nil, true
		}
		if block != nil {
			s.update(c.entry, func(q *Request) { q.ErrCode = codeOK })
			return block.pidData(s), false
		}
	}
	s.update(c.entry, func(q *Request) { q.ErrCode = code })
	return s.failure(code, info), false
}

// refuse returns why a capture does not even begin, or codeOK.
func (s *Server) refuse(c call) (code, info string) {
	switch {
	case c.path != s.profile.ServedCapturePath():
		return codeWrongURL, ""
	case c.fault.Name == faultError:
		code, info, _ := strings.Cut(c.fault.Arg, ":")
		if code == "" {
			code, info = codeInternal, "No internet connection to the management server"
		}
		return code, info
	case c.fault.Name == faultUsed:
		return codeBusy, ""
	case s.profile.Has(Unregistered):
		return codeInternal, infoUnregistered
	}
	return codeOK, ""
}

// scan holds the scanner while it waits for a finger, and makes the block. A nil
// block goes with the code of why there is none.
func (s *Server) scan(ctx context.Context, c call) (b *block, code string, left bool) {
	options, code := s.profile.parseOptions(c.body)
	if code != codeOK {
		return nil, code, false
	}
	code, gone := s.claim()
	if code != codeOK {
		return nil, code, false
	}
	defer s.release()
	s.interrupt(c.fault)
	waiting := ctx
	if c.fault.Name == faultLate {
		waiting = context.WithoutCancel(ctx)
	}
	code, err := s.waitForFinger(waiting, options.timeout, gone)
	if err != nil {
		return nil, "", true
	}
	if code != codeOK {
		return nil, code, false
	}
	if b, err = s.makeBlock(options, c.fault); err != nil {
		s.opts.Log.Error("simulated RD service could not seal a block", "error", err)
		return nil, codeInternal, false
	}
	return b, codeOK, ctx.Err() != nil
}

// interrupt lets happen what happens in the middle of a capture.
func (s *Server) interrupt(f Fault) {
	switch f.Name {
	case faultUnplugged:
		s.Unplug()
	case faultRestart:
		s.restartSoon(false)
	}
}

// block is a good capture, as text, on its way into PidData.
type block struct {
	elements             []string // in the vendor's order
	resp                 map[string]string
	device               *pidtest.Device
	at                   time.Time
	ci, dataType         string
	skey, hmac, data, mc string
	sealed               pidtest.Sealed
}

// makeBlock lets a finger be read and seals what was read.
func (s *Server) makeBlock(o pidOptions, f Fault) (*block, error) {
	if f.Name == faultReplay {
		if last := s.lastBlock(); last != nil {
			return last, nil
		}
	}
	if f.Name == faultWrongFType {
		o.fType = 2 - 2*min(o.fType, 1) // 0 becomes 2, the others 0
	}
	reading := s.read(o, f)
	bios, err := reading.bios(o)
	if err != nil {
		return nil, err
	}
	device := s.device
	switch f.Name {
	case faultOtherDevice:
		device = s.other
	case faultExpired:
		if device, err = s.newDevice(s.device.Info().DC, reading.at.AddDate(0, 0, -s.profile.Days-1)); err != nil {
			return nil, err
		}
	}
	sealed, err := s.opts.UIDAI.Seal(device, pidtest.SealRequest{
		Time: reading.taken, Wadh: o.wadh, OTP: o.otp, Demo: o.demo, Bios: bios,
	})
	if err != nil {
		return nil, err
	}
	b := s.newBlock(o, reading, device, sealed)
	if f.Name == faultWrongFCount {
		b.resp["fCount"] = strconv.Itoa(o.fCount + 1)
	}
	if spoil, ok := blockFaults[f.Name]; ok {
		spoil(s, b)
	}
	s.keep(b)
	return b, nil
}

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

// newBlock puts a sealed block into the vendor's words.
func (s *Server) newBlock(o pidOptions, r reading, device *pidtest.Device, sealed pidtest.Sealed) *block {
	b := &block{
		elements: []string{"Resp", "DeviceInfo", "Skey", "Hmac", "Data"},
		resp: map[string]string{
			"errCode": codeOK, "errInfo": s.profile.ErrInfo,
			"fCount": strconv.Itoa(o.fCount), "fType": strconv.Itoa(o.fType),
			"nmPoints": joinInts(r.points), "qScore": s.profile.score(r.scores),
		},
		device: device, at: r.at, ci: sealed.CI, dataType: "X", sealed: sealed,
		skey: s.base64(sealed.Skey), hmac: s.base64(sealed.Hmac), data: s.base64(sealed.Data), mc: encode(sealed.MC),
	}
	if s.profile.Has(EmptyErrInfo) {
		b.resp["errInfo"] = ""
	}
	if o.iCount > 0 {
		b.resp["iCount"] = strconv.Itoa(o.iCount)
		b.resp["nmPoints"] = ""
	}
	if s.profile.Has(RespLast) {
		b.elements = []string{"DeviceInfo", "Skey", "Hmac", "Data", "Resp"}
	}
	return b
}

// pidData lays the block out.
func (b *block) pidData(s *Server) *node {
	root := s.pidData()
	for _, name := range b.elements {
		switch name {
		case "Resp":
			root.add(s.respElement(b.resp))
		case "DeviceInfo":
			root.add(s.deviceElement(b.device, b.mc, b.at))
		case "Skey":
			root.add(textElement("Skey", b.skey, "ci", b.ci))
		case "Hmac":
			root.add(textElement("Hmac", b.hmac))
		case "Data":
			root.add(textElement("Data", b.data, "type", b.dataType))
		}
	}
	return root
}

func textElement(name, text string, pairs ...string) *node {
	n := element(name, pairs...)
	n.text = text
	return n
}

// drop leaves an element out.
func (b *block) drop(name string) {
	b.elements = slices.DeleteFunc(b.elements, func(e string) bool { return e == name })
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// base64 encodes an element's text as the vendor does: on one line, or broken as
// Android's default encoder does.
func (s *Server) base64(b []byte) string {
	if !s.profile.Has(Lines64) {
		return encode(b)
	}
	var lines strings.Builder
	for line := range slices.Chunk([]byte(encode(b)), 76) {
		lines.Write(line)
		lines.WriteByte('\n')
	}
	return lines.String()
}

// keep remembers the block for a replay.
func (s *Server) keep(b *block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = b
}

func (s *Server) lastBlock() *block {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
